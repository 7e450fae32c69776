// SPDX-License-Identifier: MIT
// Tests engine/trace: the segment in two mappings, what is refused as one, and a reader that goes
// with slots through many processes, or through nonsense.
#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/trace/reader.hpp"
#include "engine/trace/recorder.hpp"
#include "engine/trace/segment.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <functional>
#include <limits>
#include <map>
#include <source_location>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace manyhands;

namespace {

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

os::Descriptor second_descriptor(const Segment& segment)
{
    return os::Descriptor(::fcntl(segment.descriptor(), F_DUPFD_CLOEXEC, 0));
}

std::size_t size_of(const Segment& segment)
{
    struct stat status = {};
    ::fstat(segment.descriptor(), &status);
    return static_cast<std::size_t>(status.st_size);
}

os::Descriptor memory_file(std::size_t bytes, int seals)
{
    os::Descriptor file(::memfd_create("tst_segment", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0)
        return {};
    if (seals != 0)
        ::fcntl(file.get(), F_ADD_SEALS, seals);
    return file;
}

// Sealed memory that begins as a segment of another version does.
os::Descriptor with_version(std::size_t bytes, std::uint32_t version)
{
    os::Descriptor file = memory_file(bytes, F_SEAL_SHRINK | F_SEAL_GROW);
    const std::uint64_t magic = segment_magic;
    if (::pwrite(file.get(), &magic, sizeof magic, offsetof(SegmentHeader, magic)) < 0
        || ::pwrite(file.get(), &version, sizeof version, offsetof(SegmentHeader, layout_version))
            < 0)
        return {};
    return file;
}

// What the Error says that mapping `descriptor` throws; empty where it throws none.
std::string refusal_of(os::Descriptor descriptor)
{
    try {
        const Segment segment(std::move(descriptor));
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

void verify_one_line(const std::string& text)
{
    QVERIFY(!text.empty());
    QVERIFY(text.find('\n') == std::string::npos);
}

// What the lesson's main process does when it starts a process in a slot.
void start(const Segment& segment, std::uint32_t number, const std::string& name, int pid)
{
    segment.clear_slot(number);
    Slot& slot = segment.slot(number);
    slot.state.store(static_cast<std::uint32_t>(SlotState::free));
    slot.role = Role::worker;
    slot.start_method = StartMethod::spawn;
    slot.work_done.store(0);
    slot.tasks_done.store(0);
    set_name(slot, name);
    slot.pid.store(pid);
    slot.start_ticks.store(static_cast<std::uint64_t>(pid) * 1000);
    slot.generation.store(slot.generation.load() + 1);
    std::atomic<std::uint32_t>& used = segment.header().slots_used;
    used.store(std::max(used.load(), number + 1));
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
}

void end(const Segment& segment, std::uint32_t number, int exit)
{
    Slot& slot = segment.slot(number);
    slot.exit.store(exit);
    slot.end_ticks.store(slot.start_ticks.load() + 10);
    slot.cpu_ns.store(slot.pid.load() * 7);
    slot.state.store(static_cast<std::uint32_t>(SlotState::ended), std::memory_order_release);
}

// What one process in a slot wrote, or what a reader found of it.
struct Life
{
    std::string name;
    int pid = 0;
    std::vector<std::uint64_t> events = {};
    std::vector<std::string> texts = {};
    int exit = 0;
    std::uint64_t work = 0;

    bool operator==(const Life&) const = default;
};

// A reader as RunRecordings uses it: one round after the other through all slots.
class Chronicle
{
public:
    Chronicle(const Segment& segment, RingReading reading)
        : reader_(segment, reading)
    {
    }

    void round()
    {
        for (std::uint32_t slot = 1; slot < reader_.slots_used(); ++slot)
            look_at(slot);
    }

    const std::vector<Life>& finished() const { return finished_; }
    std::uint64_t lost() const { return lost_; }
    bool damaged() const { return damaged_; }
    SegmentReader& reader() { return reader_; }

private:
    void look_at(std::uint32_t slot)
    {
        if (const auto info = reader_.started(slot))
            open_[slot] = {.name = info->name, .pid = info->pid};
        if (!reader_.reading(slot))
            return;
        Life& life = open_[slot];
        std::vector<TraceEvent> events;
        while (reader_.events(slot, events, 50) > 0) { }
        for (const TraceEvent& event : events)
            life.events.push_back(event.argument);
        TextRecord record;
        while (reader_.text(slot, record))
            life.texts.emplace_back(record.text);
        const SlotFigures figures = reader_.figures(slot);
        damaged_ = damaged_ || figures.damaged;
        life.work = figures.work_done;
        if (const auto ended = reader_.ended(slot)) {
            lost_ += figures.events_dropped + figures.text_dropped;
            life.exit = ended->exit;
            finished_.push_back(std::move(life));
            open_.erase(slot);
        }
    }

    SegmentReader reader_;
    std::map<std::uint32_t, Life> open_;
    std::vector<Life> finished_;
    std::uint64_t lost_ = 0;
    bool damaged_ = false;
};

} // namespace

class TestOfSegment : public QObject
{
    Q_OBJECT

private slots:
    void two_mappings_see_the_same();
    void new_one_is_empty();
    void size_cannot_be_changed();
    void other_descriptors_are_refused_data();
    void other_descriptors_are_refused();
    void other_layouts_are_refused_data();
    void other_layouts_are_refused();
    void parts_do_not_overlap();
    void clock_of_foreign_writers_is_the_kernels();
    void names_are_cut_to_fit();
    void recorder_stamps_what_it_writes();
    void recorder_without_a_trace();
    void recorder_numbers_places_once();
    void main_slot_is_read_and_never_ends();
    void process_that_ended_before_anybody_looked();
    void slot_is_handed_back_by_the_taking_reader_alone();
    void many_generations_data();
    void many_generations();
    void reading_beside_a_writer();
    void hostile_slots_data();
    void hostile_slots();
};

void TestOfSegment::two_mappings_see_the_same()
{
    const Segment made({.traced = true, .observed = true});
    made.back_slot(3);
    const Segment mapped(second_descriptor(made));
    QVERIFY(mapped.ring(3) != made.ring(3));
    QCOMPARE(mapped.header().magic, segment_magic);
    QCOMPARE(mapped.header().observed, 1U);
    QCOMPARE(mapped.header().clock.second.ticks, made.header().clock.second.ticks);

    start(made, 3, "Worker-3", 33);
    RingWriter ring = made.ring_writer(3);
    ring.push({1, 2, 3, 4, EventKind::mark, 5});
    TextWriter text = made.text_writer(3);
    text.append(TextKind::output_line, 0, "hello");

    QCOMPARE(std::string(mapped.slot(3).name), std::string("Worker-3"));
    SegmentReader reader(mapped, RingReading::taking);
    QCOMPARE(reader.slots_used(), 4U);
    QVERIFY(reader.started(3).has_value());
    std::vector<TraceEvent> events;
    QCOMPARE(reader.events(3, events, all), std::size_t{1});
    QCOMPARE(events[0].argument, std::uint64_t{2});
    TextRecord record;
    QVERIFY(reader.text(3, record));
    QCOMPARE(std::string(record.text), std::string("hello"));

    // And back: what the observer asks.
    mapped.header().control.stop.store(1);
    QCOMPARE(made.header().control.stop.load(), 1U);
}

void TestOfSegment::new_one_is_empty()
{
    const Segment segment({.traced = false, .observed = false});
    QCOMPARE(segment.header().traced, 0U);
    QCOMPARE(segment.header().observed, 0U);
    SegmentReader reader(segment, RingReading::taking);
    QCOMPARE(reader.slots_used(), 0U);
    for (std::uint32_t slot = 0; slot < slot_limit; ++slot) {
        QVERIFY(!reader.started(slot).has_value());
        QVERIFY(!reader.reading(slot));
        QVERIFY(!reader.ended(slot).has_value());
    }
    QVERIFY(!Segment());
    QVERIFY(static_cast<bool>(segment));
}

void TestOfSegment::size_cannot_be_changed()
{
    const Segment segment(SegmentOptions{});
    const auto size = static_cast<off_t>(size_of(segment));
    for (const off_t other : {off_t{0}, size - 1, size + 1, 2 * size}) {
        errno = 0;
        QCOMPARE(::ftruncate(segment.descriptor(), other), -1);
        QCOMPARE(errno, EPERM);
    }
    QCOMPARE(static_cast<off_t>(size_of(segment)), size);
    // Nor can the seals be taken off or added to.
    QCOMPARE(::fcntl(segment.descriptor(), F_ADD_SEALS, F_SEAL_WRITE), -1);
}

void TestOfSegment::other_descriptors_are_refused_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("word");
    QTest::newRow("none") << 0 << "handed over";
    QTest::newRow("a pipe") << 1 << "sealed";
    QTest::newRow("a file on disk") << 2 << "sealed";
    QTest::newRow("memory without seals") << 3 << "sealed";
    QTest::newRow("memory that may grow") << 4 << "sealed";
    QTest::newRow("memory that may shrink") << 5 << "sealed";
    QTest::newRow("empty memory") << 6 << "too small";
    QTest::newRow("memory a byte too small") << 7 << "too small";
    QTest::newRow("sealed memory of zeros") << 8 << "layout";
    QTest::newRow("a smaller one of another version") << 9 << "layout";
}

void TestOfSegment::other_descriptors_are_refused()
{
    QFETCH(int, kind);
    QFETCH(QString, word);
    const std::size_t size = size_of(Segment(SegmentOptions{}));
    const std::function<os::Descriptor()> make[]
        = {[] { return os::Descriptor(); }, [] { return std::move(os::make_pipe().read); },
            [] { return os::Descriptor(::open(MANYHANDS_SOURCE_DIR "/CMakeLists.txt", O_RDONLY)); },
            [&] { return memory_file(size, 0); }, [&] { return memory_file(size, F_SEAL_SHRINK); },
            [&] { return memory_file(size, F_SEAL_GROW); },
            [] { return memory_file(0, F_SEAL_SHRINK | F_SEAL_GROW); },
            [&] { return with_version(size - 1, segment_layout_version); },
            [&] { return memory_file(size, F_SEAL_SHRINK | F_SEAL_GROW); },
            [&] { return with_version(size / 2, segment_layout_version - 1); }};
    const std::string refusal = refusal_of(make[kind]());
    verify_one_line(refusal);
    QVERIFY2(QString::fromStdString(refusal).contains(word), refusal.c_str());
}

void TestOfSegment::other_layouts_are_refused_data()
{
    QTest::addColumn<quint64>("magic");
    QTest::addColumn<quint32>("version");
    QTest::addColumn<bool>("refused");
    QTest::newRow("this one") << quint64{segment_magic} << segment_layout_version << false;
    QTest::newRow("another magic") << quint64{segment_magic + 1} << segment_layout_version << true;
    QTest::newRow("a later version")
        << quint64{segment_magic} << segment_layout_version + 1 << true;
    QTest::newRow("an earlier version")
        << quint64{segment_magic} << segment_layout_version - 1 << true;
    QTest::newRow("all bits") << ~quint64{0} << ~quint32{0} << true;
}

void TestOfSegment::other_layouts_are_refused()
{
    QFETCH(quint64, magic);
    QFETCH(quint32, version);
    QFETCH(bool, refused);
    const Segment segment(SegmentOptions{});
    segment.header().magic = magic;
    segment.header().layout_version = version;
    const std::string refusal = refusal_of(second_descriptor(segment));
    QCOMPARE(!refusal.empty(), refused);
    if (refused) {
        verify_one_line(refusal);
        QVERIFY(refusal.find("version " + std::to_string(version)) != std::string::npos);
    }
}

void TestOfSegment::clock_of_foreign_writers_is_the_kernels()
{
    const Segment segment(SegmentOptions{.only_engine_writes = false});
    const os::ClockCalibration& calibration = segment.header().clock;
    QVERIFY(calibration.source == os::ClockSource::monotonic);
    const os::Clock clock(calibration);
    const std::int64_t now = os::monotonic_ns();
    QCOMPARE(clock.to_ns(static_cast<std::uint64_t>(now)), now);
    QCOMPARE(clock.to_ticks(now), static_cast<std::uint64_t>(now));
}

void TestOfSegment::parts_do_not_overlap()
{
    const Segment segment(SegmentOptions{});
    const std::size_t size = size_of(segment);
    std::map<std::size_t, std::size_t> parts; // begin to end, from the mapping's beginning
    auto* const origin = reinterpret_cast<std::byte*>(&segment.header());
    const auto add = [&](const void* begin, std::size_t bytes) {
        const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(begin) - origin);
        parts[offset] = offset + bytes;
    };
    add(origin, sizeof(SegmentHeader));
    for (std::uint32_t slot = 0; slot < slot_limit; ++slot) {
        add(&segment.slot(slot), sizeof(Slot));
        add(segment.ring(slot), ring_bytes);
        add(segment.text(slot), segment.text_size(slot));
        QCOMPARE(reinterpret_cast<std::uintptr_t>(segment.ring(slot)) % 64, std::uintptr_t{0});
        QCOMPARE(reinterpret_cast<std::uintptr_t>(segment.text(slot)) % 64, std::uintptr_t{0});
    }
    QCOMPARE(parts.size(), std::size_t{1 + 3 * slot_limit});
    std::size_t end = 0;
    for (const auto& [begin, part_end] : parts) {
        QVERIFY(begin >= end);
        end = part_end;
    }
    QVERIFY(end <= size);
}

void TestOfSegment::names_are_cut_to_fit()
{
    const Segment segment(SegmentOptions{});
    Slot& slot = segment.slot(1);
    set_name(slot, std::string(200, 'n'));
    QCOMPARE(std::strlen(slot.name), Slot::name_bytes - 1);
    set_name(slot, "short");
    QCOMPARE(std::string(slot.name), std::string("short"));
    // Nothing of the longer one is left.
    for (std::size_t i = 5; i < Slot::name_bytes; ++i)
        QCOMPARE(slot.name[i], '\0');
}

void TestOfSegment::recorder_stamps_what_it_writes()
{
    const Segment segment(SegmentOptions{});
    Recorder recorder(segment, main_slot);
    QVERIFY(recorder.traced());
    segment.slot(main_slot).generation.store(1);
    segment.slot(main_slot).state.store(static_cast<std::uint32_t>(SlotState::running));
    const std::uint64_t before = recorder.ticks();
    recorder.begin(State::computing, 42);
    recorder.end(State::computing);
    const std::uint64_t after = recorder.ticks();
    SegmentReader reader(segment, RingReading::taking);
    QVERIFY(reader.started(main_slot).has_value());
    std::vector<TraceEvent> events;
    QCOMPARE(reader.events(main_slot, events, all), std::size_t{2});
    QVERIFY(events[0].kind == EventKind::state_begin);
    QCOMPARE(events[0].subject, 42U);
    QCOMPARE(events[0].detail, static_cast<std::uint8_t>(State::computing));
    QVERIFY(events[1].kind == EventKind::state_end);
    QCOMPARE(events[1].subject, event_without_subject);
    QVERIFY(before <= events[0].ticks && events[0].ticks <= events[1].ticks
        && events[1].ticks <= after);
}

void TestOfSegment::recorder_without_a_trace()
{
    Recorder nowhere;
    nowhere.begin(State::computing);
    QVERIFY(!nowhere.text(TextKind::output_line, 0, "lost"));
    QCOMPARE(nowhere.place(std::source_location::current()), std::uint16_t{0});

    // Untraced: no events, but texts.
    const Segment segment({.traced = false, .observed = true});
    Recorder recorder(segment, main_slot);
    QVERIFY(!recorder.traced());
    recorder.begin(State::computing);
    QCOMPARE(recorder.place(std::source_location::current()), std::uint16_t{0});
    QVERIFY(recorder.text(TextKind::output_line, 0, "kept"));
    segment.slot(main_slot).generation.store(1);
    segment.slot(main_slot).state.store(static_cast<std::uint32_t>(SlotState::running));
    SegmentReader reader(segment, RingReading::taking);
    QVERIFY(reader.started(main_slot).has_value());
    std::vector<TraceEvent> events;
    QCOMPARE(reader.events(main_slot, events, all), std::size_t{0});
    TextRecord record;
    QVERIFY(reader.text(main_slot, record));
    QCOMPARE(std::string(record.text), std::string("kept"));
    QVERIFY(!reader.text(main_slot, record));
}

void TestOfSegment::recorder_numbers_places_once()
{
    const Segment segment(SegmentOptions{});
    Recorder recorder(segment, main_slot);
    std::vector<std::uint16_t> first;
    const auto places = [&] {
        const std::source_location here = std::source_location::current();
        const std::source_location there = std::source_location::current();
        return std::vector<std::uint16_t>{recorder.place(here), recorder.place(there)};
    };
    QCOMPARE(places(), (std::vector<std::uint16_t>{1, 2}));
    QCOMPARE(places(), (std::vector<std::uint16_t>{1, 2}));
    TextReader reader(segment.text(main_slot), segment.text_size(main_slot));
    TextRecord record;
    QVERIFY(reader.next(record));
    QVERIFY(record.kind == TextKind::place);
    QCOMPARE(record.id, std::uint16_t{1});
    const std::string text(record.text);
    QVERIFY2(text.find("tst_segment.cpp\n") != std::string::npos, text.c_str());
    QVERIFY(reader.next(record));
    QVERIFY(!reader.next(record));
}

void TestOfSegment::main_slot_is_read_and_never_ends()
{
    const Segment segment(SegmentOptions{});
    Slot& slot = segment.slot(main_slot);
    set_name(slot, "main");
    slot.role = Role::main;
    slot.generation.store(1);
    slot.state.store(static_cast<std::uint32_t>(SlotState::running));
    SegmentReader reader(segment, RingReading::taking);
    const auto info = reader.started(main_slot);
    QVERIFY(info.has_value());
    QVERIFY(info->role == Role::main);
    slot.state.store(static_cast<std::uint32_t>(SlotState::ended));
    QVERIFY(!reader.started(main_slot).has_value());
    QVERIFY(!reader.ended(main_slot).has_value());
    QVERIFY(reader.reading(main_slot));
}

void TestOfSegment::process_that_ended_before_anybody_looked()
{
    const Segment segment(SegmentOptions{});
    segment.back_slot(1);
    start(segment, 1, "short", 5);
    RingWriter writer = segment.ring_writer(1);
    for (std::uint64_t i = 0; i < 120; ++i)
        writer.push({i, i, 0, 0, EventKind::mark, 0});
    end(segment, 1, 3);
    Chronicle chronicle(segment, RingReading::taking);
    chronicle.round();
    QCOMPARE(chronicle.finished().size(), std::size_t{1});
    QCOMPARE(chronicle.finished()[0].events.size(), std::size_t{120});
    QCOMPARE(chronicle.finished()[0].exit, 3);
    QCOMPARE(segment.slot(1).drained.load(), 1U);
    chronicle.round();
    QCOMPARE(chronicle.finished().size(), std::size_t{1});
}

void TestOfSegment::slot_is_handed_back_by_the_taking_reader_alone()
{
    const Segment segment(SegmentOptions{});
    segment.back_slot(1);
    start(segment, 1, "one", 5);
    Chronicle follower(segment, RingReading::following);
    Chronicle taker(segment, RingReading::taking);
    follower.round();
    taker.round();
    end(segment, 1, 0);
    follower.round();
    QCOMPARE(follower.finished().size(), std::size_t{1});
    QCOMPARE(segment.slot(1).drained.load(), 0U);
    taker.round();
    QCOMPARE(segment.slot(1).drained.load(), 1U);
}

void TestOfSegment::many_generations_data()
{
    add_seed_rows(5);
}

void TestOfSegment::many_generations()
{
    std::mt19937_64 random = random_of_row();
    constexpr std::uint32_t slot_count = 3;
    constexpr int lives = 400;
    const Segment segment(SegmentOptions{});
    for (std::uint32_t slot = 1; slot <= slot_count; ++slot)
        segment.back_slot(slot);
    Chronicle taker(segment, RingReading::taking);
    Chronicle follower(segment, RingReading::following);

    struct Living
    {
        Life life;
        RingWriter ring;
        TextWriter text;
    };
    std::map<std::uint32_t, Living> living;
    std::map<int, Life> expected;
    int pid = 0;
    while (static_cast<int>(expected.size()) < lives) {
        const auto slot = static_cast<std::uint32_t>(pick(random, 1, slot_count));
        const auto found = living.find(slot);
        if (found == living.end()) {
            const Slot& wanted = segment.slot(slot);
            if (wanted.state.load() != static_cast<std::uint32_t>(SlotState::free)
                && wanted.drained.load() != wanted.generation.load()) {
                taker.round();
                continue;
            }
            // Who follows looks before a slot is used again, as the lesson's main process does.
            follower.round();
            ++pid;
            const std::string name = "Worker-" + std::to_string(pid);
            start(segment, slot, name, pid);
            living[slot] = {
                {.name = name, .pid = pid}, segment.ring_writer(slot), segment.text_writer(slot)};
            continue;
        }
        Living& one = found->second;
        switch (pick(random, 0, 5)) {
        case 0:
            taker.round();
            break;
        case 1:
            follower.round();
            break;
        case 2:
            one.life.exit = static_cast<int>(pick(random, 0, 255));
            end(segment, slot, one.life.exit);
            expected[one.life.pid] = one.life;
            living.erase(found);
            break;
        case 3: {
            const std::string text = "line " + std::to_string(random());
            if (one.text.append(TextKind::output_line, 0, text))
                one.life.texts.push_back(text);
            break;
        }
        default: {
            const std::uint64_t count = pick(random, 1, 200);
            for (std::uint64_t i = 0; i < count; ++i) {
                const std::uint64_t value = random();
                QVERIFY(one.ring.push({value, value, 0, 0, EventKind::mark, 0}));
                one.life.events.push_back(value);
            }
            one.life.work += count;
            segment.slot(slot).work_done.store(one.life.work);
        }
        }
    }
    for (Chronicle* const chronicle : {&taker, &follower}) {
        chronicle->round();
        QCOMPARE(chronicle->finished().size(), expected.size());
        QCOMPARE(chronicle->lost(), std::uint64_t{0});
        QVERIFY(!chronicle->damaged());
        for (const Life& life : chronicle->finished())
            QVERIFY2(life == expected.at(life.pid), life.name.c_str());
    }
}

void TestOfSegment::reading_beside_a_writer()
{
    constexpr int lives = 100;
    const Segment segment(SegmentOptions{});
    const Segment other(second_descriptor(segment));
    segment.back_slot(1);
    std::atomic<bool> given_up{false};
    std::thread lesson([&] {
        const Slot& slot = segment.slot(1);
        for (int pid = 1; pid <= lives && !given_up.load(); ++pid) {
            start(segment, 1, std::to_string(pid), pid);
            Recorder recorder(segment, 1);
            for (int i = 0; i < pid * 3; ++i)
                recorder.event(EventKind::mark, 0, 0, static_cast<std::uint64_t>(i));
            recorder.text(TextKind::output_line, 0, std::to_string(pid));
            end(segment, 1, pid % 100);
            while (slot.drained.load(std::memory_order_acquire) != slot.generation.load()
                && !given_up.load())
                std::this_thread::yield();
        }
    });
    Chronicle chronicle(other, RingReading::taking);
    for (int round = 0;
         round < 50'000'000 && chronicle.finished().size() < static_cast<std::size_t>(lives);
         ++round) {
        chronicle.round();
        std::this_thread::yield();
    }
    given_up.store(true);
    lesson.join();
    QCOMPARE(chronicle.finished().size(), static_cast<std::size_t>(lives));
    QCOMPARE(chronicle.lost(), std::uint64_t{0});
    for (int pid = 1; pid <= lives; ++pid) {
        const Life& life = chronicle.finished()[static_cast<std::size_t>(pid - 1)];
        QCOMPARE(life.name, std::to_string(pid));
        QCOMPARE(life.exit, pid % 100);
        QCOMPARE(life.events.size(), static_cast<std::size_t>(pid * 3));
        QCOMPARE(life.texts, std::vector<std::string>{std::to_string(pid)});
    }
}

void TestOfSegment::hostile_slots_data()
{
    add_seed_rows(10);
}

void TestOfSegment::hostile_slots()
{
    std::mt19937_64 random = random_of_row();
    constexpr std::uint32_t slot_count = 4;
    const Segment segment(SegmentOptions{});
    for (std::uint32_t slot = 1; slot < slot_count; ++slot)
        segment.back_slot(slot);
    SegmentReader taker(segment, RingReading::taking);
    SegmentReader follower(segment, RingReading::following);
    const auto scribble = [&](void* memory, std::size_t bytes) {
        auto* const to = static_cast<unsigned char*>(memory);
        for (std::size_t i = 0; i < bytes; ++i)
            to[i] = static_cast<unsigned char>(random());
    };
    const auto small = [&] { return static_cast<std::uint32_t>(pick(random, 0, 4)); };
    int started = 0;
    int ended = 0;
    int damaged = 0;
    for (int round = 0; round < 500; ++round) {
        const auto number = static_cast<std::uint32_t>(pick(random, 0, slot_count - 1));
        Slot& slot = segment.slot(number);
        // Bytes, all of them or the name alone (which has no end then), and states as they might
        // be.
        switch (pick(random, 0, 4)) {
        case 0:
            scribble(static_cast<void*>(&slot), sizeof slot);
            break;
        case 1:
            scribble(static_cast<void*>(slot.name), sizeof slot.name);
            break;
        case 2:
            scribble(segment.ring(number), sizeof(RingHeader));
            break;
        case 3:
            scribble(segment.text(number), sizeof(TextAreaHeader) + 64);
            if (pick(random, 0, 1) == 0) {
                const std::uint64_t length = pick(random, 0, 64);
                std::memcpy(segment.text(number), &length, sizeof length);
            }
            break;
        default:
            segment.clear_slot(number);
        }
        slot.state.store(small());
        slot.generation.store(small());
        segment.header().slots_used.store(static_cast<std::uint32_t>(pick_any(random)));
        for (SegmentReader* const reader : {&taker, &follower}) {
            QVERIFY(reader->slots_used() <= slot_limit);
            for (std::uint32_t at = 0; at < slot_count; ++at) {
                if (const auto info = reader->started(at)) {
                    ++started;
                    QVERIFY(info->name.size() < Slot::name_bytes);
                    QVERIFY(info->role <= Role::server);
                    QVERIFY(info->start_method <= StartMethod::thread);
                }
                if (!reader->reading(at))
                    continue;
                std::vector<TraceEvent> events;
                QVERIFY(reader->events(at, events, 2'000) <= 2'000);
                TextRecord record;
                std::size_t bytes = 0;
                while (reader->text(at, record))
                    bytes += std::string(record.text).size();
                QVERIFY(bytes <= segment.text_size(at));
                damaged += reader->figures(at).damaged ? 1 : 0;
                ended += reader->ended(at).has_value() ? 1 : 0;
            }
        }
    }
    // It was no idle round: such things were met.
    QVERIFY(started > 50);
    QVERIFY(ended > 50);
    QVERIFY(damaged > 50);
}

QTEST_APPLESS_MAIN(TestOfSegment)

#include "tst_segment.moc"
