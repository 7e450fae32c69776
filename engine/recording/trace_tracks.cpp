// SPDX-License-Identifier: MIT
#include "engine/recording/trace_tracks.hpp"

#include <unordered_set>

namespace manyhands {

std::vector<Track> tracks_of(const std::vector<Lane>& lanes)
{
    std::vector<Track> tracks;
    tracks.reserve(lanes.size());
    std::unordered_set<std::int64_t> used;
    for (const Lane& lane : lanes) {
        const bool first = lane.pid > 0 && used.insert(lane.pid).second;
        tracks.push_back({lane.pid, lane.pid, first});
    }
    std::int64_t next = 4'194'305; // Linux gives no pid above 2^22
    for (Track& track : tracks) {
        if (track.first_of_process)
            continue;
        while (!used.insert(next).second)
            ++next;
        track.tid = next;
        if (track.pid <= 0) // a lane that never got one is a process of its own
            track = {next, next, true};
    }
    return tracks;
}

std::optional<std::int64_t> SpanCursor::within(const Lane& lane, std::int64_t time)
{
    // A hostile lane's clock may stand still for all of its events.
    if (time != last_time_) {
        last_time_ = time;
        last_answer_ = find(lane, time);
    }
    return last_answer_;
}

std::optional<std::int64_t> SpanCursor::find(const Lane& lane, std::int64_t time)
{
    const auto& spans = lane.spans;
    for (; next_ < spans.size(); ++next_) {
        const Span span = spans[next_];
        if (span.begin_ns >= time)
            break;
        while (open_.size() > span.depth)
            open_.pop_back();
        open_.push_back(span);
    }
    while (!open_.empty() && open_.back().end_ns < time)
        open_.pop_back();
    bool begins_now = false;
    bool stays = false;
    for (std::size_t i = next_; i < spans.size(); ++i) {
        const Span span = spans[i];
        if (span.begin_ns != time)
            break;
        begins_now = true;
        stays = stays || span.end_ns > time;
    }
    if (open_.empty())
        return stays ? std::optional(time) : std::nullopt;
    // By the order in the file, what ends now would be gone, and what begins now would catch
    // the event.
    const bool ends_now = open_.back().end_ns == time;
    return ends_now || begins_now ? time - 1 : time;
}

} // namespace manyhands
