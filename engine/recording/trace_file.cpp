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
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
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

void append_digits(std::string& text, std::integral auto number, int base = 10)
{
    std::array<char, 72> buffer;
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number, base);
    text.append(buffer.data(), end.ptr);
}

/// The fewest digits that tell `number` from its neighbours.
void append_digits(std::string& text, double number)
{
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number);
    text.append(buffer.data(), end.ptr);
}

template <class Number>
std::string digits(Number number)
{
    std::string text;
    append_digits(text, number);
    return text;
}

/// Microseconds with three decimals, made of whole numbers: the same moment has the same digits
/// everywhere, or importers misnest neighbours.
void append_microseconds(std::string& text, std::int64_t ns)
{
    append_digits(text, ns / 1000);
    const std::int64_t decimals = ns % 1000;
    text += decimals < 10 ? ".00" : decimals < 100 ? ".0" : ".";
    append_digits(text, decimals);
}

/// Writes the members of an event's "args", in the order given.
class Arguments
{
public:
    explicit Arguments(std::string& text)
        : text_(text)
    {
    }

    template <class Number>
    Arguments& number(std::string_view key, Number value)
    {
        append_digits(member(key), value);
        return *this;
    }
    Arguments& text(std::string_view key, std::string_view value)
    {
        return raw(key, json_string(value));
    }
    Arguments& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    Arguments& null(std::string_view key) { return raw(key, "null"); }
    Arguments& raw(std::string_view key, std::string_view json)
    {
        member(key) += json;
        return *this;
    }

private:
    std::string& member(std::string_view key)
    {
        return text_.append(std::exchange(first_, false) ? "\"" : ",\"").append(key).append("\":");
    }

    std::string& text_;
    bool first_ = true;
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

/// Finds the spans of a lane that contain moments, which come in order.
class SpanCursor
{
public:
    /// When to draw an event of the moment `time` so that it lies within the innermost span around
    /// it, which may end just then; nothing where no span contains it.
    std::optional<std::int64_t> within(const Spans& spans, std::int64_t time)
    {
        // A hostile lane's clock may stand still for all of its events.
        if (time != last_time_) {
            last_time_ = time;
            last_answer_ = find(spans, time);
        }
        return last_answer_;
    }

private:
    std::optional<std::int64_t> find(const Spans& spans, std::int64_t time)
    {
        for (; next_ < spans.size() && spans[next_].begin_ns < time; ++next_) {
            while (open_.size() > spans[next_].depth)
                open_.pop_back();
            open_.push_back(next_);
        }
        while (!open_.empty() && spans[open_.back()].end_ns < time)
            open_.pop_back();
        bool begins_now = false;
        bool stays = false;
        for (std::size_t i = next_; i < spans.size() && spans[i].begin_ns == time; ++i) {
            begins_now = true;
            stays = stays || spans[i].end_ns > time;
        }
        if (open_.empty())
            return stays ? std::optional(time) : std::nullopt;
        // By the order in the file, what ends now would be gone, and what begins now would catch
        // the event.
        const bool ends_now = spans[open_.back()].end_ns == time;
        return ends_now || begins_now ? time - 1 : time;
    }

