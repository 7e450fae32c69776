// SPDX-License-Identifier: MIT
// Tests engine/ipc/connection: Python's documented behaviours of Pipe, sizes, ends that cross to
// other processes and what is closed there, deaths, and what is told of it.
#include "engine/ipc/connection.hpp"
#include "engine/ipc/queue.hpp"
#include "engine/process/process.hpp"
#include "engine/trace/reader.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

using Bytes = std::vector<std::byte>;

static_assert(!std::is_copy_constructible_v<Connection<int>>);
static_assert(std::is_nothrow_move_constructible_v<PipeEnd>);

namespace {

// Nothing here takes nearly as long. (Qt has a macro of the name of our time-out that is none.)
constexpr std::chrono::minutes long_enough{1};

void expect(bool holds, const char* what)
{
    if (!holds)
        throw Error({.object = what, .problem = "does not hold"});
}

template <class Wanted>
std::string text_of(const std::function<void()>& call)
{
    try {
        call();
    } catch (const Wanted& error) {
        return error.what();
    } catch (const std::exception& error) {
        return std::string("another exception: ") + error.what();
    }
    return "no exception";
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

// Pipes and sockets that this process has open, but for the one that every worker has.
int pipes_open(std::uint64_t lifeline)
{
    int found = 0;
    for (int fd = STDERR_FILENO + 1; fd < 256; ++fd) {
        struct stat status = {};
        if (::fstat(fd, &status) != 0)
            continue;
        const bool pipe = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
        found += pipe && status.st_ino != lifeline ? 1 : 0;
    }
    return found;
}

void send_back(Connection<Bytes> end)
{
    while (true) {
        try {
            end.send(end.recv());
        } catch (const EndOfFile&) {
            return;
        }
    }
}

bool sleeps(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t end_of_name = text.rfind(") ");
    return end_of_name != std::string::npos && text[end_of_name + 2] == 'S';
}

// Sends back what it receives, the second time when its parent waits for space.
void send_back_late(Connection<Bytes> end)
{
    end.send(end.recv());
    end.poll(long_enough);
    while (!sleeps(::getppid()))
        QTest::qSleep(1);
    end.send(end.recv());
}

void send_patterns(Connection<Bytes> end, std::size_t size, std::uint64_t count)
{
    for (std::uint64_t i = 0; i < count; ++i)
        end.send(patterned(1, i, size));
}

void count_until_the_end(Connection<int> end, Connection<int> told)
{
    int count = 0;
    try {
        while (true) {
            end.recv();
            ++count;
        }
    } catch (const EndOfFile&) {
        told.send(count);
    }
}

void send_numbers(Connection<int> end, int count)
{
    for (int i = 0; i < count; ++i)
        end.send(i);
}

void tell_pipes(
    Queue<int> told, std::uint64_t lifeline, const std::vector<Connection<int>>& /*ends*/)
{
    told.put(pipes_open(lifeline));
}

void hold(Connection<int> end)
{
    end.poll(long_enough);
}

void pass_on(std::vector<Connection<std::string>> ends, const std::string& word)
{
    expect(ends.size() == 2, "two ends");
    ends[1].send(ends[0].recv() + word);
}

void end_with(Connection<int> end, int number)
{
    end.send(7);
    if (number != 0)
        ::raise(number);
}

void send_half(Connection<Bytes> end)
{
    // Of a message that does not fit the pipe nobody receives the rest: it is killed meanwhile.
    end.send(Bytes(std::size_t{16} << 20));
}

void receive_for_ever(Connection<int> end)
{
    end.recv();
}

void send_for_ever(Connection<Bytes> end)
{
    while (true)
        end.send(Bytes(1 << 20));
}

void poll_for_ever(Connection<int> end)
{
    end.poll(long_enough);
}

} // namespace

class TestOfPipe : public QObject
{
    Q_OBJECT

private slots:
    void values_of_all_types_data() { add_kind_rows(); }
    void values_of_all_types();
    void directions();
    void behaves_as_in_python_data() { add_kind_rows(); }
    void behaves_as_in_python();
    void closing();
    void duplicates();
    void polling();
    void sizes_data();
    void sizes();
    void too_large();
    void random_operations_data() { add_seed_rows(10); }
    void random_operations();
    void what_is_no_message_is_refused();
    void names();
    void needs_a_run();
    void no_room_is_told();
    void descriptors_that_run_out_are_told();
    void crosses_to_other_processes_data() { add_method_rows(); }
    void crosses_to_other_processes();
    void rows_of_ends_cross_data() { add_method_rows(); }
    void rows_of_ends_cross();
    void a_process_has_what_it_was_handed_data() { add_method_rows(); }
    void a_process_has_what_it_was_handed();
    void the_end_comes_when_the_sender_closes_data() { add_method_rows(); }
    void the_end_comes_when_the_sender_closes();
    void a_duplicate_keeps_the_end_from_coming_data() { add_method_rows(); }
    void a_duplicate_keeps_the_end_from_coming();
    void a_process_never_started_gives_its_ends_back();
    void an_end_is_handed_over_once();
    void deaths_end_it_data();
    void deaths_end_it();
    void a_message_that_was_cut_is_told_data();
    void a_message_that_was_cut_is_told();
    void sending_to_the_dead_is_told_data();
    void sending_to_the_dead_is_told();
    void stop_ends_waits_data();
    void stop_ends_waits();
    void what_is_told();

private:
    static void add_method_rows()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
        QTest::newRow("forkserver") << StartMethod::forkserver;
    }
    static void add_kind_rows()
    {
        QTest::addColumn<bool>("duplex");
        QTest::newRow("duplex") << true;
        QTest::newRow("one way") << false;
    }
    static void add_kind_and_method_rows()
    {
        QTest::addColumn<bool>("duplex");
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("duplex, spawn") << true << StartMethod::spawn;
        QTest::newRow("duplex, fork") << true << StartMethod::fork;
        QTest::newRow("one way, spawn") << false << StartMethod::spawn;
        QTest::newRow("one way, fork") << false << StartMethod::fork;
        QTest::newRow("duplex, forkserver") << true << StartMethod::forkserver;
        QTest::newRow("one way, forkserver") << false << StartMethod::forkserver;
    }
};

