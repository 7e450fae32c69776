// SPDX-License-Identifier: MIT
#include "engine/observe/session.hpp"

#include "engine/analysis/speedup.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/launch/launch.hpp"
#include "engine/os/error.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/recording/run_recordings.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto terminate_after = 500ms;
constexpr auto kill_after = 1500ms;
constexpr auto sample_every = 200ms;
constexpr std::size_t raw_output_kept = std::size_t{1} << 20;
// Others on the machine took more than this share of the CPUs: the figures are not of a quiet one.
constexpr double busy_share = 0.1;

double seconds(std::int64_t ns)
{
    return static_cast<double>(ns) / 1e9;
}

std::int64_t nanoseconds(const timeval& time)
{
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000
        + static_cast<std::int64_t>(time.tv_usec) * 1000;
}

std::string shortest(double value)
{
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value);
    return {text, end.ptr};
}

// All CPUs' time since the machine's start, in clock ticks: of which busy, and altogether.
struct MachineTime
{
    double busy = 0;
    double all = 0;
};

MachineTime machine_time()
{
    std::ifstream file("/proc/stat");
    std::string word;
    file >> word;
    MachineTime time;
    // user nice system idle iowait irq softirq steal
    for (int i = 0; i < 8; ++i) {
        double ticks = 0;
        file >> ticks;
        time.all += ticks;
        if (i != 3 && i != 4)
            time.busy += ticks;
    }
    return time;
}

std::int64_t own_cpu_ns()
{
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

} // namespace

std::string_view name_of(RunState state)
{
    constexpr std::array<std::string_view, 6> names
        = {"running", "stopping", "done", "stopped", "timed_out", "failed"};
    return names[static_cast<std::size_t>(state)];
}

class Session::Implementation
{
public:
    explicit Implementation(SessionOptions options);
    ~Implementation();

    bool poll();
    void wait(std::chrono::milliseconds timeout);
    void stop(StopReason reason);
    Progress progress() const;
    std::vector<std::string> marks() const;
    std::optional<double> sequential_s() const;
    std::optional<std::uint64_t> all_work() const;
    const Recording& recording() const;

    SessionOptions options;
    Machine machine = this_machine();
    RunState state = RunState::running;
    std::vector<Repeat> repeats;
    std::size_t shown = 0;
    std::optional<ResultDocument> document;
    std::string problem;
    std::string raw_output;
    std::optional<int> exit;
    int pid = 0;

private:
    void start();
    std::vector<std::string> arguments(int lifeline) const;
    void read_raw_output();
    void escalate();
    void sample();
    void update_repeats();
    bool main_has_ended();
    void finish();
    void decide_state();
    void judge_machine();
    int planned_repeats() const { return options.repeats.value_or(1); }

    Segment segment_;
    std::optional<RunRecordings> recordings_;
    os::Descriptor process_;
    os::Descriptor lifeline_;
    os::Descriptor output_;
    SteadyTime started_ = std::chrono::steady_clock::now();
    SteadyTime ended_;
    SteadyTime next_sample_ = started_;
    std::optional<StopReason> stop_reason_;
    SteadyTime stop_asked_;
    int signals_sent_ = 0;
    std::map<int, os::ProcessSampler> samplers_;
    MachineTime machine_before_ = machine_time();
    std::int64_t own_cpu_before_ = own_cpu_ns();
    std::int64_t lesson_cpu_ns_ = 0;
    bool busy_machine_ = false;
};

Session::Implementation::Implementation(SessionOptions given)
    : options(std::move(given))
    , segment_(SegmentOptions{.traced = options.traced, .observed = true})
{
    start();
}

std::vector<std::string> Session::Implementation::arguments(int lifeline) const
{
    std::vector<std::string> words = {options.lesson.id};
    for (const auto& [name, value] : options.parameters)
        words.push_back(name + "=" + to_text(value));
    words.push_back("--seed=" + std::to_string(options.seed));
    if (options.repeats)
        words.push_back("--repeat=" + std::to_string(*options.repeats));
    if (!options.traced)
        words.push_back("--no-trace");
    if (options.baseline) {
        words.push_back("--sequential-s=" + shortest(options.baseline->sequential_s));
        words.push_back("--sequential-work=" + std::to_string(options.baseline->work));
    }
    words.push_back("--observe-segment=" + std::to_string(segment_.descriptor()));
    words.push_back("--observe-lifeline=" + std::to_string(lifeline));
    return words;
}