    std::vector<std::size_t> open_; ///< outermost first
    std::size_t next_ = 0;
    std::optional<std::int64_t> last_time_;
    std::optional<std::int64_t> last_answer_;
};

/// What a state's subject is.
std::string_view subject_key(State state)
{
    switch (subject_of(state)) {
    case SubjectKind::task:
        return "task";
    case SubjectKind::channel:
        return "channel";
    case SubjectKind::lock:
        return "lock";
    case SubjectKind::gate:
        return "gate";
    case SubjectKind::other:
        break;
    }
    return "subject";
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
        for (const Track& track : tracks_) {
            identities_.push_back(
                ",\"pid\":" + digits(track.pid) + ",\"tid\":" + digits(track.tid));
        }
        if (!identities_.empty())
            main_identity_ = identities_.front();
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
        for (std::uint32_t lane = 0; lane < tracks_.size(); ++lane) {
            spans(lane);
            stops_and_end(lane);
        }
        pauses();
        tasks();
        locks();
        changes();
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

    /// Begins an event, on a line of its own so that a cut file can be read line by line. `name` is
    /// written as it is. `lane` may be no_subject: the lesson's main process stands for the run.
    void begin(char phase, std::string_view name, std::string_view category, std::uint32_t lane,
        std::optional<std::int64_t> time = {})
    {
        buffer_.append(std::exchange(first_event_, false) ? "\n{" : ",\n{");
        buffer_.append("\"ph\":\"").append(1, phase);
        buffer_.append("\",\"name\":\"").append(name).append("\"");
        if (!category.empty())
            buffer_.append(",\"cat\":\"").append(category).append("\"");
        if (time) {
            buffer_.append(",\"ts\":");
            append_microseconds(buffer_, *time);
        }
        buffer_.append(lane < identities_.size() ? identities_[lane] : main_identity_);
    }

    void identity(std::uint64_t id)
    {
        // Perfetto reads an id as a hexadecimal number, and draws no arrow where it is none.
        buffer_.append(",\"id\":\"0x");
        append_digits(buffer_, id, 16);
        buffer_.append("\"");
    }

    /// Begins the arguments of the event begun before; end_arguments() ends both.
    Arguments arguments()
    {
        buffer_.append(",\"args\":{");
        return Arguments(buffer_);
    }

    void end_arguments() { put("}}"); }

    /// Begins a point on the lane, with its exact time: a double loses nanoseconds after months.
    Arguments instant(
        std::string_view name, std::string_view category, std::uint32_t lane, std::int64_t time)
    {
        begin('i', name, category, lane, time);
        buffer_.append(",\"s\":\"t\"");
        return arguments().number("time_ns", time);
    }

    std::int64_t known_end(std::int64_t begin, std::int64_t end) const
    {
        return std::max(begin, end == open_end ? recording_.now_ns() : end);
    }

    // --- Lanes ------------------------------------------------------------------------------

    void metadata()
    {
        for (std::uint32_t i = 0; i < recording_.lanes().size(); ++i) {
            // Perfetto keeps our order only where names sort so: "P0 main".
            const std::string name = 'P' + digits(i) + ' ' + recording_.lanes()[i].name;
            if (tracks_[i].first_of_process)
                name_and_order("process", i, name);
            name_and_order("thread", i, name);
            lane_metadata(i, recording_.lanes()[i]);
        }
        for (std::uint32_t i = 0; i < recording_.channels().size(); ++i) {
            const Channel& channel = recording_.channels()[i];
            begin('M', "manyhands_channel", "", no_subject);
            arguments()
                .number("index", i)
                .text("name", channel.name)
                .text("kind", channel.kind)
                .number("messages", channel.messages)
                .number("bytes", channel.bytes)
                .number("messages_received", channel.messages_received)
                .number("bytes_received", channel.bytes_received)
                .number("max_depth", channel.max_depth);
            end_arguments();
        }
        for (std::uint32_t i = 0; i < recording_.locks().size(); ++i) {
            const LockName& lock = recording_.locks()[i];
            begin('M', "manyhands_lock", "", no_subject);
            arguments().number("index", i).text("name", lock.name).text("kind", lock.kind);
            end_arguments();
        }
        names("manyhands_value", recording_.values());
        names("manyhands_gate", recording_.gates());
        for (std::uint32_t i = 0; i < recording_.places().size(); ++i) {
            const Place& place = recording_.places()[i];
            begin('M', "manyhands_place", "", no_subject);
            arguments()
                .number("index", i)
                .text("file", place.file)
                .number("line", place.line)
                .text("function", place.function);
            end_arguments();
        }
    }

    void names(std::string_view of_what, const std::vector<std::string>& all)
    {
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            begin('M', of_what, "", no_subject);
            arguments().number("index", i).text("name", all[i]);
            end_arguments();
        }
    }

    void name_and_order(const std::string& of_what, std::uint32_t lane, std::string_view name)
    {
        begin('M', of_what + "_name", "", lane);
        arguments().text("name", name);
        end_arguments();
        begin('M', of_what + "_sort_index", "", lane);
        arguments().number("sort_index", lane);
        end_arguments();
    }

    void lane_metadata(std::uint32_t index, const Lane& lane)
    {
        begin('M', "manyhands_lane", "", index);
        Arguments facts = arguments();
        facts.number("index", index).text("name", lane.name).number("pid", lane.pid);
        facts.text("role", manyhands::name_of(lane.role));
        facts.text("start_method", manyhands::name_of(lane.start_method));
        facts.number("start_ns", lane.start_ns);
        lane.ended() ? facts.number("end_ns", lane.end_ns) : facts.null("end_ns");
        lane.exit ? facts.number("exit", *lane.exit) : facts.null("exit");
        facts.number("cpu_ns", lane.cpu_ns).number("run_delay_ns", lane.run_delay_ns);
        facts.number("peak_rss_bytes", lane.peak_rss_bytes);
        facts.number("tasks_done", lane.tasks_done).number("work_done", lane.work_done);
        facts.number("events_recorded", lane.events_recorded);
        facts.number("events_dropped", lane.events_dropped);
        facts.number("text_dropped", lane.text_dropped).flag("damaged", lane.damaged);
        if (!lane.exception.empty())
            facts.text("exception", lane.exception);
        end_arguments();
    }