namespace {

template <class T>
void send_one(bool duplex, const T& value)
{
    auto [receiver, sender] = pipe<T>(duplex);
    sender.send(value);
    QCOMPARE(receiver.recv(), value);
    QVERIFY(!receiver.poll());
    if (duplex) {
        receiver.send(value);
        QCOMPARE(sender.recv(), value);
    }
}

} // namespace

void TestOfPipe::values_of_all_types()
{
    QFETCH(bool, duplex);
    const Holdings before = holdings();
    {
        EngineFixture fixture;
        // The first one makes a page of small blocks.
        send_one(duplex, 0);
        const std::size_t room = fixture.arena().bytes_free();
        send_one(duplex, -7);
        send_one(duplex, 'x');
        send_one(duplex, 2.5);
        send_one(duplex, std::int64_t{-1} << 60);
        send_one(duplex, std::array<int, 3>{1, 2, 3});
        send_one(duplex, std::string());
        send_one(duplex, std::string("Zoë – 千手"));
        send_one(duplex, std::vector<double>{1, 2});
        send_one(duplex, std::vector<std::string>{"a", "", "β"});
        send_one(duplex, std::map<std::string, int>{{"ß", 3}});
        send_one(duplex, std::optional<std::string>());
        QCOMPARE(fixture.arena().bytes_free(), room);
    }
    QCOMPARE(holdings(), before);
}

void TestOfPipe::directions()
{
    EngineFixture fixture;
    auto [receiver, sender] = pipe<int>(false, {.name = "one way"});
    QVERIFY(receiver.readable() && !receiver.writable());
    QVERIFY(!sender.readable() && sender.writable());
    QCOMPARE(text_of<Error>([&] { receiver.send(1); }),
        "this end of pipe one way only receives; send into the second end, or make the pipe "
        "duplex");
    QCOMPARE(text_of<Error>([&] { sender.recv(); }),
        "this end of pipe one way only sends; receive from the first end, or make the pipe duplex");
    QVERIFY(contains(text_of<Error>([&] { sender.poll(); }), "only sends"));
    auto [first, second] = pipe<int>();
    QVERIFY(first.readable() && first.writable() && second.readable() && second.writable());
    first.send(1);
    second.send(2);
    QCOMPARE(first.recv(), 2);
    QCOMPARE(second.recv(), 1);
}

