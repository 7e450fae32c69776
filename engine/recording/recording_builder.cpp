// SPDX-License-Identifier: MIT
#include "engine/recording/recording_builder.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace manyhands {
namespace {

constexpr std::size_t most_open_states
    = 32; // deeper nesting is no lesson's, but a hostile writer's
constexpr std::uint32_t most_numbers = std::numeric_limits<std::uint16_t>::max();
constexpr std::size_t most_places = std::numeric_limits<std::uint16_t>::max();
// A moment far ahead is no moment of this run.
constexpr std::int64_t longest_run_ns = std::int64_t{366} * 86'400 * 1'000'000'000;

// Locks that a lane holds at once; a lesson's are a few, and they are looked through.
constexpr std::size_t most_open_holds = 64;
// The main process may go on before its children do, when a pause ends, and tell of their stop only
// then. The kernel is through with all of them in less than this.
constexpr std::int64_t pause_settles_ns = 5'000'000;

constexpr std::uint64_t task_key(std::uint32_t lane, std::uint32_t task)
{
    return std::uint64_t{lane} << 32 | task;
}

// The beginning of a state that another event implies.
TraceEvent state_event(const TraceEvent& event, State state, std::uint32_t subject)
{
    return {event.ticks, 0, subject, event.place, EventKind::state_begin,
        static_cast<std::uint8_t>(state)};
}

// The index of what the arena gave `number`, in a recording's list of its kind.
template <class Named>
std::uint32_t index_of(
    std::uint32_t number, std::vector<std::uint32_t>& indices, std::vector<Named>& all)
{
    if (number >= indices.size())
        indices.resize(std::size_t{number} + 1, no_subject);
    std::uint32_t& index = indices[number];
    if (index == no_subject) {
        index = static_cast<std::uint32_t>(all.size());
        all.emplace_back();
    }
    return index;
}

// Whether a stop that is told at `time` may be a pause's.
bool is_pausing(const std::vector<Interval>& pauses, std::int64_t time)
{
    const auto after = std::find_if(pauses.rbegin(), pauses.rend(),
        [time](const Interval& pause) { return pause.begin_ns <= time; });
    return after != pauses.rend()
        && (after->end_ns == open_end || time <= after->end_ns + pause_settles_ns);
}

// The part of `text` before the next newline; takes it and the newline off.
std::string_view take_line(std::string_view& text)
{
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

} // namespace

RecordingBuilder::RecordingBuilder(os::Clock clock, std::uint64_t origin_ticks)
    : clock_(clock)
    , origin_monotonic_ns_(clock.to_ns(origin_ticks))
{
    recording_.origin_ns_ = origin_monotonic_ns_;
}

std::uint32_t RecordingBuilder::start_lane(const LaneStart& start)
{
    const auto index = static_cast<std::uint32_t>(recording_.lanes_.size());
    Lane lane;
    lane.name = start.name;
    lane.pid = start.pid;
    lane.role = start.role;
    lane.start_method = start.start_method;
    lane.start_ns = moment(start.start_ticks);
    recording_.lanes_.push_back(std::move(lane));
    LaneState state;
    state.last_ns = recording_.lanes_.back().start_ns;
    state.slot = start.slot;
    state.generation = start.generation;
    state.starting = start.starting;
    states_.push_back(std::move(state));
    if (start.starting) {
        Lane& added = recording_.lanes_.back();
        added.spans.open(added.start_ns, State::starting, no_subject, 0);
    }
    recording_.now_ns_ = std::max(recording_.now_ns_, state.last_ns);
    ++recording_.revision_;
    return index;
}

void RecordingBuilder::rename_lane(
    std::uint32_t lane, const std::string& name, Role role, StartMethod start_method)
{
    Lane& to = recording_.lanes_[lane];
    if (to.name == name && to.role == role && to.start_method == start_method)
        return;
    to.name = name;
    to.role = role;
    to.start_method = start_method;
    ++recording_.revision_;
}

void RecordingBuilder::apply(std::uint32_t lane, std::span<const TraceEvent> events)
{
    if (lane >= states_.size() || events.empty() || recording_.lanes_[lane].ended())
        return;
    for (const TraceEvent& event : events)
        apply_one(lane, event);
    recording_.lanes_[lane].events_recorded += events.size();
    ++recording_.revision_;
}

std::int64_t RecordingBuilder::moment(std::uint64_t ticks) const noexcept
{
    return std::clamp<std::int64_t>(clock_.to_ns(ticks) - origin_monotonic_ns_, 0, longest_run_ns);
}

std::int64_t RecordingBuilder::time_of(std::uint32_t lane, std::uint64_t ticks)
{
    LaneState& state = states_[lane];
    state.before_last_ns = state.last_ns;
    const std::int64_t time = clock_.to_ns(ticks) - origin_monotonic_ns_;
    // Time stands still rather than running backwards or far ahead.
    if (time < state.last_ns || time > longest_run_ns) {
        if (time > longest_run_ns)
            recording_.lanes_[lane].damaged = true;
        return state.last_ns;
    }
    state.last_ns = time;
    recording_.now_ns_ = std::max(recording_.now_ns_, time);
    return time;
}

std::uint16_t RecordingBuilder::place_of(std::uint32_t lane, std::uint16_t number) const
{
    const auto& places = states_[lane].places;
    const auto found = places.find(number);
    return found == places.end() ? std::uint16_t{0} : found->second;
}

void RecordingBuilder::apply_one(std::uint32_t lane, const TraceEvent& event)
{
    const std::int64_t time = time_of(lane, event.ticks);
    switch (event.kind) {
    case EventKind::state_begin:
        begin_state(lane, event, time);
        break;
    case EventKind::state_end:
        end_state(lane, static_cast<State>(event.detail), time);
        break;
    case EventKind::process_ready:
        // The first state of its own, or the first task, ends `starting`.
        break;
    case EventKind::process_exiting:
        recording_.lanes_[lane].spans.close(0, time);
        begin_state(lane, state_event(event, State::tearing_down, event_without_subject), time);
        break;
    case EventKind::task_begun:
        begin_task(lane, event, time);
        break;
    case EventKind::task_ran:
        run_task(lane, event, time);
        break;
    case EventKind::task_done:
    case EventKind::task_failed: {
        if (event.detail == computes)
            end_state(lane, State::computing, time);
        if (states_[lane].announced_task == event.subject)
            states_[lane].announced_task = no_subject;
        states_[lane].last_task = event.subject;
        const auto found = running_tasks_.find(task_key(lane, event.subject));
        if (found == running_tasks_.end())
            break;
        end_task(found->second, time,
            event.kind == EventKind::task_done ? Task::Outcome::done : Task::Outcome::failed);
        running_tasks_.erase(found);
        break;
    }
    case EventKind::message_sent:
        transfer(lane, event, time, false, false);
        break;
    case EventKind::message_received:
        transfer(lane, event, time, true, false);
        break;
    case EventKind::messages_sent:
        transfer(lane, event, time, false, true);
        break;
    case EventKind::messages_received:
        transfer(lane, event, time, true, true);
        break;
    case EventKind::queue_depth: {
        if (const auto number = numbered(lane, event.subject))
            depth(channel_index(*number), event.argument, time);
        break;
    }
    case EventKind::lock_taken:
        if (const auto number = numbered(lane, event.subject))
            lock_taken(lane, lock_index(*number), event, time);
        break;
    case EventKind::lock_released:
        if (const auto number = numbered(lane, event.subject))
            lock_released(lane, lock_index(*number), event, time);
        break;
    case EventKind::lock_recovered:
        if (const auto number = numbered(lane, event.subject))
            lock_recovered(lane, lock_index(*number), event, time);
        break;
    case EventKind::value_changed:
        if (const auto number = numbered(lane, event.subject))
            recording_.changes_.push_back({.time_ns = time,
                .now = event.argument,
                .value = value_index(*number),
                .lane = lane,
                .place = place_of(lane, event.place),
                .form = std::min(static_cast<ValueForm>(event.detail), ValueForm::bytes)});
        break;
    case EventKind::process_stopped:
        stop_event(event, time, true);
        break;
    case EventKind::process_continued:
        stop_event(event, time, false);
        break;
    case EventKind::task_submitted:
    case EventKind::mark:
        break;
    default:
        recording_.lanes_[lane].damaged = true;
    }
}

void RecordingBuilder::begin_task(std::uint32_t lane, const TraceEvent& event, std::int64_t time)
{
    LaneState& state = states_[lane];
    if (state.announced_task == event.subject && event.subject != no_subject) {
        // Known already, but for its argument.
        const auto found = running_tasks_.find(task_key(lane, event.subject));
        if (found != running_tasks_.end())
            recording_.tasks_[found->second].argument = event.argument;
        state.last_task = event.subject;
        state.announced_task = no_subject;
        return;
    }
    end_announced_task(lane, time);
    const auto [running, is_new] = running_tasks_.try_emplace(task_key(lane, event.subject));
    if (!is_new)
        end_task(running->second, time, Task::Outcome::lost);
    running->second = recording_.tasks_.size();
    Task task;
    task.index = event.subject;
    task.lane = lane;
    task.argument = event.argument;
    task.begin_ns = time;
    recording_.tasks_.push_back(task);
    state.last_task = event.subject;
    if (event.detail == computes)
        begin_state(lane, state_event(event, State::computing, event.subject), time);
}

void RecordingBuilder::run_task(std::uint32_t lane, const TraceEvent& event, std::int64_t time)
{
    LaneState& state = states_[lane];
    if (state.announced_task == event.subject && event.subject != no_subject) {
        begin_task(lane, event, time);
        end_state(lane, State::computing, time);
        const auto found = running_tasks_.find(task_key(lane, event.subject));
        if (found != running_tasks_.end()) {
            end_task(found->second, time, Task::Outcome::done);
            running_tasks_.erase(found);
        }
        return;
    }
    const std::int64_t began = clock_.to_ns(event.ticks - unpack_ticks(event.detail));
    const std::int64_t begin = std::clamp(began - origin_monotonic_ns_, state.before_last_ns, time);
    end_announced_task(lane, begin);
    recording_.tasks_.push_back({.index = event.subject,
        .lane = lane,
        .argument = event.argument,
        .begin_ns = begin,
        .end_ns = time,
        .outcome = Task::Outcome::done});
    state.last_task = event.subject;
    begin_state(lane, state_event(event, State::computing, event.subject), begin);
    end_state(lane, State::computing, time);
}

// Another task begins: the announced one has come to its end, of which a full ring told nothing.
void RecordingBuilder::end_announced_task(std::uint32_t lane, std::int64_t time)
{
    const std::uint32_t task = std::exchange(states_[lane].announced_task, no_subject);
    if (task == no_subject)
        return;
    end_state(lane, State::computing, time);
    const auto found = running_tasks_.find(task_key(lane, task));
    if (found == running_tasks_.end())
        return;
    end_task(found->second, time, Task::Outcome::done);
    running_tasks_.erase(found);
}

void RecordingBuilder::task_under_way(
    std::uint32_t lane, std::uint64_t number, std::uint64_t begin_ticks)
{
    const auto task = static_cast<std::uint32_t>(number);
    if (lane >= states_.size() || recording_.lanes_[lane].ended() || task == no_subject
        || states_[lane].announced_task == task || states_[lane].last_task == task)
        return;
    const std::int64_t time = time_of(lane, begin_ticks);
    const TraceEvent begun = {begin_ticks, 0, task, 0, EventKind::task_begun, computes};
    const std::uint32_t last = states_[lane].last_task;
    begin_task(lane, begun, time);
    states_[lane].last_task = last;
    states_[lane].announced_task = task;
    ++recording_.revision_;
}

void RecordingBuilder::begin_state(std::uint32_t lane, const TraceEvent& event, std::int64_t time)
{
    LaneState& state = states_[lane];
    Lane& to = recording_.lanes_[lane];
    if (event.detail >= recorded_state_count || to.spans.depth() >= most_open_states) {
        to.damaged = true;
        return;
    }
    // A process is starting until it does something of its own.
    if (std::exchange(state.starting, false))
        recording_.lanes_[lane].spans.close(0, time);
    const auto kind = static_cast<State>(event.detail);
    const std::uint32_t subject = subject_index(lane, kind, event.subject);
    if (kind == State::waiting_lock && event.argument != 0 && subject != no_subject) {
        const std::uint32_t holder = lane_of(event.argument & 0xffff'ffff, event.argument >> 32);
        if (holder != no_subject)
            recording_.waits_.push_back(
                {.time_ns = time, .lock = subject, .lane = lane, .holder = holder});
    }
    to.spans.open(time, kind, subject, place_of(lane, event.place));
}

void RecordingBuilder::end_state(std::uint32_t lane, State state, std::int64_t time)
{
    Spans& spans = recording_.lanes_[lane].spans;
    // The innermost open span of that state ends, and with it those within, whose ends were lost.
    for (std::size_t depth = spans.depth(); depth-- > 0;) {
        if (spans.open_state(depth) == state) {
            spans.close(depth, time);
            return;
        }
    }
    // Its begin was dropped by a full ring, or never written.
    if (recording_.lanes_[lane].events_dropped == 0)
        recording_.lanes_[lane].damaged = true;
}

std::uint32_t RecordingBuilder::subject_index(
    std::uint32_t lane, State state, std::uint32_t subject)
{
    switch (subject_of(state)) {
    case SubjectKind::channel:
        return subject <= most_numbers ? channel_index(subject) : no_subject;
    case SubjectKind::lock:
        return subject <= most_numbers ? lock_index(subject) : no_subject;
    case SubjectKind::gate:
        return gate_index(lane, subject);
    default:
        return subject;
    }
}

// A number that is given out by the arena; marks the lane where it is none.
std::optional<std::uint32_t> RecordingBuilder::numbered(std::uint32_t lane, std::uint32_t subject)
{
    if (subject <= most_numbers)
        return subject;
    recording_.lanes_[lane].damaged = true;
    return std::nullopt;
}

std::uint32_t RecordingBuilder::channel_index(std::uint32_t number)
{
    return index_of(number, channel_indices_, recording_.channels_);
}
std::uint32_t RecordingBuilder::lock_index(std::uint32_t number)
{
    return index_of(number, lock_indices_, recording_.locks_);
}
std::uint32_t RecordingBuilder::value_index(std::uint32_t number)
{
    return index_of(number, value_indices_, recording_.values_);
}

std::uint32_t RecordingBuilder::gate_index(std::uint32_t lane, std::uint32_t number) const
{
    if (lane >= states_.size() || number > most_numbers)
        return no_subject;
    const auto& gates = states_[lane].gates;
    const auto found = gates.find(static_cast<std::uint16_t>(number));
    return found == gates.end() ? no_subject : found->second;
}

// The lane's open hold of a lock; the end of them where there is none.
std::vector<std::size_t>::iterator RecordingBuilder::open_hold(
    std::uint32_t lane, std::uint32_t lock)
{
    std::vector<std::size_t>& open = states_[lane].holds;
    return std::find_if(open.begin(), open.end(),
        [&](std::size_t index) { return recording_.holds_[index].lock == lock; });
}

void RecordingBuilder::lock_taken(
    std::uint32_t lane, std::uint32_t lock, const TraceEvent& event, std::int64_t time)
{
    std::vector<std::size_t>& open = states_[lane].holds;
    // Whoever takes it again has released it before, and only the telling was lost.
    if (const auto known = open_hold(lane, lock); known != open.end()) {
        recording_.holds_[*known].end_ns = time;
        open.erase(known);
    }
    if (open.size() == most_open_holds)
        return;
    open.push_back(recording_.holds_.size());
    recording_.holds_.push_back({.begin_ns = time,
        .end_ns = open_end,
        .lock = lock,
        .lane = lane,
        .place = place_of(lane, event.place),
        .abandoned = false});
}

void RecordingBuilder::lock_released(
    std::uint32_t lane, std::uint32_t lock, const TraceEvent& event, std::int64_t time)
{
    const std::int64_t taken = clock_.to_ns(event.ticks - event.argument) - origin_monotonic_ns_;
    const std::int64_t begin = std::clamp(taken, recording_.lanes_[lane].start_ns, time);
    std::vector<std::size_t>& open = states_[lane].holds;
    if (const auto known = open_hold(lane, lock); known != open.end()) {
        LockHold& hold = recording_.holds_[*known];
        hold.begin_ns = std::max(hold.begin_ns, begin);
        hold.end_ns = time;
        open.erase(known);
        return;
    }
    recording_.holds_.push_back({.begin_ns = begin,
        .end_ns = time,
        .lock = lock,
        .lane = lane,
        .place = place_of(lane, event.place),
        .abandoned = false});
}

void RecordingBuilder::lock_recovered(
    std::uint32_t lane, std::uint32_t lock, const TraceEvent& event, std::int64_t time)
{
    recording_.recoveries_.push_back({.time_ns = time,
        .lock = lock,
        .lane = lane,
        .from = lane_of(event.argument & 0xffff'ffff, event.argument >> 32),
        .place = place_of(lane, event.place)});
}

void RecordingBuilder::end_task(std::size_t index, std::int64_t time, Task::Outcome outcome)
{
    recording_.tasks_[index].end_ns = time;
    recording_.tasks_[index].outcome = outcome;
}

void RecordingBuilder::depth(std::uint32_t channel, std::uint64_t messages, std::int64_t time)
{
    Channel& of = recording_.channels_[channel];
    of.max_depth = std::max(of.max_depth, messages);
    recording_.depths_.push_back({.time_ns = time,
        .channel = channel,
        .depth = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(messages, std::numeric_limits<std::uint32_t>::max()))});
}

void RecordingBuilder::transfer(
    std::uint32_t lane, const TraceEvent& event, std::int64_t time, bool received, bool summarised)
{
    if (!summarised && event.detail != 0) {
        const State state = received ? State::receiving : State::sending;
        const std::int64_t ended = clock_.to_ns(event.ticks - unpack_ticks(event.detail));
        const std::int64_t begin
            = std::clamp(ended - origin_monotonic_ns_, states_[lane].before_last_ns, time);
        begin_state(lane, state_event(event, state, channel_of(event.argument)), begin);
        end_state(lane, state, time);
    }
    const std::uint32_t index = channel_index(channel_of(event.argument));
    const std::uint64_t bytes = bytes_of(event.argument);
    Channel& to = recording_.channels_[index];
    const std::uint64_t messages = summarised ? event.subject : 1;
    (received ? to.messages_received : to.messages) += messages;
    (received ? to.bytes_received : to.bytes) += bytes;
    recording_.transfers_.push_back({.time_ns = time,
        .bytes = bytes,
        .channel = index,
        .message = event.subject,
        .lane = lane,
        .received = received,
        .summarised = summarised});
    if (const auto messages_left = depth_of(event.argument))
        depth(index, *messages_left, time);
}

void RecordingBuilder::stop_event(const TraceEvent& event, std::int64_t time, bool stopped)
{
    const std::uint32_t lane = lane_of(event.subject, event.argument & 0xffff'ffff);
    if (lane == no_subject || recording_.lanes_[lane].ended())
        return;
    LaneState& state = states_[lane];
    auto& stops = recording_.lanes_[lane].stops;
    if (stopped && state.stop_begin_ns < 0 && !is_pausing(recording_.pauses_, time)) {
        // Stops of a lane are told by one other lane; should several lie, they do not overlap.
        state.stop_begin_ns = stops.empty() ? time : std::max(time, stops.back().end_ns);
        stops.push_back({state.stop_begin_ns, open_end});
    } else if (!stopped && state.stop_begin_ns >= 0) {
        go_on(lane, time);
    }
}

void RecordingBuilder::go_on(std::uint32_t lane, std::int64_t time)
{
    states_[lane].stop_begin_ns = -1;
    Interval& stop = recording_.lanes_[lane].stops.back();
    stop.end_ns = std::max(time, stop.begin_ns);
}

// The lane of the process that had `slot` as its `generation`-th; the latest where several lie.
std::uint32_t RecordingBuilder::lane_of(std::uint64_t slot, std::uint64_t generation) const noexcept
{
    for (std::size_t i = states_.size(); i-- > 0;) {
        if (states_[i].slot == slot && states_[i].generation == generation)
            return static_cast<std::uint32_t>(i);
    }
    return no_subject;
}

void RecordingBuilder::pause(std::uint64_t ticks)
{
    auto& pauses = recording_.pauses_;
    if (!pauses.empty() && pauses.back().end_ns == open_end)
        return;
    const std::int64_t begin = moment(ticks);
    pauses.push_back({pauses.empty() ? begin : std::max(begin, pauses.back().end_ns), open_end});
    ++recording_.revision_;
}

void RecordingBuilder::resume(std::uint64_t ticks)
{
    auto& pauses = recording_.pauses_;
    if (pauses.empty() || pauses.back().end_ns != open_end)
        return;
    pauses.back().end_ns = std::max(moment(ticks), pauses.back().begin_ns);
    // The signal that ends a pause lets everybody go on.
    for (std::uint32_t lane = 0; lane < states_.size(); ++lane) {
        if (states_[lane].stop_begin_ns >= 0)
            go_on(lane, pauses.back().end_ns);
    }
    ++recording_.revision_;
}

void RecordingBuilder::text(std::uint32_t lane, const TextRecord& record)
{
    if (lane >= states_.size())
        return;
    std::string_view text = record.text;
    switch (record.kind) {
    case TextKind::output_line:
        recording_.output_.push_back({lane, std::string(text)});
        break;
    case TextKind::place: {
        if (recording_.places_.size() >= most_places)
            break;
        Place place;
        place.file = take_line(text);
        const std::string_view line = take_line(text);
        std::from_chars(line.data(), line.data() + line.size(), place.line);
        place.function = take_line(text);
        // Processes number their places themselves: the same line has one entry here.
        auto& places = recording_.places_;
        const auto known = std::find_if(places.begin(), places.end(), [&](const Place& other) {
            return other.line == place.line && other.file == place.file;
        });
        const auto index = static_cast<std::uint16_t>(known - places.begin());
        if (known == places.end())
            places.push_back(std::move(place));
        states_[lane].places[record.id] = index;
        break;
    }
    case TextKind::channel: {
        Channel& to = recording_.channels_[channel_index(record.id)];
        to.kind = take_line(text);
        to.name = take_line(text);
        break;
    }
    case TextKind::lock: {
        LockName& to = recording_.locks_[lock_index(record.id)];
        to.kind = take_line(text);
        to.name = take_line(text);
        break;
    }
    case TextKind::value:
        recording_.values_[value_index(record.id)] = text;
        break;
    case TextKind::gate: {
        // Processes number their gates themselves: the same name has one entry here.
        auto& gates = recording_.gates_;
        const auto known = std::find(gates.begin(), gates.end(), text);
        states_[lane].gates[record.id] = static_cast<std::uint32_t>(known - gates.begin());
        if (known == gates.end())
            gates.emplace_back(text);
        break;
    }
    case TextKind::exception: {
        Lane& of = recording_.lanes_[lane];
        of.exception = take_line(text);
        if (!text.empty())
            of.exception.append(": ").append(text);
        break;
    }
    case TextKind::phase:
    case TextKind::mark:
    case TextKind::document:
        break;
    default:
        recording_.lanes_[lane].damaged = true;
    }
    ++recording_.revision_;
}

void RecordingBuilder::end_lane(std::uint32_t lane, const LaneEnd& end)
{
    if (lane >= states_.size() || recording_.lanes_[lane].ended())
        return;
    const std::int64_t time = time_of(lane, end.end_ticks);
    recording_.lanes_[lane].spans.close(0, time);
    Lane& to = recording_.lanes_[lane];
    if (states_[lane].stop_begin_ns >= 0)
        go_on(lane, time);
    // The main process outlives its lane of a repeat, and its exit is not known then.
    const bool dies = end.exit || to.role != Role::main;
    for (const std::size_t index : states_[lane].holds) {
        recording_.holds_[index].end_ns = time;
        recording_.holds_[index].abandoned = dies;
    }
    states_[lane].holds.clear();
    to.end_ns = time;
    to.exit = end.exit;
    to.cpu_ns = end.cpu_ns;
    to.run_delay_ns = end.run_delay_ns;
    to.peak_rss_bytes = end.peak_rss_bytes;
    for (auto at = running_tasks_.begin(); at != running_tasks_.end();) {
        if (recording_.tasks_[at->second].lane == lane) {
            end_task(at->second, time, Task::Outcome::lost);
            at = running_tasks_.erase(at);
        } else {
            ++at;
        }
    }
    ++recording_.revision_;
}

void RecordingBuilder::counters(std::uint32_t lane, std::uint64_t tasks_done,
    std::uint64_t work_done, std::uint64_t events_dropped, std::uint64_t text_dropped)
{
    Lane& to = recording_.lanes_[lane];
    if (to.tasks_done == tasks_done && to.work_done == work_done
        && to.events_dropped == events_dropped && to.text_dropped == text_dropped)
        return;
    to.tasks_done = tasks_done;
    to.work_done = work_done;
    to.events_dropped = events_dropped;
    to.text_dropped = text_dropped;
    ++recording_.revision_;
}

void RecordingBuilder::resources(std::uint32_t lane, std::int64_t cpu_ns, std::int64_t run_delay_ns)
{
    recording_.lanes_[lane].cpu_ns = cpu_ns;
    recording_.lanes_[lane].run_delay_ns = run_delay_ns;
    ++recording_.revision_;
}

void RecordingBuilder::damaged(std::uint32_t lane)
{
    if (!std::exchange(recording_.lanes_[lane].damaged, true))
        ++recording_.revision_;
}

void RecordingBuilder::work_sample(std::uint64_t ticks, std::uint64_t work)
{
    auto& samples = recording_.work_samples_;
    const std::int64_t time = moment(ticks);
    if (!samples.empty() && samples.back().work == work)
        return;
    samples.push_back({time, work});
    ++recording_.revision_;
}

void RecordingBuilder::memory_sample(
    std::uint32_t lane, std::uint64_t ticks, std::uint64_t rss_bytes, std::uint64_t pss_bytes)
{
    if (lane >= states_.size() || recording_.lanes_[lane].ended())
        return;
    recording_.memory_.push_back({moment(ticks), rss_bytes, pss_bytes, lane});
    ++recording_.revision_;
}

void RecordingBuilder::raw_output(std::string text)
{
    recording_.output_.push_back({no_subject, std::move(text)});
    ++recording_.revision_;
}

void RecordingBuilder::phase(PhaseKind kind, int number, std::uint64_t begin_ticks,
    std::uint64_t end_ticks, std::uint64_t work)
{
    const std::int64_t begin = moment(begin_ticks);
    const std::int64_t end = end_ticks == 0 ? open_end : moment(end_ticks);
    auto& phases = recording_.phases_;
    ++recording_.revision_;
    if (!phases.empty() && phases.back().kind == kind && phases.back().number == number) {
        phases.back().end_ns = std::max(end, phases.back().begin_ns);
        phases.back().work = work;
        return;
    }
    phases.push_back({kind, number, begin, std::max(end, begin), work});
}

void RecordingBuilder::end_phase(std::uint64_t ticks)
{
    if (recording_.phases_.empty() || recording_.phases_.back().end_ns != open_end)
        return;
    Phase& last = recording_.phases_.back();
    last.end_ns = std::max(moment(ticks), last.begin_ns);
    ++recording_.revision_;
}

void RecordingBuilder::advance(std::uint64_t ticks)
{
    const std::int64_t time = moment(ticks);
    if (time > recording_.now_ns_) {
        recording_.now_ns_ = time;
        ++recording_.revision_;
    }
}

Recording RecordingBuilder::take() &&
{
    return std::move(recording_);
}

} // namespace manyhands
