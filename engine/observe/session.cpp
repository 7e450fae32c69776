// SPDX-License-Identifier: MIT
#include "engine/observe/session.hpp"

#include "engine/analysis/speedup.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/launch/launch.hpp"
#include "engine/observe/memory_sampling.hpp"
#include "engine/observe/watched_run.hpp"
#include "engine/os/error.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/recording/run_recordings.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto terminate_after = 500ms;
constexpr auto kill_after = 1500ms;
constexpr auto sample_every = 200ms;
constexpr std::size_t raw_output_kept = std::size_t{1} << 20;
// A watched program may write as much as it likes, and does not wait for us to draw.
constexpr std::size_t most_lines_recorded = 10'000;
constexpr std::size_t longest_line_recorded = 4096;
constexpr int watched_pipe_bytes = 1 << 20;
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
    void pause();
    void resume();
    void set_gates(GateMode mode, std::uint64_t interval_ns);
    std::vector<HeldLane> held() const;
    int step(std::optional<std::uint32_t> lane);
    Progress progress() const;
    std::vector<std::string> marks() const;
    std::optional<double> sequential_s() const;
    std::optional<std::uint64_t> all_work() const;
    const Recording& recording() const;
    std::shared_ptr<const Recording> shared_recording() const;

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
    bool paused = false;
    std::optional<WatchedRun> watched;

private:
    void start();
    void start_watched();
    void take_up(Launched launched);
    void record_lines(std::string_view text);
    void read_output_of(const os::Descriptor& pipe, bool error);
    void announce_watched();
    void finish_watched();
    std::vector<std::string> arguments(int lifeline) const;
    void read_raw_output();
    void escalate();
    void sample();
    void sample_memory();
    void update_repeats();
    template <class Receiver>
    void for_each_held(Receiver receive) const;
    bool main_has_ended();
    void finish();
    void decide_state();
    void judge_machine();
    std::uint32_t shown_group() const
    {
        return options.repeats ? static_cast<std::uint32_t>(shown) + 1 : 0;
    }
    int planned_repeats() const { return options.repeats.value_or(1); }

    Segment segment_;
    std::optional<RunRecordings> recordings_;
    os::Descriptor process_;
    os::Descriptor lifeline_;
    os::Descriptor output_;
    os::Descriptor error_output_; ///< of a watched program; a lesson has one pipe for both
    std::string line_; ///< of a watched program, that has not ended yet
    std::size_t lines_recorded_ = 0;
    SteadyTime started_ = std::chrono::steady_clock::now();
    SteadyTime ended_;
    SteadyTime next_sample_ = started_;
    std::optional<StopReason> stop_reason_;
    bool held_at_stop_ = false;
    SteadyTime stop_asked_;
    int signals_sent_ = 0;
    std::map<int, os::ProcessSampler> samplers_;
    MemorySampling memory_;
    MachineTime machine_before_ = machine_time();
    std::int64_t own_cpu_before_ = own_cpu_ns();
    std::int64_t lesson_cpu_ns_ = 0;
    bool busy_machine_ = false;
    std::int64_t pause_begin_ns_ = 0;
    std::int64_t paused_ns_ = 0; ///< in all the pauses that are over
    bool was_paused_ = false;
    bool was_slowed_ = false;
    bool was_stepped_ = false;
};

Session::Implementation::Implementation(SessionOptions given)
    : options(std::move(given))
    , segment_(SegmentOptions{.traced = options.traced,
          .observed = true,
          .only_engine_writes = !options.command.has_value()})
{
    if (options.command)
        start_watched();
    else
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
    if (options.hold_gates)
        set_gates(GateMode::stepped, 0);
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
    take_up(std::move(launched));
    lifeline_ = std::move(lifeline.write);
    output_ = std::move(output.read);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    slot.pid.store(pid, std::memory_order_relaxed);
    slot.generation.store(1, std::memory_order_relaxed);
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
}