void Session::Implementation::start()
{
    Slot& slot = segment_.slot(main_slot);
    slot.role = Role::main;
    slot.start_method = StartMethod::none;
    set_name(slot, "main");
    slot.start_ticks.store(
        os::read_ticks(segment_.header().clock.source), std::memory_order_relaxed);
    recordings_.emplace(segment_, RingReading::taking, planned_repeats());

    os::PipeEnds lifeline = os::make_pipe();
    os::PipeEnds output = os::make_pipe();
    const os::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    Launched launched = launch({.program = options.lesson.program,
        .argv0 = options.lesson.program.string(),
        .arguments = arguments(lifeline.read.get()),
        .inherit = {segment_.descriptor(), lifeline.read.get()},
        .standard_input = nothing.get(),
        .output = output.write.get(),
        .error_output = output.write.get(),
        .own_group = true});
    pid = launched.pid;
    process_ = std::move(launched.process);
    lifeline_ = std::move(lifeline.write);
    output_ = std::move(output.read);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    slot.pid.store(pid, std::memory_order_relaxed);
    slot.generation.store(1, std::memory_order_relaxed);
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
}

Session::Implementation::~Implementation()
{
    if (exit)
        return;
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) { }
}

bool Session::Implementation::poll()
{
    if (exit)
        return false;
    // First: whatever the main process did before its end is then there to be read.
    const bool ended = main_has_ended();
    read_raw_output();
    recordings_->poll();
    update_repeats();
    if (ended) {
        finish();
        return false;
    }
    sample();
    escalate();
    return true;
}

void Session::Implementation::wait(std::chrono::milliseconds timeout)
{
    if (exit)
        return;
    pollfd waiting[] = {{process_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}};
    ::poll(waiting, 2, static_cast<int>(timeout.count()));
}

bool Session::Implementation::main_has_ended()
{
    siginfo_t info = {};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_pid != 0;
}

void Session::Implementation::read_raw_output()
{
    char piece[65536];
    std::string fresh;
    while (true) {
        const ssize_t length = ::read(output_.get(), piece, sizeof piece);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            break;
        fresh.append(piece, static_cast<std::size_t>(length));
        // A program that writes without end is read on, but not within one poll.
        if (fresh.size() > raw_output_kept)
            break;
    }
    if (fresh.empty())
        return;
    raw_output += fresh;
    if (raw_output.size() > raw_output_kept)
        raw_output.erase(0, raw_output.size() - raw_output_kept);
    recordings_->raw_output(std::move(fresh));
}

void Session::Implementation::escalate()
{
    if (!stop_reason_)
        return;
    const auto since = std::chrono::steady_clock::now() - stop_asked_;
    if (since >= kill_after && signals_sent_ < 2) {
        ::kill(-pid, SIGKILL);
        signals_sent_ = 2;
    } else if (since >= terminate_after && signals_sent_ < 1) {
        ::kill(-pid, SIGTERM);
        // One that was stopped from outside hears nothing until it goes on.
        ::kill(-pid, SIGCONT);
        signals_sent_ = 1;
    }
}

void Session::Implementation::stop(StopReason reason)
{
    if (exit)
        return;
    if (stop_reason_) {
        ::kill(-pid, SIGKILL);
        signals_sent_ = 2;
        return;
    }
    stop_reason_ = reason;
    stop_asked_ = std::chrono::steady_clock::now();
    state = RunState::stopping;
    segment_.header().control.stop.store(1, std::memory_order_relaxed);
}

void Session::Implementation::sample()
{
    const auto now = std::chrono::steady_clock::now();
    if (now < next_sample_)
        return;
    next_sample_ = now + sample_every;
    std::map<int, os::ProcessSampler> still;
    for (const RunRecordings::LiveLane& lane : recordings_->live()) {
        // The main process's figures are those of a repeat, which it announces itself.
        if (lane.pid <= 0 || lane.pid == pid)
            continue;
        auto known = samplers_.extract(lane.pid);
        auto at = known.empty() ? still.try_emplace(lane.pid, lane.pid).first
                                : still.insert(std::move(known)).position;
        if (const auto figures = at->second.read())
            recordings_->resources(lane, figures->cpu_ns, figures->run_delay_ns);
    }
    samplers_ = std::move(still);
}

