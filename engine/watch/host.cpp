// SPDX-License-Identifier: MIT
#include "engine/watch/host.hpp"

#include "engine/launch/launch.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/watch/python_options.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// While processes come and go, and else. Most that a shell starts are over in a few ms.
constexpr auto busy_interval = 2ms;
constexpr auto usual_interval = 10ms;
constexpr auto longest_interval = 250ms;
constexpr auto busy_for = 100ms;
// Of many processes each look costs more: watching takes at most this part of a CPU.
constexpr int share_of_cpu = 50;
constexpr auto thorough_interval = 50ms;
constexpr auto report_interval = 200ms;
constexpr auto terminate_after = 500ms;
constexpr auto kill_after = 1500ms;
// What lives on behind the program is given so long: helpers of Python notice its end themselves.
constexpr auto orphans_may_live = 1000ms;
constexpr std::size_t most_notes = 16;
constexpr std::size_t longest_request = 512;

// Set by signals.
volatile std::sig_atomic_t pause_asked = 0;
volatile std::sig_atomic_t end_asked = 0;

void on_signal(int number)
{
    if (number == SIGUSR1)
        pause_asked = 1;
    else if (number == SIGUSR2)
        pause_asked = 0;
    else if (number == SIGTERM)
        end_asked = 1;
}