void TestOfPipe::behaves_as_in_python()
{
    QFETCH(bool, duplex);
    EngineFixture fixture;
    auto [receiver, sender] = pipe<std::string>(duplex);
    QVERIFY(!receiver.poll());
    for (int i = 0; i < 100; ++i)
        sender.send(std::to_string(i));
    QVERIFY(receiver.poll());
    // What was sent before the closing comes, and then the end of the file, as often as one asks.
    sender.close();
    for (int i = 0; i < 100; ++i)
        QCOMPARE(receiver.recv(), std::to_string(i));
    for (int i = 0; i < 3; ++i) {
        QVERIFY(receiver.poll());
        QVERIFY(contains(text_of<EndOfFile>([&] { receiver.recv(); }), "has come to its end"));
    }
    // A message of nothing is none of this.
    auto [again, other] = pipe<std::string>(duplex);
    other.send("");
    QCOMPARE(again.recv(), std::string());
    again.close();
    QVERIFY(contains(text_of<BrokenPipeError>([&] { other.send("x"); }), "is broken"));
    QVERIFY(contains(text_of<BrokenPipeError>([&] { other.send("x"); }), "is broken"));
}

void TestOfPipe::closing()
{
    const Holdings before = holdings();
    EngineFixture fixture;
    const Holdings meanwhile = holdings();
    auto [first, second] = pipe<int>(true, {.name = "talk"});
    QVERIFY(!first.closed());
    QVERIFY(first.fileno() > STDERR_FILENO);
    first.close();
    first.close();
    QVERIFY(first.closed());
    for (const std::string& text :
        {text_of<Error>([&] { first.send(1); }), text_of<Error>([&] { first.recv(); }),
            text_of<Error>([&] { first.poll(); }), text_of<Error>([&] { first.fileno(); }),
            text_of<Error>([&] { first.duplicate(); }), text_of<Error>([&] { first.readable(); })})
        QVERIFY2(contains(text, "this end of pipe talk is closed"), text.c_str());
    QCOMPARE(first.name(), std::string("talk"));
    // One that is moved on is none any more.
    Connection<int> moved = std::move(second);
    QVERIFY(second.closed() && !moved.closed());
    // A new value for it closes what it was.
    auto [third, fourth] = pipe<int>();
    fourth = std::move(moved);
    QVERIFY(contains(text_of<EndOfFile>([&] { third.recv(); }), "end"));
    third.close();
    fourth.close();
    QCOMPARE(holdings(), meanwhile);
}

void TestOfPipe::duplicates()
{
    EngineFixture fixture;
    auto [receiver, sender] = pipe<int>(false);
    Connection<int> again = sender.duplicate();
    sender.send(1);
    sender.close();
    QVERIFY(receiver.recv() == 1 && !receiver.poll());
    again.send(2);
    QCOMPARE(receiver.recv(), 2);
    again.close();
    QVERIFY(contains(text_of<EndOfFile>([&] { receiver.recv(); }), "end"));
    Connection<int> other = receiver.duplicate();
    receiver.close();
    QVERIFY(contains(text_of<EndOfFile>([&] { other.recv(); }), "end"));
}

void TestOfPipe::polling()
{
    ProcessFixture fixture;
    auto [receiver, sender] = pipe<int>(false);
    QVERIFY(!receiver.poll());
    QVERIFY(!receiver.poll(0s));
    QVERIFY(!receiver.poll(20ms));
    QVERIFY_EXCEPTION_THROWN(receiver.poll(-1ns), BadValue);
    Process process({}, &send_numbers, std::move(sender), 1);
    process.start();
    QVERIFY(receiver.poll(long_enough));
    QCOMPARE(receiver.recv(), 0);
    // The end of the file is something to come, too.
    QVERIFY(receiver.poll(long_enough));
    QVERIFY_EXCEPTION_THROWN(receiver.recv(), EndOfFile);
    process.join();
}