    void spans(std::uint32_t lane)
    {
        std::vector<Span> open;
        const auto close_down_to = [&](std::size_t depth) {
            for (; open.size() > depth; open.pop_back()) {
                const Span& span = open.back();
                begin('E', manyhands::name_of(span.state), "state", lane,
                    known_end(span.begin_ns, span.end_ns));
                put("}");
            }
        };
        for (const Span& span : recording_.lanes()[lane].spans) {
            close_down_to(span.depth);
            begin('B', manyhands::name_of(span.state), "state", lane, span.begin_ns);
            Arguments facts = arguments();
            interval({span.begin_ns, span.end_ns}, facts);
            if (span.subject != no_subject)
                facts.number(subject_key(span.state), span.subject);
            place(span.place, facts);
            end_arguments();
            open.push_back(span);
        }
        close_down_to(0);
    }

    void place(std::uint16_t place, Arguments& facts) const
    {
        if (place != 0 && place < places_.size())
            facts.raw("place", places_[place]);
    }

    void interval(const Interval& interval, Arguments& facts) const
    {
        facts.number("start_ns", interval.begin_ns);
        facts.number("dur_ns", known_end(interval.begin_ns, interval.end_ns) - interval.begin_ns);
        if (interval.end_ns == open_end)
            facts.flag("open", true);
    }

    void stops_and_end(std::uint32_t index)
    {
        const Lane& lane = recording_.lanes()[index];
        for (const Interval& stop : lane.stops) {
            instant("stopped", "stop", index, stop.begin_ns);
            end_arguments();
            if (stop.end_ns != open_end) {
                instant("continued", "stop", index, stop.end_ns);
                end_arguments();
            }
        }
        if (!lane.ended())
            return;
        if (!lane.exit)
            instant("ended", "exit", index, lane.end_ns);
        else if (*lane.exit < 0)
            instant("signal " + digits(-std::int64_t{*lane.exit}), "exit", index, lane.end_ns)
                .number("exit", *lane.exit);
        else
            instant("exit " + digits(*lane.exit), "exit", index, lane.end_ns)
                .number("exit", *lane.exit);
        end_arguments();
    }

    // --- What goes across lanes -------------------------------------------------------------

    void phases()
    {
        for (std::size_t i = 0; i < recording_.phases().size(); ++i) {
            const Phase& phase = recording_.phases()[i];
            const std::string_view kind = manyhands::name_of(phase.kind);
            const std::string name = std::string(kind) + ' ' + digits(phase.number);
            begin('b', name, "phase", no_subject, phase.begin_ns);
            identity(i);
            Arguments facts = arguments();
            interval({phase.begin_ns, phase.end_ns}, facts);
            facts.text("kind", kind).number("number", phase.number).number("work", phase.work);
            end_arguments();
            begin('e', name, "phase", no_subject, known_end(phase.begin_ns, phase.end_ns));
            identity(i);
            put("}");
        }
    }

    /// As asynchronous events: a task's begin and end need not nest with its lane's spans.
    void tasks()
    {
        for (std::size_t i = 0; i < recording_.tasks().size(); ++i) {
            const Task& task = recording_.tasks()[i];
            const std::string name = "task " + digits(task.index);
            begin('b', name, "task", task.lane, task.begin_ns);
            identity(i);
            Arguments facts = arguments();
            interval({task.begin_ns, task.end_ns}, facts);
            facts.number("task", task.index).number("argument", task.argument);
            facts.text("outcome", name_of(task.outcome));
            end_arguments();
            begin('e', name, "task", task.lane, known_end(task.begin_ns, task.end_ns));
            identity(i);
            put("}");
        }
    }

    void pauses()
    {
        for (const Interval& pause : recording_.pauses()) {
            Arguments facts = instant("paused", "pause", no_subject, pause.begin_ns);
            interval(pause, facts);
            end_arguments();
        }
    }