std::int64_t cpu_ns(clockid_t clock)
{
    timespec time;
    ::clock_gettime(clock, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::string name_and_pid(const WatchedLane& lane)
{
    return lane.name() + " (pid " + std::to_string(lane.pid()) + ")";
}

std::filesystem::path tracer_folder()
{
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return program.parent_path().parent_path() / "share" / "manyhands" / "python_tracer";
}

std::string descriptor_path(int descriptor)
{
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(descriptor);
}

std::optional<StartMethod> start_method_named(std::string_view name)
{
    if (name == "none")
        return StartMethod::none;
    for (const auto one : {StartMethod::spawn, StartMethod::fork, StartMethod::forkserver}) {
        if (name == name_of(one))
            return one;
    }
    return std::nullopt;
}

std::optional<Role> role_named(std::string_view name)
{
    for (const auto one : {Role::main, Role::worker, Role::server}) {
        if (name == name_of(one))
            return one;
    }
    return std::nullopt;
}

// "register\tPID\tPARENT\tMETHOD\tROLE\tNAME", from whom it may be.
std::optional<Registration> registration_from(std::string_view line)
{
    std::vector<std::string_view> fields;
    for (std::size_t begin = 0; begin <= line.size();) {
        const std::size_t end = std::min(line.find('\t', begin), line.size());
        fields.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    if (fields.size() != 6 || fields[0] != "register")
        return std::nullopt;
    Registration registration;
    const char* const end = fields[1].data() + fields[1].size();
    const auto [stop, error] = std::from_chars(fields[1].data(), end, registration.pid);
    const auto method = start_method_named(fields[3]);
    const auto role = role_named(fields[4]);
    if (error != std::errc() || stop != end || registration.pid <= 0 || !method || !role)
        return std::nullopt;
    registration.start_method = *method;
    registration.role = *role;
    registration.name = fields[5];
    return registration;
}

} // namespace

WatchHost::WatchHost(const WatchArguments& arguments)
    : arguments_(arguments)
    , segment_(os::Descriptor(arguments.segment))
    , slots_(segment_)
    , lifeline_(arguments.lifeline)
    , reports_(arguments.reports)
    , requests_(os::make_pipe())
    , started_(steady_clock::now())
{
    ::fcntl(requests_.read.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(reports_.get(), F_SETFL, O_NONBLOCK);
    struct sigaction action = {};
    action.sa_handler = on_signal;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) {
        struct sigaction before = {};
        ::sigaction(number, nullptr, &before);
        // What was ignored stays so, in the program, too; the others it gets back by its exec.
        if (before.sa_handler != SIG_IGN)
            ::sigaction(number, &action, nullptr);
    }
    report_.host_pid = ::getpid();
    // Nobody else takes a number yet.
    calls_channel_ = static_cast<std::uint16_t>(
        segment_.header().watched_ids.fetch_add(1, std::memory_order_relaxed));
}

void WatchHost::set_environment() const
{
    ::setenv("MANYHANDS_SEGMENT", descriptor_path(segment_.descriptor()).c_str(), 1);
    ::setenv("MANYHANDS_REQUESTS", descriptor_path(requests_.write.get()).c_str(), 1);
    const std::string folder = tracer_folder().string();
    const char* const before = std::getenv("PYTHONPATH");
    const bool more = before != nullptr && *before != '\0';
    ::setenv("PYTHONPATH", (more ? folder + ':' + before : folder).c_str(), 1);
}

bool WatchHost::start()
{
    set_environment();
    const std::int64_t before = os::monotonic_ns();
    try {
        const std::vector<std::string>& words = arguments_.words;
        const Launched launched = launch({.program = arguments_.program,
            .argv0 = words.front(),
            .arguments = {words.begin() + 1, words.end()},
            .inherit = {}});
        root_ = launched.pid;
    } catch (const Error& error) {
        report_.problem = error.what();
        return false;
    }
    // Ours, not the program's.
    os::raise_descriptor_limit();
    last_find_ns_ = before;
    last_change_ = steady_clock::now();
    add(root_);
    return true;
}

int WatchHost::run()
{
    constexpr int failed = 1;
    constexpr int machine_lacks = 3;
    if (!start()) {
        tell(true);
        return machine_lacks;
    }
    bool done = false;
    while (!done && !lifeline_gone_ && end_asked == 0) {
        tell(false);
        wait();
        take_requests();
        const Time now = steady_clock::now();
        if (now >= next_look_) {
            const std::int64_t before = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
            const bool thorough = now >= next_thorough_;
            if (thorough)
                next_thorough_ = now + thorough_interval;
            find_processes();
            look(thorough);
            look_cost_ns_ = cpu_ns(CLOCK_THREAD_CPUTIME_ID) - before;
            ++looks_;
            next_look_ = steady_clock::now() + interval();
        }
        obey();
        drop_ended();
        if (living_.empty()) {
            // What it left behind has become ours.
            find_processes();
            look(true);
            drop_ended();
            done = living_.empty();
        }
    }
    end_everything();
    finish_report();
    return root_exit_ == 0 ? 0 : failed;
}

std::chrono::microseconds WatchHost::interval() const
{
    using std::chrono::microseconds;
    const bool busy = steady_clock::now() - last_change_ < busy_for;
    const microseconds least = busy ? busy_interval : usual_interval;
    const microseconds fair(look_cost_ns_ * share_of_cpu / 1000);
    return std::clamp<microseconds>(fair, least, std::max<microseconds>(least, longest_interval));
}

void WatchHost::wait()
{
    std::vector<pollfd> waiting = {{requests_.read.get(), POLLIN, 0}, {lifeline_.get(), POLLIN, 0}};
    for (const Watched& watched : living_)
        waiting.push_back({watched.lane->process().process(), POLLIN, 0});
    const auto left
        = std::chrono::ceil<std::chrono::milliseconds>(next_look_ - steady_clock::now());
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<long>(left.count(), 0)))
        <= 0)
        return;
    lifeline_gone_ = waiting[1].revents != 0;
    // Children stand behind their parents, and end before them if both have ended by now.
    for (std::size_t i = waiting.size(); i-- > 2;) {
        if (waiting[i].revents != 0)
            look_at(living_[i - 2], true);
    }
}

WatchHost::Watched* WatchHost::find(int pid)
{
    const auto at = std::find_if(living_.begin(), living_.end(),
        [pid](const Watched& one) { return one.lane->pid() == pid && !one.lane->ended(); });
    return at == living_.end() ? nullptr : &*at;
}