void Session::Implementation::take_up(Launched launched)
{
    pid = launched.pid;
    process_ = std::move(launched.process);
}

// The main slot is its host's to fill in: the program's first process has it.
void Session::Implementation::start_watched()
{
    segment_.slot(main_slot).start_ticks.store(
        os::read_ticks(segment_.header().clock.source), std::memory_order_relaxed);
    recordings_.emplace(
        segment_, RingReading::taking, planned_repeats(), RunRecordings::Of::watched_program);
    watched.emplace(*options.command);

    os::PipeEnds lifeline = os::make_pipe();
    os::PipeEnds output = os::make_pipe();
    os::PipeEnds error_output = os::make_pipe();
    const os::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    take_up(launch({.program = options.lesson.program,
        .argv0 = options.lesson.program.string(),
        .arguments = watched->arguments(segment_.descriptor(), lifeline.read.get()),
        .inherit = {segment_.descriptor(), lifeline.read.get(), watched->inherited()},
        .standard_input = options.in_terminal ? -1 : nothing.get(),
        .output = output.write.get(),
        .error_output = error_output.write.get(),
        .own_group = !options.in_terminal}));
    watched->started();
    lifeline_ = std::move(lifeline.write);
    output_ = std::move(output.read);
    error_output_ = std::move(error_output.read);
    for (const os::Descriptor* const pipe : {&output_, &error_output_}) {
        ::fcntl(pipe->get(), F_SETFL, O_NONBLOCK);
        ::fcntl(pipe->get(), F_SETPIPE_SZ, watched_pipe_bytes);
    }
}

Session::Implementation::~Implementation()
{
    if (exit)
        return;
    if (watched) {
        lifeline_.reset();
        watched->wait_for_end(pid, process_.get());
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) { }
        return;
    }
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
    if (watched)
        announce_watched();
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
    // A pipe that all its writers have closed is always ready: no reason to wake any more.
    const auto open = [](const os::Descriptor& pipe) {
        pollfd one = {pipe.get(), 0, 0};
        return ::poll(&one, 1, 0) > 0 && (one.revents & POLLHUP) != 0 ? -1 : pipe.get();
    };
    pollfd waiting[] = {
        {process_.get(), POLLIN, 0}, {open(output_), POLLIN, 0}, {open(error_output_), POLLIN, 0}};
    ::poll(waiting, 3, static_cast<int>(timeout.count()));
}

bool Session::Implementation::main_has_ended()
{
    siginfo_t info = {};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_pid != 0;
}

void Session::Implementation::read_raw_output()
{
    read_output_of(output_, false);
    if (error_output_)
        read_output_of(error_output_, true);
}

