// SPDX-License-Identifier: MIT
// The format: "Trace Event Format" (Duffy, Google, 2016) and what Perfetto's importer
// (json_trace_parser_impl.cc) makes of it.
#include "engine/recording/trace_file.hpp"

// Makes zlib's input pointer one to const.
#define ZLIB_CONST
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace manyhands {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

/// JSON text, whatever bytes a hostile process put into the strings of `json`.
std::string written(const nlohmann::json& json)
{
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_string(std::string_view text)
{
    return written(std::string(text));
}

template <class Number>
std::string digits(Number number, int base = 10)
{
    std::array<char, 72> buffer;
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number, base);
    return {buffer.data(), end.ptr};
}

/// Microseconds with three decimals, made of whole numbers: the same moment has the same digits
/// everywhere, or importers misnest neighbours.
std::string microseconds(std::int64_t ns)
{
    const bool before = ns < 0;
    const std::uint64_t size
        = before ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
    const std::string decimals = digits(size % 1000);
    return (before ? "-" : "") + digits(size / 1000) + '.' + std::string(3 - decimals.size(), '0')
        + decimals;
}

/// The members of an event's "args", in the order given.
class Arguments
{
public:
    template <class Number>
    Arguments& number(std::string_view key, Number value)
    {
        return raw(key, digits(value));
    }
    Arguments& text(std::string_view key, std::string_view value)
    {
        return raw(key, json_string(value));
    }
    Arguments& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    Arguments& null(std::string_view key) { return raw(key, "null"); }
    Arguments& raw(std::string_view key, std::string_view json)
    {
        members_.append(members_.empty() ? "\"" : ",\"").append(key).append("\":").append(json);
        return *this;
    }
    std::string object() const { return '{' + members_ + '}'; }

private:
    std::string members_;
};

/// The process and thread that a viewer draws a lane as.
struct Track
{
    std::int64_t pid;
    std::int64_t tid;
    bool first_of_process; ///< the lane that names the process
};

/// Lanes' tracks: tid is the process's pid, and another number where a pid was used before, since
/// a viewer takes one tid for one lane.
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

/// The outermost-to-innermost spans of a lane around moments that come in order.
class SpanCursor
{
public:
    /// When to draw an event of the moment `time` so that it lies within the innermost span around
    /// it, which may end just then; nothing where no span contains it.
    std::optional<std::int64_t> within(const std::vector<Span>& spans, std::int64_t time)
    {
        for (; next_ < spans.size() && spans[next_].begin_ns < time; ++next_) {
            while (open_.size() > spans[next_].depth)
                open_.pop_back();
            open_.push_back(next_);
        }
        while (!open_.empty() && spans[open_.back()].end_ns < time)
            open_.pop_back();
        const bool at_a_begin = next_ < spans.size() && spans[next_].begin_ns == time;
        if (open_.empty()) {
            if (at_a_begin && spans[next_].end_ns > time)
                return time;
            return std::nullopt;
        }
        // What ends or begins at this very moment would catch the event, by the order in the file.
        const bool at_an_end = spans[open_.back()].end_ns == time;
        return at_an_end || at_a_begin ? time - 1 : time;
    }

private:
    std::vector<std::size_t> open_;
    std::size_t next_ = 0;
};

/// What a state's subject is.
std::string_view subject_key(State state)
{
    switch (state) {
    case State::computing:
        return "task";
    case State::sending:
    case State::receiving:
    case State::waiting_data:
    case State::waiting_space:
        return "channel";
    default:
        return "subject";
    }
}

std::string_view name_of(Task::Outcome outcome)
{
    switch (outcome) {
    case Task::Outcome::running:
        return "running";
    case Task::Outcome::done:
        return "done";
    case Task::Outcome::failed:
        return "failed";
    case Task::Outcome::lost:
        return "lost";
    }
    return "unknown";
}

/// Writes one file.
class TraceWriter
{
public:
    TraceWriter(const Recording& recording, const TraceSink& sink)
        : recording_(recording)
        , sink_(sink)
        , tracks_(tracks_of(recording.lanes()))
    {
        for (const Place& place : recording.places())
            places_.push_back(json_string(place.file + ':' + digits(place.line)));
    }

    void write(const nlohmann::json& head, const nlohmann::json& results)
    {
        put("{\"displayTimeUnit\":\"ms\",\"otherData\":{\"manyhands\":");
        put(written(head));
        put("},\"traceEvents\":[");
        metadata();
        phases();
        for (std::size_t lane = 0; lane < tracks_.size(); ++lane) {
            spans(lane);
            stops_and_end(lane);
        }
        tasks();
        transfers();
        counters();
        output();
        put("\n],\"manyhandsResults\":");
        put(written(results));
        put("}\n");
        flush();
    }

private:
    void put(std::string_view text)
    {
        buffer_ += text;
        if (buffer_.size() >= piece_bytes)
            flush();
    }

    void flush()
    {
        if (!buffer_.empty())
            sink_(buffer_);
        buffer_.clear();
    }

    /// Begins an event, on a line of its own so that a cut file can be read line by line.
    /// `lane` may be no_subject: the lesson's main process stands for the run.
    std::string event(char phase, std::string_view name, std::string_view category,
        std::uint32_t lane, std::optional<std::int64_t> time)
    {
        std::string text = std::exchange(first_event_, false) ? "\n{" : ",\n{";
        text.append("\"ph\":\"").append(1, phase).append("\",\"name\":").append(json_string(name));
        if (!category.empty())
            text.append(",\"cat\":\"").append(category).append("\"");
        if (time)
            text.append(",\"ts\":").append(microseconds(*time));
        const Track main = tracks_.empty() ? Track{0, 0, true} : tracks_.front();
        const Track track = lane < tracks_.size() ? tracks_[lane] : main;
        text.append(",\"pid\":").append(digits(track.pid));
        text.append(",\"tid\":").append(digits(track.tid));
        return text;
    }

    void end(std::string text, const Arguments& arguments)
    {
        put(text.append(",\"args\":").append(arguments.object()).append("}"));
    }

    void instant(std::string_view name, std::string_view category, std::uint32_t lane,
        std::int64_t time, Arguments arguments)
    {
        // "t": on the lane. The exact time is there, too: a double loses nanoseconds after months.
        end(event('i', name, category, lane, time) + ",\"s\":\"t\"",
            arguments.number("time_ns", time));
    }

    std::int64_t known_end(std::int64_t begin, std::int64_t end) const
    {
        return std::max(begin, end == open_end ? recording_.now_ns() : end);
    }

    // --- Lanes ------------------------------------------------------------------------------

    void metadata()
    {
        const auto& lanes = recording_.lanes();
        for (std::uint32_t i = 0; i < lanes.size(); ++i) {
            // Perfetto keeps our order only where names sort so: "P0 main".
            const std::string name = 'P' + digits(i) + ' ' + lanes[i].name;
            if (tracks_[i].first_of_process) {
                end(event('M', "process_name", "", i, {}), Arguments().text("name", name));
                end(event('M', "process_sort_index", "", i, {}),
                    Arguments().number("sort_index", i));
            }
            end(event('M', "thread_name", "", i, {}), Arguments().text("name", name));
            end(event('M', "thread_sort_index", "", i, {}), Arguments().number("sort_index", i));
            lane_metadata(i, lanes[i]);
        }
        for (std::uint32_t i = 0; i < recording_.channels().size(); ++i) {
            const Channel& channel = recording_.channels()[i];
            Arguments arguments;
            arguments.number("index", i).text("name", channel.name).text("kind", channel.kind);
            arguments.number("messages", channel.messages).number("bytes", channel.bytes);
            arguments.number("messages_received", channel.messages_received);
            arguments.number("bytes_received", channel.bytes_received);
            arguments.number("max_depth", channel.max_depth);
            end(event('M', "manyhands_channel", "", no_subject, {}), arguments);
        }
        for (std::uint32_t i = 0; i < recording_.places().size(); ++i) {
            const Place& place = recording_.places()[i];
            Arguments arguments;
            arguments.number("index", i).text("file", place.file).number("line", place.line);
            arguments.text("function", place.function);
            end(event('M', "manyhands_place", "", no_subject, {}), arguments);
        }
    }

    void lane_metadata(std::uint32_t index, const Lane& lane)
    {
        Arguments arguments;
        arguments.number("index", index).text("name", lane.name).number("pid", lane.pid);
        arguments.text("role", manyhands::name_of(lane.role));
        arguments.text("start_method", manyhands::name_of(lane.start_method));
        arguments.number("start_ns", lane.start_ns);
        lane.ended() ? arguments.number("end_ns", lane.end_ns) : arguments.null("end_ns");
        lane.exit ? arguments.number("exit", *lane.exit) : arguments.null("exit");
        arguments.number("cpu_ns", lane.cpu_ns).number("run_delay_ns", lane.run_delay_ns);
        arguments.number("peak_rss_bytes", lane.peak_rss_bytes);
        arguments.number("tasks_done", lane.tasks_done).number("work_done", lane.work_done);
        arguments.number("events_recorded", lane.events_recorded);
        arguments.number("events_dropped", lane.events_dropped);
        arguments.number("text_dropped", lane.text_dropped).flag("damaged", lane.damaged);
        end(event('M', "manyhands_lane", "", index, {}), arguments);
    }

    void spans(std::size_t lane_index)
    {
        const auto lane = static_cast<std::uint32_t>(lane_index);
        std::vector<const Span*> open;
        const auto close_down_to = [&](std::size_t depth) {
            for (; open.size() > depth; open.pop_back()) {
                const Span& span = *open.back();
                put(event('E', manyhands::name_of(span.state), "state", lane,
                        known_end(span.begin_ns, span.end_ns))
                    + '}');
            }
        };
        for (const Span& span : recording_.lanes()[lane].spans) {
            close_down_to(span.depth);
            Arguments arguments;
            arguments.number("start_ns", span.begin_ns);
            arguments.number("dur_ns", known_end(span.begin_ns, span.end_ns) - span.begin_ns);
            if (span.end_ns == open_end)
                arguments.flag("open", true);
            if (span.subject != no_subject)
                arguments.number(subject_key(span.state), span.subject);
            if (span.place != 0 && span.place < places_.size())
                arguments.raw("place", places_[span.place]);
            end(event('B', manyhands::name_of(span.state), "state", lane, span.begin_ns),
                arguments);
            open.push_back(&span);
        }
        close_down_to(0);
    }

    void stops_and_end(std::size_t lane_index)
    {
        const auto index = static_cast<std::uint32_t>(lane_index);
        const Lane& lane = recording_.lanes()[index];
        for (const Interval& stop : lane.stops) {
            instant("stopped", "stop", index, stop.begin_ns, {});
            if (stop.end_ns != open_end)
                instant("continued", "stop", index, stop.end_ns, {});
        }
        if (!lane.ended())
            return;
        if (!lane.exit)
            instant("ended", "exit", index, lane.end_ns, {});
        else if (*lane.exit < 0)
            instant("signal " + digits(-std::int64_t{*lane.exit}), "exit", index, lane.end_ns,
                Arguments().number("exit", *lane.exit));
        else
            instant("exit " + digits(*lane.exit), "exit", index, lane.end_ns,
                Arguments().number("exit", *lane.exit));
    }

    // --- What goes across lanes -------------------------------------------------------------

    /// Intervals that may overlap others of their lane.
    void asynchronous(std::string_view name, std::string_view category, std::size_t id,
        std::uint32_t lane, Interval interval, Arguments arguments)
    {
        const std::int64_t last = known_end(interval.begin_ns, interval.end_ns);
        arguments.number("start_ns", interval.begin_ns);
        arguments.number("dur_ns", last - interval.begin_ns);
        if (interval.end_ns == open_end)
            arguments.flag("open", true);
        const std::string identity = ",\"id\":\"0x" + digits(id, 16) + '"';
        end(event('b', name, category, lane, interval.begin_ns) + identity, arguments);
        put(event('e', name, category, lane, last) + identity + '}');
    }

    void phases()
    {
        for (std::size_t i = 0; i < recording_.phases().size(); ++i) {
            const Phase& phase = recording_.phases()[i];
            const std::string_view kind = manyhands::name_of(phase.kind);
            asynchronous(std::string(kind) + ' ' + digits(phase.number), "phase", i, no_subject,
                {phase.begin_ns, phase.end_ns},
                Arguments()
                    .text("kind", kind)
                    .number("number", phase.number)
                    .number("work", phase.work));
        }
    }

    void tasks()
    {
        for (std::size_t i = 0; i < recording_.tasks().size(); ++i) {
            const Task& task = recording_.tasks()[i];
            asynchronous("task " + digits(task.index), "task", i, task.lane,
                {task.begin_ns, task.end_ns},
                Arguments()
                    .number("task", task.index)
                    .number("argument", task.argument)
                    .text("outcome", name_of(task.outcome)));
        }
    }

    void transfers()
    {
        std::vector<SpanCursor> cursors(recording_.lanes().size());
        for (const Transfer& transfer : recording_.transfers()) {
            Arguments arguments;
            arguments.number("channel", transfer.channel);
            arguments.number(transfer.summarised ? "messages" : "message", transfer.message);
            arguments.number("bytes", transfer.bytes);
            std::optional<std::int64_t> drawn;
            if (!transfer.summarised && transfer.lane < cursors.size()) {
                drawn = cursors[transfer.lane].within(
                    recording_.lanes()[transfer.lane].spans, transfer.time_ns);
            }
            if (!drawn) {
                // An arrow needs a message of its own and a span at its end; else a point.
                instant(transfer.received ? "received" : "sent", "message", transfer.lane,
                    transfer.time_ns, arguments);
                continue;
            }
            arguments.number("time_ns", transfer.time_ns);
            // Perfetto reads an id as a hexadecimal number, and draws no arrow where it is none.
            const std::uint64_t id = std::uint64_t{transfer.channel} << 32 | transfer.message;
            std::string text
                = event(transfer.received ? 'f' : 's', "message", "message", transfer.lane, drawn);
            text.append(",\"id\":\"0x").append(digits(id, 16)).append("\"");
            if (transfer.received)
                text.append(",\"bp\":\"e\"");
            end(std::move(text), arguments);
        }
    }

    void counters()
    {
        std::vector<std::string> names; // with the index, since a name names one track
        for (std::uint32_t i = 0; i < recording_.channels().size(); ++i) {
            const Channel& channel = recording_.channels()[i];
            names.push_back('C' + digits(i) + ' ' + channel.kind + ' ' + channel.name);
        }
        for (const DepthSample& sample : recording_.depths()) {
            end(event('C', names[sample.channel], "depth", no_subject, sample.time_ns),
                Arguments().number("messages", sample.depth));
        }
        for (const WorkSample& sample : recording_.work_samples()) {
            end(event('C', "work", "work", no_subject, sample.time_ns),
                Arguments().number("done", sample.work));
        }
    }

    void output()
    {
        for (const OutputLine& line : recording_.output()) {
            Arguments arguments;
            line.lane == no_subject ? arguments.null("lane") : arguments.number("lane", line.lane);
            end(event('M', "manyhands_output", "", line.lane, {}),
                arguments.text("text", line.text));
        }
    }

    const Recording& recording_;
    const TraceSink& sink_;
    std::vector<Track> tracks_;
    std::vector<std::string> places_; ///< quoted: "file:line"
    std::string buffer_;
    bool first_event_ = true;
};

} // namespace

