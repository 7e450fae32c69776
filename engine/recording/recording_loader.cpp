// SPDX-License-Identifier: MIT
#include "engine/recording/recording_loader.hpp"

#include "engine/recording/word_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace manyhands {
namespace {

constexpr std::uint32_t most_32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t most_64 = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t most_signed = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t most_int = std::numeric_limits<int>::max();
constexpr std::size_t most_depth = 256; // what Span::depth can hold

constexpr WordTable<State, recorded_state_count> states(
    {{{"starting", State::starting}, {"tearing_down", State::tearing_down},
        {"computing", State::computing}, {"serialising", State::serialising},
        {"sending", State::sending}, {"receiving", State::receiving},
        {"waiting_data", State::waiting_data}, {"waiting_space", State::waiting_space},
        {"waiting_lock", State::waiting_lock}, {"joining", State::joining}, {"idle", State::idle},
        {"sleeping", State::sleeping}, {"held", State::held}}});

constexpr std::array<std::string_view, 4> outcomes = {"running", "done", "failed", "lost"};

[[noreturn]] void refuse(std::string_view word, std::string_view of_what)
{
    // The word is a stranger's, and stands in the message only where it can do no harm.
    const bool harmless = word.size() <= 40
        && std::all_of(word.begin(), word.end(), [](char c) { return c >= ' ' && c <= '~'; });
    throw TraceDamage((harmless ? '"' + std::string(word) + "\" is no " : "there is no ")
        + std::string(of_what) + (harmless ? "" : " of this name"));
}

template <class Value>
Value named(std::string_view word, int count, std::string_view of_what)
{
    for (int i = 0; i < count; ++i) {
        if (name_of(static_cast<Value>(i)) == word)
            return static_cast<Value>(i);
    }
    refuse(word, of_what);
}

/// Uses the index of what stands in a list: its elements come one after the other.
void check_next(TraceEventFields& event, std::size_t next)
{
    if (event.whole(Key::index, most_32) != next)
        throw TraceDamage("\"index\" is not the next one, " + std::to_string(next));
}

/// The number behind a letter: of "C12 queue tasks".
std::optional<std::uint32_t> number_behind(char letter, std::string_view name)
{
    if (name.empty() || name[0] != letter)
        return std::nullopt;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    if (error != std::errc{} || end == name.data() + name.size() || *end != ' ')
        return std::nullopt;
    return number;
}

} // namespace

void RecordingLoader::apply(TraceEventFields& event)
{
    const std::string& phase = event.text(Key::ph);
    if (phase.size() != 1)
        refuse(phase, "kind of event");
    if ((pending_ != Pending::nothing) != (phase[0] == 'e'))
        throw TraceDamage("a task or phase does not end behind its begin");
    switch (phase[0]) {
    case 'B':
        return begin_span(event);
    case 'E':
        return end_span(event);
    case 'M':
        return metadata(event);
    case 'b':
        return begin_async(event);
    case 'e':
        return end_async(event);
    case 'i':
        return instant(event);
    case 's':
    case 'f':
        return transfer(event, phase[0] == 'f', true);
    case 'C':
        return counter(event);
    default:
        refuse(phase, "kind of event");
    }
}

// --- Lanes and their spans
// ------------------------------------------------------------------------

std::uint32_t RecordingLoader::lane_of(TraceEventFields& event)
{
    const std::int64_t pid = event.integer(Key::pid, 0, most_signed);
    const std::int64_t tid = event.integer(Key::tid, 0, most_signed);
    if (tid != last_tid_) {
        const auto found = lanes_by_tid_.find(tid);
        if (found == lanes_by_tid_.end())
            throw TraceDamage("\"tid\" is no lane's");
        last_tid_ = tid;
        last_lane_ = found->second;
    }
    if (lanes_[last_lane_].pid != pid)
        throw TraceDamage("\"pid\" is not that of its \"tid\"");
    return last_lane_;
}

// The lesson's main process stands for the run, or a process 0 where there is no lane.
std::uint32_t RecordingLoader::run_of(TraceEventFields& event)
{
    event.integer(Key::pid, 0, most_signed);
    event.integer(Key::tid, 0, most_signed);
    return no_subject;
}

std::uint32_t RecordingLoader::subject_in(TraceEventFields& event, State state) const
{
    const auto index = [&](Key key, std::size_t count, std::string_view what) {
        return event.has(key) ? event.index(key, count, what) : no_subject;
    };
    switch (subject_of(state)) {
    case SubjectKind::task:
        return index(Key::task, no_subject, "tasks");
    case SubjectKind::channel:
        return index(Key::channel, recording_.channels_.size(), "channels");
    case SubjectKind::lock:
        return index(Key::lock, recording_.locks_.size(), "locks");
    case SubjectKind::gate:
        return index(Key::gate, recording_.gates_.size(), "gates");
    case SubjectKind::name:
    case SubjectKind::other:
        break;
    }
    return index(Key::subject, no_subject, "others");
}

