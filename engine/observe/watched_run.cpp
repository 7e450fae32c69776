// SPDX-License-Identifier: MIT
#include "engine/observe/watched_run.hpp"

#include "engine/description/shown_text.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

using namespace std::chrono_literals;

// Longer than it may take to end what a host watches; and what a hostile writer may make us keep.
constexpr auto longest_end = 1500ms;
constexpr std::size_t longest_report = std::size_t{1} << 16;

std::string signal_name(int number)
{
    const char* const name = ::sigabbrev_np(number);
    return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

std::string how_it_ended(int exit)
{
    return exit < 0 ? "was killed by " + signal_name(-exit)
                    : "ended with exit code " + std::to_string(exit);
}

double seconds(std::int64_t ns)
{
    return static_cast<double>(ns) / 1e9;
}

} // namespace

WatchedRun::WatchedRun(WatchedCommand command)
    : command_(std::move(command))
    , reports_(os::make_pipe())
{
    ::fcntl(reports_.read.get(), F_SETFL, O_NONBLOCK);
}

std::vector<std::string> WatchedRun::arguments(int segment, int lifeline) const
{
    std::vector<std::string> words = {"--watch", std::to_string(segment), std::to_string(lifeline),
        std::to_string(reports_.write.get()), command_.program.string(), "--"};
    words.insert(words.end(), command_.words.begin(), command_.words.end());
    return words;
}

void WatchedRun::started()
{
    reports_.write.reset();
}

void WatchedRun::poll()
{
    char piece[4096];
    ssize_t length = 0;
    while ((length = ::read(reports_.read.get(), piece, sizeof piece)) > 0) {
        text_.append(piece, static_cast<std::size_t>(length));
        for (std::size_t end = 0; (end = text_.find('\n')) != std::string::npos;) {
            if (auto report = watch_report_from(std::string_view(text_).substr(0, end)))
                report_ = std::move(*report);
            text_.erase(0, end + 1);
        }
        if (text_.size() > longest_report)
            text_.clear();
    }
}

void WatchedRun::pause() const noexcept
{
    if (report_.host_pid > 0)
        ::kill(report_.host_pid, SIGUSR1);
}

void WatchedRun::resume() const noexcept
{
    if (report_.host_pid > 0)
        ::kill(report_.host_pid, SIGUSR2);
}

void WatchedRun::wait_for_end(int guard, int guard_descriptor) const noexcept
{
    // One that was stopped from outside hears nothing until it goes on.
    ::kill(guard, SIGCONT);
    if (report_.host_pid > 0)
        ::kill(report_.host_pid, SIGCONT);
    const auto end = std::chrono::steady_clock::now() + longest_end;
    pollfd waiting = {guard_descriptor, POLLIN, 0};
    while (std::chrono::steady_clock::now() < end) {
        if (::poll(&waiting, 1, 20) > 0)
            return;
    }
    if (report_.host_pid > 0)
        ::kill(report_.host_pid, SIGKILL);
    // What the host has left is its guard's to end now.
    if (::poll(&waiting, 1, static_cast<int>(longest_end / 1ms)) <= 0)
        ::kill(guard, SIGKILL);
}

ResultDocument WatchedRun::document(const Recording& recording, bool judged) const
{
    ResultDocument document;
    document.quantities = {{"processes", static_cast<double>(report_.processes)},
        {"watching_cpu_s", seconds(report_.host_cpu_ns)},
        {"samples_every_s", seconds(report_.samples_every_ns)}};
    const auto& lanes = recording.lanes();
    for (std::size_t i = 1; judged && i < lanes.size(); ++i) {
        const Lane& lane = lanes[i];
        // To be asked to end is no failure: pools do it to their workers.
        if (!lane.exit || *lane.exit >= 0 || *lane.exit == -SIGTERM)
            continue;
        Failure failure;
        failure.process = lane.name;
        failure.pid = lane.pid;
        failure.kind = "signal";
        failure.value = -*lane.exit;
        failure.text = how_it_ended(*lane.exit);
        document.failures.push_back(std::move(failure));
    }
    document.result = {{"command", command_.words}, {"notes", report_.notes},
        {"processes_without_lane", report_.without_lane},
        {"exit",
            lanes.empty() || !lanes.front().exit ? nlohmann::json()
                                                 : nlohmann::json(*lanes.front().exit)}};
    for (const std::string& note : report_.notes)
        document.summary += "note: " + note + '\n';
    return document;
}

std::string WatchedRun::problem(const Recording& recording) const
{
    if (!report_.problem.empty())
        return report_.problem;
    const auto& lanes = recording.lanes();
    const std::string name = shown(command_.words.front());
    if (lanes.empty() || !lanes.front().exit)
        return "the host of " + name + " ended early, and all that it watched with it";
    return name + ' ' + how_it_ended(*lanes.front().exit);
}

} // namespace manyhands
