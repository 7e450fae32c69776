// SPDX-License-Identifier: MIT
// How many events a second come from a worker into a recording: drained as rarely as allowed, with
// none dropped, and drained without a pause.
#include "engine/os/error.hpp"
#include "engine/recording/run_recordings.hpp"
#include "engine/trace/recorder.hpp"
#include "tests/bench/harness.hpp"
#include "tests/bench/plain_ring.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <functional>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands::bench {
namespace {

constexpr std::uint32_t lane = 1;
constexpr std::int64_t drain_interval_ns = 33'000'000;
constexpr double million = 1e6;

// In all drains without a pause: half of it are spans, 32 bytes each in the recording.
constexpr std::uint32_t events_at_full_speed = 2'000'000;
constexpr int full_speed_pairs = 21;
constexpr std::uint64_t piece = 4096;
constexpr std::int64_t longest_ns = 20'000'000'000;

constexpr int searches = 5;
constexpr int steps_a_search = 6;
constexpr double lowest_rate = 2 * million;
constexpr double highest_rate = 6.4 * million;
constexpr std::int64_t trial_ns = 400'000'000;

// A process that runs `body` and ends.
class Child
{
public:
    explicit Child(const std::function<void()>& body)
        : pid_(::fork())
    {
        if (pid_ < 0)
            throw system_error("a process", "could not be forked", errno);
        if (pid_ == 0) {
            body();
            ::_exit(0);
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    // What it was to do is done, or no longer wanted.
    ~Child()
    {
        if (pid_ == 0)
            return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    bool has_ended()
    {
        if (pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0)
            pid_ = 0;
        return pid_ == 0;
    }

private:
    pid_t pid_;
};

void occupy(const Segment& segment, std::uint32_t number, Role role)
{
    Slot& slot = segment.slot(number);
    slot.role = role;
    slot.start_method = StartMethod::none;
    set_name(slot, name_of(role));
    slot.pid.store(::getpid(), std::memory_order_relaxed);
    slot.start_ticks.store(
        os::read_ticks(segment.header().clock.source), std::memory_order_relaxed);
    slot.generation.store(1, std::memory_order_release);
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
}

// A segment as a run with one worker has it.
Segment segment_with_lane()
{
    Segment segment({.traced = true, .observed = true});
    segment.back_slot(lane);
    occupy(segment, main_slot, Role::main);
    occupy(segment, lane, Role::worker);
    segment.header().slots_used.store(lane + 1, std::memory_order_release);
    return segment;
}

void write_at(const Segment& segment, double rate)
{
    Recorder recorder(segment, lane);
    const std::int64_t begin = os::monotonic_ns();
    double sent = 0;
    std::int64_t elapsed = 0;
    while ((elapsed = os::monotonic_ns() - begin) < trial_ns) {
        const double due = rate * static_cast<double>(elapsed) / 1e9;
        for (; sent < due; sent += 2) {
            recorder.begin(State::computing);
            recorder.end(State::computing);
        }
    }
}

// Whether a writer at `rate` events a second loses none to a reader who comes every 33 ms.
bool keeps_up(double rate)
{
    const Segment segment = segment_with_lane();
    RunRecordings recordings(segment, RingReading::taking, 1);
    Child writer([&] { write_at(segment, rate); });
    for (std::int64_t next = os::monotonic_ns(); !writer.has_ended();) {
        next += drain_interval_ns;
        const timespec until = {next / 1'000'000'000, next % 1'000'000'000};
        ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
        recordings.poll();
    }
    recordings.poll();
    if (recordings.events_recorded() == 0)
        throw Error({.object = "recording", .problem = "got none of the events"});
    return recordings.events_dropped() == 0;
}

// In millions a second.
double highest_rate_kept_up()
{
    double low = lowest_rate;
    double high = highest_rate;
    for (int i = 0; i < steps_a_search; ++i) {
        const double middle = (low + high) / 2;
        (keeps_up(middle) ? low : high) = middle;
    }
    return low / million;
}

Row drained_seldom()
{
    std::vector<double> rates;
    for (int i = 0; i < searches; ++i)
        rates.push_back(highest_rate_kept_up());
    const double ring = static_cast<double>(ring_capacity(ring_bytes)) * 1e9
        / static_cast<double>(drain_interval_ns) / million;
    Row row = paired_row("events of a lane, drained every 33 ms, none dropped", "M/s",
        {rates, std::vector<double>(rates.size(), ring)}, "a full ring each 33 ms");
    row.goal = Goal::value_at_least;
    row.target = 5;
    return row;
}

double millions_a_second(std::int64_t begin_ns)
{
    return events_at_full_speed * 1e3 / static_cast<double>(os::monotonic_ns() - begin_ns);
}

// The writer waits for room here, which no recorder does: what is measured is the way, not the
// loss.
double into_a_recording()
{
    const Segment segment = segment_with_lane();
    RunRecordings recordings(segment, RingReading::taking, 1);
    const os::ClockSource source = segment.header().clock.source;
    const std::int64_t begin = os::monotonic_ns();
    const Child writer([&] {
        RingWriter ring = segment.ring_writer(lane);
        for (std::uint32_t i = 0; i < events_at_full_speed; ++i) {
            const EventKind kind = i % 2 == 0 ? EventKind::state_begin : EventKind::state_end;
            const auto state = static_cast<std::uint8_t>(State::computing);
            while (!ring.push({os::read_ticks(source), 0, event_without_subject, 0, kind, state}))
                ::sched_yield();
        }
    });
    while (recordings.events_recorded() < events_at_full_speed) {
        recordings.poll();
        if (os::monotonic_ns() - begin > longest_ns)
            throw Error({.object = "recording",
                .problem
                = "got only " + std::to_string(recordings.events_recorded()) + " of the events"});
    }
    return millions_a_second(begin);
}

double through_a_plain_ring()
{
    PlainRing ring;
    const os::ClockSource source = os::calibrate_clock().source;
    const std::int64_t begin = os::monotonic_ns();
    const Child child([&] {
        PlainWriter writer(ring.shared());
        for (std::uint32_t i = 0; i < events_at_full_speed; ++i) {
            while (!writer.push({os::read_ticks(source), i, i, 0, EventKind::mark, 0}))
                ::sched_yield();
        }
    });
    // In pieces: a reader at the writer's heels would fetch each cache line several times.
    for (std::uint64_t left = events_at_full_speed; left > 0;)
        left -= ring.drain(std::min<std::uint64_t>(left, piece));
    return millions_a_second(begin);
}

Row drained_without_pause()
{
    Row row = paired_row("events into a recording, drained without pause", "M/s",
        measure_in_turn(full_speed_pairs, into_a_recording, through_a_plain_ring),
        "a plain ring, read and forgotten");
    row.goal = Goal::value_at_least;
    row.target = 20;
    return row;
}

std::vector<Row> measure()
{
    return {drained_seldom(), drained_without_pause()};
}

} // namespace

const Figure events_sustained = {"events_sustained", measure};

} // namespace manyhands::bench