void TestOfPipe::sizes_data()
{
    QTest::addColumn<quint64>("size");
    QTest::addColumn<bool>("duplex");
    QTest::addColumn<StartMethod>("method");
    for (const auto& [name, duplex, method] :
        {std::tuple{"duplex, spawn", true, StartMethod::spawn},
            std::tuple{"duplex, fork", true, StartMethod::fork},
            std::tuple{"one way, fork", false, StartMethod::fork}}) {
        for (const quint64 size : {0ULL, 1ULL, 7ULL, 8ULL, 9ULL, 4'079ULL, 4'080ULL, 4'081ULL,
                 65'535ULL, 65'536ULL, 65'537ULL, (1ULL << 20) + 3, 40ULL << 20})
            QTest::addRow("%llu bytes, %s", size, name) << size << duplex << method;
    }
}

void TestOfPipe::sizes()
{
    QFETCH(quint64, size);
    QFETCH(bool, duplex);
    QFETCH(StartMethod, method);
    constexpr std::uint64_t count = 3;
    ProcessFixture fixture;
    if (duplex) {
        auto [here, there] = pipe<Bytes>();
        Process process({.start_method = method}, &send_back, std::move(there));
        process.start();
        for (std::uint64_t i = 0; i < count; ++i) {
            here.send(patterned(0, i, size));
            QVERIFY(here.recv() == patterned(0, i, size));
        }
        here.close();
        QVERIFY(process.join());
        QCOMPARE(process.exit_code(), std::optional(0));
    } else {
        auto [here, there] = pipe<Bytes>(false);
        Process process({.start_method = method}, &send_patterns, std::move(there),
            std::size_t{size}, std::uint64_t{count});
        process.start();
        for (std::uint64_t i = 0; i < count; ++i)
            QVERIFY(here.recv() == patterned(1, i, size));
        QVERIFY_EXCEPTION_THROWN(here.recv(), EndOfFile);
        QVERIFY(process.join());
        QCOMPARE(process.exit_code(), std::optional(0));
    }
}

void TestOfPipe::too_large()
{
    EngineFixture fixture;
    auto [first, second] = PipeEnd::make(true, "P");
    MessagePipe sender(std::move(first));
    std::byte head[MessagePipe::frame_bytes];
    // Not read before it is refused.
    const std::span<std::byte> message(
        head, MessagePipe::frame_bytes + MessagePipe::most_bytes + 1);
    QCOMPARE(text_of<BadValue>([&] { sender.send(message, std::source_location::current()); }),
        "message for pipe P is too large: 1073741825 bytes (allowed: 1073741824 bytes at the "
        "most); send it in parts");
}

void TestOfPipe::random_operations()
{
    std::mt19937_64 random = random_of_row();
    EngineFixture fixture({.traced = pick(random, 0, 1) == 0});
    auto ends = pipe<std::string>();
    Connection<std::string>* const sides[] = {&ends.first, &ends.second};
    std::deque<std::string> underway[2];
    for (int step = 0; step < 5'000; ++step) {
        const std::size_t side = pick(random, 0, 1);
        if (pick(random, 0, 1) == 0 && underway[side].size() < 20) {
            const std::string value(pick(random, 0, 300), static_cast<char>('a' + step % 26));
            sides[side]->send(value);
            underway[side].push_back(value);
        } else if (!underway[1 - side].empty()) {
            QCOMPARE(sides[side]->recv(), underway[1 - side].front());
            underway[1 - side].pop_front();
        }
        QCOMPARE(sides[side]->poll(), !underway[1 - side].empty());
    }
}

void TestOfPipe::what_is_no_message_is_refused()
{
    EngineFixture fixture;
    std::mt19937_64 random(1);
    for (int i = 0; i < 200; ++i) {
        auto [receiver, sender] = pipe<std::string>(false);
        Bytes damage = patterned(9, random(), pick(random, 1, 200));
        if (i % 2 == 0 && damage.size() >= 8)
            std::memset(damage.data() + 4, 0xff, 4); // a message follows, of any size
        QCOMPARE(::write(sender.fileno(), damage.data(), damage.size()),
            static_cast<ssize_t>(damage.size()));
        sender.close();
        QVERIFY_EXCEPTION_THROWN(receiver.recv(), Error);
        // Where the next message begins cannot be known any more.
        QVERIFY(receiver.closed());
    }
}

void TestOfPipe::names()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    const auto first = pipe<int>(false);
    const auto second = pipe<int>(true);
    const auto third = pipe<int>(false, {.name = "Zoë"});
    QCOMPARE(first.first.name(), std::string("Pipe-1"));
    QCOMPARE(second.second.name(), std::string("Pipe-2"));
    QCOMPARE(third.first.name(), std::string("Zoë"));
    reader.started(main_slot);
    TextRecord record;
    int number = 0;
    for (const char* const told :
        {"pipe\nPipe-1", "pipe\nPipe-2 →", "pipe\nPipe-2 ←", "pipe\nZoë"}) {
        QVERIFY(reader.text(main_slot, record));
        QCOMPARE(record.kind, TextKind::channel);
        QCOMPARE(record.id, static_cast<std::uint16_t>(number++));
        QCOMPARE(std::string(record.text), std::string(told));
    }
}

void TestOfPipe::needs_a_run()
{
    QVERIFY(contains(text_of<Error>([] { pipe<int>(true, {.name = "early"}); }),
        "pipe early needs the shared memory of a run"));
}

void TestOfPipe::no_room_is_told()
{
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{256} << 10});
    const Holdings before = holdings();
    const auto take_all = [] {
        std::vector<std::pair<Connection<int>, Connection<int>>> pipes;
        while (pipes.size() < 400)
            pipes.push_back(pipe<int>(true, {.name = "P"}));
    };
    while (fixture.arena().bytes_free() > 0)
        fixture.arena().allocate(std::size_t{64} << 10, Arena::shared_owner);
    const std::string text = text_of<Error>(take_all);
    QVERIFY2(contains(text, "pipe P finds no room in the shared memory"), text.c_str());
    QCOMPARE(holdings(), before);
}