void Session::Implementation::update_repeats()
{
    const std::vector<PhaseRecord>& phases = recordings_->phases();
    std::vector<Repeat> found;
    for (const PhaseRecord& phase : phases) {
        if (phase.kind != PhaseKind::repeat)
            continue;
        Repeat repeat = {.wall_s = seconds(phase.wall_ns), .sequential_s = {}, .speedup = {}};
        if (options.baseline)
            repeat.sequential_s = options.baseline->sequential_s;
        for (const PhaseRecord& other : phases) {
            if (other.kind == PhaseKind::baseline && other.number == phase.number)
                repeat.sequential_s = seconds(other.wall_ns);
        }
        if (repeat.sequential_s)
            repeat.speedup = speedup(*repeat.sequential_s, repeat.wall_s);
        found.push_back(repeat);
    }
    repeats = std::move(found);
}

void Session::Implementation::finish()
{
    ended_ = std::chrono::steady_clock::now();
    const std::int64_t run_delay = os::run_delay_ns(pid);
    int status = 0;
    rusage usage = {};
    while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) { }
    exit = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    // The workers die with their parent; this is for what left its guards behind.
    ::kill(-pid, SIGKILL);
    read_raw_output();
    recordings_->poll();
    lesson_cpu_ns_ = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
    recordings_->end_main({.end_ticks = os::read_ticks(segment_.header().clock.source),
        .exit = exit,
        .cpu_ns = lesson_cpu_ns_,
        .run_delay_ns = run_delay,
        .peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024});
    if (!recordings_->document().empty()) {
        try {
            document = result_document_from(
                nlohmann::json::parse(recordings_->document(), nullptr, false));
        } catch (const std::exception& error) {
            problem = error.what();
        }
    }
    update_repeats();
    if (!repeats.empty()) {
        std::vector<double> walls;
        for (const Repeat& repeat : repeats)
            walls.push_back(repeat.wall_s);
        shown = median_index(walls);
    }
    decide_state();
    judge_machine();
}

void Session::Implementation::decide_state()
{
    const bool complete = repeats.size() == static_cast<std::size_t>(planned_repeats());
    if (*exit == 0 && complete) {
        state = RunState::done;
        return;
    }
    if (stop_reason_ && !complete) {
        state = *stop_reason_ == StopReason::person ? RunState::stopped : RunState::timed_out;
        return;
    }
    state = RunState::failed;
    if (!problem.empty())
        return;
    const std::string& exception = recordings_->main_exception();
    const auto newline = exception.find('\n');
    if (newline != std::string::npos) {
        problem = exception.substr(newline + 1);
    } else if (*exit < 0) {
        problem = "the lesson's main process (pid " + std::to_string(pid)
            + ") was killed by signal " + std::to_string(-*exit);
    } else if (!document) {
        // It ended before it could say anything else: its last words.
        std::string words = raw_output.substr(0, raw_output.find_last_not_of('\n') + 1);
        words.erase(0, words.rfind('\n') + 1);
        problem = words.empty()
            ? "the lesson's main process ended with exit code " + std::to_string(*exit)
            : words;
    }
}

void Session::Implementation::judge_machine()
{
    const MachineTime after = machine_time();
    const double all = after.all - machine_before_.all;
    const double ours_ns = static_cast<double>(lesson_cpu_ns_ + own_cpu_ns() - own_cpu_before_);
    const double ours = ours_ns / 1e9 * static_cast<double>(::sysconf(_SC_CLK_TCK));
    // Less than this is less than what clock ticks can tell.
    constexpr double least_ticks = 20;
    const double others = after.busy - machine_before_.busy - ours;
    busy_machine_ = all >= least_ticks && others > least_ticks / 2 && others / all > busy_share;
}

const Recording& Session::Implementation::recording() const
{
    if (exit && !repeats.empty()) {
        const std::uint32_t group = options.repeats ? static_cast<std::uint32_t>(shown) + 1 : 0;
        if (const Recording* const found = recordings_->of_group(group))
            return *found;
    }
    return recordings_->current();
}

