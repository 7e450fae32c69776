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
nlohmann::json head_of(const Session& session, const nlohmann::json& results)
{
    const SessionOptions& options = session.options();
    nlohmann::json head;
    head["schema"] = results.at("schema");
    head["lesson"] = to_json(options.description);
    head["parameters"] = to_json(options.parameters);
    head["machine"] = results.at("machine");
    head["seed"] = options.seed;
    head["traced"] = options.traced;
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

void save_run(const Session& session, const std::filesystem::path& path,
    const std::function<bool()>& cancelled)
{
    const nlohmann::json results = run_object(session);
    const nlohmann::json head = head_of(session, results);
    OutputFile file(path);
    const TraceSink write = [&](std::string_view piece) {
        if (cancelled && cancelled())
            throw Error({.object = path.string(), .problem = "was not written: interrupted"});
        file.write(piece);
    };
    if (compressed(path)) {
        GzipSink gzip(write);
        write_trace(session.recording(), head, results, std::ref(gzip));
        gzip.finish();
    } else {
        write_trace(session.recording(), head, results, write);
    }
    file.commit();
}

} // namespace manyhands