void TestOfPipe::descriptors_that_run_out_are_told()
{
    EngineFixture fixture;
    const Holdings before = holdings();
    rlimit usual = {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &usual), 0);
    const int next = ::dup(STDIN_FILENO);
    ::close(next);
    for (const bool duplex : {true, false}) {
        for (rlim_t spare = 0; spare < 4; ++spare) {
            const rlimit tight = {static_cast<rlim_t>(next) + spare, usual.rlim_max};
            std::string text;
            {
                QCOMPARE(::setrlimit(RLIMIT_NOFILE, &tight), 0);
                text = text_of<Error>([&] {
                    auto ends = pipe<int>(duplex);
                    const auto third = ends.first.duplicate();
                    const auto fourth = ends.second.duplicate();
                });
                ::setrlimit(RLIMIT_NOFILE, &usual);
            }
            QVERIFY2(contains(text, "Too many open files"), text.c_str());
            QCOMPARE(holdings(), before);
        }
    }
}

void TestOfPipe::crosses_to_other_processes()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const Holdings meanwhile = holdings();
        {
            auto [here, there] = pipe<Bytes>();
            Process process({.start_method = method}, &send_back, std::move(there));
            QVERIFY(there.closed());
            process.start();
            for (std::uint64_t i = 0; i < 200; ++i) {
                here.send(patterned(0, i, i));
                QVERIFY(here.recv() == patterned(0, i, i));
            }
            here.close();
            QVERIFY(process.join());
            QCOMPARE(process.exit_code(), std::optional(0));
        }
        // But for the end of the lifeline for the next fork.
        if (method == StartMethod::spawn)
            QCOMPARE(holdings(), meanwhile);
    }
    QCOMPARE(holdings(), before);
}

void TestOfPipe::rows_of_ends_cross()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    // Three processes in a row, the first and the last pipe being ours.
    std::vector<Connection<std::string>> receivers;
    std::vector<Connection<std::string>> senders;
    for (int i = 0; i < 4; ++i) {
        auto [receiver, sender] = pipe<std::string>(false);
        receivers.push_back(std::move(receiver));
        senders.push_back(std::move(sender));
    }
    std::vector<Process> processes;
    for (std::size_t i = 0; i < 3; ++i) {
        std::vector<Connection<std::string>> ends;
        ends.push_back(std::move(receivers[i]));
        ends.push_back(std::move(senders[i + 1]));
        processes.emplace_back(
            ProcessOptions{.start_method = method}, &pass_on, std::move(ends), std::to_string(i));
        processes.back().start();
    }
    senders[0].send("x");
    QCOMPARE(receivers[3].recv(), std::string("x012"));
    for (Process& process : processes) {
        QVERIFY(process.join());
        QCOMPARE(process.exit_code(), std::optional(0));
    }
    QVERIFY_EXCEPTION_THROWN(receivers[3].recv(), EndOfFile);
}