std::uint16_t RecordingLoader::place_in(TraceEventFields& event) const
{
    if (!event.has(Key::place))
        return 0;
    return static_cast<std::uint16_t>(event.index(Key::place, recording_.places_.size(), "places"));
}

void RecordingLoader::begin_span(TraceEventFields& event)
{
    const auto state = states.find(event.text(Key::name));
    if (!state)
        refuse(event.text(Key::name), "state");
    if (event.text(Key::cat) != "state")
        refuse(event.text(Key::cat), "category of a state");
    const std::uint32_t index = lane_of(event);
    LoadedLane& loaded = lanes_[index];
    const std::int64_t time = event.moment(Key::ts);
    if (time < loaded.last_ns)
        throw TraceDamage("it comes before what stands before it in its lane");
    if (loaded.open.size() == most_depth)
        throw TraceDamage("the states of a lane are nested too deeply");
    Spans& spans = recording_.lanes_[index].spans;
    const std::uint32_t subject = subject_in(event, *state);
    const std::uint16_t place = place_in(event);
    const bool stays_open = event.mark(Key::open);
    event.check_all_used();
    if (spans.depth() != loaded.open.size())
        throw TraceDamage("it comes behind a state that had not ended");
    loaded.last_ns = time;
    loaded.open.push_back({*state, stays_open});
    spans.open(time, *state, subject, place);
    ++spans_read_;
}

void RecordingLoader::end_span(TraceEventFields& event)
{
    const std::uint32_t index = lane_of(event);
    LoadedLane& loaded = lanes_[index];
    const std::int64_t time = event.moment(Key::ts);
    if (loaded.open.empty() || event.text(Key::name) != name_of(loaded.open.back().state))
        throw TraceDamage("it ends a state that its lane is not in");
    if (time < loaded.last_ns)
        throw TraceDamage("it comes before what stands before it in its lane");
    event.check_all_used();
    loaded.last_ns = time;
    Spans& spans = recording_.lanes_[index].spans;
    if (!loaded.open.back().stays_open && spans.depth() == loaded.open.size())
        spans.close(loaded.open.size() - 1, time);
    loaded.open.pop_back();
}

// --- What stands before the events ------------------------------------------------------------

void RecordingLoader::metadata(TraceEventFields& event)
{
    const std::string& name = event.text(Key::name);
    if (name == "manyhands_lane")
        return lane(event);
    run_of(event);
    if (name == "manyhands_output")
        return output(event);
    if (name == "manyhands_channel")
        return channel(event);
    if (name == "manyhands_place")
        return place(event);
    if (name == "manyhands_recording") {
        const std::int64_t origin = event.integer(Key::origin_ns, 0, most_signed);
        const std::int64_t now = event.moment(Key::now_ns);
        event.check_all_used();
        recording_.origin_ns_ = origin;
        recording_.now_ns_ = now;
    } else if (name == "manyhands_lock") {
        check_next(event, recording_.locks_.size());
        LockName lock = {event.text(Key::label), event.text(Key::kind)};
        event.check_all_used();
        recording_.locks_.push_back(std::move(lock));
    } else if (name == "manyhands_value" || name == "manyhands_gate") {
        auto& names = name == "manyhands_value" ? recording_.values_ : recording_.gates_;
        check_next(event, names.size());
        const std::string& label = event.text(Key::label);
        event.check_all_used();
        names.push_back(label);
    } else if (name == "process_name" || name == "thread_name") {
        event.text(Key::label); // the lane's own, in a viewer's words
        event.check_all_used();
    } else if (name == "process_sort_index" || name == "thread_sort_index") {
        event.whole(Key::sort_index, most_32);
        event.check_all_used();
    } else {
        refuse(name, "part of a run");
    }
}

