// SPDX-License-Identifier: MIT
#include "engine/pool/worker.hpp"

#include "engine/os/clock.hpp"

#include <algorithm>
#include <limits>
#include <unistd.h>

namespace manyhands::detail {
namespace {

// Chunk by chunk of the jobs on the board, oldest first.
class Worker
{
public:
    explicit Worker(const PoolAddress& address)
        : board_(board_at(address.board))
        , hand_(board_.hands[this_process.slot_number])
        , index_(address.index)
        , most_chunks_(address.most_chunks)
        , tasks_(address.tasks_channel)
        , runner_(address)
        , next_job_(board_.first.load(std::memory_order_acquire))
    {
    }

    void run()
    {
        while (!this_process.stop_requested() && !is_spent()) {
            // In this order: what is submitted before the pool is closed is seen with that.
            const bool closed = board_.closed.load(std::memory_order_seq_cst) != 0;
            const std::uint64_t submitted = board_.submitted.load(std::memory_order_seq_cst);
            if (next_job_ == submitted) {
                if (closed)
                    return;
                wait();
                continue;
            }
            std::atomic<ArenaOffset>& place = board_.jobs[next_job_ % most_jobs];
            const ArenaOffset job = place.load(std::memory_order_acquire);
            if (job != 0) {
                // Sequentially consistent, as the pool takes a job off before it looks who looks:
                // one of the two sees the other.
                hand_.looks_at.store(job, std::memory_order_seq_cst);
                if (place.load(std::memory_order_seq_cst) != job)
                    continue;
                work_at(job_at(job));
                hand_.looks_at.store(0, std::memory_order_release);
            }
            ++next_job_;
        }
        // Release: all that it did is there.
        if (is_spent())
            hand_.stage.store(WorkerStage::spent, std::memory_order_release);
    }

private:
    bool is_spent() const noexcept { return most_chunks_ != 0 && chunks_ == most_chunks_; }

    void wait()
    {
        const StateSpan idle(State::idle, tasks_.channel());
        board_.idle.wait(Deadline(forever), [this] {
            return board_.submitted.load(std::memory_order_seq_cst) != next_job_
                || board_.closed.load(std::memory_order_seq_cst) != 0;
        });
    }

    void work_at(JobBlock& job)
    {
        bool worked = false;
        if (job.stride != 0) {
            // What this one leaves when it is spent is its successor's, which has its index.
            for (std::uint64_t chunk = index_; chunk < job.chunks && !is_spent();
                 chunk += job.stride) {
                if (this_process.stop_requested())
                    return;
                worked = run(job, chunk) || worked;
            }
        } else {
            // Looked at first: who comes too late leaves the line to those who work.
            if (job.next.load(std::memory_order_relaxed) >= job.chunks)
                return;
            while (!this_process.stop_requested() && !is_spent()) {
                // See tell() for the order.
                const std::uint64_t chunk = job.next.fetch_add(1, std::memory_order_acq_rel);
                if (worked && (chunk >= job.chunks || job.each_wakes))
                    tell(job);
                if (chunk >= job.chunks)
                    return;
                worked = run(job, chunk) || worked;
            }
        }
        if (worked) {
            job.next.fetch_add(0, std::memory_order_acq_rel);
            tell(job);
        }
    }

    // Returns whether the chunk was this worker's.
    bool run(JobBlock& job, std::uint64_t chunk)
    {
        const TaskRange range = job.range(chunk);
        std::uint32_t free = 0;
        // Nobody else is given the chunk, but the pool gives what a dead process has left, or seems
        // to have left, to another one.
        if (!job.mark(range.first)
                 .compare_exchange_strong(free,
                     mark_of(TaskEnd::open, this_process.slot_number + 1),
                     std::memory_order_acq_rel, std::memory_order_relaxed))
            return false;
        if (this_process.recorder.traced()) {
            if (this_process.recorder.nearly_full()) [[unlikely]]
                wait_for_reader();
            else
                reader_is_late_ = false;
            const auto bytes = job.ends == 0
                ? std::uint64_t{range.count} * job.argument_bytes
                : static_cast<std::uint64_t>(job.argument(range.first + range.count - 1).data()
                    + job.argument(range.first + range.count - 1).size()
                    - job.argument(range.first).data());
            tasks_.received(
                job.first_message + chunk, bytes,
                [&] {
                    const std::uint64_t given = job.next.load(std::memory_order_relaxed);
                    return given < job.chunks ? job.chunks - given : 0;
                },
                0, ChannelTrace::begin());
        }
        function_at<ChunkThunk>(job.thunk)(job, range, runner_);
        ++chunks_;
        return true;
    }