void TestOfPipe::a_process_has_what_it_was_handed()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Queue<int> told;
    struct stat lifeline = {};
    QCOMPARE(::fstat(fixture.supervisor().lifeline(), &lifeline), 0);
    const auto open_in_one_with = [&](std::size_t count) {
        std::vector<Connection<int>> mine_to_keep;
        std::vector<Connection<int>> ends;
        for (std::size_t i = 0; i < count; ++i) {
            auto [here, there] = pipe<int>(i % 2 == 0);
            mine_to_keep.push_back(std::move(here));
            ends.push_back(std::move(there));
        }
        Process process({.start_method = method}, &tell_pipes, told, std::uint64_t{lifeline.st_ino},
            std::move(ends));
        process.start();
        process.join();
        return told.get();
    };
    const int usual = open_in_one_with(0);
    // Ends of others: open here, of one that is not started yet, and of one that runs.
    auto [mine, of_running] = pipe<int>();
    auto [also_mine, of_waiting] = pipe<int>();
    Process waiting({.start_method = method}, &hold, std::move(of_waiting));
    Process running({.start_method = method}, &hold, std::move(of_running));
    running.start();
    for (const int count : {0, 1, 2, 5})
        QCOMPARE(open_in_one_with(static_cast<std::size_t>(count)), usual + count);
    mine.close();
    QVERIFY(running.join());
}

void TestOfPipe::the_end_comes_when_the_sender_closes()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    auto [told, telling] = pipe<int>(false);
    auto [receiver, sender] = pipe<int>(false);
    // A sibling that is started while the sending end is open, and lives on.
    auto [kept, held] = pipe<int>();
    Process counting(
        {.start_method = method}, &count_until_the_end, std::move(receiver), std::move(telling));
    counting.start();
    Process sibling({.start_method = method}, &hold, std::move(held));
    sibling.start();
    for (int i = 0; i < 5; ++i)
        sender.send(i);
    sender.close();
    QCOMPARE(told.recv(), 5);
    QVERIFY(counting.join());
    QVERIFY(sibling.is_alive());
    kept.close();
    QVERIFY(sibling.join());
}

// The error that tutorials warn of, on purpose.
void TestOfPipe::a_duplicate_keeps_the_end_from_coming()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    auto [receiver, sender] = pipe<int>(false);
    Process process({.start_method = method}, &send_numbers, sender.duplicate(), 3);
    process.start();
    for (int i = 0; i < 3; ++i)
        QCOMPARE(receiver.recv(), i);
    QVERIFY(process.join());
    QVERIFY(!receiver.poll(20ms));
    sender.close();
    QVERIFY(receiver.poll());
    QVERIFY_EXCEPTION_THROWN(receiver.recv(), EndOfFile);
}

void TestOfPipe::a_process_never_started_gives_its_ends_back()
{
    ProcessFixture fixture;
    const Holdings before = holdings();
    auto [receiver, sender] = pipe<int>(false);
    {
        Process process({}, &send_numbers, std::move(sender), 3);
        QVERIFY(!receiver.poll());
        Process moved = std::move(process);
        QVERIFY(!receiver.poll());
    }
    QVERIFY_EXCEPTION_THROWN(receiver.recv(), EndOfFile);
    receiver.close();
    QCOMPARE(holdings(), before);
}

void TestOfPipe::an_end_is_handed_over_once()
{
    ProcessFixture fixture;
    auto [receiver, sender] = pipe<int>(false, {.name = "P"});
    const Process process({}, &send_numbers, std::move(sender), 3);
    const std::string text
        = text_of<Error>([&] { const Process other({}, &send_numbers, std::move(sender), 3); });
    QVERIFY2(contains(text, "this end of pipe P is closed, or was handed over"), text.c_str());
}

void TestOfPipe::deaths_end_it_data()
{
    QTest::addColumn<bool>("duplex");
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("number");
    for (const bool duplex : {true, false}) {
        for (const auto& [name, method] :
            {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork}}) {
            for (const int number : {0, SIGKILL, SIGTERM})
                QTest::addRow("%s, %s, signal %d", duplex ? "duplex" : "one way", name, number)
                    << duplex << method << number;
        }
    }
}

