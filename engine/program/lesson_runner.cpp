// SPDX-License-Identifier: MIT
#include "engine/program/lesson_runner.hpp"

#include "engine/description/exit_codes.hpp"
#include "engine/os/limits.hpp"
#include "engine/os/machine.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/process/start_block.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

namespace manyhands {
namespace {

using namespace std::chrono_literals;

// A worker's own memory besides its part of the segment, as measured, rounded up.
constexpr std::uint64_t worker_memory_bytes = std::uint64_t{2} << 20;
constexpr std::int64_t descriptors_a_worker = 1; // a pidfd

// Without the threads that have lanes of their own.
std::int64_t cpu_ns_of_main_thread()
{
    timespec time;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Failure to_failure(const TaskFailure& failure)
{
    const char* const kinds[] = {"exception", "signal", "exit", "timeout"};
    return {.process = failure.process,
        .pid = failure.pid,
        .task = failure.task,
        .argument = failure.argument,
        .kind = kinds[static_cast<int>(failure.kind)],
        .value = failure.value,
        .text = failure.type.empty() ? failure.text : failure.type + ": " + failure.text};
}

// A process that no pool answers for, and that nobody had asked to end.
std::optional<Failure> to_failure(const ChildEnd& end)
{
    const std::vector<TaskFailure>& known = failures_of_this_run();
    const bool told = std::any_of(known.begin(), known.end(),
        [&](const TaskFailure& failure) { return failure.pid == end.pid; });
    if (end.exit == 0 || end.asked || told)
        return std::nullopt;
    Failure failure;
    failure.process = end.name;
    failure.pid = end.pid;
    if (!end.exception.empty()) {
        failure.kind = "exception";
        failure.text = exception_words(end.exception);
    } else {
        failure.kind = end.exit < 0 ? "signal" : "exit";
        failure.value = std::abs(end.exit);
        failure.text = how_it_ended(end.exit);
    }
    return failure;
}

double seconds(std::int64_t ns)
{
    return static_cast<double>(ns) / 1e9;
}

} // namespace

LessonRunner::LessonRunner(const Lesson& lesson, const LessonDescription& description,
    const ParameterValues& parameters, const ProgramArguments& arguments)
    : lesson_(lesson)
    , description_(description)
    , parameters_(parameters)
    , arguments_(arguments)
    , recordings_(this_process.segment,
          this_process.segment.header().observed != 0 ? RingReading::following
                                                      : RingReading::taking,
          arguments.repeats.value_or(1))
{
    this_process.supervisor->set_drain([this](bool at_once) { drain(at_once); });
}

void LessonRunner::drain(bool at_once)
{
    // Often enough for the rings, seldom enough not to be felt.
    const auto now = std::chrono::steady_clock::now();
    if (!at_once && now - last_drain_ < 25ms)
        return;
    last_drain_ = now;
    recordings_.poll();
}

void LessonRunner::prepare_machine() const
{
    // Of several numbers of workers an error names the last one.
    std::string name;
    std::int64_t workers = 0;
    for (const ParameterDescription& parameter : description_.parameters) {
        if (!parameter.workers)
            continue;
        name = parameter.name;
        workers += std::get<std::int64_t>(parameters_.at(parameter.name));
    }
    if (workers == 0)
        return;
    const std::int64_t processes = os::processes_left();
    if (workers > processes)
        throw MachineLacks({.object = name,
            .problem = "are more processes than may be started here",
            .value = std::to_string(workers),
            .limit = std::to_string(processes) + " by the limits on processes"});
    const std::int64_t descriptors = os::descriptors_left() - os::descriptors_to_spare;
    if (workers * descriptors_a_worker > descriptors)
        throw MachineLacks({.object = name,
            .problem = "need more open files than are allowed here",
            .value = std::to_string(workers),
            .limit = std::to_string(std::max<std::int64_t>(descriptors, 0)) + " by ulimit -n"});
    const std::uint64_t each
        = worker_memory_bytes + text_bytes + (arguments_.traced ? ring_bytes : 0);
    const std::uint64_t memory = available_memory_bytes();
    if (memory != 0 && static_cast<std::uint64_t>(workers) * each > memory)
        throw MachineLacks({.object = name,
            .problem = "need more memory than is free",
            .value = std::to_string(workers),
            .limit
            = std::to_string(memory / each) + " in " + std::to_string(memory >> 20) + " MiB"});
    this_process.supervisor->prepare_slots(static_cast<std::uint32_t>(workers));
}

nlohmann::json LessonRunner::phase(PhaseKind kind, int number, std::uint32_t group,
    const std::function<void(LessonRun&)>& function)
{
    Supervisor& supervisor = *this_process.supervisor;
    supervisor.set_group(group);
    supervisor.work_of_ended(true);
    this_process.slot().work_done.store(0, std::memory_order_relaxed);
    const std::int64_t delay_before = os::run_delay_ns(::getpid());
    const std::int64_t cpu_before = cpu_ns_of_main_thread();
    LessonRun run(parameters_, arguments_.seed);
    PhaseRecord record;
    record.kind = kind;
    record.number = number;
    record.group = group;
    record.begin_ticks = this_process.recorder.ticks();
    const std::int64_t begin_ns = run_time_ns();
    this_process.recorder.text(TextKind::phase, 0, to_text(record));
    if (kind == PhaseKind::baseline) {
        const StateSpan computing(State::computing);
        function(run);
    } else {
        function(run);
    }
    record.wall_ns = run_time_ns() - begin_ns;
    record.end_ticks = this_process.recorder.ticks();
    record.work = this_process.slot().work_done.load(std::memory_order_relaxed)
        + supervisor.work_of_ended(false) + supervisor.work_of_living();
    record.main_cpu_ns = cpu_ns_of_main_thread() - cpu_before;
    record.main_run_delay_ns = os::run_delay_ns(::getpid()) - delay_before;
    this_process.recorder.text(TextKind::phase, 0, to_text(record));
    phases_.push_back(record);
    return std::move(run.result);
}

void LessonRunner::carry_out_phases()
{
    const bool has_baseline = lesson_.baseline != nullptr && !arguments_.sequential_s;
    const auto baseline_and_repeat = [&](int number, std::uint32_t group) {
        if (has_baseline)
            baseline_results_.push_back(
                phase(PhaseKind::baseline, number, group, lesson_.baseline));
        repeat_results_.push_back(phase(PhaseKind::repeat, number, group, lesson_.run));
        // Between repeats, so that no repeat pays for it: recordings may be let go later.
        if (arguments_.repeats && lesson_.evaluate != nullptr) {
            recordings_.poll();
            ResultDocument document;
            evaluate(repeat_results_.size() - 1, recordings_.current(), document);
            repeat_quantities_.push_back(std::move(document.quantities));
        }
    };
    if (!arguments_.repeats) {
        baseline_and_repeat(0, 0);
        return;
    }
    phase(PhaseKind::warm_up, 0, 0, lesson_.run);
    for (int i = 0; i < *arguments_.repeats; ++i)
        baseline_and_repeat(i, static_cast<std::uint32_t>(i) + 1);
}

int LessonRunner::run()
{
    int exit = exit_code::done;
    try {
        prepare_machine();
        carry_out_phases();
    } catch (const std::exception& error) {
        problem_ = error.what();
        exit = dynamic_cast<const MachineLacks*>(&error) != nullptr ? exit_code::machine_lacks
            : dynamic_cast<const BadValue*>(&error) != nullptr      ? exit_code::usage
                                                                    : exit_code::failed;
        // A task's failure is known with its pool; anything else is the main process's own.
        if (dynamic_cast<const RemoteError*>(&error) == nullptr
            && dynamic_cast<const WorkerDied*>(&error) == nullptr
            && dynamic_cast<const TaskTimeout*>(&error) == nullptr)
            this_process.recorder.text(
                TextKind::exception, 0, type_name(error) + "\n" + error.what());
    } catch (...) {
        problem_ = "something was thrown that is no std::exception";
        exit = exit_code::failed;
        this_process.recorder.text(TextKind::exception, 0, "unknown type\n" + problem_);
    }
    this_process.supervisor->end_run();
    recordings_.poll();
    for (const TaskFailure& failure : failures_of_this_run())
        document_.failures.push_back(to_failure(failure));
    for (const ChildEnd& end : this_process.supervisor->ends()) {
        if (std::optional<Failure> failure = to_failure(end))
            document_.failures.push_back(std::move(*failure));
    }
    if (!repeat_results_.empty())
        evaluate_shown();
    for (const Check& check : document_.checks) {
        if (check.held.has_value() && !*check.held && exit == exit_code::done)
            exit = exit_code::failed;
    }
    this_process.recorder.text(TextKind::document, 0, to_json(document_).dump());
    return exit;
}

std::vector<double> LessonRunner::walls(PhaseKind kind) const
{
    std::vector<double> found;
    for (const PhaseRecord& phase : phases_) {
        if (phase.kind == kind)
            found.push_back(seconds(phase.wall_ns));
    }
    return found;
}

std::optional<double> LessonRunner::sequential_s() const
{
    return arguments_.sequential_s ? arguments_.sequential_s : median(walls(PhaseKind::baseline));
}

std::optional<double> LessonRunner::wall_s() const
{
    return median(walls(PhaseKind::repeat));
}

const Recording* LessonRunner::shown_recording() const
{
    const std::vector<double> repeats = walls(PhaseKind::repeat);
    if (repeats.empty())
        return &recordings_.current();
    const std::size_t shown = median_index(repeats);
    return recordings_.of_group(arguments_.repeats ? static_cast<std::uint32_t>(shown) + 1 : 0);
}

void LessonRunner::evaluate_shown()
{
    const std::size_t shown = median_index(walls(PhaseKind::repeat));
    document_.result = repeat_results_[shown];
    const Recording* const recording = shown_recording();
    if (lesson_.evaluate == nullptr || recording == nullptr)
        return;
    evaluate(shown, *recording, document_);
    if (repeat_quantities_.size() > 1) {
        for (Quantity& quantity : document_.quantities)
            take_over_repeats(quantity);
    }
}

void LessonRunner::take_over_repeats(Quantity& quantity) const
{
    // What was measured in rounds within a repeat has a spread of its own.
    if (quantity.samples > 1)
        return;
    std::vector<double> values;
    for (const std::vector<Quantity>& quantities : repeat_quantities_) {
        for (const Quantity& one : quantities) {
            if (one.name == quantity.name && one.value)
                values.push_back(*one.value);
        }
    }
    if (values.size() < 2)
        return;
    quantity.value = median(values);
    quantity.low = quantile(values, 0.25);
    quantity.high = quantile(values, 0.75);
    quantity.samples = static_cast<int>(values.size());
}

void LessonRunner::evaluate(
    std::size_t repeat, const Recording& recording, ResultDocument& document) const
{
    std::uint64_t work = 0;
    std::optional<std::uint64_t> baseline_work;
    if (arguments_.sequential_s)
        baseline_work = arguments_.sequential_work;
    for (const PhaseRecord& phase : phases_) {
        if (phase.number != static_cast<int>(repeat))
            continue;
        if (phase.kind == PhaseKind::repeat)
            work = phase.work;
        if (phase.kind == PhaseKind::baseline)
            baseline_work = phase.work;
    }
    const nlohmann::json none;
    lesson_.evaluate(
        {.parameters = parameters_,
            .seed = arguments_.seed,
            .recording = recording,
            .traced = arguments_.traced,
            .result = repeat_results_[repeat],
            .baseline = repeat < baseline_results_.size() ? baseline_results_[repeat] : none,
            .work = work,
            .baseline_work = baseline_work,
            .wall_s = walls(PhaseKind::repeat)[repeat],
            .sequential_s = sequential_s()},
        document);
}

} // namespace manyhands
