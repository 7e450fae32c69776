// SPDX-License-Identifier: MIT
// The shared counter: processes that add to one number in shared memory, without protection, under
// a lock or by an atomic addition; and two or three of them step by step.
#include "lessons/shared_counter/program.hpp"

#include "engine/ipc/array.hpp"
#include "engine/ipc/value.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/machine.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/sync/gate.hpp"
#include "engine/sync/lock.hpp"
#include "lessons/shared_counter/description.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace manyhands::lessons::shared_counter {
namespace {

enum class Way : std::uint8_t { none, lock, lock_per_batch, atomic };

// Three ways to add 1 so often.

// Load, add, store. Not `++`: on a plain variable that two processes share it is undefined, and the
// compiler may make one addition of the whole loop, which leaves hardly anything to lose. Relaxed:
// each load and each store happens, and nothing else is promised.
void add_plainly(std::atomic_ref<std::int64_t> number, std::int64_t times)
{
    for (; times > 0; --times) {
        const std::int64_t seen = number.load(std::memory_order_relaxed);
        // What others store here is lost with the next line.
        number.store(seen + 1, std::memory_order_relaxed);
    }
}

void add_under_lock(
    std::atomic_ref<std::int64_t> number, std::int64_t times, Lock& lock, std::int64_t batch)
{
    for (; times > 0; times -= std::min(times, batch)) {
        const auto held = lock.hold();
        add_plainly(number, std::min(times, batch));
    }
}

void add_atomically(std::atomic_ref<std::int64_t> number, std::int64_t times)
{
    // Load, add and store in one step: nobody comes between.
    for (; times > 0; --times)
        number.fetch_add(1, std::memory_order_relaxed);
}

// What is to be done by a worker, or by one process alone.
struct Job
{
    Way way;
    std::int64_t batch; // additions under one lock
    std::int64_t worker; // from 0
    std::int64_t workers;
    std::int64_t increments; // of all of them, in one round
    std::int64_t rounds;
    bool side_by_side; // there is a CPU for each worker
    std::uint32_t ends_before; // of processes
};

Job job_of(const LessonRun& run)
{
    Job job = {};
    const auto variant = run.parameter<std::string>("variant");
    job.way = variant == "none" ? Way::none
        : variant == "lock"     ? Way::lock
        : variant == "atomic"   ? Way::atomic
                                : Way::lock_per_batch;
    job.batch = job.way == Way::lock ? 1 : run.whole("batch_size");
    job.workers = run.whole("workers");
    job.increments = run.whole("increments");
    job.rounds = run.whole("rounds");
    job.side_by_side = job.workers <= usable_cpus();
    job.ends_before = ends_so_far();
    return job;
}

// Work is reported a piece at a time, so that progress is seen and the run can be stopped.
std::int64_t add(
    const Job& job, std::atomic_ref<std::int64_t> number, Lock& lock, std::int64_t times)
{
    constexpr std::int64_t about = 8192;
    const std::int64_t piece = std::max<std::int64_t>(about / job.batch, 1) * job.batch;
    std::int64_t added = 0;
    while (added < times) {
        if (this_process.stop_requested())
            throw StopRequested();
        const std::int64_t now = std::min(piece, times - added);
        if (job.way == Way::none)
            add_plainly(number, now);
        else if (job.way == Way::atomic)
            add_atomically(number, now);
        else
            add_under_lock(number, now, lock, job.batch);
        this_process.work_done(static_cast<std::uint64_t>(now));
        added += now;
    }
    return added;
}

// A worker's part of the increments; the parts differ by one where they do not divide.
std::int64_t part_of(const Job& job)
{
    return job.increments * (job.worker + 1) / job.workers
        - job.increments * job.worker / job.workers;
}

// What the workers have in common besides the number. A word each, on cache lines of their own.
struct alignas(64) Word
{
    std::int64_t value;
    std::atomic_ref<std::int64_t> atomic() { return std::atomic_ref(value); }
};
struct Meeting
{
    RawArray<Word> words{8};

