// SPDX-License-Identifier: MIT
#include "engine/recording/foreign_loader.hpp"

#include "engine/recording/trace_stream.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace manyhands {
namespace {

constexpr std::size_t most_depth = 256; // what Span::depth can hold
constexpr std::uint64_t most_parts = 20'000'000;
constexpr std::size_t most_threads = 4096; // a lane each
constexpr std::size_t most_name_bytes = 300;
constexpr std::size_t most_text_bytes = std::size_t{256} << 20;
/// The charts' time ends at 25 days.
constexpr std::int64_t most_distance_ns = std::int64_t{10} * 86'400 * 1'000'000'000;
/// Both ends of a span are rounded to nanoseconds, so that it may seem to end behind the one
/// around it.
constexpr std::int64_t rounding_ns = 1;

struct Words
{
    std::string_view one;
    std::string_view several;
};
constexpr std::array<Words, left_out_count> words_of = {{{"counter", "counters"},
    {"async event", "async events"}, {"flow event", "flow events"},
    {"instant event", "instant events"}, {"sample", "samples"}, {"object event", "object events"},
    {"memory dump", "memory dumps"}, {"event of an unknown kind", "events of unknown kinds"},
    {"entry that is no event", "entries that are no events"},
    {"event without a time", "events without a time"},
    {"event without a process", "events without a process"},
    {"span without a duration", "spans without a duration"},
    {"span with a negative duration", "spans with a negative duration"},
    {"end without a begin", "ends without a begin"},
    {"span that overlaps another of its thread", "spans that overlap others of their threads"},
    {"span within more than 256 others", "spans within more than 256 others"},
    {"span more than ten days from the others", "spans more than ten days from the others"},
    {"event of a thread beyond 4096", "events of threads beyond 4096"}}};

/// The text, or as much of it as a person reads.
std::string shortened(std::string_view text)
{
    if (text.size() <= most_name_bytes)
        return std::string(text);
    std::size_t end = most_name_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end; // not within a character
    return std::string(text.substr(0, end)) + "…";
}

/// "fib (/home/me/fib.py:12)" in its parts, as VizTracer names functions; nothing where it is not
/// that.
std::optional<Place> place_in(std::string_view name)
{
    const auto open = name.rfind(" (");
    if (!name.ends_with(')') || open == std::string_view::npos || open == 0)
        return std::nullopt;
    const std::string_view inside = name.substr(open + 2, name.size() - open - 3);
    const auto colon = inside.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    Place place;
    const char* const end = inside.data() + inside.size();
    const auto [read_to, error] = std::from_chars(inside.data() + colon + 1, end, place.line);
    if (error != std::errc() || read_to != end)
        return std::nullopt;
    place.file = inside.substr(0, colon);
    place.function = name.substr(0, open);
    return place;
}

int pid_from(const std::string& id)
{
    int pid = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), pid);
    return error == std::errc() && end == id.data() + id.size() && pid > 0 ? pid : 0;
}

/// What an event is that has a kind which we do not draw.
LeftOut left_out_of(char phase)
{
    switch (phase) {
    case 'C':
        return LeftOut::counter;
    case 'b':
    case 'n':
    case 'e':
    case 'S': // the same four of older versions of the format
    case 'T':
    case 'p':
    case 'F':
        return LeftOut::async_event;
    case 's':
    case 't':
    case 'f':
        return LeftOut::flow;
    case 'i':
    case 'I':
    case 'R':
        return LeftOut::instant;
    case 'P':
        return LeftOut::sample;
    case 'N':
    case 'O':
    case 'D':
        return LeftOut::object_event;
    case 'v':
    case 'V':
        return LeftOut::memory_dump;
    default:
        return LeftOut::other_kind;
    }
}

} // namespace

void ForeignEvent::clear()
{
    phase.clear();
    name.clear();
    category.clear();
    time_ns.reset();
    length_ns.reset();
    pid.reset();
    tid.reset();
    label.reset();
    sort_index.reset();
}