void write_trace(const Recording& recording, const nlohmann::json& head,
    const nlohmann::json& results, const TraceSink& sink)
{
    TraceWriter(recording, sink).write(head, results);
}

// --- gzip ---------------------------------------------------------------------------------------

struct GzipSink::State
{
    explicit State(TraceSink sink)
        : next(std::move(sink))
    {
        constexpr int gzip_of_largest_window = 15 + 16;
        constexpr int default_memory_level = 8;
        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_of_largest_window,
                default_memory_level, Z_DEFAULT_STRATEGY)
            != Z_OK)
            throw std::bad_alloc();
    }
    ~State() { deflateEnd(&stream); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// Compresses all input there is and passes on what comes out.
    void deflate_all(int flush)
    {
        do {
            stream.next_out = out.data();
            stream.avail_out = static_cast<uInt>(out.size());
            deflate(&stream, flush); // fails only where the stream is misused
            const std::size_t bytes = out.size() - stream.avail_out;
            if (bytes > 0)
                next({reinterpret_cast<const char*>(out.data()), bytes});
        } while (stream.avail_out == 0);
    }

    TraceSink next;
    z_stream stream = {};
    std::vector<Bytef> out = std::vector<Bytef>(piece_bytes);
};

GzipSink::GzipSink(TraceSink next)
    : state_(std::make_unique<State>(std::move(next)))
{
}

GzipSink::~GzipSink() = default;

void GzipSink::operator()(std::string_view piece)
{
    while (!piece.empty()) {
        const std::string_view part = piece.substr(0, std::numeric_limits<uInt>::max());
        state_->stream.next_in = reinterpret_cast<const Bytef*>(part.data());
        state_->stream.avail_in = static_cast<uInt>(part.size());
        state_->deflate_all(Z_NO_FLUSH);
        piece.remove_prefix(part.size());
    }
}

void GzipSink::finish()
{
    state_->deflate_all(Z_FINISH);
}

} // namespace manyhands
