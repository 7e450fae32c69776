// SPDX-License-Identifier: GPL-3.0-or-later
// A run written by hand: what a reader would copy out of a segment, moment by moment.
#include "tests/app/sample_run.hpp"

#include <algorithm>

namespace manyhands::app::test {

os::Clock nanosecondClock()
{
    constexpr std::uint64_t second = 1'000'000'000;
    return os::Clock({.source = os::ClockSource::monotonic,
        .reserved = 0,
        .first = {.ticks = 0, .monotonic_ns = 0},
        .second = {.ticks = second, .monotonic_ns = second}});
}

void Script::event(std::int64_t ns, std::uint32_t lane, EventKind kind, std::uint8_t detail,
    std::uint32_t subject, std::uint64_t argument)
{
    const TraceEvent event{.ticks = static_cast<std::uint64_t>(ns),
        .argument = argument,
        .subject = subject,
        .place = 0,
        .kind = kind,
        .detail = detail};
    at(ns, [lane, event](RecordingBuilder& builder) { builder.apply(lane, {&event, 1}); });
}

void Script::stay(
    std::uint32_t lane, State state, std::int64_t begin, std::int64_t end, std::uint32_t subject)
{
    event(begin, lane, EventKind::state_begin, static_cast<std::uint8_t>(state), subject);
    event(end, lane, EventKind::state_end, static_cast<std::uint8_t>(state), subject);
}

void Script::start(std::int64_t ns, const std::string& name, int pid, Role role)
{
    at(ns, [=](RecordingBuilder& builder) {
        builder.start_lane({.name = name,
            .pid = pid,
            .role = role,
            .start_method = role == Role::main ? StartMethod::none : StartMethod::spawn,
            .start_ticks = static_cast<std::uint64_t>(ns),
            .slot = static_cast<std::uint32_t>(pid),
            .generation = 1});
    });
}

void Script::end(std::int64_t ns, std::uint32_t lane, int exit, std::int64_t runDelay)
{
    at(ns, [=](RecordingBuilder& builder) {
        builder.end_lane(lane,
            {.end_ticks = static_cast<std::uint64_t>(ns),
                .exit = exit,
                .cpu_ns = 0,
                .run_delay_ns = runDelay,
                .peak_rss_bytes = 4'000'000});
    });
}

void Script::phase(PhaseKind kind, std::int64_t begin, std::int64_t end, std::uint64_t work)
{
    at(begin, [=](RecordingBuilder& builder) {
        builder.phase(kind, 0, static_cast<std::uint64_t>(begin), 0, 0);
    });
    at(end, [=](RecordingBuilder& builder) {
        builder.phase(
            kind, 0, static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end), work);
    });
}

void Script::channel(std::uint16_t id, const std::string& name)
{
    at(0, [=](RecordingBuilder& builder) {
        const std::string text = "queue\n" + name;
        builder.text(0, {.kind = TextKind::channel, .id = id, .text = text});
    });
}

void Script::play(RecordingBuilder& builder, std::int64_t from, std::int64_t to) const
{
    for (auto action = m_actions.upper_bound(from);
         action != m_actions.end() && action->first <= to; ++action)
        action->second(builder);
    builder.advance(static_cast<std::uint64_t>(to));
}

std::int64_t Script::length() const
{
    return m_actions.empty() ? 0 : m_actions.rbegin()->first;
}