// --- What the file says
// ---------------------------------------------------------------------------

void ForeignLoader::apply_no_event()
{
    ++entries_;
    leave_out(LeftOut::no_event);
}

void ForeignLoader::apply(const ForeignEvent& event)
{
    if (event.phase.empty())
        return apply_no_event();
    ++entries_;
    is_trace_ = true;
    if (event.phase.size() != 1)
        return leave_out(LeftOut::other_kind);
    switch (event.phase[0]) {
    case 'B':
        return add_part(event, Kind::begin);
    case 'E':
        return add_part(event, Kind::end);
    case 'X':
        return add_part(event, Kind::complete);
    case 'M':
        return metadata(event);
    default:
        return leave_out(left_out_of(event.phase[0]));
    }
}

void ForeignLoader::count_text(std::size_t bytes)
{
    text_bytes_ += bytes;
    if (text_bytes_ > most_text_bytes)
        throw TraceDamage("there are more names than we can show");
}

std::size_t ForeignLoader::process_of(const std::string& pid)
{
    const auto [at, is_new] = process_indices_.try_emplace(pid, processes_.size());
    if (is_new) {
        count_text(pid.size() + sizeof(Process));
        processes_.push_back({.id = pid, .named = {}, .threads = {}});
    }
    return at->second;
}

/// Names are told by events of their own, which may come before or behind all others.
void ForeignLoader::metadata(const ForeignEvent& event)
{
    if (!event.pid)
        return leave_out(LeftOut::no_process);
    const bool of_thread = event.name.starts_with("thread_");
    if (!of_thread && !event.name.starts_with("process_"))
        return; // of the trace as a whole
    Process& process = processes_[process_of(*event.pid)];
    Named* named = &process.named;
    if (of_thread) {
        const std::string& tid = event.tid ? *event.tid : *event.pid;
        const auto [at, is_new] = process.threads.try_emplace(tid);
        if (is_new)
            count_text(tid.size() + sizeof(Named));
        named = &at->second;
    }
    if (event.label && event.name.ends_with("_name")) {
        named->name = shortened(*event.label);
        count_text(named->name.size());
    }
    if (event.sort_index && event.name.ends_with("_sort_index"))
        named->sort_index = *event.sort_index;
}

ForeignLoader::Thread* ForeignLoader::thread_of(const ForeignEvent& event)
{
    const std::string& tid = event.tid ? *event.tid : *event.pid;
    if (last_thread_ < threads_.size() && threads_[last_thread_].id == tid
        && processes_[threads_[last_thread_].process].id == *event.pid)
        return &threads_[last_thread_];
    const std::pair<std::string, std::string> key(*event.pid, tid);
    const auto known = thread_indices_.find(key);
    if (known != thread_indices_.end()) {
        last_thread_ = known->second;
        return &threads_[last_thread_];
    }
    if (threads_.size() == most_threads)
        return nullptr;
    last_thread_ = threads_.size();
    thread_indices_.emplace(key, last_thread_);
    threads_.push_back({.process = process_of(*event.pid), .id = tid, .parts = {}});
    return &threads_.back();
}

std::pair<std::uint32_t, std::uint16_t> ForeignLoader::name_of(const ForeignEvent& event)
{
    const std::string key = event.name + '\0' + event.category;
    std::optional<Place> place = place_in(event.name);
    std::uint16_t place_index = 0;
    if (place) {
        const auto known = place_indices_.find(event.name);
        if (known != place_indices_.end()) {
            place_index = known->second;
        } else if (recording_.places_.size() <= std::numeric_limits<std::uint16_t>::max()) {
            place_index = static_cast<std::uint16_t>(recording_.places_.size());
            place_indices_.emplace(event.name, place_index);
            count_text(2 * event.name.size());
            recording_.places_.push_back(*place);
        }
    }
    const auto [at, is_new]
        = name_indices_.try_emplace(key, static_cast<std::uint32_t>(recording_.names_.size()));
    if (is_new) {
        count_text(2 * key.size() + sizeof(SpanName));
        recording_.names_.push_back({shortened(place_index != 0 ? place->function : event.name),
            shortened(event.category)});
    }
    return {at->second, place_index};
}

