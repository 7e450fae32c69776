// SPDX-License-Identifier: MIT
// The format: "Trace Event Format" (Duffy, Google, 2016) and what Perfetto's importer
// (json_trace_parser_impl.cc) makes of it.
#include "engine/recording/trace_file.hpp"

#include "engine/recording/trace_lines.hpp"
#include "engine/recording/trace_tracks.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {
namespace {

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
    case SubjectKind::name:
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
        break;
    }
    return "lost";
}

/// Writes one file.
class TraceWriter
{
public:
    TraceWriter(const Recording& recording, const TraceSink& sink)
        : recording_(recording)
        , lines_(sink)
        , tracks_(tracks_of(recording.lanes()))
    {
        for (const Track& track : tracks_) {
            identities_.push_back(
                ",\"pid\":" + digits(track.pid) + ",\"tid\":" + digits(track.tid));
        }
        if (!identities_.empty())
            main_identity_ = identities_.front();
    }

    void write(const nlohmann::json& head, const nlohmann::json& results)
    {
        lines_.put("{\"displayTimeUnit\":\"ms\",\"otherData\":{\"manyhands\":");
        lines_.put(written(head));
        lines_.put("},\"traceEvents\":[");
        metadata();
        phases();
        for (std::uint32_t lane = 0; lane < tracks_.size(); ++lane) {
            spans(lane);
            stops_and_end(lane);
        }
        stop_asked();
        pauses();
        tasks();
        locks_and_joins();
        changes();
        transfers();
        counters();
        output();
        lines_.put("\n],\"manyhandsResults\":");
        lines_.put(written(results));
        lines_.put("}\n");
        lines_.flush();
    }

    std::uint64_t events() const noexcept { return lines_.events(); }

private:
    /// "pid" and "tid" of a lane; of no_subject those of the lesson's main process, which stands
    /// for the run.
    std::string_view identity(std::uint32_t lane) const
    {
        return lane < identities_.size() ? identities_[lane] : main_identity_;
    }

    /// Begins a metadata event of ours.
    Arguments fact(std::string_view name, std::uint32_t lane = no_subject)
    {
        lines_.begin('M', name, "", identity(lane));
        return lines_.arguments();
    }

    /// Begins a point on the lane.
    Arguments instant(
        std::string_view name, std::string_view category, std::uint32_t lane, std::int64_t time)
    {
        lines_.begin('i', name, category, time, identity(lane));
        lines_.raw(",\"s\":\"t\"");
        return lines_.arguments();
    }

    std::int64_t known_end(std::int64_t begin, std::int64_t end) const
    {
        return std::max(begin, end == open_end ? recording_.now_ns() : end);
    }

    // --- Lanes ------------------------------------------------------------------------------