Session::Progress Session::Implementation::progress() const
{
    Progress progress;
    if (const auto& phase = recordings_->phase_under_way(); phase && !exit) {
        progress.phase = phase->kind;
        progress.number = phase->number;
    }
    progress.repeats = planned_repeats();
    const auto end = exit ? ended_ : std::chrono::steady_clock::now();
    progress.elapsed_s = std::chrono::duration<double>(end - started_).count();
    progress.alive = exit ? 0 : static_cast<int>(recordings_->live().size());
    progress.events = recordings_->events_recorded();
    progress.dropped = recordings_->events_dropped();
    return progress;
}

std::optional<double> Session::Implementation::sequential_s() const
{
    if (options.baseline)
        return options.baseline->sequential_s;
    std::vector<double> walls;
    for (const PhaseRecord& phase : recordings_->phases()) {
        if (phase.kind == PhaseKind::baseline)
            walls.push_back(seconds(phase.wall_ns));
    }
    return median(walls);
}

std::optional<std::uint64_t> Session::Implementation::all_work() const
{
    if (options.baseline)
        return options.baseline->work;
    for (const PhaseRecord& phase : recordings_->phases()) {
        if (phase.kind == PhaseKind::baseline)
            return phase.work;
    }
    return std::nullopt;
}

std::vector<std::string> Session::Implementation::marks() const
{
    std::vector<std::string> marks;
    if (exit && repeats.size() < static_cast<std::size_t>(planned_repeats()))
        marks.emplace_back("partial");
    for (const ParameterDescription& parameter : options.description.parameters) {
        const auto value = options.parameters.find(parameter.name);
        if (parameter.workers && value != options.parameters.end()
            && std::holds_alternative<std::int64_t>(value->second)
            && std::get<std::int64_t>(value->second) > machine.usable_cpus) {
            marks.emplace_back("oversubscribed");
            break;
        }
    }
    if (recordings_->summarised())
        marks.emplace_back("summarised");
    if (recordings_->events_dropped() > 0)
        marks.emplace_back("dropped");
    if (busy_machine_)
        marks.emplace_back("busy_machine");
    return marks;
}

int exit_code_of(const Session& session)
{
    const int exit = session.exit().value_or(exit_code::failed);
    if (exit == exit_code::machine_lacks || exit == exit_code::usage)
        return exit;
    if (session.state() != RunState::done)
        return exit_code::failed;
    if (!session.document())
        return exit_code::done;
    const auto& checks = session.document()->checks;
    const bool all_held = std::none_of(
        checks.begin(), checks.end(), [](const Check& check) { return check.held == false; });
    return all_held ? exit_code::done : exit_code::failed;
}

Session::Session(SessionOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options)))
{
}
Session::~Session() = default;

bool Session::poll()
{
    return implementation_->poll();
}
void Session::wait(std::chrono::milliseconds timeout)
{
    implementation_->wait(timeout);
}
void Session::stop(StopReason reason)
{
    implementation_->stop(reason);
}
bool Session::finished() const noexcept
{
    return implementation_->exit.has_value();
}
RunState Session::state() const noexcept
{
    return implementation_->state;
}
const SessionOptions& Session::options() const noexcept
{
    return implementation_->options;
}
const Machine& Session::machine() const noexcept
{
    return implementation_->machine;
}
const Recording& Session::recording() const noexcept
{
    return implementation_->recording();
}
Session::Progress Session::progress() const
{
    return implementation_->progress();
}
const std::vector<Repeat>& Session::repeats() const noexcept
{
    return implementation_->repeats;
}
std::size_t Session::shown_repeat() const noexcept
{
    return implementation_->shown;
}
std::optional<double> Session::sequential_s() const
{
    return implementation_->sequential_s();
}
std::optional<std::uint64_t> Session::all_work() const
{
    return implementation_->all_work();
}
const std::optional<ResultDocument>& Session::document() const noexcept
{
    return implementation_->document;
}
const std::string& Session::problem() const noexcept
{
    return implementation_->problem;
}
std::optional<int> Session::exit() const noexcept
{
    return implementation_->exit;
}
const std::string& Session::raw_output() const noexcept
{
    return implementation_->raw_output;
}
std::vector<std::string> Session::marks() const
{
    return implementation_->marks();
}
int Session::main_pid() const noexcept
{
    return implementation_->pid;
}

} // namespace manyhands