void RecordingLoader::lane(TraceEventFields& event)
{
    check_next(event, recording_.lanes_.size());
    const auto counter = [&](Key key) { return event.whole(key, most_64); };
    Lane lane;
    lane.name = event.text(Key::label);
    lane.pid = static_cast<int>(event.integer(Key::own_pid, -most_int - 1, most_int));
    lane.role = named<Role>(event.text(Key::role), 3, "role");
    lane.start_method
        = named<StartMethod>(event.text(Key::start_method), start_method_count, "way to start a process");
    lane.start_ns = event.moment(Key::start_ns);
    if (!event.is_null(Key::end_ns))
        lane.end_ns = event.moment(Key::end_ns);
    if (lane.end_ns < lane.start_ns)
        throw TraceDamage("a lane ends before it starts");
    if (!event.is_null(Key::exit))
        lane.exit = static_cast<int>(event.integer(Key::exit, -most_int - 1, most_int));
    lane.cpu_ns = event.integer(Key::cpu_ns, 0, most_signed);
    lane.run_delay_ns = event.integer(Key::run_delay_ns, 0, most_signed);
    lane.peak_rss_bytes = counter(Key::peak_rss_bytes);
    lane.tasks_done = counter(Key::tasks_done);
    lane.work_done = counter(Key::work_done);
    lane.events_recorded = counter(Key::events_recorded);
    lane.events_dropped = counter(Key::events_dropped);
    lane.text_dropped = counter(Key::text_dropped);
    lane.damaged = event.flag(Key::damaged);
    if (event.has(Key::exception))
        lane.exception = event.text(Key::exception);
    const std::uint64_t spans = event.whole(Key::spans, std::uint64_t{1} << 48);
    const std::int64_t pid = event.integer(Key::pid, 0, most_signed);
    const std::int64_t tid = event.integer(Key::tid, 0, most_signed);
    event.check_all_used();
    if (!lanes_by_tid_.emplace(tid, static_cast<std::uint32_t>(lanes_.size())).second)
        throw TraceDamage("two lanes have the same \"tid\"");
    recording_.lanes_.push_back(std::move(lane));
    lanes_.push_back({.pid = pid, .open = {}});
    spans_announced_ += spans;
}

void RecordingLoader::channel(TraceEventFields& event)
{
    check_next(event, recording_.channels_.size());
    Channel channel;
    channel.name = event.text(Key::label);
    channel.kind = event.text(Key::kind);
    channel.messages = event.whole(Key::messages, most_64);
    channel.bytes = event.whole(Key::bytes, most_64);
    channel.messages_received = event.whole(Key::messages_received, most_64);
    channel.bytes_received = event.whole(Key::bytes_received, most_64);
    channel.max_depth = event.whole(Key::max_depth, most_64);
    event.check_all_used();
    recording_.channels_.push_back(std::move(channel));
}

void RecordingLoader::place(TraceEventFields& event)
{
    // [0] is "unknown" in each recording.
    auto& places = recording_.places_;
    check_next(event, places.size());
    if (places.size() > std::numeric_limits<std::uint16_t>::max())
        throw TraceDamage("there are more places than a run has");
    Place place = {.file = event.text(Key::file),
        .line = static_cast<std::uint32_t>(event.whole(Key::line, most_32)),
        .function = event.text(Key::function)};
    event.check_all_used();
    places.push_back(std::move(place));
}

void RecordingLoader::output(TraceEventFields& event)
{
    const std::uint32_t lane = event.is_null(Key::lane)
        ? no_subject
        : event.index(Key::lane, recording_.lanes_.size(), "lanes");
    const std::string& text = event.text(Key::text);
    event.check_all_used();
    recording_.output_.push_back({lane, text});
}

// --- Tasks and phases
// -----------------------------------------------------------------------------

void RecordingLoader::begin_async(TraceEventFields& event)
{
    const bool is_task = event.text(Key::cat) == "task";
    if (!is_task && event.text(Key::cat) != "phase")
        refuse(event.text(Key::cat), "category");
    const std::uint32_t lane = is_task ? lane_of(event) : run_of(event);
    const std::int64_t begin = event.moment(Key::ts);
    event.text(Key::name);
    event.text(Key::id);
    // Ended by the event that comes next, where it is not open.
    const std::int64_t end = event.mark(Key::open) ? open_end : begin;
    if (is_task) {
        Task task;
        task.index = static_cast<std::uint32_t>(event.whole(Key::task, most_32));
        task.lane = lane;
        task.argument = event.whole(Key::argument, most_64);
        task.begin_ns = begin;
        task.end_ns = end;
        const std::string& outcome = event.text(Key::outcome);
        const auto known = std::find(outcomes.begin(), outcomes.end(), outcome);
        if (known == outcomes.end())
            refuse(outcome, "outcome of a task");
        task.outcome = static_cast<Task::Outcome>(known - outcomes.begin());
        event.check_all_used();
        recording_.tasks_.push_back(task);
        pending_ = Pending::task;
        return;
    }
    Phase phase;
    phase.kind = named<PhaseKind>(event.text(Key::kind), 3, "kind of phase");
    phase.number = static_cast<int>(event.integer(Key::number, 0, most_int));
    phase.begin_ns = begin;
    phase.end_ns = end;
    phase.work = event.whole(Key::work, most_64);
    event.check_all_used();
    recording_.phases_.push_back(phase);
    pending_ = Pending::phase;
}

