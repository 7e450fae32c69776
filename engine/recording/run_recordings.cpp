// SPDX-License-Identifier: MIT
#include "engine/recording/run_recordings.hpp"

#include <algorithm>
#include <utility>

namespace manyhands {
namespace {

// Events copied out at once: enough to be quick, few enough to stay in the cache.
constexpr std::size_t batch = 16384;

LaneStart lane_start(const SlotInfo& info)
{
    return {.name = info.name,
        .pid = info.pid,
        .role = info.role,
        .start_method = info.start_method,
        .start_ticks = info.start_ticks,
        .slot = info.slot,
        .generation = info.generation};
}

bool is_summarised(const std::vector<TraceEvent>& events)
{
    return std::any_of(events.begin(), events.end(), [](const TraceEvent& event) {
        // What is sampled is always a sum; its marks say so.
        return (event.kind == EventKind::messages_sent
                   || event.kind == EventKind::messages_received)
            && event.place != sampled_place_id;
    });
}

} // namespace

RunRecordings::RunRecordings(
    const Segment& segment, RingReading reading, int expected_repeats, Of of)
    : segment_(segment)
    , reader_(segment, reading)
    , clock_(segment.header().clock)
    , expected_repeats_(expected_repeats)
    , of_(of)
{
    main_info_.start_ticks = segment.slot(main_slot).start_ticks.load(std::memory_order_relaxed);
    group(0, main_info_.start_ticks);
}

RunRecordings::Group& RunRecordings::group(std::uint32_t number, std::uint64_t begin_ticks)
{
    auto& entry = groups_[number];
    if (!entry) {
        entry = std::make_shared<Group>(
            Group{RecordingBuilder(clock_, main_info_.start_ticks), no_subject});
        if (main_info_.generation != 0) {
            LaneStart start = lane_start(main_info_);
            start.starting = number == 0;
            start.start_ticks = number == 0 ? main_info_.start_ticks : begin_ticks;
            entry->main_lane = entry->builder.start_lane(start);
            tell_interned(*entry);
        }
        for (const Pause& pause : pauses_) {
            entry->builder.pause(pause.begin_ticks);
            if (pause.end_ticks != 0)
                entry->builder.resume(pause.end_ticks);
        }
    }
    return *entry;
}

void RunRecordings::poll()
{
    const std::uint64_t ticks = clock_.ticks();
    poll_main();
    // Only the main process starts others.
    if (main_info_.generation == 0)
        return;
    const std::uint32_t slots = reader_.slots_used();
    for (std::uint32_t slot = 1; slot < slots; ++slot)
        poll_slot(slot);
    sample_work(ticks);
    groups_.at(current_group_)->builder.advance(ticks);
    let_go();
}

void RunRecordings::poll_main()
{
    if (const auto started = reader_.started(main_slot)) {
        main_info_ = *started;
        Group& first = *groups_.at(0);
        first.main_lane = first.builder.start_lane(lane_start(main_info_));
        open_[main_slot] = {true, *started, first.main_lane};
    }
    if (!open_[main_slot].open)
        return;
    bool more = true;
    while (more) {
        // Events before texts: a text that announces a phase is written before the phase's events,
        // so that none of these can be here without it. What was written before the text is all
        // here only when the ring has been read to its end once more.
        const std::size_t announced = begun_.size();
        events_.clear();
        const std::size_t count = reader_.events(main_slot, events_, batch);
        const std::size_t complete = count < batch ? announced : 0;
        take_main_text();
        update_figures(main_slot);
        count_events();
        std::span<const TraceEvent> rest = events_;
        std::size_t entered = 0;
        for (; entered < begun_.size(); ++entered) {
            const PhaseRecord& begin = begun_[entered];
            const auto split = std::find_if(rest.begin(), rest.end(),
                [&](const TraceEvent& event) { return event.ticks >= begin.begin_ticks; });
            if (split == rest.end() && entered >= complete)
                break;
            const auto before = static_cast<std::size_t>(split - rest.begin());
            Group& old = *groups_.at(current_group_);
            old.builder.apply(old.main_lane, rest.first(before));
            rest = rest.subspan(before);
            begin_group(begin);
        }
        begun_.erase(begun_.begin(), begun_.begin() + static_cast<std::ptrdiff_t>(entered));
        Group& now = *groups_.at(current_group_);
        now.builder.apply(now.main_lane, rest);
        more = count == batch || !begun_.empty();
    }
    if (of_ != Of::watched_program)
        return;
    follow_name(main_slot);
    if (const auto end = reader_.watched_main_ended())
        end_lane(main_slot, *end);
}

void RunRecordings::follow_name(std::uint32_t slot)
{
    const Open& open = open_[slot];
    const SlotInfo now = reader_.named(slot);
    group(open.info.group, open.info.start_ticks)
        .builder.rename_lane(open.lane, now.name, now.role, now.start_method);
}

void RunRecordings::end_lane(std::uint32_t slot, const SlotEnd& end)
{
    Open& open = open_[slot];
    RecordingBuilder& builder = group(open.info.group, open.info.start_ticks).builder;
    dropped_before_ += builder.recording().lanes()[open.lane].events_dropped;
    builder.end_lane(open.lane,
        {.end_ticks = end.end_ticks,
            .exit = end.exit == exit_unknown ? std::nullopt : std::optional(end.exit),
            .cpu_ns = end.cpu_ns,
            .run_delay_ns = end.run_delay_ns,
            .peak_rss_bytes = end.peak_rss_bytes});
    open.open = false;
}

void RunRecordings::begin_group(const PhaseRecord& begin)
{
    if (begin.group == current_group_)
        return;
    Group& old = *groups_.at(current_group_);
    const Lane& lane = old.builder.recording().lanes()[old.main_lane];
    old.builder.end_lane(old.main_lane,
        {.end_ticks = begin.begin_ticks,
            .exit = std::nullopt,
            .cpu_ns = lane.cpu_ns,
            .run_delay_ns = lane.run_delay_ns,
            .peak_rss_bytes = 0});
    current_group_ = begin.group;
    open_[main_slot].lane = group(begin.group, begin.begin_ticks).main_lane;
}

void RunRecordings::poll_slot(std::uint32_t slot)
{
    // A slot may have been handed on since the last round: read the old process to its end first.
    for (int round = 0; round < 2; ++round) {
        if (const auto started = reader_.started(slot)) {
            Group& to = group(started->group, started->start_ticks);
            open_[slot] = {true, *started, to.builder.start_lane(lane_start(*started))};
        }
        Open& open = open_[slot];
        if (!open.open)
            return;
        Group& to = group(open.info.group, open.info.start_ticks);
        // Texts that events refer to (places, channels) are written before them.
        const std::optional<BegunTask> begun = reader_.begun_task(slot);
        std::size_t count = 0;
        do {
            events_.clear();
            count = reader_.events(slot, events_, batch);
            TextRecord record;
            while (reader_.text(slot, record))
                to.builder.text(open.lane, record);
            // What the ring has dropped is known before it is missed in the events.
            update_figures(slot);
            to.builder.apply(open.lane, events_);
            count_events();
        } while (count == batch);
        // A long task is seen while it runs, though it is told when it ends or tells something
        // else; and one that a death has cut short is never told.
        if (begun && begun == reader_.begun_task(slot))
            to.builder.task_under_way(open.lane, begun->task, begun->begin_ticks);
        if (of_ == Of::watched_program)
            follow_name(slot);
        const auto end = reader_.ended(slot);
        if (!end)
            return;
        end_lane(slot, *end);
    }
}

void RunRecordings::count_events()
{
    events_recorded_ += events_.size();
    summarised_ = summarised_ || is_summarised(events_);
}

void RunRecordings::take_main_text()
{
    TextRecord record;
    while (reader_.text(main_slot, record)) {
        Group& to = *groups_.at(announced_group_);
        if (record.kind == TextKind::phase) {
            if (const auto phase = phase_record_from(record.text))
                announce(*phase);
        } else if (record.kind == TextKind::document) {
            document_ = record.text;
        } else if (record.kind == TextKind::exception) {
            main_exception_ = record.text;
            to.builder.text(to.main_lane, record);
        } else if (record.kind == TextKind::place || record.kind == TextKind::gate) {
            main_interned_.push_back({record.kind, record.id, std::string(record.text)});
            tell_interned(to);
        } else {
            to.builder.text(to.main_lane, record);
        }
    }
}

void RunRecordings::tell_interned(Group& group)
{
    for (; group.interned_told < main_interned_.size(); ++group.interned_told) {
        const Interned& one = main_interned_[group.interned_told];
        group.builder.text(group.main_lane, {one.kind, one.id, one.text});
    }
}

void RunRecordings::announce(const PhaseRecord& record)
{
    Group& to = group(record.group, record.begin_ticks);
    to.builder.phase(record.kind, record.number, record.begin_ticks, record.end_ticks, record.work);
    if (record.end_ticks == 0) {
        under_way_ = record;
        begun_.push_back(record);
        announced_group_ = record.group;
        tell_interned(to);
        return;
    }
    under_way_.reset();
    phases_.push_back(record);
    to.builder.work_sample(record.end_ticks, record.work);
    if (record.kind != PhaseKind::baseline && to.main_lane != no_subject)
        to.builder.resources(to.main_lane, record.main_cpu_ns, record.main_run_delay_ns);
}

void RunRecordings::update_figures(std::uint32_t slot)
{
    const Open& open = open_[slot];
    RecordingBuilder& builder
        = group(slot == main_slot ? current_group_ : open.info.group, open.info.start_ticks)
              .builder;
    const SlotFigures figures = reader_.figures(slot);
    builder.counters(open.lane, figures.tasks_done, figures.work_done, figures.events_dropped,
        figures.text_dropped);
    if (figures.damaged)
        builder.damaged(open.lane);
}

void RunRecordings::sample_work(std::uint64_t ticks)
{
    if (!under_way_)
        return;
    RecordingBuilder& builder = groups_.at(current_group_)->builder;
    std::uint64_t work = 0;
    for (const Lane& lane : builder.recording().lanes())
        work += lane.work_done;
    builder.work_sample(ticks, work);
}

void RunRecordings::let_go()
{
    const std::vector<PhaseRecord> done = repeats();
    if (done.size() < 3 || expected_repeats_ <= 0)
        return;
    const auto expected
        = std::max<std::size_t>(static_cast<std::size_t>(expected_repeats_), done.size());
    const std::size_t to_come = expected - done.size();
    const std::size_t middle = (expected - 1) / 2;
    const auto in_use = [this](std::uint32_t number) {
        return number == current_group_
            || std::any_of(open_.begin() + 1, open_.end(),
                [number](const Open& open) { return open.open && open.info.group == number; });
    };
    for (const PhaseRecord& repeat : done) {
        const auto faster = static_cast<std::size_t>(
            std::count_if(done.begin(), done.end(), [&](const PhaseRecord& other) {
                return other.wall_ns < repeat.wall_ns
                    || (other.wall_ns == repeat.wall_ns && other.number < repeat.number);
            }));
        // Its rank can only grow, by at most the number of repeats to come.
        if ((faster > middle || faster + to_come < middle) && !in_use(repeat.group))
            groups_.erase(repeat.group);
    }
}

void RunRecordings::end_main(const LaneEnd& end)
{
    for (std::uint32_t slot = 1; slot < slot_limit; ++slot) {
        Open& open = open_[slot];
        if (!std::exchange(open.open, false))
            continue;
        LaneEnd unknown;
        unknown.end_ticks = end.end_ticks;
        group(open.info.group, open.info.start_ticks).builder.end_lane(open.lane, unknown);
    }
    if (!pauses_.empty() && pauses_.back().end_ticks == 0)
        resume(end.end_ticks);
    Group& last = *groups_.at(current_group_);
    if (last.main_lane != no_subject) {
        const Lane& lane = last.builder.recording().lanes()[last.main_lane];
        LaneEnd own = end;
        // The figures of the shown repeat, where they are known, not those of the whole process.
        if (lane.cpu_ns != 0 || lane.run_delay_ns != 0) {
            own.cpu_ns = lane.cpu_ns;
            own.run_delay_ns = lane.run_delay_ns;
        }
        last.builder.end_lane(last.main_lane, own);
    }
    last.builder.end_phase(end.end_ticks);
    under_way_.reset();
}

const Recording& RunRecordings::current() const
{
    return groups_.at(current_group_)->builder.recording();
}

const Recording* RunRecordings::of_group(std::uint32_t group) const
{
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : &found->second->builder.recording();
}

std::shared_ptr<const Recording> RunRecordings::shared_current() const
{
    return shared_of_group(current_group_);
}

std::shared_ptr<const Recording> RunRecordings::shared_of_group(std::uint32_t group) const
{
    const auto found = groups_.find(group);
    if (found == groups_.end())
        return nullptr;
    return {found->second, &found->second->builder.recording()};
}

std::vector<PhaseRecord> RunRecordings::repeats() const
{
    std::vector<PhaseRecord> found;
    std::copy_if(phases_.begin(), phases_.end(), std::back_inserter(found),
        [](const PhaseRecord& phase) { return phase.kind == PhaseKind::repeat; });
    return found;
}

std::uint64_t RunRecordings::events_dropped() const noexcept
{
    std::uint64_t sum = dropped_before_;
    for (std::uint32_t slot = 0; slot < slot_limit; ++slot) {
        if (open_[slot].open)
            sum += reader_.figures(slot).events_dropped;
    }
    return sum;
}

std::vector<RunRecordings::LiveLane> RunRecordings::live() const
{
    std::vector<LiveLane> lanes;
    for (std::uint32_t slot = 0; slot < slot_limit; ++slot) {
        // A thread's process has a lane of its own; what that takes is not told twice.
        if (open_[slot].open && open_[slot].info.start_method != StartMethod::thread)
            lanes.push_back(
                {open_[slot].info.pid, slot == main_slot ? current_group_ : open_[slot].info.group,
                    open_[slot].lane, slot});
    }
    return lanes;
}

void RunRecordings::resources(const LiveLane& lane, std::int64_t cpu_ns, std::int64_t run_delay_ns)
{
    const auto found = groups_.find(lane.group);
    if (found != groups_.end())
        found->second->builder.resources(lane.lane, cpu_ns, run_delay_ns);
}

void RunRecordings::memory_sample(
    const LiveLane& lane, std::uint64_t ticks, std::uint64_t rss_bytes, std::uint64_t pss_bytes)
{
    const auto found = groups_.find(lane.group);
    if (found != groups_.end())
        found->second->builder.memory_sample(lane.lane, ticks, rss_bytes, pss_bytes);
}

std::uint32_t RunRecordings::gate_index(const LiveLane& lane, std::uint32_t number) const
{
    const auto found = groups_.find(lane.group);
    return found == groups_.end() ? no_subject
                                  : found->second->builder.gate_index(lane.lane, number);
}

void RunRecordings::pause(std::uint64_t ticks)
{
    pauses_.push_back({ticks, 0});
    for (const auto& [number, group] : groups_)
        group->builder.pause(ticks);
}

void RunRecordings::resume(std::uint64_t ticks)
{
    pauses_.back().end_ticks = ticks;
    for (const auto& [number, group] : groups_)
        group->builder.resume(ticks);
}

void RunRecordings::raw_output(std::string text)
{
    groups_.at(current_group_)->builder.raw_output(std::move(text));
}

} // namespace manyhands