SampleRun::SampleRun(int workers, bool crash)
{
    constexpr std::uint16_t tasks = 0;
    constexpr std::uint16_t results = 1;
    constexpr int chunks = 64;
    constexpr std::uint64_t taskBytes = 48;
    constexpr std::uint64_t resultBytes = 24;
    constexpr std::int64_t chunk = 2'000 * millisecond / chunks;
    constexpr std::int64_t baselineBegin = 4 * millisecond;
    constexpr std::int64_t repeatBegin = 2'010 * millisecond;
    const auto count = static_cast<std::size_t>(workers);

    script.start(0, "main", 4200, Role::main);
    script.channel(tasks, "tasks");
    script.channel(results, "results");
    script.event(
        3 * millisecond, 0, EventKind::state_end, static_cast<std::uint8_t>(State::starting));
    script.phase(PhaseKind::baseline, baselineBegin, baselineBegin + chunks * chunk, allWork);
    script.stay(0, State::computing, baselineBegin, baselineBegin + chunks * chunk);

    // Chunks take turns; the later numbers are dearer, and with more workers than CPUs all wait.
    std::vector<std::int64_t> free(count);
    std::vector<std::int64_t> lastDone(count);
    for (std::size_t worker = 0; worker < count; ++worker) {
        const auto lane = static_cast<std::uint32_t>(worker + 1);
        const std::int64_t begin
            = repeatBegin + static_cast<std::int64_t>(worker) * 2 * millisecond;
        script.start(
            begin, "Worker-" + std::to_string(lane), 4200 + static_cast<int>(lane), Role::worker);
        free[worker] = begin + 12 * millisecond;
        script.event(
            free[worker], lane, EventKind::state_end, static_cast<std::uint8_t>(State::starting));
    }
    std::uint64_t work = 0;
    std::int64_t last = repeatBegin;
    for (std::uint32_t task = 0; task < chunks; ++task) {
        const auto next = std::min_element(free.begin(), free.end());
        const auto lane = static_cast<std::uint32_t>(next - free.begin() + 1);
        const std::int64_t sent = repeatBegin + 9 * millisecond + task * 40'000;
        script.stay(0, State::sending, sent, sent + 30'000, tasks);
        script.event(
            sent + 29'000, 0, EventKind::message_sent, 0, task, pack_message(tasks, taskBytes));
        script.event(sent + 29'500, 0, EventKind::queue_depth, 0, tasks, task + 1);
        const std::int64_t got = *next + 900'000;
        script.stay(lane, State::waiting_data, *next, got, tasks);
        script.stay(lane, State::receiving, got, got + 60'000, tasks);
        script.event(got + 50'000, lane, EventKind::message_received, 0, task,
            pack_message(tasks, taskBytes));
        script.event(got + 55'000, lane, EventKind::queue_depth, 0, tasks, chunks - task - 1);
        const std::int64_t begin = got + 60'000;
        const std::int64_t length = chunk * (48 + task / 2) / 64;
        if (crash && task == 40) {
            script.event(begin, lane, EventKind::state_begin,
                static_cast<std::uint8_t>(State::computing), task);
            script.end(begin + length / 2, lane, -11);
            *next = std::int64_t{1} << 60;
            continue;
        }
        script.event(begin, lane, EventKind::task_begun, 0, task, task * 1'000);
        script.stay(lane, State::computing, begin, begin + length, task);
        script.event(begin + length, lane, EventKind::task_done, 0, task);
        script.stay(lane, State::sending, begin + length, begin + length + 80'000, results);
        script.event(begin + length + 70'000, lane, EventKind::message_sent, 0, task,
            pack_message(results, resultBytes));
        *next = begin + length + 80'000;
        last = std::max(last, *next);
        lastDone[lane - 1] = *next;
        work += allWork / chunks;
        const std::uint64_t done = work;
        const std::int64_t moment = *next;
        script.at(moment, [=](RecordingBuilder& builder) {
            builder.work_sample(static_cast<std::uint64_t>(moment), done);
        });
    }
    script.stay(0, State::waiting_data, repeatBegin + 14 * millisecond, last, results);
    for (std::uint32_t lane = 1; lane <= count; ++lane) {
        if (free[lane - 1] >= std::int64_t{1} << 60)
            continue;
        script.stay(lane, State::idle, free[lane - 1], last + 2 * millisecond);
        script.stay(lane, State::tearing_down, last + 2 * millisecond, last + 5 * millisecond);
        script.end(last + 6 * millisecond, lane, 0, 40 * millisecond);
    }
    script.stay(0, State::joining, last + 2 * millisecond, last + 7 * millisecond);
    script.phase(PhaseKind::repeat, repeatBegin, last + 8 * millisecond, work);
    script.end(last + 12 * millisecond, 0, 0);
}

Recording SampleRun::recording() const
{
    RecordingBuilder builder(nanosecondClock(), 0);
    script.play(builder, -1, script.length());
    return std::move(builder).take();
}

} // namespace manyhands::app::test