    // Empty tasks come twice as fast as a ring is read. Where they do, the next chunk waits for the
    // reader, but only for as long as one that is alive may take: behind a stopped one the pool
    // goes on, and events are dropped and counted.
    void wait_for_reader()
    {
        constexpr auto a_moment = std::chrono::microseconds(500);
        constexpr std::int64_t longest_ns = 50'000'000; // whoever reads does so every 33 ms
        if (reader_is_late_)
            return;
        const StateSpan idle(State::idle, tasks_.channel());
        const std::int64_t end = os::monotonic_ns() + longest_ns;
        while (this_process.recorder.nearly_full() && !this_process.stop_requested()) {
            if (os::monotonic_ns() > end) {
                reader_is_late_ = true;
                return;
            }
            sleep_until_woken(wake_token(), a_moment);
        }
    }

    // Wakes the pool, where it sleeps for this job. It says that it does, then changes `next`, then
    // looks at the marks; we set marks, changed `next`, and now look whether it sleeps. Changes of
    // one word have one order, so either it sees our marks or we see it asleep.
    void tell(const JobBlock& job) noexcept
    {
        if (job.wanted.load(std::memory_order_relaxed) != 0
            && board_.asleep.load(std::memory_order_relaxed) != 0
            && board_.asleep.exchange(0, std::memory_order_relaxed) != 0)
            wake(this_process.segment, main_slot);
    }

    Board& board_;
    Board::Hand& hand_;
    std::uint32_t index_;
    std::uint32_t most_chunks_;
    std::uint32_t chunks_ = 0; ///< done so far, as long as they are counted
    ChannelTrace tasks_;
    TaskRunner runner_;
    bool reader_is_late_ = false; ///< was waited for in vain
    std::uint64_t next_job_; ///< all those before have no chunk left to give
};

void initialise(ArenaOffset offset)
{
    const std::byte* const at = this_process.arena->at(offset);
    InitializerBlock initializer;
    std::memcpy(&initializer, at, sizeof initializer);
    const StateSpan starting(State::starting);
    function_at<void (*)(std::uint64_t, std::span<const std::byte>)>(initializer.thunk)(
        initializer.function, {at + sizeof initializer, initializer.argument_bytes});
}

} // namespace

TaskRunner::TaskRunner(const PoolAddress& address)
    : slot_(this_process.slot())
    , hand_(board_at(address.board).hands[this_process.slot_number])
    , results_(address.results_channel)
    , owner_(this_process.slot_number + 1)
{
}

void TaskRunner::failed(
    const JobBlock& job, std::uint32_t task, const std::string& type, const std::string& text)
{
    this_process.recorder.event(
        EventKind::task_failed, computes, static_cast<std::uint32_t>(job.first_task + task), 0);
    const std::string& name = this_process.name;
    const std::size_t bytes = sizeof(ExceptionBlock) + name.size() + type.size() + text.size();
    ArenaOffset block = 0;
    try {
        block = this_process.arena->allocate(bytes, this_process.slot_number);
        const ExceptionBlock head = {.pid = ::getpid(),
            .process_bytes = static_cast<std::uint32_t>(name.size()),
            .type_bytes = static_cast<std::uint32_t>(type.size()),
            .text_bytes = static_cast<std::uint32_t>(text.size())};
        std::byte* to = this_process.arena->at(block);
        std::memcpy(to, &head, sizeof head);
        to += sizeof head;
        for (const std::string* const part : {&name, &type, &text}) {
            std::memcpy(to, part->data(), part->size());
            to += part->size();
        }
    } catch (const Error&) {
        const ArenaOffset none = 0;
        std::memcpy(job.cell(task), &none, sizeof none);
    }
    results_.sent(job.first_task + task, bytes, no_depth, 0, ChannelTrace::begin());
    publish(job, task, TaskEnd::failed, block);
}

ArenaOffset TaskRunner::block_of(std::span<const std::byte> encoded)
{
    ArenaOffset block = 0;
    try {
        // This process's until it is handed over: should it die before, it is reclaimed.
        block = this_process.arena->allocate(
            sizeof(ResultBlock) + encoded.size(), this_process.slot_number);
    } catch (const Error& error) {
        throw Error({.object = "result of a task",
            .problem = "finds no room in the shared memory of the run",
            .value = error.value(),
            .limit = error.limit()});
    }
    const ResultBlock head = {encoded.size()};
    std::memcpy(this_process.arena->at(block), &head, sizeof head);
    std::memcpy(this_process.arena->at(block) + sizeof head, encoded.data(), encoded.size());
    return block;
}

void TaskRunner::hand_over(const JobBlock& job, std::uint32_t task, ArenaOffset block) noexcept
{
    std::memcpy(job.cell(task), &block, sizeof block);
    // Release, here and in transfer(): a death is found at one of these steps, and none is skipped.
    hand_.hands_over.store(block, std::memory_order_release);
    this_process.arena->transfer(block, Arena::shared_owner);
}

void work(PoolAddress address)
{
    if (address.initializer != 0) {
        std::atomic<WorkerStage>& stage
            = board_at(address.board).hands[this_process.slot_number].stage;
        stage.store(WorkerStage::initialising, std::memory_order_relaxed);
        initialise(address.initializer);
        stage.store(WorkerStage::working, std::memory_order_relaxed);
    }
    Worker(address).run();
}

} // namespace manyhands::detail
