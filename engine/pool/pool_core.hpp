// SPDX-License-Identifier: MIT
// What a Pool does whatever the types are: keeps workers, hands out jobs, takes in results, and
// makes good what the dead leave.
#pragma once

#include "engine/pool/initializer.hpp"
#include "engine/pool/job.hpp"
#include "engine/process/process.hpp"
#include "engine/process/supervisor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace manyhands {

/// How a pool works.
struct PoolOptions
{
    std::string worker_name = "Worker"; ///< "Worker-1", "Worker-2" …
    std::optional<StartMethod> start_method = {}; ///< start_method() where it is nothing
    /// Called in each worker, and in each that replaces one, before its first task:
    /// `.initializer = {&function, arguments...}`. Where it throws, the pool gives up, and all that
    /// is submitted ends with an Error that tells what was thrown. (Python starts another worker,
    /// which throws as well, and so on for ever.)
    Initializer initializer = {};
    /// A worker ends after so many chunks of tasks, and another one comes in its place: no death,
    /// and no failure. Chunks, since that is what Python counts, whatever its name for it says: of
    /// apply() and with a `chunk_size` of 1, tasks. Under the fixed schedule the new one goes on
    /// with the chunks of the old one. It comes when the main process waits for something.
    std::optional<int> max_tasks_per_child = {};
    /// The run time that each task may take; see AsyncResult::task_limit(). Nothing: any.
    std::optional<std::chrono::nanoseconds> task_limit = {};
};

namespace detail {

/// A submission and the taking of results are bursts: so many of their messages are told one by
/// one, which is what a screen can show as arrows; of more there is one event with their sum.
inline constexpr std::size_t most_told_at_once = 4096;

/// Throws BadValue for a limit of no time or less.
void check_task_limit(std::chrono::nanoseconds limit);

/// "0.25 s".
std::string seconds_text(std::int64_t ns);

/// A pool without the types of its calls. Belongs to the lesson's main process.
class PoolCore
{
public:
    PoolCore(int workers, PoolOptions options);
    ~PoolCore();
    PoolCore(const PoolCore&) = delete;
    PoolCore& operator=(const PoolCore&) = delete;

    /// Submits a call. Throws Error where the pool takes none any more, or there is no room.
    std::unique_ptr<Job> submit(JobPlan plan);
    /// Throws what submit() would for a pool that takes no calls.
    void check_open() const;

    /// Waits until the job is over, or, where `any`, one of its tasks has come to its end that
    /// nobody was told of. Returns false when the time is over before.
    bool wait_for(Job& job, const Deadline& deadline, bool any, const std::source_location& where);
    /// Takes in what is there.
    void look();
    /// Takes over a job whose AsyncResult goes: it runs on, and its callbacks are called.
    void let_go(std::unique_ptr<Job> job);
    /// The job's callbacks have come late: they are called with the next wait.
    void call_back(Job& job);
    /// Wants to be woken for the job.
    void want(Job& job) noexcept;
    /// Stops each of the job's tasks that runs longer. Throws BadValue for no time or less.
    void limit(Job& job, std::chrono::nanoseconds each);
    /// Ends the job: what has not begun never begins, and what runs is stopped. Returns whether it
    /// was not over before.
    bool cancel(Job& job);

    void close();
    void join(const std::source_location& where);
    void terminate();
    std::uint32_t workers() const noexcept { return static_cast<std::uint32_t>(workers_.size()); }

private:
    struct Death
    {
        ChildEnd end;
        std::uint64_t begun; ///< the task that it had begun, plus 1
        WorkerStage stage;
    };
    // Whose place is to be taken by another worker.
    struct Gone
    {
        std::uint32_t index;
        bool counts; ///< against the pool's patience
    };
    // A worker's task as the pool follows it, where it may have to be stopped.
    struct Watch
    {
        enum class Stage : std::uint8_t { running, held, ending };

