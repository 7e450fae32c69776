// SPDX-License-Identifier: MIT
#include "engine/recording/recording.hpp"

#include "engine/trace/text_area.hpp"

#include <algorithm>

namespace manyhands {

std::uint64_t Recording::events_recorded() const noexcept
{
    std::uint64_t sum = 0;
    for (const Lane& lane : lanes_)
        sum += lane.events_recorded;
    return sum;
}

std::uint64_t Recording::events_dropped() const noexcept
{
    std::uint64_t sum = 0;
    for (const Lane& lane : lanes_)
        sum += lane.events_dropped;
    return sum;
}

const Phase* Recording::last_phase(PhaseKind kind) const noexcept
{
    const auto found = std::find_if(phases_.rbegin(), phases_.rend(),
        [kind](const Phase& phase) { return phase.kind == kind; });
    return found == phases_.rend() ? nullptr : &*found;
}

std::int64_t Recording::paused_within(Interval interval) const noexcept
{
    std::int64_t sum = 0;
    for (const Interval& pause : pauses_)
        sum += std::max<std::int64_t>(
            std::min(pause.end_ns, interval.end_ns) - std::max(pause.begin_ns, interval.begin_ns),
            0);
    return sum;
}

std::vector<Recording::Cut> Recording::cuts_of(const Lane& lane) const
{
    std::vector<Cut> cuts;
    for (const Interval& pause : pauses_)
        cuts.push_back({pause, true});
    for (Interval stop : lane.stops) {
        for (const Interval& pause : pauses_) {
            if (pause.begin_ns >= stop.end_ns || pause.end_ns <= stop.begin_ns)
                continue;
            if (stop.begin_ns < pause.begin_ns)
                cuts.push_back({{stop.begin_ns, pause.begin_ns}, false});
            stop.begin_ns = std::min(pause.end_ns, stop.end_ns);
        }
        if (stop.begin_ns < stop.end_ns)
            cuts.push_back({stop, false});
    }
    std::sort(cuts.begin(), cuts.end(),
        [](const Cut& a, const Cut& b) { return a.interval.begin_ns < b.interval.begin_ns; });
    return cuts;
}

std::int64_t Recording::run_time(std::int64_t time_ns) const noexcept
{
    return run_time_within({0, time_ns});
}

std::int64_t Recording::recorded_time(std::int64_t run_ns) const noexcept
{
    std::int64_t time = run_ns;
    for (const Interval& pause : pauses_) {
        if (pause.begin_ns > time)
            break;
        time += std::min(pause.end_ns, std::max(now_ns_, pause.begin_ns)) - pause.begin_ns;
    }
    return time;
}

Interval Recording::shown_interval() const noexcept
{
    const Phase* phase = last_phase(PhaseKind::repeat);
    if (phase == nullptr)
        phase = last_phase(PhaseKind::warm_up);
    if (phase == nullptr)
        return {0, now_ns_};
    // What a lesson's main process does around its phases is none of them; a watched program begins
    // and ends as a whole.
    if (is_sampled(*this))
        return {phase->begin_ns, std::min(phase->end_ns, now_ns_)};
    Interval interval = {open_end, phase->begin_ns};
    for (const Lane& lane : lanes_) {
        if (lane.role == Role::main || lane.start_ns < phase->begin_ns
            || lane.start_ns > phase->end_ns)
            continue;
        interval.begin_ns = std::min(interval.begin_ns, lane.start_ns);
        const std::int64_t end = lane.ended() ? lane.end_ns : now_ns_;
        // A server may outlive what it served for.
        interval.end_ns = std::max(
            interval.end_ns, lane.role == Role::server ? std::min(end, phase->end_ns) : end);
    }
    if (interval.begin_ns == open_end)
        return {phase->begin_ns, std::min(phase->end_ns, now_ns_)};
    return interval;
}

bool is_sampled(const Recording& recording)
{
    const auto& places = recording.places();
    return std::any_of(places.begin(), places.end(),
        [](const Place& place) { return place.file == sampled_place_file; });
}

bool is_sampled(const Recording& recording, const Lane& lane)
{
    if (lane.spans.empty())
        return false;
    const Span last = *lane.spans.rbegin();
    const std::uint16_t place = last.place;
    // It was over before it was looked at again.
    if (lane.spans.size() == 1 && last.state == State::starting)
        return is_sampled(recording);
    return place < recording.places().size()
        && recording.places()[place].file == sampled_place_file;
}

bool has_sampled_lane(const Recording& recording)
{
    return std::any_of(recording.lanes().begin(), recording.lanes().end(),
        [&](const Lane& lane) { return is_sampled(recording, lane); });
}

bool is_of_calls(const Channel& channel)
{
    return channel.kind == "calls";
}

} // namespace manyhands