void WatchHost::take_requests()
{
    char piece[4096];
    ssize_t length = 0;
    while ((length = ::read(requests_.read.get(), piece, sizeof piece)) > 0) {
        request_text_.append(piece, static_cast<std::size_t>(length));
        for (std::size_t end = 0; (end = request_text_.find('\n')) != std::string::npos;) {
            take_request(std::string_view(request_text_).substr(0, end));
            request_text_.erase(0, end + 1);
        }
        if (request_text_.size() > longest_request)
            request_text_.clear();
    }
}

void WatchHost::take_request(std::string_view line)
{
    const auto registration = registration_from(line);
    if (!registration)
        return;
    Watched* watched = find(registration->pid);
    if (watched == nullptr) {
        find_processes();
        watched = find(registration->pid);
    }
    // Somebody else's process has no lane here, whoever names it.
    if (watched == nullptr)
        return;
    python_registered_ = true;
    watched->lane->hand_over(*registration);
    last_change_ = steady_clock::now();
}

void WatchHost::find_processes()
{
    const std::int64_t now = os::monotonic_ns();
    // What its parent's end moves to us while we look may be missed once.
    std::erase_if(zombies_, [](int pid) {
        return ::waitpid(pid, nullptr, WNOHANG) > 0 || (::kill(pid, 0) != 0 && errno == ESRCH);
    });
    for (bool more = true; more;) {
        found_ = os::own_children();
        for (const Watched& watched : living_) {
            if (!watched.lane->ended())
                watched.lane->process().add_children(found_, watched.lane->threads());
        }
        more = false;
        for (const int pid : found_) {
            if (!zombies_.contains(pid) && !known_.contains(pid))
                more = add(pid) || more;
        }
    }
    last_find_ns_ = now;
}

bool WatchHost::add(int pid)
{
    auto lane = std::make_unique<WatchedLane>(slots_, pid, last_find_ns_);
    if (lane->ended())
        return false;
    ++report_.processes;
    known_.insert(pid);
    last_change_ = steady_clock::now();
    living_.push_back({std::move(lane)});
    look_at(living_.back(), false);
    return true;
}

void WatchHost::look(bool thorough)
{
    for (auto watched = living_.rbegin(); watched != living_.rend(); ++watched)
        look_at(*watched, thorough);
}

void WatchHost::look_at(Watched& watched, bool thorough)
{
    WatchedLane& lane = *watched.lane;
    if (lane.ended())
        return;
    if (!lane.has_slot())
        lane.take_slot(calls_channel_);
    // One that is not shown is not looked at but for its end.
    if (!lane.has_slot() && !thorough && lane.process().process() >= 0)
        return;
    // What stands still because we hold it is not waiting.
    if (paused_)
        return;
    lane.look(thorough);
    if (lane.ended()) {
        if (Watched* const parent = find(lane.parent()))
            parent->lane->has_waited_for(lane);
        return;
    }
    if (thorough || watched.python_looks == 0)
        check_python(watched);
    if (lane.hidden() && !std::exchange(watched.hidden_told, true))
        note(name_and_pid(lane)
            + " runs with another user's rights: what it reads, writes and waits for is not seen");
}

void WatchHost::check_python(Watched& watched)
{
    // Between fork and exec it still has its parent's words.
    constexpr int most_looks = 5;
    WatchedLane& lane = *watched.lane;
    if (lane.traces_itself() || !lane.name().starts_with("python")
        || watched.python_looks == most_looks)
        return;
    ++watched.python_looks;
    python_seen_ = true;
    const std::vector<std::string> words = lane.process().words();
    if (starts_resource_tracker(words))
        lane.set_name("resource tracker");
    const std::string option = option_that_keeps_tracer_out(words);
    if (!option.empty() && !std::exchange(option_told_, true))
        note(name_and_pid(lane) + " runs with " + option
            + ", which keeps the tracer out: it is sampled from outside, as are others of the "
              "kind; run it without that option");
}

