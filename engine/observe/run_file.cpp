// SPDX-License-Identifier: MIT
#include "engine/observe/run_file.hpp"

#include "engine/description/json_field.hpp"
#include "engine/observe/foreign_run.hpp"
#include "engine/observe/output_file.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/recording/trace_file.hpp"
#include "engine/recording/trace_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

constexpr std::int64_t newest_schema = 1;
constexpr std::size_t most_bytes_of_a_line = 1000;
constexpr std::size_t most_repeats = 1'000'000;
constexpr std::size_t most_marks = 64;
constexpr std::int64_t most_signed = std::numeric_limits<std::int64_t>::max();

bool compressed(const std::filesystem::path& path)
{
    return path.native().ends_with(".json.gz");
}

// --- Writing ----------------------------------------------------------------------------------

/// What is known before the run, so that a file cut short still tells its set-up.
nlohmann::json head_of(const FinishedRun& run, const nlohmann::json& results)
{
    nlohmann::json head;
    head["schema"] = results.at("schema");
    head["lesson"] = to_json(run.description);
    head["parameters"] = to_json(run.parameters);
    head["machine"] = results.at("machine");
    head["seed"] = run.seed;
    head["traced"] = run.traced;
    return head;
}

/// The members of the results that are not computed from the recording: what is read back.
constexpr std::array<std::string_view, 10> kept_results = {"state", "marks", "repeats",
    "shown_repeat", "sequential_s", "events", "all_work", "document", "problem", "raw_output"};

nlohmann::json results_of(const FinishedRun& run)
{
    nlohmann::json results = run_object(run);
    results["all_work"] = run.all_work ? nlohmann::json(*run.all_work) : nlohmann::json();
    results["document"] = run.document ? to_json(*run.document) : nlohmann::json();
    results["problem"] = run.problem;
    results["raw_output"] = run.raw_output;
    return results;
}

// --- Reading ----------------------------------------------------------------------------------

/// A file that is being read.
class InputFile
{
public:
    InputFile(const std::filesystem::path& path, const std::function<bool(double)>& progress)
        : path_(path)
        , progress_(progress)
        // Nobody is waited for who might write into a pipe.
        , file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
        struct stat status = {};
        if (!file_ || ::fstat(file_.get(), &status) != 0)
            throw BadValue({.object = path.string(),
                .problem = "cannot be opened: " + std::generic_category().message(errno),
                .limit = "a run that Manyhands saved, .json or .json.gz"});
        if (!S_ISREG(status.st_mode))
            throw BadValue({.object = path.string(),
                .problem = "cannot be opened: it is no regular file",
                .limit = "a run that Manyhands saved, .json or .json.gz"});
        size_ = static_cast<double>(status.st_size);
    }

    bool is_gzip() const
    {
        std::array<unsigned char, 2> magic = {};
        return ::pread(file_.get(), magic.data(), magic.size(), 0) == 2 && magic[0] == 0x1f
            && magic[1] == 0x8b;
    }

    std::size_t read(std::span<char> room)
    {
        if (progress_ && !progress_(size_ > 0 ? std::min(1.0, bytes_ / size_) : 1.0))
            throw Error({.object = path_.string(), .problem = "was not opened: interrupted"});
        ssize_t count = 0;
        do {
            count = ::read(file_.get(), room.data(), room.size());
        } while (count < 0 && errno == EINTR);
        if (count < 0)
            throw system_error(path_.string(), "could not be read", errno);
        bytes_ += static_cast<double>(count);
        return static_cast<std::size_t>(count);
    }

private:
    std::filesystem::path path_;
    const std::function<bool(double)>& progress_;
    os::Descriptor file_;
    double size_ = 0;
    double bytes_ = 0;
};

/// The text of a file, be it compressed or not.
class InputText
{
public:
    InputText(const std::filesystem::path& path, const std::function<bool(double)>& progress)
        : file_(path, progress)
        , source_([this](std::span<char> room) { return file_.read(room); })
    {
        if (file_.is_gzip()) {
            gzip_.emplace(std::move(source_), path.string());
            source_ = std::ref(*gzip_);
        }
    }

    const TraceSource& source() const noexcept { return source_; }

private:
    InputFile file_;
    TraceSource source_;
    std::optional<GzipSource> gzip_;
};

Machine machine_from(const JsonField& json)
{
    const auto line = [&](const char* key) { return json.member(key).line(most_bytes_of_a_line); };
    const auto cpus
        = [&](const char* key) { return static_cast<int>(json.member(key).whole(0, 1 << 20)); };
    Machine machine = {};
    machine.cpu = line("cpu");
    machine.usable_cpus = cpus("usable_cpus");
    machine.logical_cpus = cpus("logical_cpus");
    machine.memory_bytes
        = static_cast<std::uint64_t>(json.member("memory_bytes").whole(0, most_signed));
    machine.kernel = line("kernel");
    machine.version = line("version");
    machine.commit = line("commit");
    return machine;
}

/// A whole number of 64 bits: JsonField's are signed.
std::uint64_t unsigned_from(const JsonField& json)
{
    const nlohmann::json value = json.tree(0);
    if (!value.is_number_unsigned())
        json.refuse("is not a whole number from 0");
    return value.get<std::uint64_t>();
}

void take_head(const nlohmann::json& head, FinishedRun& run)
{
    const JsonField root(head, "the head");
    run.description = lesson_description_from(root.member("lesson").tree(64));
    run.lesson.id = run.description.id;
    run.parameters = parameter_values_from(root.member("parameters").tree(64), run.description);
    run.machine = machine_from(root.member("machine"));
    run.seed = unsigned_from(root.member("seed"));
    run.traced = root.member("traced").flag();
}