void TestOfPipe::deaths_end_it()
{
    QFETCH(bool, duplex);
    QFETCH(StartMethod, method);
    QFETCH(int, number);
    ProcessFixture fixture;
    auto [receiver, sender] = pipe<int>(duplex, {.name = "P"});
    Process process(
        {.name = "Mortal", .start_method = method}, &end_with, std::move(sender), int{number});
    process.start();
    QCOMPARE(receiver.recv(), 7);
    process.join();
    try {
        receiver.recv();
        QFAIL("there was a message");
    } catch (const EndOfFile& end) {
        QCOMPARE(end.deaths().size(), std::size_t{number == 0 ? 0U : 1U});
        const std::string text = end.what();
        if (number == SIGKILL)
            QVERIFY2(contains(text,
                         "Mortal (pid " + std::to_string(process.pid()) + ") was killed "
                             + "by SIGKILL"),
                text.c_str());
    }
}

void TestOfPipe::a_message_that_was_cut_is_told_data()
{
    add_kind_and_method_rows();
}

void TestOfPipe::a_message_that_was_cut_is_told()
{
    QFETCH(bool, duplex);
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    auto [receiver, sender] = pipe<Bytes>(duplex, {.name = "P"});
    Process process({.name = "Mortal", .start_method = method}, &send_half, std::move(sender));
    process.start();
    QVERIFY(receiver.poll(long_enough));
    process.kill();
    const std::string text = text_of<EndOfFile>([&] { receiver.recv(); });
    QVERIFY2(
        contains(text, "pipe P has come to its end in the middle of a message: "), text.c_str());
    QVERIFY2(contains(text, " of 16777240 had come; Mortal (pid"), text.c_str());
    QVERIFY(receiver.closed());
    process.join();
}

void TestOfPipe::sending_to_the_dead_is_told_data()
{
    add_kind_and_method_rows();
}

void TestOfPipe::sending_to_the_dead_is_told()
{
    QFETCH(bool, duplex);
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    auto [first, second] = pipe<int>(duplex, {.name = "P"});
    Process process({.name = "Mortal", .start_method = method}, &hold, std::move(first));
    process.start();
    // It has taken the end up.
    second.send(1);
    QVERIFY(process.join());
    // A message that nobody has received is no reason for another exception.
    const std::string text = text_of<BrokenPipeError>([&] { second.send(2); });
    QVERIFY2(contains(text, "pipe P is broken: nobody has its other end open"), text.c_str());
    auto [receiver, sender] = pipe<Bytes>(duplex, {.name = "Q"});
    Connection<Bytes> end = std::move(sender);
    Process other(
        {.name = "Mortal", .start_method = method},
        +[](Connection<Bytes> of) {
            of.poll(long_enough);
            ::raise(SIGKILL);
        },
        std::move(receiver));
    other.start();
    const std::string cut = text_of<BrokenPipeError>([&] { end.send(Bytes(64 << 20)); });
    QVERIFY2(contains(cut, "pipe Q is broken"), cut.c_str());
    QVERIFY2(contains(cut, "Mortal (pid"), cut.c_str());
    QVERIFY2(contains(cut, " bytes of 67108888 were sent"), cut.c_str());
    QVERIFY(end.closed());
}

void TestOfPipe::stop_ends_waits_data()
{
    add_kind_and_method_rows();
}

void TestOfPipe::stop_ends_waits()
{
    QFETCH(bool, duplex);
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    auto [numbers, of_numbers] = pipe<int>(duplex);
    auto [polled, of_polled] = pipe<int>(duplex);
    auto [bytes, of_bytes] = pipe<Bytes>(duplex);
    std::vector<Process> processes;
    processes.emplace_back(
        ProcessOptions{.start_method = method}, &receive_for_ever, std::move(numbers));
    processes.emplace_back(
        ProcessOptions{.start_method = method}, &poll_for_ever, std::move(polled));
    processes.emplace_back(
        ProcessOptions{.start_method = method}, &send_for_ever, std::move(of_bytes));
    for (Process& process : processes)
        process.start();
    QVERIFY(bytes.poll(long_enough));
    QTest::qSleep(20);
    for (Process& process : processes)
        QVERIFY(process.is_alive());
    this_process.segment.header().control.stop.store(1);
    auto [receiver, sender] = pipe<Bytes>(duplex);
    QVERIFY_EXCEPTION_THROWN(receiver.recv(), StopRequested);
    QVERIFY_EXCEPTION_THROWN(receiver.poll(long_enough), StopRequested);
    QVERIFY(!receiver.closed());
    QVERIFY_EXCEPTION_THROWN(sender.send(Bytes(1 << 20)), StopRequested);
    // A part of the message is away.
    QVERIFY(sender.closed());
    for (Process& process : processes) {
        while (process.is_alive())
            QTest::qSleep(1);
        QCOMPARE(process.exit_code(), std::optional(0));
    }
}