void RecordingLoader::end_async(TraceEventFields& event)
{
    const bool is_task = pending_ == Pending::task;
    const std::int64_t begin
        = is_task ? recording_.tasks_.back().begin_ns : recording_.phases_.back().begin_ns;
    const std::uint32_t lane = is_task ? lane_of(event) : run_of(event);
    const std::int64_t time = event.moment(Key::ts);
    event.text(Key::name);
    event.text(Key::id);
    if (event.text(Key::cat) != (is_task ? "task" : "phase") || time < begin
        || (is_task && lane != recording_.tasks_.back().lane))
        throw TraceDamage("it does not end what stands before it");
    event.check_all_used();
    std::int64_t& end
        = is_task ? recording_.tasks_.back().end_ns : recording_.phases_.back().end_ns;
    if (end != open_end)
        end = time;
    pending_ = Pending::nothing;
}

// --- Points
// ---------------------------------------------------------------------------------------

Interval RecordingLoader::interval_in(TraceEventFields& event)
{
    const std::int64_t begin = event.moment(Key::ts);
    const std::int64_t length = event.moment(Key::dur_ns);
    return {begin, event.mark(Key::open) ? open_end : begin + length};
}

void RecordingLoader::instant(TraceEventFields& event)
{
    if (event.text(Key::s) != "t")
        refuse(event.text(Key::s), "scope of ours");
    const std::string& category = event.text(Key::cat);
    if (category == "message")
        return transfer(event, event.text(Key::name) == "received", false);
    if (category == "value")
        return change(event);
    if (category == "lock")
        return lock(event);
    if (category == "stop")
        return stop(event);
    run_of(event);
    event.text(Key::name);
    if (category == "pause") {
        const Interval pause = interval_in(event);
        event.check_all_used();
        auto& pauses = recording_.pauses_;
        if (!pauses.empty() && pause.begin_ns < pauses.back().end_ns)
            throw TraceDamage("two pauses overlap");
        pauses.push_back(pause);
    } else if (category == "exit") {
        // The lane itself says it, too; this is for a viewer.
        event.moment(Key::ts);
        if (event.has(Key::exit))
            event.integer(Key::exit, -most_int - 1, most_int);
        event.check_all_used();
    } else {
        refuse(category, "category");
    }
}

void RecordingLoader::stop(TraceEventFields& event)
{
    std::vector<Interval>& stops = recording_.lanes_[lane_of(event)].stops;
    const std::int64_t time = event.moment(Key::ts);
    const std::string& name = event.text(Key::name);
    event.check_all_used();
    const bool stopped = !stops.empty() && stops.back().end_ns == open_end;
    if (name == "stopped" && !stopped && (stops.empty() || stops.back().end_ns <= time))
        stops.push_back({time, open_end});
    else if (name == "continued" && stopped && stops.back().begin_ns <= time)
        stops.back().end_ns = time;
    else
        throw TraceDamage("it is no stop, or no end of one, that follows what stands before it");
}

void RecordingLoader::lock(TraceEventFields& event)
{
    const std::uint32_t lane = lane_of(event);
    const std::uint32_t lock = event.index(Key::lock, recording_.locks_.size(), "locks");
    const std::string& name = event.text(Key::name);
    if (name == "lock held") {
        const Interval held = interval_in(event);
        const LockHold hold = {.begin_ns = held.begin_ns,
            .end_ns = held.end_ns,
            .lock = lock,
            .lane = lane,
            .place = place_in(event),
            .abandoned = event.mark(Key::abandoned)};
        event.check_all_used();
        recording_.holds_.push_back(hold);
    } else if (name == "lock awaited") {
        const LockWait wait = {.time_ns = event.moment(Key::ts),
            .lock = lock,
            .lane = lane,
            .holder = event.index(Key::holder, recording_.lanes_.size(), "lanes")};
        event.check_all_used();
        recording_.waits_.push_back(wait);
    } else if (name == "lock recovered") {
        const LockRecovery recovery = {.time_ns = event.moment(Key::ts),
            .lock = lock,
            .lane = lane,
            .from = event.is_null(Key::from)
                ? no_subject
                : event.index(Key::from, recording_.lanes_.size(), "lanes"),
            .place = place_in(event)};
        event.check_all_used();
        recording_.recoveries_.push_back(recovery);
    } else {
        refuse(name, "event of a lock");
    }
}