void ForeignLoader::add_part(const ForeignEvent& event, Kind kind)
{
    if (!event.time_ns)
        return leave_out(LeftOut::no_time);
    if (!event.pid)
        return leave_out(LeftOut::no_process);
    if (kind == Kind::complete && !event.length_ns)
        return leave_out(LeftOut::no_duration);
    if (kind == Kind::complete && *event.length_ns < 0)
        return leave_out(LeftOut::negative_duration);
    if (++parts_ > most_parts)
        throw TraceDamage("there are more spans than we can show");
    Thread* const thread = thread_of(event);
    if (thread == nullptr)
        return leave_out(LeftOut::too_many_threads);
    Part part = {.time_ns = *event.time_ns, .length_ns = 0, .name = 0, .place = 0, .kind = kind};
    if (kind != Kind::end)
        std::tie(part.name, part.place) = name_of(event);
    if (kind == Kind::complete)
        part.length_ns = *event.length_ns;
    thread->parts.push_back(part);
}

// --- What is made of it
// ---------------------------------------------------------------------------

// One wrong time would leave all others no room on the axis: those near the middle one are kept.
void ForeignLoader::drop_far_parts()
{
    std::vector<std::int64_t> times;
    times.reserve(parts_);
    for (const Thread& thread : threads_) {
        for (const Part& part : thread.parts)
            times.push_back(part.time_ns);
    }
    if (times.empty())
        return;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    const auto is_far = [this, middle = *middle](const Part& part) {
        // Both are within what a time may be, so that the difference is, too.
        const bool far = part.time_ns < middle - most_distance_ns
            || part.time_ns > middle + most_distance_ns
            || part.length_ns > middle + most_distance_ns - part.time_ns;
        if (far)
            leave_out(LeftOut::too_far);
        return far;
    };
    for (Thread& thread : threads_)
        std::erase_if(thread.parts, is_far);
}

/// The spans of a thread, the earlier first, an outer one before those within it.
std::vector<ForeignLoader::Stay> ForeignLoader::stays_of(const Thread& thread)
{
    std::vector<Part> parts = thread.parts;
    // Of the same moment, the file's order counts.
    std::stable_sort(parts.begin(), parts.end(),
        [](const Part& a, const Part& b) { return a.time_ns < b.time_ns; });
    std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();
    for (const Part& part : parts)
        last_ns = std::max(last_ns, part.time_ns + part.length_ns);
    std::vector<Stay> stays;
    stays.reserve(parts.size());
    std::vector<std::size_t> open;
    for (const Part& part : parts) {
        if (part.kind != Kind::end) {
            if (part.kind == Kind::begin)
                open.push_back(stays.size());
            stays.push_back({part.time_ns, part.time_ns + part.length_ns, part.name, part.place});
        } else if (open.empty()) {
            leave_out(LeftOut::end_alone);
        } else {
            stays[open.back()].end_ns = part.time_ns;
            open.pop_back();
        }
    }
    for (const std::size_t index : open)
        stays[index].end_ns = last_ns;
    without_end_ += open.size();
    std::stable_sort(stays.begin(), stays.end(), [](const Stay& a, const Stay& b) {
        return a.begin_ns != b.begin_ns ? a.begin_ns < b.begin_ns : a.end_ns > b.end_ns;
    });
    return stays;
}