void Session::Implementation::read_output_of(const os::Descriptor& pipe, bool error)
{
    char piece[65536];
    std::string fresh;
    while (true) {
        const ssize_t length = ::read(pipe.get(), piece, sizeof piece);
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
    if (options.output)
        options.output(fresh, error);
    raw_output += fresh;
    if (raw_output.size() > raw_output_kept)
        raw_output.erase(0, raw_output.size() - raw_output_kept);
    if (watched)
        record_lines(fresh);
    else
        recordings_->raw_output(std::move(fresh));
}

// All that a watched program says comes this way: its lines, and of many the first.
void Session::Implementation::record_lines(std::string_view text)
{
    while (!text.empty() && lines_recorded_ < most_lines_recorded) {
        const std::size_t end = text.find('\n');
        line_ += text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (end == std::string_view::npos && line_.size() < longest_line_recorded)
            return;
        ++lines_recorded_;
        recordings_->raw_output(std::exchange(line_, {}));
        if (lines_recorded_ == most_lines_recorded)
            recordings_->raw_output("(more was written than is shown here)");
    }
}

// A watched program is one repeat, from its first process's start.
void Session::Implementation::announce_watched()
{
    watched->poll();
    const Slot& slot = segment_.slot(main_slot);
    // Acquire: with the state come its pid and start.
    if (recordings_->phase_under_way() || !recordings_->phases().empty()
        || slot.state.load(std::memory_order_acquire)
            == static_cast<std::uint32_t>(SlotState::free))
        return;
    PhaseRecord phase;
    phase.begin_ticks = slot.start_ticks.load(std::memory_order_relaxed);
    recordings_->announce(phase);
}

void Session::Implementation::escalate()
{
    // A host escalates itself.
    if (!stop_reason_ || watched)
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
    if (stop_reason_ && watched) {
        segment_.header().control.stop.store(2, std::memory_order_relaxed);
        return;
    }
    if (stop_reason_) {
        ::kill(-pid, SIGKILL);
        signals_sent_ = 2;
        return;
    }
    held_at_stop_ = !held().empty();
    recordings_->ask_to_stop(os::read_ticks(segment_.header().clock.source));
    // Before what is paused goes on: the first thing that it learns is that it is to end.
    segment_.header().control.stop.store(1, std::memory_order_relaxed);
    resume();
    wake_everybody(segment_);
    stop_reason_ = reason;
    stop_asked_ = std::chrono::steady_clock::now();
    state = RunState::stopping;
}

void Session::Implementation::pause()
{
    if (exit || paused || stop_reason_)
        return;
    paused = true;
    was_paused_ = true;
    pause_begin_ns_ = os::monotonic_ns();
    // Before the signal: every stop that it brings lies within the pause.
    recordings_->pause(os::read_ticks(segment_.header().clock.source));
    if (watched)
        return watched->pause();
    ::kill(-pid, SIGSTOP);
}

void Session::Implementation::resume()
{
    if (exit || !paused)
        return;
    paused = false;
    paused_ns_ += os::monotonic_ns() - pause_begin_ns_;
    recordings_->resume(os::read_ticks(segment_.header().clock.source));
    // Before the signal, and by release: whoever goes on and looks at the clock sees it.
    segment_.header().control.paused_ns.store(paused_ns_, std::memory_order_release);
    if (watched)
        return watched->resume();
    ::kill(-pid, SIGCONT);
}

void Session::Implementation::set_gates(GateMode mode, std::uint64_t interval_ns)
{
    if (exit)
        return;
    was_stepped_ = was_stepped_ || mode == GateMode::stepped;
    was_slowed_ = was_slowed_ || mode == GateMode::paced;
    Control& control = segment_.header().control;
    control.gate_interval_ns.store(interval_ns, std::memory_order_relaxed);
    // Release: who sees the mode sees the interval.
    control.gates.store(static_cast<std::uint32_t>(mode), std::memory_order_release);
    wake_everybody(segment_);
}

// Calls `receive` with each lane of the recording under way whose gate waits for the observer.
template <class Receiver>
void Session::Implementation::for_each_held(Receiver receive) const
{
    if (exit)
        return;
    for (const RunRecordings::LiveLane& lane : recordings_->live()) {
        Slot& slot = segment_.slot(lane.slot);
        // Acquire, in this order: all granted steps are taken, and then it came to the gate.
        const std::uint32_t passed = slot.gates_passed.load(std::memory_order_acquire);
        const std::uint32_t gate = slot.gate.load(std::memory_order_acquire);
        const std::uint32_t steps = slot.steps.load(std::memory_order_relaxed);
        const bool has_step = static_cast<std::int32_t>(steps - passed) > 0;
        if (gate != 0 && !has_step && lane.group == recordings_->current_group())
            receive(lane, slot, passed, gate - 1);
    }
}

std::vector<Session::HeldLane> Session::Implementation::held() const
{
    std::vector<HeldLane> found;
    for_each_held([&](const RunRecordings::LiveLane& lane, Slot& /*slot*/, std::uint32_t /*passed*/,
                      std::uint32_t gate) {
        found.push_back({lane.lane, recordings_->gate_index(lane, gate)});
    });
    return found;
}

// Returns how many were let go.
int Session::Implementation::step(std::optional<std::uint32_t> lane)
{
    const auto mode
        = static_cast<GateMode>(segment_.header().control.gates.load(std::memory_order_relaxed));
    int stepped = 0;
    if (mode != GateMode::stepped)
        return stepped;
    for_each_held([&](const RunRecordings::LiveLane& held, Slot& slot, std::uint32_t passed,
                      std::uint32_t /*gate*/) {
        if (lane && held.lane != *lane)
            return;
        // What was passed is counted whoever allowed it: this is one gate more, never two.
        slot.steps.store(passed + 1, std::memory_order_relaxed);
        wake(segment_, held.slot);
        ++stepped;
    });
    return stepped;
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
        if (lane.pid <= 0 || (lane.pid == pid && !watched))
            continue;
        auto known = samplers_.extract(lane.pid);
        auto at = known.empty() ? still.try_emplace(lane.pid, lane.pid).first
                                : still.insert(std::move(known)).position;
        if (const auto figures = at->second.read())
            recordings_->resources(lane, figures->cpu_ns, figures->run_delay_ns);
    }
    samplers_ = std::move(still);
    sample_memory();
}

