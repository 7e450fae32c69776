// SPDX-License-Identifier: MIT
#include "engine/observe/run_file.hpp"

#include "engine/observe/output_file.hpp"
#include "engine/os/error.hpp"
#include "engine/recording/trace_file.hpp"

#include <functional>
#include <nlohmann/json.hpp>

namespace manyhands {
namespace {

bool compressed(const std::filesystem::path& path)
{
    return path.native().ends_with(".json.gz");
}

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
    const std::function<bool()>& cancelled, const std::function<void(double share)>&)
{
    const nlohmann::json results = run_object(run);
    const nlohmann::json head = head_of(run, results);
    OutputFile file(path);
    const TraceSink write = [&](std::string_view piece) {
        if (cancelled && cancelled())
            throw Error({.object = path.string(), .problem = "was not written: interrupted"});
        file.write(piece);
    };
    if (compressed(path)) {
        GzipSink gzip(write);
        write_trace(*run.recording, head, results, std::ref(gzip));
        gzip.finish();
    } else {
        write_trace(*run.recording, head, results, write);
    }
    file.commit();
}

void save_run(const Session& session, const std::filesystem::path& path,
    const std::function<bool()>& cancelled)
{
    save_run(finished_run(session), path, cancelled);
}

FinishedRun open_run(const std::filesystem::path& path, const std::function<bool(double share)>&)
{
    throw BadValue({.object = path.string(), .problem = "cannot be opened yet"});
}

} // namespace manyhands