std::optional<double> number_or_null(const JsonField& json)
{
    return json.is_null() ? std::nullopt : std::optional(json.number());
}

RunState state_from(const JsonField& json)
{
    const std::string name = json.line(most_bytes_of_a_line);
    for (const RunState state :
        {RunState::done, RunState::stopped, RunState::timed_out, RunState::failed}) {
        if (name == name_of(state))
            return state;
    }
    json.refuse("is no end of a run", "done, stopped, timed_out or failed");
}

/// Any bytes that a process wrote, as the recording holds them, too.
std::string raw_text(const JsonField& json)
{
    const nlohmann::json text = json.tree(0);
    if (!text.is_string())
        json.refuse("is not a text");
    return text.get<std::string>();
}

void take_results(const nlohmann::json& results, FinishedRun& run)
{
    const JsonField root(results, "the results");
    run.state = state_from(root.member("state"));
    run.marks.clear();
    for (const JsonField& mark : root.member("marks").elements(most_marks))
        run.marks.push_back(mark.name());
    run.repeats.clear();
    for (const JsonField& repeat : root.member("repeats").elements(most_repeats)) {
        run.repeats.push_back({.wall_s = repeat.member("wall_s").number(),
            .sequential_s = number_or_null(repeat.member("sequential_s")),
            .speedup = number_or_null(repeat.member("speedup"))});
    }
    if (const JsonField shown = root.member("shown_repeat"); !shown.is_null()) {
        run.shown_repeat = static_cast<std::size_t>(
            shown.whole(0, static_cast<std::int64_t>(run.repeats.size()) - 1));
    }
    run.sequential_s = number_or_null(root.member("sequential_s"));
    if (const JsonField work = root.member("all_work"); !work.is_null())
        run.all_work = unsigned_from(work);
    if (const JsonField document = root.member("document"); !document.is_null())
        run.document = result_document_from(document.tree(64));
    run.problem = raw_text(root.member("problem"));
    run.raw_output = raw_text(root.member("raw_output"));
    if (const JsonField events = root.member("events"); !events.is_null()) {
        run.events = unsigned_from(events.member("recorded"));
        run.dropped = unsigned_from(events.member("dropped"));
    }
}

/// Refuses the file where its head is not one that we read.
void check_head(const nlohmann::json& head, const std::string& file, FinishedRun& run)
{
    try {
        const JsonField schema = JsonField(head, "the head").member("schema");
        if (schema.whole(1, most_signed) <= newest_schema) {
            take_head(head, run);
            return;
        }
    } catch (const BadValue& error) {
        throw BadValue({.object = file,
            .problem = std::string("cannot be opened: ") + error.what(),
            .advice = "use another copy of it"});
    }
    throw BadValue({.object = file,
        .problem = "was made by a newer version of Manyhands: its schema is",
        .value = head.at("schema").dump(),
        .limit = std::to_string(newest_schema),
        .advice = "open it with that version"});
}

} // namespace

void check_run_file_path(const std::filesystem::path& path)
{
    if (!path.empty() && !path.native().ends_with(".json") && !compressed(path))
        throw BadValue({.object = "the run file " + path.string(),
            .problem = "has another suffix",
            .limit = ".json, .json.gz"});
    check_output_path(path);
}

void save_run(const FinishedRun& run, const std::filesystem::path& path,
    const std::function<bool()>& cancelled, const std::function<void(double share)>& progress)
{
    if (run.foreign)
        throw BadValue({.object = path.string(),
            .problem = "was not written: a trace of another program is no run of Manyhands",
            .advice = "copy the file that it was opened from"});
    const nlohmann::json results = results_of(run);
    const nlohmann::json head = head_of(run, results);
    OutputFile file(path);
    const TraceSink write = [&](std::string_view piece) {
        if (cancelled && cancelled())
            throw Error({.object = path.string(), .problem = "was not written: interrupted"});
        file.write(piece);
    };
    if (compressed(path)) {
        GzipSink gzip(write);
        write_trace(*run.recording, head, results, std::ref(gzip), progress);
        gzip.finish();
    } else {
        write_trace(*run.recording, head, results, write, progress);
    }
    file.commit();
}

void save_run(const Session& session, const std::filesystem::path& path,
    const std::function<bool()>& cancelled)
{
    save_run(finished_run(session), path, cancelled);
}

FinishedRun open_run(
    const std::filesystem::path& path, const std::function<bool(double share)>& progress)
{
    FinishedRun run;
    // What a cut file does not tell.
    run.state = RunState::stopped;
    run.marks = {"partial"};
    const TraceReading reading = {.object = path.string(),
        .check_head = [&](const nlohmann::json& head) { check_head(head, path.string(), run); },
        .keep_result =
            [](const std::string& member) {
                return std::find(kept_results.begin(), kept_results.end(), member)
                    != kept_results.end();
            }};
    TraceContents contents;
    try {
        InputText text(path, progress);
        contents = read_trace(text.source(), reading);
    } catch (const NoRun&) {
        InputText text(path, progress);
        std::optional<ForeignTrace> foreign = read_foreign_trace(text.source());
        if (!foreign)
            throw;
        return foreign_run(std::move(*foreign), path);
    }
    run.recording = std::make_shared<const Recording>(std::move(contents.recording));
    if (contents.results.is_object()) {
        try {
            FinishedRun complete = run;
            take_results(contents.results, complete);
            run = std::move(complete);
        } catch (const BadValue& error) {
            contents.shortfall = std::string("is damaged in its results: ") + error.what();
        }
    }
    if (!contents.shortfall.empty())
        run.shortfall = path.string() + ' ' + contents.shortfall;
    return run;
}

} // namespace manyhands