    /// As instants: whoever holds a lock may let it go in another span than he took it in.
    void locks()
    {
        for (const LockHold& hold : recording_.holds()) {
            Arguments facts = instant("lock held", "lock", hold.lane, hold.begin_ns);
            interval({hold.begin_ns, hold.end_ns}, facts);
            facts.number("lock", hold.lock);
            place(hold.place, facts);
            if (hold.abandoned)
                facts.flag("abandoned", true);
            end_arguments();
        }
        for (const LockWait& wait : recording_.waits()) {
            instant("lock awaited", "lock", wait.lane, wait.time_ns)
                .number("lock", wait.lock)
                .number("holder", wait.holder);
            end_arguments();
        }
        for (const LockRecovery& recovery : recording_.recoveries()) {
            Arguments facts = instant("lock recovered", "lock", recovery.lane, recovery.time_ns);
            facts.number("lock", recovery.lock);
            recovery.from == no_subject ? facts.null("from") : facts.number("from", recovery.from);
            place(recovery.place, facts);
            end_arguments();
        }
    }

    void changes()
    {
        for (const ValueChange& change : recording_.changes()) {
            Arguments facts = instant("value changed", "value", change.lane, change.time_ns);
            facts.number("value", change.value).text("form", manyhands::name_of(change.form));
            // In its form, as a viewer shows it: all digits that tell it from its neighbours.
            const auto real = std::bit_cast<double>(change.now);
            if (change.form == ValueForm::whole)
                facts.number("now", static_cast<std::int64_t>(change.now));
            else if (change.form == ValueForm::real && std::isfinite(real))
                facts.number("now", real);
            else
                facts.number("now_bits", change.now);
            place(change.place, facts);
            end_arguments();
        }
    }

    void transfers()
    {
        std::vector<SpanCursor> cursors(recording_.lanes().size());
        for (const Transfer& transfer : recording_.transfers()) {
            // An arrow needs a message of its own and a span at its end; else it is a point.
            std::optional<std::int64_t> drawn;
            if (!transfer.summarised) {
                drawn = cursors[transfer.lane].within(
                    recording_.lanes()[transfer.lane].spans, transfer.time_ns);
            }
            Arguments facts = drawn ? arrow(transfer, *drawn)
                                    : instant(transfer.received ? "received" : "sent", "message",
                                        transfer.lane, transfer.time_ns);
            facts.number("channel", transfer.channel);
            facts.number(transfer.summarised ? "messages" : "message", transfer.message);
            facts.number("bytes", transfer.bytes);
            end_arguments();
        }
    }

    /// Begins one end of an arrow, drawn at a moment within a span.
    Arguments arrow(const Transfer& transfer, std::int64_t drawn)
    {
        begin(transfer.received ? 'f' : 's', "message", "message", transfer.lane, drawn);
        identity(std::uint64_t{transfer.channel} << 32 | transfer.message);
        if (transfer.received)
            buffer_.append(",\"bp\":\"e\"");
        return arguments().number("time_ns", transfer.time_ns);
    }

    void counters()
    {
        std::vector<std::string> names; // with the index, since a name names one track
        for (std::uint32_t i = 0; i < recording_.channels().size(); ++i) {
            const Channel& channel = recording_.channels()[i];
            const std::string name
                = json_string('C' + digits(i) + ' ' + channel.kind + ' ' + channel.name);
            names.push_back(name.substr(1, name.size() - 2)); // begin() puts the quotes
        }
        for (const DepthSample& sample : recording_.depths()) {
            begin('C', names[sample.channel], "depth", no_subject, sample.time_ns);
            arguments().number("messages", sample.depth);
            end_arguments();
        }
        for (const WorkSample& sample : recording_.work_samples()) {
            begin('C', "work", "work", no_subject, sample.time_ns);
            arguments().number("done", sample.work);
            end_arguments();
        }
    }

    void output()
    {
        for (const OutputLine& line : recording_.output()) {
            begin('M', "manyhands_output", "", line.lane);
            Arguments facts = arguments();
            line.lane == no_subject ? facts.null("lane") : facts.number("lane", line.lane);
            facts.text("text", line.text);
            end_arguments();
        }
    }

    const Recording& recording_;
    const TraceSink& sink_;
    std::vector<Track> tracks_;
    std::vector<std::string> identities_; ///< "pid" and "tid" of each lane
    std::string main_identity_ = ",\"pid\":0,\"tid\":0";
    std::vector<std::string> places_; ///< "file:line", quoted
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
        // The fastest level: traces shrink to an eighth with it, and the default takes twice as
        // long for a fifth less.
        if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_of_largest_window,
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