        std::uint64_t task = 0; ///< Slot::task at the last look
        std::uint32_t gates_passed = 0; ///< likewise
        bool at_gate = false; ///< likewise
        std::int64_t looked_ns = 0; ///< run time of that look
        std::int64_t ran_ns = 0; ///< the task's run time, as far as it was seen
        Stage stage = Stage::running;
        bool stopped = false; ///< by us, to be held
        bool hidden = false; ///< that stop was kept from the trace
        bool asked = false; ///< by SIGTERM
        std::int64_t asked_ns = 0; ///< run time of that
    };
    // A job whose memory goes when no worker looks at it.
    struct Retired
    {
        std::vector<Job::OnBoard> blocks;
        std::uint64_t first_task;
        std::uint32_t tasks;
        bool results_in_cells;
        bool cancelled;
        std::vector<bool> resolved;
    };

    void check_limits(int workers) const;
    void check_ours() const;
    void lay_out_initializer();
    Process make_worker(std::uint32_t index);
    void note_end(const ChildEnd& end);
    void publish(Job& job, ArenaOffset block);
    void publish_waiting();
    void tell_submission(const Job& job, const JobBlock& block) const;
    void collect(Job& job);
    void take_done(Job& job, std::span<const std::uint32_t> tasks);
    std::uint64_t take_exception(Job& job, std::uint32_t task);
    void fail(Job& job, std::uint32_t task, TaskFailure failure);
    void resolve(Job& job, std::uint32_t task);
    void finish(Job& job);
    void retire(Job& job);
    void free_retired();
    void drop_blocks(const Retired& retired);
    void take_stock();
    void collect_all();
    void run_callbacks();
    std::optional<Gone> handle_death(const Death& death);
    void hand_on(Job& job, std::uint32_t slot, std::uint32_t index);
    // Where it is still needed.
    void replace(const Gone& gone);
    bool has_patience();
    void give_up(ErrorDetails reason);
    void look_at_running_tasks();
    static void follow(Watch& watch, const Slot& slot, std::int64_t now_ns);
    bool is_to_stop(const Watch& watch) const;
    void stop_task(std::uint32_t index, std::int64_t now_ns);
    static void hold(const Process& worker, Watch& watch);
    static bool is_held(const Process& worker, Watch& watch);
    static void let_go_on(const Process& worker, Watch& watch);
    std::chrono::nanoseconds longest_sleep() const noexcept;
    Job* job_of(std::uint64_t task) const;
    bool any_alive();
    void end_workers();

    PoolOptions options_;
    SharedBlock board_; ///< a Board
    SharedBlock initializer_; ///< an InitializerBlock, where there is one
    std::uint16_t tasks_channel_ = 0;
    std::uint16_t results_channel_ = 0;
    std::vector<Process> workers_;
    std::vector<Watch> watches_; ///< of the workers
    std::vector<Job*> live_; ///< in the order of their submission
    std::deque<Job*> waiting_; ///< jobs with a block that waits for a place on the board
    std::vector<Retired> retired_;
    std::unordered_set<Job*> held_; ///< by somebody's AsyncResult
    std::unordered_map<Job*, std::unique_ptr<Job>> orphans_;
    std::deque<Job*> to_call_back_;
    std::deque<Death> deaths_;
    std::deque<std::int64_t> replacements_ns_;
    std::size_t deaths_in_initializer_ = 0; ///< since a task was finished
    std::optional<ErrorDetails> problem_; ///< why it takes no calls
    std::uint64_t next_task_ = 0;
    std::uint64_t next_message_ = 0;
    std::int64_t last_attention_ns_ = 0;
    int listener_ = -1;
    int duty_ = -1;
    int made_ = 0;
    bool closed_ = false; ///< no calls are taken
    bool ended_ = false; ///< the workers were told to end at once
    bool watching_ = false; ///< tasks may have to be stopped
    bool taking_stock_ = false;
    bool calling_back_ = false;
    std::vector<std::uint32_t> done_; ///< kept for its memory
};

} // namespace detail
} // namespace manyhands
