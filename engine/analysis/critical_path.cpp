// SPDX-License-Identifier: MIT
#include "engine/analysis/critical_path.hpp"

#include "engine/analysis/causes.hpp"
#include "engine/analysis/lane_pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace manyhands {
namespace {

constexpr std::array<std::string_view, link_count> link_names
    = {"same_lane", "message", "space", "lock", "join", "start", "pool"};

std::int64_t end_of(const Lane& lane, const Recording& recording)
{
    return lane.ended() ? lane.end_ns : recording.now_ns();
}

/// Goes back through a recording, from the end of an interval to its begin.
class BackwardWalk
{
public:
    BackwardWalk(const Recording& recording, Interval interval)
        : recording_(recording)
        , interval_(interval)
        , causes_(recording)
        , pieces_(recording.lanes().size())
        , seen_(recording.lanes().size(), interval.begin_ns)
    {
    }

    /// The steps, the latest first.
    std::vector<PathStep> steps()
    {
        const auto last = last_lane();
        if (!last)
            return {};
        lane_ = *last;
        time_ = std::min(interval_.end_ns, end_of(lane(), recording_));
        while (time_ > interval_.begin_ns) {
            if (time_ <= lane().start_ns) {
                if (!go_to_starter())
                    break;
                continue;
            }
            const LanePiece piece = piece_before(lane_, time_);
            if (piece.span != nullptr && go_to_who_ends(piece))
                continue;
            take(std::max({piece.interval.begin_ns, interval_.begin_ns, lane().start_ns}), piece);
        }
        return std::move(steps_);
    }

private:
    const Lane& lane() const { return recording_.lanes()[lane_]; }

    /// The lane whose end the interval waited for.
    std::optional<std::uint32_t> last_lane()
    {
        std::optional<std::uint32_t> best;
        std::array<std::int64_t, 4> best_key = {};
        const auto key = [this](std::uint32_t index) {
            const Lane& lane = recording_.lanes()[index];
            const std::int64_t end = end_of(lane, recording_);
            // One that ends with the interval decided more than one that goes on behind it; of
            // those that go on, the main process waits for the others.
            const bool ends = lane.ended() && end <= interval_.end_ns && lane.role != Role::main;
            return std::array<std::int64_t, 4>{std::min(end, interval_.end_ns), ends ? 1 : 0,
                waits_on(index, std::min(end, interval_.end_ns)) ? 0 : 1,
                lane.role == Role::main ? 1 : 0};
        };
        for (std::uint32_t index = 0; index < recording_.lanes().size(); ++index) {
            const Lane& lane = recording_.lanes()[index];
            if (lane.start_ns >= interval_.end_ns || end_of(lane, recording_) <= interval_.begin_ns)
                continue;
            if (const auto this_key = key(index); !best || this_key > best_key) {
                best = index;
                best_key = this_key;
            }
        }
        return best;
    }

    /// Whether it waits at `time` for what nobody knows yet.
    bool waits_on(std::uint32_t lane, std::int64_t time)
    {
        const LanePiece piece = piece_before(lane, time);
        return piece.span != nullptr && piece.span->end_ns == open_end
            && piece.category != BudgetCategory::computing;
    }

    LanePiece piece_before(std::uint32_t lane, std::int64_t time)
    {
        auto& pieces = pieces_[lane];
        if (!pieces)
            pieces.emplace(recording_, lane, interval_);
        return pieces->before(time);
    }

    /// The lane did `piece` from `begin` until now.
    void take(std::int64_t begin, const LanePiece& piece)
    {
        if (begin < time_) {
            steps_.push_back({lane_, {begin, time_}, piece.category, Link::same_lane});
            time_ = begin;
        }
    }

    /// Goes on in the lane that the piece waited for.
    bool go_to_who_ends(const LanePiece& piece)
    {
        const auto end = causes_.of_end(lane_, *piece.span);
        if (end && go_to(*end, piece))
            return true;
        if (time_ == piece.span->end_ns)
            return false;
        // In the middle of a wait that lasts, or that the path came back to.
        const auto before = causes_.within(lane_, piece, time_);
        return before && go_to(*before, piece);
    }

    /// Goes on in the lane of a cause. Not where that goes nowhere: to where the path has
    /// been at this very moment (events that cause each other), or to who did not live then.
    bool go_to(const Cause& cause, const LanePiece& piece)
    {
        const Lane& other = recording_.lanes()[cause.lane];
        const std::int64_t at = std::min({cause.time_ns, time_, end_of(other, recording_)});
        if (cause.lane == lane_ || at <= piece.interval.begin_ns || at <= interval_.begin_ns
            || at <= other.start_ns)
            return false;
        if (at < time_)
            take(at, piece);
        else if (seen_[cause.lane] == at)
            return false;
        seen_[lane_] = at;
        reach_by(cause.link);
        lane_ = cause.lane;
        return true;
    }

    /// At the lane's begin: the main process started it.
    bool go_to_starter()
    {
        const auto& lanes = recording_.lanes();
        for (std::uint32_t index = 0; index < lanes.size(); ++index) {
            if (lanes[index].role != Role::main || index == lane_ || lanes[index].start_ns >= time_
                || end_of(lanes[index], recording_) < time_)
                continue;
            reach_by(Link::start);
            lane_ = index;
            return true;
        }
        return false;
    }

    void reach_by(Link link)
    {
        if (!steps_.empty())
            steps_.back().how_reached = link;
    }

    const Recording& recording_;
    Interval interval_;
    Causes causes_;
    std::vector<std::optional<LanePieces>> pieces_;
    /// Where each lane was left: at one moment, no lane is left twice.
    std::vector<std::int64_t> seen_;
    std::vector<PathStep> steps_;
    std::uint32_t lane_ = 0;
    std::int64_t time_ = 0;
};

/// Adds up the steps' run time. Pauses and steps are both in order.
void add_up(CriticalPath& path, const std::vector<Interval>& pauses)
{
    auto pause = pauses.begin();
    for (const PathStep& step : path.steps) {
        std::int64_t length = step.interval.length_ns();
        while (pause != pauses.end() && pause->begin_ns < step.interval.end_ns) {
            length -= std::max<std::int64_t>(std::min(pause->end_ns, step.interval.end_ns)
                    - std::max(pause->begin_ns, step.interval.begin_ns),
                0);
            if (pause->end_ns > step.interval.end_ns)
                break;
            ++pause;
        }
        path.category_ns[static_cast<std::size_t>(step.category)] += length;
        path.total_ns += length;
    }
}

} // namespace

std::string_view name_of(Link link)
{
    const auto index = static_cast<std::size_t>(link);
    return index < link_names.size() ? link_names[index] : "unknown";
}

double CriticalPath::share(BudgetCategory category) const noexcept
{
    const auto ns = category_ns[static_cast<std::size_t>(category)];
    return total_ns > 0 ? static_cast<double>(ns) / static_cast<double>(total_ns) : 0;
}

CriticalPath critical_path(const Recording& recording, Interval interval)
{
    CriticalPath path;
    path.steps = BackwardWalk(recording, interval).steps();
    std::reverse(path.steps.begin(), path.steps.end());
    path.interval = path.steps.empty()
        ? Interval{interval.begin_ns, interval.begin_ns}
        : Interval{path.steps.front().interval.begin_ns, path.steps.back().interval.end_ns};
    add_up(path, recording.pauses());
    return path;
}

} // namespace manyhands