void TestOfPipe::what_is_told()
{
    ProcessFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    auto [here, there] = pipe<Bytes>();
    here.send(Bytes(5));
    here.send(Bytes(6));
    there.recv();
    Process process({.start_method = StartMethod::fork}, &send_back_late, std::move(there));
    process.start();
    QVERIFY(here.recv() == Bytes(6));
    here.send(Bytes(4 << 20));
    here.recv();
    here.close();
    QVERIFY(process.join());
    const auto events_of = [&](std::uint32_t slot) {
        std::vector<TraceEvent> events;
        reader.started(slot);
        while (reader.events(slot, events, 1'000) > 0) { }
        return events;
    };
    // Channel, number and bytes of each message, and the depth that it left behind.
    struct Told
    {
        std::uint16_t channel;
        std::uint32_t number;
        std::uint64_t bytes;
        std::optional<std::uint64_t> depth;
        bool operator==(const Told&) const = default;
    };
    const auto messages = [](const std::vector<TraceEvent>& events, EventKind kind) {
        std::vector<Told> found;
        for (const TraceEvent& event : events) {
            if (event.kind == kind)
                found.push_back({channel_of(event.argument), event.subject,
                    bytes_of(event.argument), depth_of(event.argument)});
        }
        return found;
    };
    constexpr std::uint64_t head = 8; // of a vector
    constexpr std::uint64_t much = (4 << 20) + head;
    const std::vector<TraceEvent> here_told = events_of(main_slot);
    const std::vector<TraceEvent> there_told = events_of(process.slot());
    std::vector<Told> told = messages(here_told, EventKind::message_sent);
    QCOMPARE(told.size(), std::size_t{3});
    // Whether the last one is still there when it is told is a matter of who was faster.
    told[2].depth.reset();
    QVERIFY(
        (told == std::vector<Told>{{0, 0, 5 + head, 1}, {0, 1, 6 + head, 2}, {0, 2, much, {}}}));
    QVERIFY((messages(here_told, EventKind::message_received)
        == std::vector<Told>{{0, 0, 5 + head, 1}, {1, 0, 6 + head, 0}, {1, 1, much, 0}}));
    // The same by their numbers, which is what joins arrows.
    const auto sent = messages(there_told, EventKind::message_sent);
    const auto received = messages(there_told, EventKind::message_received);
    QCOMPARE(sent.size(), std::size_t{2});
    QVERIFY(sent[0].channel == 1 && sent[0].number == 0 && sent[1].number == 1);
    QCOMPARE(received.size(), std::size_t{2});
    QVERIFY(received[0].channel == 0 && received[0].number == 1 && received[1].number == 2);
    // What was waited for, and by whom: each state ends.
    std::map<State, int> begun;
    std::vector<State> open;
    for (const TraceEvent& event : here_told) {
        const auto state = static_cast<State>(event.detail);
        if (event.kind == EventKind::state_begin) {
            ++begun[state];
            open.push_back(state);
        } else if (event.kind == EventKind::state_end) {
            QVERIFY(!open.empty() && open.back() == state);
            open.pop_back();
        }
    }
    QVERIFY(open.empty());
    QVERIFY(begun[State::waiting_data] > 0);
    QVERIFY(begun[State::waiting_space] > 0);
    QVERIFY(begun[State::sending] > 0);
    QCOMPARE(begun[State::serialising], 0); // bytes are only copied
}

int main(int argc, char** argv)
{
    return test_main<TestOfPipe>(argc, argv);
}

#include "tst_pipe.moc"