    std::atomic_ref<std::int64_t> arrived() const { return words.span()[0].atomic(); }
    std::atomic_ref<std::int64_t> opened() const { return words.span()[1].atomic(); }
    std::atomic_ref<std::int64_t> all_here_ns() const { return words.span()[2].atomic(); }
    std::atomic_ref<std::int64_t> false_start() const { return words.span()[3].atomic(); }
    std::atomic_ref<std::int64_t> start_ns() const { return words.span()[4].atomic(); }
    std::atomic_ref<std::int64_t> finished() const { return words.span()[5].atomic(); }
    // Of the rounds of a few increments.
    std::atomic_ref<std::int64_t> small_number() const { return words.span()[6].atomic(); }
    std::atomic_ref<std::int64_t> small_rounds_over() const { return words.span()[7].atomic(); }
};

// Where all workers wait for each other before a round. They spin: who sleeps is woken microseconds
// later than others, and a short round would be over before its rivals begin.
class StartLine
{
public:
    StartLine(const Meeting& meeting, const Job& job)
        : meeting_(meeting)
        , job_(job)
    {
        // Else two may share one where others are busy: they would take turns.
        if (job.side_by_side)
            stay_on_cpu(static_cast<int>(job.worker));
    }

    // Returns when all are here, to all at one time; false where one has died, for whom the others
    // would wait in vain. They meet twice in a row: if the second time is long behind the first
    // one, somebody was taken off its CPU. Where there are CPUs enough for all, that is a false
    // start.
    bool start()
    {
        constexpr std::int64_t at_once_ns = 20'000;
        constexpr std::int64_t patience_ns = 300'000'000;
        constexpr std::int64_t rest_ns = 1'000'000;
        // The news of the opening takes up to a microsecond from CPU to CPU.
        constexpr std::int64_t news_ns = 1000;
        const std::int64_t begin_ns = os::monotonic_ns();
        while (true) {
            const bool met
                = meet([&] { meeting_.all_here_ns().store(os::monotonic_ns()); }) && meet([&] {
                      const std::int64_t now_ns = os::monotonic_ns();
                      const bool again = job_.side_by_side && now_ns - begin_ns < patience_ns
                          && now_ns - meeting_.all_here_ns().load() > at_once_ns;
                      meeting_.false_start().store(again ? 1 : 0);
                      meeting_.start_ns().store(now_ns + (again ? rest_ns : news_ns));
                  });
            if (!met)
                return false;
            if (meeting_.false_start().load() == 0)
                break;
            // Who has slept gets a CPU before those that have not: all are woken at one time.
            std::this_thread::sleep_for(
                std::chrono::nanoseconds(meeting_.start_ns().load() - os::monotonic_ns()));
        }
        const std::int64_t start_ns = meeting_.start_ns().load();
        while (os::monotonic_ns() < start_ns) { }
        return true;
    }

private:
    // The last one to come decides, and opens.
    bool meet(auto decide)
    {
        // Some 50 us, behind which others may need this CPU to get here.
        constexpr int looks_before_resting = 100'000;
        ++meetings_;
        // Release and acquire, here and below: all see what was done before by each of them.
        if (meeting_.arrived().fetch_add(1, std::memory_order_acq_rel) + 1
            == meetings_ * job_.workers) {
            decide();
            meeting_.opened().store(meetings_, std::memory_order_release);
            return true;
        }
        for (int looks = 1; meeting_.opened().load(std::memory_order_acquire) < meetings_;
             ++looks) {
            if (looks < looks_before_resting)
                continue;
            if (this_process.stop_requested())
                throw StopRequested();
            if (ends_so_far() != job_.ends_before)
                return meeting_.opened().load(std::memory_order_acquire) >= meetings_;
            if (job_.side_by_side)
                std::this_thread::sleep_for(std::chrono::microseconds(100)); // a false start
            else
                std::this_thread::yield();
            looks = 0;
        }
        return true;
    }