void ForeignLoader::add_lane(const Thread& thread, std::string name, std::int64_t origin_ns)
{
    Lane lane;
    lane.name = std::move(name);
    lane.pid = pid_from(processes_[thread.process].id);
    std::vector<std::int64_t> open; ///< ends, outermost first
    const auto close_innermost = [&] {
        lane.spans.close(open.size() - 1, open.back());
        open.pop_back();
    };
    std::int64_t last_ns = 0;
    for (const Stay& stay : stays_of(thread)) {
        const std::int64_t begin = stay.begin_ns - origin_ns;
        std::int64_t end = stay.end_ns - origin_ns;
        while (!open.empty() && open.back() <= begin)
            close_innermost();
        if (!open.empty() && end > open.back()) {
            if (end - open.back() > rounding_ns) {
                leave_out(LeftOut::overlap);
                continue;
            }
            end = open.back();
        }
        if (open.size() == most_depth) {
            leave_out(LeftOut::too_deep);
            continue;
        }
        if (lane.spans.empty())
            lane.start_ns = begin;
        lane.spans.open(begin, State::foreign, stay.name, stay.place);
        open.push_back(end);
        last_ns = std::max(last_ns, end);
        ++lane.events_recorded;
    }
    while (!open.empty())
        close_innermost();
    if (lane.spans.empty())
        return;
    lane.end_ns = last_ns;
    recording_.now_ns_ = std::max(recording_.now_ns_, last_ns);
    recording_.lanes_.push_back(std::move(lane));
}

/// Threads of a process stand together; what the file sorts by hand, it sorts so.
std::vector<std::size_t> ForeignLoader::order_of_threads() const
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < threads_.size(); ++i)
        order.push_back(i);
    const auto sort_index = [this](const Thread& thread) {
        const auto& named = processes_[thread.process].threads;
        const auto known = named.find(thread.id);
        return known == named.end() ? 0 : known->second.sort_index;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const Thread& one = threads_[a];
        const Thread& other = threads_[b];
        return std::tuple(processes_[one.process].named.sort_index, one.process, sort_index(one))
            < std::tuple(
                processes_[other.process].named.sort_index, other.process, sort_index(other));
    });
    return order;
}

std::string ForeignLoader::name_of(const Thread& thread, std::size_t threads_of_process) const
{
    const Process& process = processes_[thread.process];
    const auto known = process.threads.find(thread.id);
    const std::string thread_name = known == process.threads.end() ? "" : known->second.name;
    if (threads_of_process == 1 && !process.named.name.empty())
        return process.named.name;
    if (threads_of_process == 1 && !thread_name.empty())
        return thread_name;
    const std::string of_process
        = process.named.name.empty() ? "process " + shortened(process.id) : process.named.name;
    if (threads_of_process == 1)
        return of_process;
    return of_process + " / "
        + (thread_name.empty() ? "thread " + shortened(thread.id) : thread_name);
}

std::string ForeignLoader::left_out() const
{
    std::string text;
    for (std::size_t i = 0; i < left_out_.size(); ++i) {
        if (left_out_[i] == 0)
            continue;
        text += (text.empty() ? "" : ", ") + std::to_string(left_out_[i]) + ' '
            + std::string(left_out_[i] == 1 ? words_of[i].one : words_of[i].several);
    }
    return text;
}

Recording ForeignLoader::take() &&
{
    drop_far_parts();
    std::int64_t origin_ns = std::numeric_limits<std::int64_t>::max();
    std::vector<std::size_t> threads_of_process(processes_.size(), 0);
    for (const Thread& thread : threads_) {
        const auto begins = [](const Part& part) { return part.kind != Kind::end; };
        if (std::any_of(thread.parts.begin(), thread.parts.end(), begins))
            ++threads_of_process[thread.process];
        for (const Part& part : thread.parts) {
            if (begins(part))
                origin_ns = std::min(origin_ns, part.time_ns);
        }
    }
    for (const std::size_t index : order_of_threads()) {
        Thread& thread = threads_[index];
        add_lane(thread, name_of(thread, threads_of_process[thread.process]), origin_ns);
        thread.parts = {};
    }
    recording_.revision_ = 1;
    return std::move(recording_);
}

} // namespace manyhands
