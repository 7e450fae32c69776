// SPDX-License-Identifier: MIT
// Tests engine/ipc/shared_memory: sizes, what other processes see, and that nothing of it is left.
#include "engine/ipc/queue.hpp"
#include "engine/ipc/shared_memory.hpp"
#include "engine/pool/pool.hpp"
#include "engine/process/process.hpp"
#include "process_fixture.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

void write_pattern(SharedMemory memory, std::uint64_t number)
{
    const std::vector<std::byte> pattern = patterned(number, 0, memory.size());
    std::copy(pattern.begin(), pattern.end(), memory.buf().begin());
}

void write_and_die(const SharedMemory& memory)
{
    write_pattern(memory, 1);
    ::raise(SIGKILL);
}

void pass_on(Queue<SharedMemory> from, Queue<bool> told)
{
    const SharedMemory memory = from.get();
    const std::vector<std::byte> pattern = patterned(2, 0, memory.size());
    told.put(std::equal(pattern.begin(), pattern.end(), memory.buf().begin()));
}

std::size_t fill_part(const SharedMemory& memory, std::size_t first, std::size_t count)
{
    std::fill_n(memory.buf().begin() + static_cast<std::ptrdiff_t>(first), count,
        static_cast<std::byte>(first / count + 1));
    return memory.size();
}

bool holds_pattern(const SharedMemory& memory, std::uint64_t number)
{
    const std::vector<std::byte> pattern = patterned(number, 0, memory.size());
    return std::equal(pattern.begin(), pattern.end(), memory.buf().begin());
}

std::set<std::string> names_in_the_system()
{
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm"))
        names.insert(entry.path().filename().string());
    return names;
}

} // namespace

class TestOfSharedMemory : public QObject
{
    Q_OBJECT

private slots:
    void sizes_data();
    void sizes();
    void refused_sizes_data();
    void refused_sizes();
    void too_large_says_what_is_free();
    void needs_a_run();
    void is_the_same_in_every_process_data() { add_method_rows(); }
    void is_the_same_in_every_process();
    void crosses_in_a_queue_and_to_a_pool();
    void survives_who_writes_it_data() { add_method_rows(); }
    void survives_who_writes_it();
    void lives_as_long_as_who_may_use_it();

private:
    static void add_method_rows()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
        QTest::newRow("forkserver") << StartMethod::forkserver;
    }
};

void TestOfSharedMemory::sizes_data()
{
    QTest::addColumn<qint64>("size");
    for (const qint64 size :
        {1LL, 63LL, 64LL, 65LL, 4'096LL, 16'320LL, 16'321LL, 65'536LL, (3LL << 20) + 1, 30LL << 20})
        QTest::addRow("%lld bytes", static_cast<long long>(size)) << size;
}

void TestOfSharedMemory::sizes()
{
    QFETCH(qint64, size);
    EngineFixture fixture({.traced = false});
    {
        // A page of small blocks stays one.
        const SharedMemory first(size);
    }
    const std::size_t room = fixture.arena().bytes_free();
    for (int round = 0; round < 3; ++round) {
        SharedMemory memory(size);
        QCOMPARE(memory.size(), static_cast<std::size_t>(size));
        QCOMPARE(memory.buf().size(), static_cast<std::size_t>(size));
        QCOMPARE(reinterpret_cast<std::uintptr_t>(memory.buf().data()) % 64, std::uintptr_t{0});
        // New each time, whatever the last one left.
        QVERIFY(std::all_of(memory.buf().begin(), memory.buf().end(),
            [](std::byte one) { return one == std::byte{0}; }));
        write_pattern(memory, 7);
        const SharedMemory moved = std::move(memory);
        const SharedMemory view = SharedMemory::view(moved.offset());
        QVERIFY(holds_pattern(view, 7));
        QVERIFY(fixture.arena().bytes_free() <= room);
    }
    QCOMPARE(fixture.arena().bytes_free(), room);
}

void TestOfSharedMemory::refused_sizes_data()
{
    QTest::addColumn<qint64>("size");
    QTest::newRow("none") << qint64{0};
    QTest::newRow("less") << qint64{-1};
    QTest::newRow("the least") << std::numeric_limits<qint64>::min();
    QTest::newRow("more than can be addressed") << std::numeric_limits<qint64>::max();
}

void TestOfSharedMemory::refused_sizes()
{
    QFETCH(qint64, size);
    EngineFixture fixture;
    try {
        const SharedMemory memory(size, "picture");
        QFAIL("it was made");
    } catch (const BadValue& error) {
        QCOMPARE(error.object(), std::string("size of shared memory picture"));
        QCOMPARE(error.value(), std::to_string(size) + " bytes");
    }
}