    void metadata()
    {
        fact("manyhands_recording")
            .number("origin_ns", recording_.origin_ns())
            .number("now_ns", recording_.now_ns());
        lines_.end_arguments();
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
            fact("manyhands_channel")
                .number("index", i)
                .text("name", channel.name)
                .text("kind", channel.kind)
                .number("messages", channel.messages)
                .number("bytes", channel.bytes)
                .number("messages_received", channel.messages_received)
                .number("bytes_received", channel.bytes_received)
                .number("max_depth", channel.max_depth);
            lines_.end_arguments();
        }
        for (std::uint32_t i = 0; i < recording_.locks().size(); ++i) {
            const LockName& lock = recording_.locks()[i];
            fact("manyhands_lock")
                .number("index", i)
                .text("name", lock.name)
                .text("kind", lock.kind);
            lines_.end_arguments();
        }
        names("manyhands_value", recording_.values());
        names("manyhands_gate", recording_.gates());
        for (std::uint32_t i = 1; i < recording_.places().size(); ++i) {
            const Place& place = recording_.places()[i];
            fact("manyhands_place")
                .number("index", i)
                .text("file", place.file)
                .number("line", place.line)
                .text("function", place.function);
            lines_.end_arguments();
        }
    }

    void names(std::string_view of_what, const std::vector<std::string>& all)
    {
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            fact(of_what).number("index", i).text("name", all[i]);
            lines_.end_arguments();
        }
    }

    void name_and_order(const std::string& of_what, std::uint32_t lane, std::string_view name)
    {
        fact(of_what + "_name", lane).text("name", name);
        lines_.end_arguments();
        fact(of_what + "_sort_index", lane).number("sort_index", lane);
        lines_.end_arguments();
    }

    void lane_metadata(std::uint32_t index, const Lane& lane)
    {
        Arguments facts = fact("manyhands_lane", index);
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
        facts.number("spans", lane.spans.size());
        lines_.end_arguments();
    }

    void spans(std::uint32_t lane)
    {
        const std::string_view track = identity(lane);
        std::vector<Span> open;
        const auto close_down_to = [&](std::size_t depth) {
            for (; open.size() > depth; open.pop_back()) {
                const Span& span = open.back();
                lines_.begin('E', manyhands::name_of(span.state), "",
                    known_end(span.begin_ns, span.end_ns), track);
                lines_.end();
            }
        };
        for (const Span& span : recording_.lanes()[lane].spans) {
            close_down_to(span.depth);
            lines_.begin('B', manyhands::name_of(span.state), "state", span.begin_ns, track);
            if (span.subject != no_subject)
                lines_.number(subject_key(span.state), span.subject);
            if (span.place != 0 && span.place < recording_.places().size())
                lines_.number("place", span.place);
            if (span.end_ns == open_end)
                lines_.raw(",\"open\":true");
            lines_.end();
            open.push_back(span);
        }
        close_down_to(0);
    }

    void place(std::uint16_t place, Arguments& facts) const
    {
        if (place != 0 && place < recording_.places().size())
            facts.number("place", place);
    }

    void length(const Interval& interval, Arguments& facts) const
    {
        facts.number("dur_ns", known_end(interval.begin_ns, interval.end_ns) - interval.begin_ns);
        if (interval.end_ns == open_end)
            facts.flag("open", true);
    }

    void stops_and_end(std::uint32_t index)
    {
        const Lane& lane = recording_.lanes()[index];
        for (const Interval& stop : lane.stops) {
            instant("stopped", "stop", index, stop.begin_ns);
            lines_.end_arguments();
            if (stop.end_ns != open_end) {
                instant("continued", "stop", index, stop.end_ns);
                lines_.end_arguments();
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
        lines_.end_arguments();
    }

    // --- What goes across lanes -------------------------------------------------------------

    void phases()
    {
        for (std::size_t i = 0; i < recording_.phases().size(); ++i) {
            const Phase& phase = recording_.phases()[i];
            const std::string_view kind = manyhands::name_of(phase.kind);
            const std::string name = std::string(kind) + ' ' + digits(phase.number);
            Arguments facts = begin_asynchronous(name, "phase", i, no_subject, phase.begin_ns);
            facts.word("kind", kind).number("number", phase.number).number("work", phase.work);
            end_asynchronous(name, "phase", i, no_subject, {phase.begin_ns, phase.end_ns}, facts);
        }
    }

    /// As asynchronous events: a task's begin and end need not nest with its lane's spans.
    void tasks()
    {
        for (std::size_t i = 0; i < recording_.tasks().size(); ++i) {
            const Task& task = recording_.tasks()[i];
            const std::string name = "task " + digits(task.index);
            Arguments facts = begin_asynchronous(name, "task", i, task.lane, task.begin_ns);
            facts.number("task", task.index).number("argument", task.argument);
            facts.word("outcome", name_of(task.outcome));
            end_asynchronous(name, "task", i, task.lane, {task.begin_ns, task.end_ns}, facts);
        }
    }

    Arguments begin_asynchronous(std::string_view name, std::string_view category, std::uint64_t id,
        std::uint32_t lane, std::int64_t time)
    {
        lines_.begin('b', name, category, time, identity(lane));
        lines_.id(id);
        return lines_.arguments();
    }

    /// Ends the arguments of the begin, too.
    void end_asynchronous(std::string_view name, std::string_view category, std::uint64_t id,
        std::uint32_t lane, const Interval& interval, Arguments& facts)
    {
        if (interval.end_ns == open_end)
            facts.flag("open", true);
        lines_.end_arguments();
        lines_.begin(
            'e', name, category, known_end(interval.begin_ns, interval.end_ns), identity(lane));
        lines_.id(id);
        lines_.end();
    }

    void stop_asked()
    {
        if (const auto time = recording_.stop_asked_ns()) {
            instant("stop asked", "run", no_subject, *time);
            lines_.end_arguments();
        }
    }

    void pauses()
    {
        for (const Interval& pause : recording_.pauses()) {
            Arguments facts = instant("paused", "pause", no_subject, pause.begin_ns);
            length(pause, facts);
            lines_.end_arguments();
        }
    }

    /// As instants: whoever holds a lock may let it go in another span than he took it in.
    void locks_and_joins()
    {
        for (const LockHold& hold : recording_.holds()) {
            Arguments facts = instant("lock held", "lock", hold.lane, hold.begin_ns);
            length({hold.begin_ns, hold.end_ns}, facts);
            facts.number("lock", hold.lock);
            place(hold.place, facts);
            if (hold.abandoned)
                facts.flag("abandoned", true);
            lines_.end_arguments();
        }
        for (const LockWait& wait : recording_.waits()) {
            instant("lock awaited", "lock", wait.lane, wait.time_ns)
                .number("lock", wait.lock)
                .number("holder", wait.holder);
            lines_.end_arguments();
        }
        for (const JoinWait& join : recording_.joins()) {
            instant("join awaited", "join", join.lane, join.time_ns).number("lane", join.joined);
            lines_.end_arguments();
        }
        for (const LockRecovery& recovery : recording_.recoveries()) {
            Arguments facts = instant("lock recovered", "lock", recovery.lane, recovery.time_ns);
            facts.number("lock", recovery.lock);
            recovery.from == no_subject ? facts.null("from") : facts.number("from", recovery.from);
            place(recovery.place, facts);
            lines_.end_arguments();
        }
    }

    void changes()
    {
        for (const ValueChange& change : recording_.changes()) {
            Arguments facts = instant("value changed", "value", change.lane, change.time_ns);
            facts.number("value", change.value).word("form", manyhands::name_of(change.form));
            // In its form, as a viewer shows it: all digits that tell it from its neighbours.
            const auto real = std::bit_cast<double>(change.now);
            if (change.form == ValueForm::whole)
                facts.number("now", static_cast<std::int64_t>(change.now));
            else if (change.form == ValueForm::real && std::isfinite(real))
                facts.number("now", real);
            else
                facts.number("now_bits", change.now);
            place(change.place, facts);
            lines_.end_arguments();
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
                    recording_.lanes()[transfer.lane], transfer.time_ns);
            }
            Arguments facts = drawn ? arrow(transfer, *drawn)
                                    : instant(transfer.received ? "received" : "sent", "message",
                                        transfer.lane, transfer.time_ns);
            facts.number("channel", transfer.channel);
            facts.number(transfer.summarised ? "messages" : "message", transfer.message);
            facts.number("bytes", transfer.bytes);
            if (drawn && *drawn != transfer.time_ns)
                facts.number("time_ns", transfer.time_ns);
            lines_.end_arguments();
        }
    }

    /// Begins one end of an arrow, drawn at a moment within a span.
    Arguments arrow(const Transfer& transfer, std::int64_t drawn)
    {
        lines_.begin(
            transfer.received ? 'f' : 's', "message", "message", drawn, identity(transfer.lane));
        lines_.id(std::uint64_t{transfer.channel} << 32 | transfer.message);
        if (transfer.received)
            lines_.raw(",\"bp\":\"e\"");
        return lines_.arguments();
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
            lines_.begin('C', names[sample.channel], "depth", sample.time_ns, identity(no_subject));
            lines_.arguments().number("messages", sample.depth);
            lines_.end_arguments();
        }
        for (const WorkSample& sample : recording_.work_samples()) {
            lines_.begin('C', "work", "work", sample.time_ns, identity(no_subject));
            lines_.arguments().number("done", sample.work);
            lines_.end_arguments();
        }
        for (const MemorySample& sample : recording_.memory()) {
            memory("memory rss", sample, sample.rss_bytes);
            if (sample.pss_bytes != 0)
                memory("memory pss", sample, sample.pss_bytes);
        }
    }

    void memory(std::string_view name, const MemorySample& sample, std::uint64_t bytes)
    {
        lines_.begin('C', name, "memory", sample.time_ns, identity(sample.lane));
        lines_.arguments().number("bytes", bytes);
        lines_.end_arguments();
    }

    void output()
    {
        for (const OutputLine& line : recording_.output()) {
            Arguments facts = fact("manyhands_output", line.lane);
            line.lane == no_subject ? facts.null("lane") : facts.number("lane", line.lane);
            facts.text("text", line.text);
            lines_.end_arguments();
        }
    }

    const Recording& recording_;
    TraceLines lines_;
    std::vector<Track> tracks_;
    std::vector<std::string> identities_; ///< of each lane: see identity()
    std::string main_identity_ = ",\"pid\":0,\"tid\":0";
};

/// About how many events a file of the recording has; for progress.
std::uint64_t expected_events(const Recording& recording)
{
    std::uint64_t count = 1 + 2 * recording.tasks().size() + recording.holds().size()
        + recording.waits().size() + recording.joins().size() + recording.recoveries().size()
        + recording.changes().size() + recording.transfers().size() + recording.depths().size()
        + recording.work_samples().size() + recording.memory().size() + recording.output().size();
    for (const Lane& lane : recording.lanes())
        count += 6 + 2 * lane.spans.size();
    return count;
}

} // namespace

void write_trace(const Recording& recording, const nlohmann::json& head,
    const nlohmann::json& results, const TraceSink& sink,
    const std::function<void(double share)>& progress)
{
    const auto expected = static_cast<double>(expected_events(recording));
    const TraceWriter* of_progress = nullptr;
    const TraceSink watched = [&](std::string_view piece) {
        sink(piece);
        if (progress)
            progress(std::min(1.0, static_cast<double>(of_progress->events()) / expected));
    };
    TraceWriter writer(recording, watched);
    of_progress = &writer;
    writer.write(head, results);
}

} // namespace manyhands