// Only in the one repeat of a Run: to read it costs the processes time, which Measure measures.
void Session::Implementation::sample_memory()
{
    const auto& phase = recordings_->phase_under_way();
    if (!options.description.memory || options.repeats)
        return;
    if (paused || !phase || phase->kind != PhaseKind::repeat)
        memory_.pause();
    else
        memory_.sample(*recordings_, segment_.header().clock.source);
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
    if (std::exchange(paused, false)) // killed meanwhile
        paused_ns_ += os::monotonic_ns() - pause_begin_ns_;
    // A host that was killed has left the end of what it watched to its guard, which has ended.
    lifeline_.reset();
    const std::int64_t run_delay = os::run_delay_ns(pid);
    int status = 0;
    rusage usage = {};
    while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) { }
    exit = os::exit_of_status(status);
    // The workers die with their parent; this is for what left its guards behind.
    if (!watched)
        ::kill(-pid, SIGKILL);
    read_raw_output();
    if (watched)
        announce_watched();
    recordings_->poll();
    if (watched) {
        if (!line_.empty())
            record_lines("\n");
        return finish_watched();
    }
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

void Session::Implementation::finish_watched()
{
    const auto& lanes = recordings_->current().lanes();
    const bool whole
        = std::all_of(lanes.begin(), lanes.end(), [](const Lane& lane) { return lane.ended(); });
    for (const Lane& lane : lanes)
        lesson_cpu_ns_ += lane.cpu_ns;
    if (auto phase = recordings_->phase_under_way(); phase && whole && !stop_reason_) {
        // By its last process's end: what the host did after that is no part of it.
        std::int64_t end_ns = 0;
        for (const Lane& lane : lanes)
            end_ns = std::max(end_ns, lane.end_ns);
        const std::int64_t begin_ns = lanes.front().start_ns;
        phase->end_ticks = phase->begin_ticks + static_cast<std::uint64_t>(end_ns - begin_ns);
        phase->wall_ns = end_ns - begin_ns - paused_ns_;
        phase->main_cpu_ns = lanes.front().cpu_ns;
        phase->main_run_delay_ns = lanes.front().run_delay_ns;
        recordings_->announce(*phase);
    }
    LaneEnd end;
    end.end_ticks = os::read_ticks(segment_.header().clock.source);
    recordings_->end_main(end);
    document = watched->document(recordings_->current(), !stop_reason_);
    update_repeats();
    judge_machine();
    if (*exit == 0 && !stop_reason_) {
        state = RunState::done;
        return;
    }
    if (stop_reason_) {
        state = *stop_reason_ == StopReason::person ? RunState::stopped : RunState::timed_out;
        return;
    }
    state = RunState::failed;
    problem = watched->problem(recordings_->current());
}

