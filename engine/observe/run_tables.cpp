// SPDX-License-Identifier: MIT
#include "engine/observe/run_tables.hpp"

#include "engine/analysis/speedup.hpp"
#include "engine/observe/output_file.hpp"
#include "engine/observe/span_facts.hpp"
#include "engine/os/error.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace manyhands {
namespace {

constexpr std::array<std::string_view, all_run_tables.size()> names
    = {"spans", "channels", "repeats", "sweep"};

constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

/// Gathers fields into rows, and rows into pieces.
class CsvWriter
{
public:
    explicit CsvWriter(const TableSink& write)
        : write_(write)
    {
    }

    void header(std::initializer_list<std::string_view> columns)
    {
        for (const std::string_view column : columns)
            field(column);
        end_row();
    }
    CsvWriter& field(std::string_view text)
    {
        separate();
        if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
            piece_ += text;
            return *this;
        }
        piece_ += '"';
        for (const char letter : text) {
            if (letter == '"')
                piece_ += '"';
            piece_ += letter;
        }
        piece_ += '"';
        return *this;
    }
    template <class Number>
    CsvWriter& number(Number value)
    {
        separate();
        std::array<char, 32> digits;
        // The fewest digits that are read back as the same number.
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        piece_.append(digits.data(), end);
        return *this;
    }
    template <class Number>
    CsvWriter& number(const std::optional<Number>& value)
    {
        return value ? number(*value) : nothing();
    }
    CsvWriter& flag(bool value) { return field(value ? "1" : "0"); }
    /// Not known, or does not apply.
    CsvWriter& nothing() { return field({}); }

    void end_row()
    {
        piece_ += "\r\n";
        first_ = true;
        if (piece_.size() >= piece_bytes)
            flush();
    }
    void flush()
    {
        write_(piece_);
        piece_.clear();
    }

private:
    void separate()
    {
        if (!std::exchange(first_, false))
            piece_ += ',';
    }

    const TableSink& write_;
    std::string piece_;
    bool first_ = true;
};

const std::string& run_name(const FinishedRun& run, const TableSelection& selection)
{
    return selection.run.empty() ? run.description.id : selection.run;
}

/// The parts of the run, of which a span belongs to the one that it begins in.
std::string_view phase_at(const Recording& recording, std::int64_t time_ns)
{
    for (const Phase& phase : recording.phases()) {
        if (phase.begin_ns <= time_ns && time_ns < phase.end_ns)
            return name_of(phase.kind);
    }
    return {};
}

void write_spans(const FinishedRun& run, const TableSelection& selection, CsvWriter& csv)
{
    csv.header({"run", "process", "pid", "lane", "role", "phase", "state", "depth", "start_ns",
        "dur_ns", "bytes", "channel", "partner", "task", "name", "place"});
    const Recording& recording = *run.recording;
    const Interval asked = selection.interval.value_or(Interval{0, open_end});
    const SpanFacts facts(recording);
    for (std::size_t index = 0; index < recording.lanes().size(); ++index) {
        const Lane& lane = recording.lanes()[index];
        SpanFacts::Walk walk(facts, index);
        for (const Span span : lane.spans) {
            const SpanFacts::Facts of_span = walk.next(span);
            const std::int64_t start = recording.run_time(span.begin_ns);
            const std::int64_t end = recording.run_time(std::min(span.end_ns, recording.now_ns()));
            if (start >= asked.end_ns || (end <= asked.begin_ns && start < asked.begin_ns))
                continue;
            csv.field(run_name(run, selection)).field(lane.name).number(lane.pid).number(index);
            csv.field(run.foreign ? "" : name_of(lane.role))
                .field(phase_at(recording, span.begin_ns));
            csv.field(name_of(span.state)).number(int{span.depth});
            csv.number(start).number(std::max<std::int64_t>(0, end - start));
            csv.number(of_span.bytes).field(of_span.channel).field(of_span.partner);
            csv.number(of_span.task).field(of_span.name).field(of_span.place);
            csv.end_row();
        }
    }
}

void write_channels(const FinishedRun& run, const TableSelection& selection, CsvWriter& csv)
{
    csv.header({"run", "channel", "kind", "sent_messages", "sent_bytes", "received_messages",
        "received_bytes", "max_depth_messages"});
    for (const Channel& channel : run.recording->channels()) {
        csv.field(run_name(run, selection)).field(channel.name).field(channel.kind);
        csv.number(channel.messages).number(channel.bytes);
        csv.number(channel.messages_received).number(channel.bytes_received);
        csv.number(channel.max_depth).end_row();
    }
}

void write_repeats(const FinishedRun& run, const TableSelection& selection, CsvWriter& csv)
{
    csv.header({"run", "repeat", "wall_s", "sequential_s", "speedup", "shown"});
    for (std::size_t i = 0; i < run.repeats.size(); ++i) {
        const Repeat& repeat = run.repeats[i];
        csv.field(run_name(run, selection)).number(i + 1).number(repeat.wall_s);
        csv.number(repeat.sequential_s).number(repeat.speedup).flag(i == run.shown_repeat);
        csv.end_row();
    }
}

