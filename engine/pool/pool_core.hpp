// SPDX-License-Identifier: MIT
// What a Pool does whatever the types are: keeps workers, hands out jobs, takes in results, and
// makes good what the dead leave.
#pragma once

#include "engine/pool/job.hpp"
#include "engine/process/process.hpp"
#include "engine/process/supervisor.hpp"

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
};

namespace detail {

/// A submission and the taking of results are bursts: so many of their messages are told one by
/// one, which is what a screen can show as arrows; of more there is one event with their sum.
inline constexpr std::size_t most_told_at_once = 4096;

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

    void close();
    void join(const std::source_location& where);
    void terminate();
    std::uint32_t workers() const noexcept { return static_cast<std::uint32_t>(workers_.size()); }

private:
    struct Death
    {
        ChildEnd end;
        std::uint64_t begun; ///< the task that it had begun, plus 1
    };
    // A job whose memory goes when no worker looks at it.
    struct Retired
    {
        std::vector<Job::OnBoard> blocks;
        std::uint64_t first_task;
        std::uint32_t tasks;
        bool results_in_cells;
        std::vector<bool> resolved;
    };

    void check_limits(int workers) const;
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
    // Returns the index of the worker that is to be replaced.
    std::optional<std::uint32_t> handle_death(const Death& death);
    void hand_on(Job& job, std::uint32_t slot, std::uint32_t index);
    // Where it is still needed.
    void replace(std::uint32_t index);
    void give_up(ErrorDetails reason);
    Job* job_of(std::uint64_t task) const;
    bool any_alive();
    void end_workers();

    PoolOptions options_;
    SharedBlock board_; ///< a Board
    std::uint16_t tasks_channel_ = 0;
    std::uint16_t results_channel_ = 0;
    std::vector<Process> workers_;
    std::vector<Job*> live_; ///< in the order of their submission
    std::deque<Job*> waiting_; ///< jobs with a block that waits for a place on the board
    std::vector<Retired> retired_;
    std::unordered_set<Job*> held_; ///< by somebody's AsyncResult
    std::unordered_map<Job*, std::unique_ptr<Job>> orphans_;
    std::deque<Job*> to_call_back_;
    std::deque<Death> deaths_;
    std::deque<std::int64_t> replacements_ns_;
    std::optional<ErrorDetails> problem_; ///< why it takes no calls
    std::uint64_t next_task_ = 0;
    std::uint64_t next_message_ = 0;
    std::int64_t last_attention_ns_ = 0;
    int listener_ = -1;
    int duty_ = -1;
    int made_ = 0;
    bool closed_ = false; ///< no calls are taken
    bool ended_ = false; ///< the workers were told to end at once
    bool taking_stock_ = false;
    bool calling_back_ = false;
    std::vector<std::uint32_t> done_; ///< kept for its memory
};

} // namespace detail
} // namespace manyhands