void TestOfSharedMemory::too_large_says_what_is_free()
{
    EngineFixture fixture;
    const std::size_t room = fixture.arena().bytes_free();
    for (const std::int64_t size :
        {static_cast<std::int64_t>(room), std::int64_t{1} << 40, std::int64_t{1} << 62}) {
        try {
            const SharedMemory memory(size, "picture");
            QFAIL("it was made");
        } catch (const BadValue&) {
            QFAIL("it is not allowed");
        } catch (const Error& error) {
            QCOMPARE(error.object(), std::string("shared memory picture"));
            QVERIFY(error.value().find(std::to_string(size + 64)) == 0);
            QVERIFY(error.limit().find(std::to_string(room)) == 0);
        }
    }
    QCOMPARE(fixture.arena().bytes_free(), room);
    // As much as there is can be had.
    const SharedMemory memory(static_cast<std::int64_t>(room) - 64);
    write_pattern(memory, 1);
}

void TestOfSharedMemory::needs_a_run()
{
    try {
        const SharedMemory memory(1, "early");
        QFAIL("it was made");
    } catch (const Error& error) {
        QVERIFY(std::string(error.what()).find("shared memory early needs") == 0);
    }
}

void TestOfSharedMemory::is_the_same_in_every_process()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    const std::set<std::string> named = names_in_the_system();
    {
        ProcessFixture fixture;
        for (const std::int64_t size : {std::int64_t{5}, std::int64_t{5} << 20}) {
            const SharedMemory memory(size);
            Process process({.start_method = method}, &write_pattern, memory, std::uint64_t{3});
            process.start();
            QCOMPARE(names_in_the_system(), named);
            QVERIFY(process.join());
            QCOMPARE(process.exit_code(), std::optional(0));
            QVERIFY(holds_pattern(memory, 3));
        }
    }
    QCOMPARE(holdings(), before);
    QCOMPARE(names_in_the_system(), named);
}

void TestOfSharedMemory::crosses_in_a_queue_and_to_a_pool()
{
    ProcessFixture fixture;
    const SharedMemory memory(1'000);
    write_pattern(memory, 2);
    Queue<SharedMemory> queue;
    Queue<bool> told;
    Process process({}, &pass_on, queue, told);
    process.start();
    queue.put(memory);
    QVERIFY(told.get());
    QVERIFY(process.join());
    {
        Pool pool(2);
        std::vector<std::tuple<SharedMemory, std::size_t, std::size_t>> parts;
        for (std::size_t i = 0; i < 10; ++i)
            parts.emplace_back(memory, i * 100, std::size_t{100});
        QCOMPARE(pool.starmap(&fill_part, parts), std::vector<std::size_t>(10, 1'000));
    }
    for (std::size_t i = 0; i < 1'000; ++i)
        QCOMPARE(memory.buf()[i], static_cast<std::byte>(i / 100 + 1));
}

void TestOfSharedMemory::survives_who_writes_it()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    SharedMemory memory(3 << 20);
    for (int round = 0; round < 3; ++round) {
        std::fill(memory.buf().begin(), memory.buf().end(), std::byte{0});
        Process process({.start_method = method}, &write_and_die, memory);
        process.start();
        QVERIFY(process.join());
        QCOMPARE(process.exit_code(), std::optional(-SIGKILL));
        QVERIFY(holds_pattern(memory, 1));
    }
}

void TestOfSharedMemory::lives_as_long_as_who_may_use_it()
{
    ProcessFixture fixture;
    Queue<int> go;
    Queue<bool> told;
    const std::size_t room = fixture.engine().arena().bytes_free();
    auto memory = std::make_optional<SharedMemory>(4 << 20);
    write_pattern(*memory, 4);
    Process process(
        {},
        +[](const SharedMemory& of, Queue<int> from, Queue<bool> to) {
            from.get();
            to.put(holds_pattern(of, 4));
            from.get();
        },
        *memory, go, told);
    process.start();
    memory.reset();
    // Still there for the other one, also where more is asked for.
    QVERIFY(fixture.engine().arena().bytes_free() < room - (4 << 20));
    const SharedMemory other(4 << 20);
    write_pattern(other, 5);
    go.put(1);
    QVERIFY(told.get());
    // Its last user is killed.
    process.kill();
    QVERIFY(process.join());
    QVERIFY(fixture.engine().arena().bytes_free() + (5 << 20) > room);
}

int main(int argc, char** argv)
{
    return test_main<TestOfSharedMemory>(argc, argv);
}

#include "tst_shared_memory.moc"