/// The quartiles and median of the values, or nothing thrice.
std::array<std::optional<double>, 3> spread_of(const std::vector<double>& values)
{
    return {quantile(values, 0.25), median(values), quantile(values, 0.75)};
}

std::vector<double> speedups_of(const SweepRow& row)
{
    std::vector<double> speedups;
    for (const double wall_s : row.wall_s) {
        if (const auto one = speedup(row.sequential_s.value_or(0), wall_s))
            speedups.push_back(*one);
    }
    return speedups;
}

void save(const std::filesystem::path& path, const std::function<bool()>& cancelled,
    const std::function<void(const TableSink&)>& table)
{
    OutputFile file(path);
    table([&](std::string_view piece) {
        if (cancelled && cancelled())
            throw Error({.object = path.string(), .problem = "was not written: interrupted"});
        file.write(piece);
    });
    file.commit();
}

} // namespace

std::string_view name_of(RunTable table)
{
    return names[static_cast<std::size_t>(table)];
}

std::optional<RunTable> run_table_named(std::string_view name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<RunTable>(found - names.begin());
}

SweepRows sweep_rows(const Sweep& sweep)
{
    SweepRows rows = {sweep.session().options().lesson.id, sweep.parameter(), {}};
    for (const SweepPoint& point : sweep.points()) {
        SweepRow row = {.value = point.value,
            .workers = point.run.at("workers").get<int>(),
            .wall_s = {},
            .sequential_s = point.sequential_s,
            .oversubscribed = false,
            .marks = point.run.at("marks").get<std::vector<std::string>>()};
        row.oversubscribed
            = std::find(row.marks.begin(), row.marks.end(), "oversubscribed") != row.marks.end();
        for (const Repeat& repeat : point.repeats)
            row.wall_s.push_back(repeat.wall_s);
        rows.rows.push_back(std::move(row));
    }
    return rows;
}

void write_table(
    const FinishedRun& run, RunTable table, const TableSelection& selection, const TableSink& write)
{
    if (table == RunTable::sweep)
        throw BadValue({.object = "the table sweep",
            .problem = "is not one of a run",
            .limit = "spans, channels, repeats",
            .advice = "a sweep has it"});
    if (!run.traced && table != RunTable::repeats)
        throw BadValue({.object = "the table " + std::string(name_of(table)),
            .problem = "needs a trace, which this run does not have",
            .limit = "repeats"});
    if (run.foreign && table != RunTable::spans)
        throw BadValue({.object = "the table " + std::string(name_of(table)),
            .problem = "is not one of a trace of another program",
            .limit = "spans"});
    CsvWriter csv(write);
    if (table == RunTable::spans)
        write_spans(run, selection, csv);
    else if (table == RunTable::channels)
        write_channels(run, selection, csv);
    else
        write_repeats(run, selection, csv);
    csv.flush();
}

void write_table(const SweepRows& sweep, const TableSink& write)
{
    CsvWriter csv(write);
    csv.header(
        {"lesson", "parameter", "value", "workers", "n", "wall_median_s", "wall_first_quartile_s",
            "wall_third_quartile_s", "sequential_s", "speedup_median", "speedup_first_quartile",
            "speedup_third_quartile", "efficiency", "oversubscribed", "marks"});
    for (const SweepRow& row : sweep.rows) {
        const auto wall = spread_of(row.wall_s);
        const auto ratio = spread_of(speedups_of(row));
        // T1 over the median time, as everywhere: of an even number it is not the median ratio.
        const auto middle = speedup(row.sequential_s.value_or(0), wall[1].value_or(0));
        csv.field(sweep.lesson).field(sweep.parameter).field(to_text(row.value));
        csv.number(row.workers).number(row.wall_s.size());
        csv.number(wall[1]).number(wall[0]).number(wall[2]).number(row.sequential_s);
        csv.number(middle).number(ratio[0]).number(ratio[2]);
        csv.number(middle && row.workers ? efficiency(*middle, *row.workers) : std::nullopt);
        csv.flag(row.oversubscribed);
        std::string marks;
        for (const std::string& mark : row.marks)
            marks += (marks.empty() ? "" : " ") + mark;
        csv.field(marks).end_row();
    }
    csv.flush();
}

void save_table(const FinishedRun& run, RunTable table, const TableSelection& selection,
    const std::filesystem::path& path, const std::function<bool()>& cancelled)
{
    save(path, cancelled,
        [&](const TableSink& write) { write_table(run, table, selection, write); });
}

void save_table(const SweepRows& sweep, const std::filesystem::path& path,
    const std::function<bool()>& cancelled)
{
    save(path, cancelled, [&](const TableSink& write) { write_table(sweep, write); });
}

} // namespace manyhands