    Meeting meeting_;
    Job job_;
    std::int64_t meetings_ = 0;
};

// The end of a round: the last one to come has the number for itself.
bool is_last(const Meeting& meeting, const Job& job, std::int64_t round)
{
    return meeting.finished().fetch_add(1, std::memory_order_acq_rel) + 1
        == (round + 1) * job.workers;
}

// What a worker did in a round.
struct Part
{
    std::int64_t begin_ns;
    std::int64_t end_ns;
    std::int64_t added; // counted by itself
};

// A worker: round after round, then one without protection, to compare with.
void work(Job job, RawValue<std::int64_t> number, Lock lock, RawArray<Word> words,
    RawArray<Part> parts, RawArray<std::int64_t> finals)
{
    const Meeting meeting = {words};
    StartLine line(meeting, job);
    for (std::int64_t round = 0; round < static_cast<std::int64_t>(finals.size()); ++round) {
        {
            const StateSpan waits_for_the_others(State::idle);
            if (!line.start())
                return;
        }
        {
            const StateSpan computing(State::computing);
            Part& part = parts.span()[static_cast<std::size_t>(round * job.workers + job.worker)];
            part.begin_ns = os::monotonic_ns();
            if (round == job.rounds)
                add_plainly(number.atomic(), part_of(job)); // not reported as work
            else
                part.added = add(job, number.atomic(), lock, part_of(job));
            part.end_ns = os::monotonic_ns();
        }
        if (is_last(meeting, job, round)) {
            number.trace();
            finals.span()[static_cast<std::size_t>(round)] = number.load();
            number.store(0);
        }
    }
}

// A round that all workers have finished.
nlohmann::json round_result(
    std::span<const Part> parts, std::int64_t increments, std::int64_t final)
{
    nlohmann::json added = nlohmann::json::array();
    std::int64_t begin_ns = parts.front().begin_ns;
    std::int64_t end_ns = parts.front().end_ns;
    for (const Part& part : parts) {
        added.push_back(part.added);
        begin_ns = std::min(begin_ns, part.begin_ns);
        end_ns = std::max(end_ns, part.end_ns);
    }
    return {{"final", final}, {"added", std::move(added)},
        {"ns_each", static_cast<double>(end_ns - begin_ns) / static_cast<double>(increments)}};
}

void race(LessonRun& run)
{
    Job job = job_of(run);
    const std::int64_t rounds = job.rounds + (job.way == Way::none ? 0 : 1);
    RawValue<std::int64_t> number(0, "counter");
    // Holds are not timed: two readings of the clock would cost more than the addition.
    Lock lock({.name = "counter lock", .trace_holds = false});
    const Meeting meeting;
    const RawArray<Part> parts(rounds * job.workers);
    const RawArray<std::int64_t> finals(rounds);
    std::vector<Process> workers;
    for (; job.worker < job.workers; ++job.worker)
        workers.emplace_back(ProcessOptions{.name = "Worker-" + std::to_string(job.worker + 1)},
            &work, job, number, lock, meeting.words, parts, finals);
    for (Process& worker : workers)
        worker.start();
    for (Process& worker : workers)
        worker.join();

    run.result = {{"rounds", nlohmann::json::array()}, {"plain_ns_each", nullptr}};
    for (std::int64_t round = 0; round < meeting.finished().load() / job.workers; ++round) {
        const nlohmann::json result
            = round_result(parts.span().subspan(static_cast<std::size_t>(round * job.workers),
                               static_cast<std::size_t>(job.workers)),
                job.increments, finals.span()[static_cast<std::size_t>(round)]);
        if (round < job.rounds)
            run.result["rounds"].push_back(result);
        else
            run.result["plain_ns_each"] = result["ns_each"];
    }
}

// The microscope: the three steps of a plain increment, each behind a gate, by two or three
// processes. The loops above have no gates, so they are none the slower.

// What they share.
struct Slide
{
    RawValue<std::int64_t> number;
    RawArray<std::int64_t> steps; // how many have been taken, then whose each was
    Lock turn; // for a step and its note: one at a time, if gates are open
};

// Takes a step and tells what `changed` holds then.
void take_step(Slide& slide, std::int64_t worker, RawValue<std::int64_t>& changed, auto step,
    const std::source_location& where = std::source_location::current())
{
    const StateSpan computing(State::computing, event_without_subject, where);
    {
        const auto held = slide.turn.hold();
        step();
        const std::span<std::int64_t> steps = slide.steps.span();
        steps[static_cast<std::size_t>(++steps[0])] = worker;
        changed.trace(where);
    }
    // Values are told every 10 us at the most, and each step is to be seen.
    for (const std::int64_t end_ns = os::monotonic_ns() + 20'000; os::monotonic_ns() < end_ns;) { }
}

void add_step_by_step(Slide& slide, std::int64_t worker, RawValue<std::int64_t>& own)
{
    gate("before load");
    take_step(slide, worker, own, [&] { own.store(slide.number.load()); });
    gate("before add");
    take_step(slide, worker, own, [&] { own.store(own.load() + 1); });
    gate("before store");
    take_step(slide, worker, slide.number, [&] { slide.number.store(own.load()); });
    this_process.work_done(1);
}

// The same few increments at full speed, round after round: how often are some of them lost?
void add_freely(const Meeting& meeting, const Job& job, RawArray<std::int64_t> outcomes)
{
    constexpr std::int64_t most_rounds = 20'000;
    constexpr std::int64_t longest_ns = 200'000'000;
    const StateSpan computing(State::computing);
    std::int64_t end_ns = 0;
    StartLine line(meeting, job);
    for (std::int64_t round = 0; line.start(); ++round) {
        if (meeting.small_rounds_over().load(std::memory_order_relaxed) != 0)
            return;
        add_plainly(meeting.small_number(), job.increments / job.workers);
        if (is_last(meeting, job, round)) {
            const std::int64_t final = meeting.small_number().load(std::memory_order_relaxed);
            ++outcomes.span()[static_cast<std::size_t>(final)];
            meeting.small_number().store(0, std::memory_order_relaxed);
            if (round + 1 == most_rounds || (round > 0 && os::monotonic_ns() > end_ns))
                meeting.small_rounds_over().store(1, std::memory_order_relaxed);
        }
        // The first start may take long, where other programs are busy.
        if (round == 0)
            end_ns = os::monotonic_ns() + longest_ns;
    }
}

void work_step_by_step(Job job, RawValue<std::int64_t> number, RawValue<std::int64_t> own,
    RawArray<std::int64_t> steps, Lock turn, RawArray<Word> words, RawArray<std::int64_t> outcomes)
{
    add_freely({words}, job, outcomes);
    Slide slide = {number, steps, turn};
    for (std::int64_t i = 0; i < job.increments / job.workers; ++i)
        add_step_by_step(slide, job.worker, own);
}

void look_closely(LessonRun& run)
{
    Job job = job_of(run);
    job.workers = run.whole("held_processes");
    job.side_by_side = job.workers <= usable_cpus();
    job.increments = job.workers * run.whole("held_increments");
    const RawValue<std::int64_t> number(0, "counter");
    number.trace();
    const RawArray<std::int64_t> steps(1 + 3 * job.increments);
    const Lock turn({.name = "turn", .trace_holds = false});
    const Meeting meeting;
    const RawArray<std::int64_t> outcomes(job.increments + 1);
    std::vector<RawValue<std::int64_t>> registers;
    std::vector<Process> workers;
    for (; job.worker < job.workers; ++job.worker) {
        const std::string name = "Worker-" + std::to_string(job.worker + 1);
        registers.emplace_back(0, "register of " + name);
        workers.emplace_back(ProcessOptions{.name = name}, &work_step_by_step, job, number,
            registers.back(), steps, turn, meeting.words, outcomes);
    }
    for (Process& worker : workers)
        worker.start();
    for (Process& worker : workers)
        worker.join();

    const std::span<const std::int64_t> noted = steps.span();
    run.result = {{"final", number.load()},
        {"order", std::vector(noted.begin() + 1, noted.begin() + 1 + noted[0])},
        {"free_outcomes", std::vector(outcomes.span().begin(), outcomes.span().end())}};
}

void count_together(LessonRun& run)
{
    if (run.parameter<std::string>("mode") == "microscope")
        look_closely(run);
    else
        race(run);
}

// In one process, in the same way.
void count_alone(LessonRun& run)
{
    Job job = job_of(run);
    if (run.parameter<std::string>("mode") == "microscope") {
        job.way = Way::none;
        job.increments = run.whole("held_processes") * run.whole("held_increments");
        job.rounds = 1;
    }
    const RawArray<Word> number(1); // in shared memory, too
    Lock lock({.name = "lock of one alone", .trace_holds = false});
    for (std::int64_t round = 0; round < job.rounds; ++round)
        add(job, number.span()[0].atomic(), lock, job.increments);
}

} // namespace

const Lesson lesson = {
    .describe = describe,
    .text = "lessons/shared_counter/lesson.md",
    .sources = {"lessons/shared_counter/program.cpp", "lessons/shared_counter/program.py"},
    .baseline = count_alone,
    .run = count_together,
    .evaluate = evaluate,
    .check_runs = {"increments=100000", "increments=10001 workers=3 variant=none rounds=2",
        "increments=20000 variant=lock", "increments=10007 workers=5 variant=lock rounds=2",
        "increments=100000 variant=lock_per_batch batch_size=7",
        "increments=100000 workers=4 variant=atomic", "mode=microscope",
        "mode=microscope held_processes=3 held_increments=2"},
};

} // namespace manyhands::lessons::shared_counter
