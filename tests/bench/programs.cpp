// SPDX-License-Identifier: MIT
#include "tests/bench/programs.hpp"

#include "engine/launch/launch.hpp"
#include "engine/observe/session.hpp"
#include "engine/os/error.hpp"
#include "engine/os/process_figures.hpp"

#include <cerrno>
#include <chrono>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace manyhands::bench {
namespace {

namespace fs = std::filesystem;

constexpr int not_found = 127; // as env and shells end

std::string read_to_end(int fd)
{
    std::string text;
    char part[4096];
    while (true) {
        const ssize_t count = ::read(fd, part, sizeof part);
        if (count > 0)
            text.append(part, static_cast<std::size_t>(count));
        else if (count == 0 || errno != EINTR)
            return text;
    }
}

} // namespace

fs::path built_program(std::string_view name)
{
    fs::path path = fs::read_symlink("/proc/self/exe").parent_path() / name;
    if (!fs::exists(path))
        throw MachineLacks({.object = path.string(), .problem = "is not there: build it first"});
    return path;
}

Output run_program(const fs::path& program, const std::vector<std::string>& arguments)
{
    os::PipeEnds output = os::make_pipe();
    LaunchOptions options;
    options.program = program;
    options.arguments = arguments;
    options.output = output.write.get();
    const Launched launched = launch(options);
    output.write.reset();
    Output found;
    found.text = read_to_end(output.read.get());
    int status = 0;
    while (::waitpid(launched.pid, &status, 0) < 0 && errno == EINTR) { }
    found.exit = os::exit_of_status(status);
    return found;
}

nlohmann::json json_of_program(const fs::path& program, const std::vector<std::string>& arguments)
{
    const Output output = run_program(program, arguments);
    nlohmann::json json = nlohmann::json::parse(output.text, nullptr, false);
    if (output.exit != 0 || !json.is_object())
        throw Error({.object = program.string(),
            .problem = "ended with " + std::to_string(output.exit)
                + (json.is_object() ? "" : " and printed no JSON object")});
    return json;
}

nlohmann::json result_of_lesson(
    const std::string& id, const std::vector<std::string>& parameters, bool traced)
{
    SessionOptions options;
    options.lesson = {built_program("manyhands-bench-lesson"), id};
    options.description = describe_lesson(options.lesson);
    options.parameters = options.description.parse(parameters);
    options.traced = traced;
    Session session(std::move(options));
    while (session.poll())
        session.wait(std::chrono::milliseconds(20));
    if (session.state() != RunState::done || !session.document())
        throw Error({.object = "lesson " + id,
            .problem = "ended in the state " + std::string(name_of(session.state())) + " "
                + session.problem()});
    nlohmann::json result = session.document()->result;
    result["events_dropped"] = session.recording().events_dropped();
    return result;
}

Peer python_peer(const std::string& figure)
{
    Peer peer = {"Python multiprocessing", std::nullopt, {}};
    const Output output = run_program("/usr/bin/env", {"python3", MANYHANDS_PYTHON_PEER, figure});
    const nlohmann::json json = nlohmann::json::parse(output.text, nullptr, false);
    if (output.exit == not_found)
        peer.missing = "python3 is not installed";
    else if (output.exit != 0 || !json.is_object())
        peer.missing = "python3 ended with " + std::to_string(output.exit);
    else
        peer.value = json.at("median").get<double>();
    return peer;
}

} // namespace manyhands::bench