void RecordingLoader::change(TraceEventFields& event)
{
    event.text(Key::name);
    const auto form = named<ValueForm>(event.text(Key::form), 3, "form of a value");
    std::uint64_t now = 0;
    if (event.has(Key::now_bits))
        now = event.whole(Key::now_bits, most_64);
    else if (form == ValueForm::real)
        now = std::bit_cast<std::uint64_t>(event.real(Key::now));
    else
        now = static_cast<std::uint64_t>(
            event.integer(Key::now, std::numeric_limits<std::int64_t>::min(), most_signed));
    const ValueChange change = {.time_ns = event.moment(Key::ts),
        .now = now,
        .value = event.index(Key::value, recording_.values_.size(), "values"),
        .lane = lane_of(event),
        .place = place_in(event),
        .form = form};
    event.check_all_used();
    recording_.changes_.push_back(change);
}

void RecordingLoader::transfer(TraceEventFields& event, bool received, bool arrow)
{
    const bool summarised = event.has(Key::messages);
    const std::int64_t drawn = event.moment(Key::ts);
    const std::string& name = event.text(Key::name);
    if (arrow) {
        event.text(Key::id); // says what channel and message say
        if (name != "message" || event.text(Key::cat) != "message" || summarised
            || (received && event.text(Key::bp) != "e"))
            throw TraceDamage("it is no end of a message");
    } else if (name != (received ? "received" : "sent")) {
        refuse(name, "end of a message");
    }
    const Transfer transfer
        = {.time_ns = event.has(Key::time_ns) ? event.moment(Key::time_ns) : drawn,
            .bytes = event.whole(Key::bytes, most_64),
            .channel = event.index(Key::channel, recording_.channels_.size(), "channels"),
            .message = static_cast<std::uint32_t>(
                event.whole(summarised ? Key::messages : Key::message, most_32)),
            .lane = lane_of(event),
            .received = received,
            .summarised = summarised};
    event.check_all_used();
    recording_.transfers_.push_back(transfer);
}

void RecordingLoader::counter(TraceEventFields& event)
{
    const std::int64_t time = event.moment(Key::ts);
    const std::string& category = event.text(Key::cat);
    const std::string& name = event.text(Key::name);
    if (category == "memory")
        return memory(event, time, name);
    run_of(event);
    if (category == "work" && name == "work") {
        const std::uint64_t work = event.whole(Key::done, most_64);
        event.check_all_used();
        recording_.work_samples_.push_back({time, work});
        return;
    }
    const auto channel = number_behind('C', name);
    if (category != "depth" || !channel || *channel >= recording_.channels_.size())
        refuse(name, "counter");
    const auto depth = static_cast<std::uint32_t>(event.whole(Key::messages, most_32));
    event.check_all_used();
    recording_.depths_.push_back({time, *channel, depth});
}

void RecordingLoader::memory(TraceEventFields& event, std::int64_t time, const std::string& name)
{
    const std::uint32_t lane = lane_of(event);
    const std::uint64_t bytes = event.whole(Key::bytes, most_64);
    event.check_all_used();
    auto& samples = recording_.memory_;
    if (name == "memory rss") {
        samples.push_back({.time_ns = time, .rss_bytes = bytes, .pss_bytes = 0, .lane = lane});
        return;
    }
    if (name != "memory pss")
        refuse(name, "counter");
    if (samples.empty() || samples.back().lane != lane || samples.back().time_ns != time
        || samples.back().pss_bytes != 0)
        throw TraceDamage("it does not follow the \"memory rss\" of its moment");
    samples.back().pss_bytes = bytes;
}

Recording RecordingLoader::take() &&
{
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = recording_.lanes_[i];
        const std::vector<OpenSpan>& open = lanes_[i].open;
        const auto ends = std::find_if(
            open.begin(), open.end(), [](const OpenSpan& span) { return !span.stays_open; });
        if (ends != open.end())
            lane.spans.close(static_cast<std::size_t>(ends - open.begin()), lanes_[i].last_ns);
        if (lane.ended())
            recording_.now_ns_ = std::max(recording_.now_ns_, lane.end_ns);
        recording_.now_ns_ = std::max(recording_.now_ns_, lanes_[i].last_ns);
    }
    if (pending_ == Pending::task)
        recording_.tasks_.pop_back();
    if (pending_ == Pending::phase)
        recording_.phases_.pop_back();
    recording_.revision_ = 1;
    return std::move(recording_);
}

} // namespace manyhands
