// SPDX-License-Identifier: MIT
#include "engine/pool/pool_core.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/limits.hpp"
#include "engine/pool/worker.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <unistd.h>
#include <utility>

namespace manyhands::detail {
namespace {

using namespace std::chrono_literals;

// While results come without a wait, the rings are drained and deaths noticed as often as this.
constexpr std::int64_t attention_ns = 5'000'000;
// How long a worker may take to end by itself.
constexpr std::int64_t grace_ns = 500'000'000;

std::uint64_t argument_bytes(const JobBlock& block, TaskRange range)
{
    if (block.ends == 0)
        return std::uint64_t{range.count} * block.argument_bytes;
    const auto last = block.argument(range.first + range.count - 1);
    return static_cast<std::uint64_t>(
        last.data() + last.size() - block.argument(range.first).data());
}

// Set for as long as it lives.
class Flag
{
public:
    explicit Flag(bool& flag)
        : flag_(flag)
    {
        flag_ = true;
    }
    ~Flag() { flag_ = false; }
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;

private:
    bool& flag_;
};

} // namespace

PoolCore::PoolCore(int workers, PoolOptions options)
    : options_(std::move(options))
{
    check_limits(workers);
    const StateSpan starting(State::starting);
    board_ = SharedBlock("pool", sizeof(Board));
    tasks_channel_ = this_process.arena->next_channel();
    results_channel_ = this_process.arena->next_channel();
    lay_out_initializer();
    this_process.recorder.text(TextKind::channel, tasks_channel_, "queue\ntasks");
    this_process.recorder.text(TextKind::channel, results_channel_, "queue\nresults");
    Supervisor& supervisor = *this_process.supervisor;
    watches_.resize(static_cast<std::size_t>(workers));
    listener_ = supervisor.listen([this](const ChildEnd& end) { note_end(end); });
    try {
        for (int i = 0; i < workers; ++i) {
            workers_.push_back(make_worker(static_cast<std::uint32_t>(i)));
            workers_.back().start();
        }
    } catch (...) {
        end_workers();
        supervisor.stop_listening(listener_);
        throw;
    }
    duty_ = supervisor.add_duty([this] {
        try {
            look();
        } catch (const std::exception& error) {
            give_up({.object = "pool", .problem = std::string("gave up: ") + error.what()});
        }
    });
}

void PoolCore::check_limits(int workers) const
{
    constexpr int most = static_cast<int>(slot_limit) - 1;
    if (this_process.supervisor == nullptr)
        throw Error({.object = "pool",
            .problem = "cannot be made by " + this_process.name,
            .advice
            = "make pools in the lesson's main process: no other process may have children"});
    if (workers < 1 || workers > most)
        throw BadValue({.object = "workers",
            .problem = "is not allowed",
            .value = std::to_string(workers),
            .limit = "1 to " + std::to_string(most)});
    if (options_.max_tasks_per_child.value_or(1) < 1)
        throw BadValue({.object = "max_tasks_per_child",
            .problem = "is not allowed",
            .value = std::to_string(*options_.max_tasks_per_child),
            .limit = "1 or more, or nothing"});
    if (options_.task_limit)
        check_task_limit(*options_.task_limit);
    const auto refuse = [&](std::int64_t left, const std::string& by) {
        if (workers > left)
            throw MachineLacks({.object = "workers",
                .problem = "are more than can be started here",
                .value = std::to_string(workers),
                .limit = std::to_string(std::max<std::int64_t>(left, 0)) + by});
    };
    refuse(most - static_cast<std::int64_t>(this_process.supervisor->alive()),
        " beside the processes that live: " + std::to_string(most) + " may at once");
    refuse(os::processes_left(), " by the limits on processes (ulimit -u, cgroup)");
    refuse(os::descriptors_left() - os::descriptors_to_spare,
        " by the limit on open files (ulimit -n)");
}

Process PoolCore::make_worker(std::uint32_t index)
{
    return Process({.name = options_.worker_name + "-" + std::to_string(++made_),
                       .role = Role::worker,
                       .start_method = options_.start_method,
                       .daemon = true}, // as Python's
        &work,
        PoolAddress{.board = board_.offset(),
            .initializer = initializer_.offset(),
            .index = index,
            .most_chunks = static_cast<std::uint32_t>(options_.max_tasks_per_child.value_or(0)),
            .tasks_channel = tasks_channel_,
            .results_channel = results_channel_});
}

void PoolCore::lay_out_initializer()
{
    const Initializer& initializer = options_.initializer;
    if (!initializer)
        return;
    const std::span<const std::byte> arguments = initializer.arguments();
    initializer_
        = SharedBlock("initializer of a pool", sizeof(InitializerBlock) + arguments.size());
    const InitializerBlock head = {initializer.thunk(), initializer.function(), arguments.size()};
    std::memcpy(initializer_.memory(), &head, sizeof head);
    if (!arguments.empty())
        std::memcpy(initializer_.memory() + sizeof head, arguments.data(), arguments.size());
}

PoolCore::~PoolCore()
{
    this_process.supervisor->forget_duty(duty_);
    terminate();
    end_workers();
    this_process.supervisor->stop_listening(listener_);
    free_retired();
    run_callbacks();
    for (Job* const job : held_)
        job->pool = nullptr;
}

void PoolCore::check_ours() const
{
    if (this_process.supervisor == nullptr)
        throw Error({.object = "pool",
            .problem = "cannot be used by " + this_process.name,
            .advice = "use it in the lesson's main process: a task has no pool"});
}

void PoolCore::check_open() const
{
    check_ours();
    if (problem_)
        throw Error(*problem_);
    if (closed_)
        throw Error({.object = "pool",
            .problem = "takes no more tasks",
            .advice = "submit them before close() and terminate()"});
}

std::unique_ptr<Job> PoolCore::submit(JobPlan plan)
{
    check_open();
    auto job = std::make_unique<Job>();
    job->first_task = next_task_;
    job->cell_bytes = plan.cell_bytes;
    job->results_in_cells = plan.results_in_cells;
    job->result_bytes = plan.result_bytes;
    job->handing_out = plan.handing_out;
    job->results = std::move(plan.results);
    job->take_cells = plan.take_cells;
    job->take = plan.take;
    job->describe = plan.describe;
    job->where = plan.where;
    job->place = this_process.recorder.place(plan.where);
    if (plan.tasks == 0) {
        job->pool = this;
        held_.insert(job.get());
        return job;
    }
    const ArenaOffset offset = lay_out(plan, workers(), next_task_, next_message_);
    JobBlock& block = job_at(offset);
    job->tasks = block.tasks;
    job->open = block.tasks;
    job->resolved.assign(block.tasks, false);
    next_task_ += block.tasks;
    tell_submission(*job, block);
    job->pool = this;
    held_.insert(job.get());
    live_.push_back(job.get());
    if (options_.task_limit)
        limit(*job, *options_.task_limit);
    publish(*job, offset);
    return job;
}

void PoolCore::tell_submission(const Job& job, const JobBlock& block) const
{
    Recorder& recorder = this_process.recorder;
    if (!recorder.traced())
        return;
    if (block.chunks > most_told_at_once) {
        std::uint64_t bytes = 0;
        for (std::uint64_t chunk = 0; chunk < block.chunks; ++chunk)
            bytes += argument_bytes(block, block.range(chunk));
        recorder.event(EventKind::task_submitted, 0, static_cast<std::uint32_t>(block.first_task),
            block.tasks, job.place);
        recorder.event(EventKind::messages_sent, 0, block.chunks,
            pack_message(tasks_channel_, bytes, block.chunks), job.place);
        return;
    }
    for (std::uint64_t chunk = 0; chunk < block.chunks; ++chunk) {
        const TaskRange range = block.range(chunk);
        recorder.event(EventKind::task_submitted, 0,
            static_cast<std::uint32_t>(block.first_task + range.first), range.count, job.place);
        recorder.event(EventKind::message_sent, 0,
            static_cast<std::uint32_t>(block.first_message + chunk),
            pack_message(tasks_channel_, argument_bytes(block, range), chunk + 1), job.place);
    }
}

void PoolCore::publish(Job& job, ArenaOffset block)
{
    next_message_ += job_at(block).chunks;
    job.blocks.push_back({block, std::nullopt});
    waiting_.push_back(&job);
    publish_waiting();
}

void PoolCore::publish_waiting()
{
    Board& board = board_.as<Board>();
    while (!waiting_.empty()) {
        const std::uint64_t number = board.submitted.load(std::memory_order_relaxed);
        std::atomic<ArenaOffset>& place = board.jobs[number % most_jobs];
        if (place.load(std::memory_order_relaxed) != 0)
            return;
        Job& job = *waiting_.front();
        waiting_.pop_front();
        const auto next = std::find_if(job.blocks.begin(), job.blocks.end(),
            [](const Job::OnBoard& one) { return !one.number.has_value(); });
        next->number = number;
        const JobBlock& block = job_at(next->block);
        // Release: who finds the job finds all that was laid out.
        place.store(next->block, std::memory_order_release);
        // Sequentially consistent, as the idle look at it (Waiters::wait).
        board.submitted.store(number + 1, std::memory_order_seq_cst);
        if (block.chunks < workers()) {
            for (std::uint32_t i = 0; i < block.chunks; ++i)
                board.idle.wake_one();
            // Whose chunk it is stands in the schedule: whoever else wakes goes back to sleep.
            if (block.stride != 0)
                board.idle.wake_all();
        } else {
            board.idle.wake_all();
        }
    }
    while (board.first.load(std::memory_order_relaxed)
            < board.submitted.load(std::memory_order_relaxed)
        && board.jobs[board.first.load(std::memory_order_relaxed) % most_jobs].load(
               std::memory_order_relaxed)
            == 0)
        board.first.fetch_add(1, std::memory_order_release);
    if (closed_ && board.closed.load(std::memory_order_relaxed) == 0) {
        board.closed.store(1, std::memory_order_seq_cst);
        board.idle.wake_all();
    }
}

void PoolCore::want(Job& job) noexcept
{
    for (const Job::OnBoard& one : job.blocks)
        job_at(one.block).wanted.store(1, std::memory_order_relaxed);
}

bool PoolCore::wait_for(
    Job& job, const Deadline& deadline, bool any, const std::source_location& where)
{
    const auto enough = [&] { return job.over() || (any && !job.arrived.empty()); };
    const std::int64_t now = os::monotonic_ns();
    if (now - last_attention_ns_ > attention_ns && this_process.while_waiting != nullptr) {
        last_attention_ns_ = now;
        this_process.while_waiting();
    }
    // A short call is over before a sleep would be.
    for (int looks = enough() ? 0 : spin_budget().looks(); looks > 0; --looks) {
        if (end_in(job.block().mark(job.first_open).load(std::memory_order_relaxed))
            != TaskEnd::open) {
            collect(job);
            if (enough())
                break;
        }
        relax_cpu();
    }
    if (enough()) {
        spin_budget().paid_off();
        run_callbacks();
        return true;
    }
    spin_budget().was_in_vain();
    const StateSpan waiting(State::waiting_data, results_channel_, where);
    Board& board = board_.as<Board>();
    want(job);
    while (true) {
        const std::uint32_t token = wake_token();
        board.asleep.store(1, std::memory_order_relaxed);
        // See Worker::tell(): a change of each job's word after the store and before the looks.
        for (Job* const one : live_) {
            if (one != &job && one->callbacks.empty())
                continue;
            for (const Job::OnBoard& block : one->blocks)
                job_at(block.block).next.fetch_add(0, std::memory_order_acq_rel);
        }
        take_stock();
        run_callbacks();
        if (enough() || deadline.over()) {
            board.asleep.store(0, std::memory_order_relaxed);
            return enough();
        }
        if (this_process.stop_requested())
            throw StopRequested();
        last_attention_ns_ = os::monotonic_ns();
        sleep_until_woken(token, std::min(deadline.left(), longest_sleep()));
    }
}

void PoolCore::look()
{
    take_stock();
    run_callbacks();
}

void PoolCore::take_stock()
{
    // What this calls may come back here: by a start, which drains.
    if (taking_stock_)
        return;
    const Flag taking(taking_stock_);
    collect_all();
    look_at_running_tasks();
    while (!deaths_.empty()) {
        std::vector<Gone> gone;
        while (!deaths_.empty()) {
            // What the dead had published before counts.
            collect_all();
            const Death death = deaths_.front();
            deaths_.pop_front();
            if (const auto one = handle_death(death))
                gone.push_back(*one);
        }
        // Not before: a new worker may get the slot of another dead one, and marks name slots. Nor
        // is a death noticed between two of them, as where the first one's predecessor is let go.
        const Supervisor::Starting under_way(*this_process.supervisor);
        for (const Gone& one : gone)
            replace(one);
    }
    free_retired();
    publish_waiting();
}

void PoolCore::run_callbacks()
{
    // A callback may wait for another call: what is over then waits for its turn.
    if (calling_back_)
        return;
    const Flag calling(calling_back_);
    while (!to_call_back_.empty()) {
        Job& job = *to_call_back_.front();
        to_call_back_.pop_front();
        job.calling_back = true;
        for (const auto& callback : std::exchange(job.callbacks, {})) {
            try {
                callback(job);
            } catch (const std::exception& error) {
                // In Python this ends the thread that takes results, and the pool hangs for ever.
                TaskFailure failure;
                failure.process = this_process.name;
                failure.pid = ::getpid();
                failure.type = type_name(error);
                failure.text = std::string(error.what()) + " (in a callback)";
                print("a callback of the pool threw " + failure.type + ": " + error.what());
                note_failure(std::move(failure));
            }
        }
        job.calling_back = false;
        if (job.orphaned)
            orphans_.erase(&job);
    }
}

void PoolCore::call_back(Job& job)
{
    if (job.over()
        && std::find(to_call_back_.begin(), to_call_back_.end(), &job) == to_call_back_.end())
        to_call_back_.push_back(&job);
    want(job);
}

void PoolCore::let_go(std::unique_ptr<Job> job)
{
    held_.erase(job.get());
    if (job->over() && job->callbacks.empty() && !job->calling_back)
        return;
    job->orphaned = true;
    Job* const address = job.get();
    orphans_.emplace(address, std::move(job));
}

Job* PoolCore::job_of(std::uint64_t task) const
{
    const auto found = std::find_if(live_.begin(), live_.end(), [&](const Job* job) {
        return task >= job->first_task && task - job->first_task < job->tasks;
    });
    return found == live_.end() ? nullptr : *found;
}

void PoolCore::close()
{
    check_ours();
    closed_ = true;
    publish_waiting();
}

void PoolCore::join(const std::source_location& where)
{
    check_ours();
    if (!closed_)
        throw Error({.object = "pool",
            .problem = "is still open",
            .advice = "call close() or terminate() before join()"});
    const StateSpan joining(State::joining, event_without_subject, where);
    while (true) {
        const std::uint32_t token = wake_token();
        const bool alive = any_alive();
        look();
        // A death that was noticed just now may have been made good by a new worker.
        if (!alive && !any_alive() && live_.empty())
            return;
        if (this_process.stop_requested())
            throw StopRequested();
        sleep_until_woken(token, longest_sleep());
    }
}

void PoolCore::terminate()
{
    check_ours();
    if (!std::exchange(ended_, true)) {
        closed_ = true;
        const std::vector<Job*> jobs = live_;
        for (Job* const job : jobs) {
            job->problem = ErrorDetails{.object = "pool",
                .problem = "was terminated before the task was done",
                .advice = "call close() and join() for all results"};
            finish(*job);
        }
        publish_waiting();
    }
    for (std::uint32_t index = 0; index < workers(); ++index) {
        workers_[index].terminate();
        let_go_on(workers_[index], watches_[index]);
    }
}

bool PoolCore::any_alive()
{
    return std::any_of(
        workers_.begin(), workers_.end(), [](Process& worker) { return worker.is_alive(); });
}

void PoolCore::end_workers()
{
    for (Process& worker : workers_)
        worker.terminate();
    // One that is stopped, or ignores the signal, is killed.
    const std::int64_t end = os::monotonic_ns() + grace_ns;
    bool killed = false;
    while (true) {
        const std::uint32_t token = wake_token();
        if (!any_alive())
            return;
        if (!killed && os::monotonic_ns() >= end) {
            killed = true;
            for (Process& worker : workers_)
                worker.kill();
        }
        sleep_until_woken(token, 20ms);
    }
}

} // namespace manyhands::detail