void Session::Implementation::decide_state()
{
    // Who was held at a gate has ended without the rest of its work, and the lesson may go on as if
    // it had done it.
    const bool complete
        = repeats.size() == static_cast<std::size_t>(planned_repeats()) && !held_at_stop_;
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
        if (const Recording* const found = recordings_->of_group(shown_group()))
            return *found;
    }
    return recordings_->current();
}

std::shared_ptr<const Recording> Session::Implementation::shared_recording() const
{
    auto shared = repeats.empty() ? nullptr : recordings_->shared_of_group(shown_group());
    return shared ? shared : recordings_->shared_current();
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
    const std::int64_t paused_ns = paused_ns_ + (paused ? os::monotonic_ns() - pause_begin_ns_ : 0);
    progress.elapsed_s = std::chrono::duration<double>(end - started_).count() - seconds(paused_ns);
    progress.alive = exit ? 0 : static_cast<int>(recordings_->live().size());
    if (watched && !exit)
        progress.alive = std::max(progress.alive, static_cast<int>(watched->report().alive));
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
    if (was_paused_)
        marks.emplace_back("paused");
    if (was_slowed_)
        marks.emplace_back("slowed");
    if (was_stepped_)
        marks.emplace_back("stepped");
    std::int64_t workers = 0;
    for (const ParameterDescription& parameter : options.description.parameters) {
        const auto value = options.parameters.find(parameter.name);
        if (parameter.workers && value != options.parameters.end()
            && std::holds_alternative<std::int64_t>(value->second))
            workers += std::get<std::int64_t>(value->second);
    }
    if (workers > machine.usable_cpus)
        marks.emplace_back("oversubscribed");
    if (recordings_->summarised())
        marks.emplace_back("summarised");
    if (recordings_->events_dropped() > 0)
        marks.emplace_back("dropped");
    if (busy_machine_)
        marks.emplace_back("busy_machine");
    if (watched && has_sampled_lane(recording()))
        marks.emplace_back("sampled");
    if (watched && watched->report().without_lane > 0)
        marks.emplace_back("unseen");
    return marks;
}

int exit_code_of(const Session& session)
{
    const int exit = session.exit().value_or(exit_code::failed);
    // Of a watched program, whatever it ends with.
    if (session.options().command)
        return exit == exit_code::machine_lacks || session.state() == RunState::done
            ? exit
            : exit_code::failed;
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
void Session::pause()
{
    implementation_->pause();
}
void Session::resume()
{
    implementation_->resume();
}
bool Session::paused() const noexcept
{
    return implementation_->paused;
}
void Session::hold_gates()
{
    implementation_->set_gates(GateMode::stepped, 0);
}
void Session::pace_gates(double steps_per_second)
{
    if (!std::isfinite(steps_per_second) || steps_per_second <= 0)
        throw BadValue({.object = "pace",
            .problem = "is not allowed",
            .value = shortest(steps_per_second) + " steps a second",
            .limit = "more than 0"});
    // Slower than one step a year is that; faster than a step a nanosecond is no pace.
    constexpr double longest_ns = 366.0 * 86'400 * 1e9;
    implementation_->set_gates(
        GateMode::paced, static_cast<std::uint64_t>(std::min(1e9 / steps_per_second, longest_ns)));
}
void Session::open_gates()
{
    implementation_->set_gates(GateMode::open, 0);
}
std::vector<Session::HeldLane> Session::held() const
{
    return implementation_->held();
}
bool Session::step(std::uint32_t lane)
{
    return implementation_->step(lane) > 0;
}
int Session::step_all()
{
    return implementation_->step(std::nullopt);
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
std::shared_ptr<const Recording> Session::shared_recording() const
{
    return implementation_->shared_recording();
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
std::vector<std::string> Session::notes() const
{
    return implementation_->watched ? implementation_->watched->report().notes
                                    : std::vector<std::string>();
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