void WatchHost::drop_ended()
{
    for (const Watched& watched : living_) {
        const WatchedLane& lane = *watched.lane;
        if (!lane.ended())
            continue;
        last_change_ = steady_clock::now();
        known_.erase(lane.pid());
        if (!lane.has_slot())
            ++report_.without_lane;
        // Of our own, root and orphans; others' parents reap them, and a debugger does so first.
        if (::waitpid(lane.pid(), nullptr, WNOHANG) <= 0)
            zombies_.insert(lane.pid());
        if (lane.pid() == root_ && !root_ended_) {
            root_ended_ = true;
            root_exit_ = lane.exit();
            root_end_time_ = last_change_;
        }
    }
    std::erase_if(living_, [](const Watched& watched) { return watched.lane->ended(); });
}

void WatchHost::signal_all(int number) const
{
    for (const Watched& watched : living_)
        watched.lane->process().signal(number);
}

void WatchHost::obey()
{
    const bool pause = pause_asked != 0;
    if (pause != paused_) {
        paused_ = pause;
        // Again, for those that were being started meanwhile.
        for (int round = 0; round < 2; ++round) {
            signal_all(pause ? SIGSTOP : SIGCONT);
            find_processes();
        }
    }
    const std::uint32_t stop = segment_.header().control.stop.load(std::memory_order_relaxed);
    if (stop == 0) {
        end_orphans();
        return;
    }
    const Time now = steady_clock::now();
    if (!stop_time_) {
        stop_time_ = now;
        // As Ctrl-C would; in the terminal's own group they have heard of it.
        if (::getpgrp() == ::getppid())
            signal_all(SIGINT);
    }
    if (stop > 1 || now - *stop_time_ >= kill_after) {
        find_processes();
        signal_all(SIGKILL);
    } else if (now - *stop_time_ >= terminate_after && stop_signals_ == 0) {
        stop_signals_ = 1;
        signal_all(SIGTERM);
        signal_all(SIGCONT);
    }
}

void WatchHost::end_orphans()
{
    if (!root_ended_ || living_.empty())
        return;
    const auto since = steady_clock::now() - root_end_time_;
    if (since < orphans_may_live)
        return;
    for (Watched& watched : living_) {
        if (!std::exchange(watched.orphan_told, true))
            note(name_and_pid(*watched.lane) + " lived on when " + arguments_.words.front()
                + " had ended, and was ended");
    }
    if (since >= orphans_may_live + terminate_after) {
        signal_all(SIGKILL);
    } else if (std::exchange(orphan_signals_, 1) == 0) {
        signal_all(SIGTERM);
        signal_all(SIGCONT);
    }
}

void WatchHost::end_everything()
{
    signal_all(SIGKILL);
    os::end_all_descendants();
    for (const int pid : os::own_children()) {
        note("pid " + std::to_string(pid)
            + " runs with another user's rights: it could not be ended, and goes on");
    }
    look(true);
    drop_ended();
}

void WatchHost::note(std::string text)
{
    if (report_.notes.size() < most_notes)
        report_.notes.push_back(std::move(text));
    else if (report_.notes.size() == most_notes)
        report_.notes.emplace_back("and more of the kind");
}

void WatchHost::tell(bool at_once)
{
    const Time now = steady_clock::now();
    if (!at_once && now < next_report_)
        return;
    next_report_ = now + report_interval;
    report_.alive = living_.size();
    report_.host_cpu_ns = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (looks_ > 0)
        report_.samples_every_ns
            = std::chrono::nanoseconds(now - started_).count() / static_cast<std::int64_t>(looks_);
    // A pipe that nobody empties loses a report, and the next one holds it all.
    [[maybe_unused]] const bool written = os::write_all(reports_.get(), to_line(report_));
}

void WatchHost::finish_report()
{
    if (python_seen_ && !python_registered_ && !option_told_) {
        std::error_code ignored;
        const auto tracer = tracer_folder() / "sitecustomize.py";
        note(std::filesystem::exists(tracer, ignored)
                ? "no Python program here took part in multiprocessing: they are sampled from "
                  "outside, like any other program"
                : "the Python tracer is missing (looked for " + tracer.string()
                    + "): Python programs are sampled from outside");
    }
    if (report_.without_lane > 0)
        note(std::to_string(report_.without_lane)
            + " processes have no lane: " + std::to_string(slot_limit) + " can be shown at once");
    tell(true);
}

} // namespace manyhands
