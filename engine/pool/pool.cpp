// SPDX-License-Identifier: MIT
#include "engine/pool/pool.hpp"

#include "engine/os/error.hpp"
#include "engine/process/start_block.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace manyhands {
namespace {

using namespace std::chrono_literals;

// Erlang's supervisors give up after one restart in 5 s; a lesson about crashes needs a few more.
constexpr std::size_t most_replacements = 3;
constexpr auto replacement_window = 5s;

// What the workers and the pool share beside the two queues.
struct Board
{
    std::atomic<std::uint32_t> closed;
    // For each slot, the task that its process has begun and not yet published, plus 1.
    std::atomic<std::uint64_t> begun[slot_limit];
};

struct ChunkHeader
{
    std::uint64_t thunk;
    std::uint64_t function;
    std::uint32_t first;
    std::uint32_t count;
};

struct ResultHeader
{
    std::uint32_t task;
    std::uint32_t is_result; // 0: "TYPE\nTEXT" of an exception
};

template <class Header>
Header take_header(std::span<const std::byte>& message)
{
    if (message.size() < sizeof(Header))
        throw Error({.object = "message", .problem = "is too short for its header"});
    Header header;
    std::memcpy(&header, message.data(), sizeof header);
    message = message.subspan(sizeof header);
    return header;
}

template <class Header>
void append_header(std::vector<std::byte>& message, const Header& header)
{
    const auto* const first = reinterpret_cast<const std::byte*>(&header);
    message.insert(message.end(), first, first + sizeof header);
}

Board& board_at(ArenaOffset offset)
{
    return *std::launder(reinterpret_cast<Board*>(this_process.arena->at(offset)));
}

// Where a worker finds its pool.
struct PoolAddress
{
    ArenaOffset tasks;
    ArenaOffset results;
    ArenaOffset board;
};

// What a worker of a pool does, from its start to its end.
void work(PoolAddress address)
{
    MessageQueue tasks(address.tasks);
    MessageQueue results(address.results);
    Board& board = board_at(address.board);
    detail::TaskRunner runner(results, board.begun[this_process.slot_number]);
    const auto told_to_end = [&] {
        return board.closed.load(std::memory_order_relaxed) != 0 || this_process.stop_requested();
    };
    std::vector<std::byte> message;
    while (!this_process.stop_requested() && tasks.get_unless(message, told_to_end, State::idle)) {
        std::span<const std::byte> rest = message;
        const auto header = take_header<ChunkHeader>(rest);
        function_at<detail::ChunkThunk>(header.thunk)(
            header.function, header.first, header.count, rest, runner);
    }
}

} // namespace

namespace detail {

void TaskRunner::begin(std::uint32_t number, std::uint64_t argument)
{
    // Announced before it begins: if we die now, this is the task that is lost.
    begun_.store(std::uint64_t{number} + 1, std::memory_order_release);
    this_process.recorder.event(EventKind::task_begun, computes, number, argument);
}

void TaskRunner::done(std::uint32_t number, std::span<const std::byte> result)
{
    this_process.recorder.event(EventKind::task_done, computes, number, 0);
    std::atomic<std::uint64_t>& done = this_process.slot().tasks_done;
    done.store(done.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    publish(number, true, result);
}

void TaskRunner::failed(std::uint32_t number, const std::exception& error)
{
    this_process.recorder.event(EventKind::task_failed, computes, number, 0);
    const std::string text = type_name(error) + "\n" + error.what();
    publish(number, false, std::as_bytes(std::span(text)));
}

void TaskRunner::publish(std::uint32_t number, bool is_result, std::span<const std::byte> contents)
{
    std::vector<std::byte> message;
    message.reserve(sizeof(ResultHeader) + contents.size());
    append_header(message, ResultHeader{number, is_result ? 1U : 0U});
    message.insert(message.end(), contents.begin(), contents.end());
    results_.put(message);
    begun_.store(0, std::memory_order_release);
}

} // namespace detail

Pool::Pool(int workers, PoolOptions options)
    : options_(std::move(options))
    , tasks_("tasks", options_.queue_capacity)
    , results_("results", options_.queue_capacity)
    , board_(this_process.arena->allocate(sizeof(Board), Arena::shared_owner))
{
    if (workers < 1 || workers >= static_cast<int>(slot_limit))
        throw BadValue({.object = "workers",
            .problem = "is not allowed",
            .value = std::to_string(workers),
            .limit = "1 to " + std::to_string(slot_limit - 1)});
    const StateSpan starting(State::starting);
    std::memset(this_process.arena->at(board_), 0, sizeof(Board));
    listener_ = this_process.supervisor->listen([this](const ChildEnd& end) {
        tasks_.forget(end.slot);
        results_.forget(end.slot);
        if (!ending_)
            deaths_.push_back(end);
    });
    for (int i = 0; i < workers; ++i) {
        workers_.push_back(make_worker());
        workers_.back().start();
    }
}

Process Pool::make_worker()
{
    return Process(
        {.name = options_.worker_name + "-" + std::to_string(++made_), .role = Role::worker}, &work,
        PoolAddress{tasks_.offset(), results_.offset(), board_});
}

Pool::~Pool()
{
    terminate();
    // One that is stopped, or ignores the signal, is killed.
    for (Process& worker : workers_) {
        if (!worker.join(500ms))
            worker.kill();
    }
    join();
    this_process.supervisor->stop_listening(listener_);
    tasks_.destroy();
    results_.destroy();
    this_process.arena->free(board_);
}

std::atomic<std::uint64_t>& Pool::begun(std::uint32_t slot) const
{
    return board_at(board_).begun[slot];
}

void Pool::run(Job& job, std::size_t chunk_size)
{
    if (ending_)
        throw Error({.object = "pool",
            .problem = "takes no more tasks",
            .advice = "call map() before close() and terminate()"});
    if (chunk_size == 0)
        chunk_size = (job.tasks + 4 * workers_.size() - 1) / (4 * workers_.size());
    job.resolved.assign(job.tasks, false);
    job.open = job.tasks;
    for (std::size_t first = 0; first < job.tasks; first += chunk_size) {
        const auto count
            = static_cast<std::uint32_t>(std::min<std::size_t>(chunk_size, job.tasks - first));
        job.to_send.push_back({static_cast<std::uint32_t>(first), count, count, std::nullopt});
    }
    next_task_ += job.tasks;
    std::vector<std::byte> message;
    const auto interrupted = [this] {
        this_process.supervisor->look();
        this_process.supervisor->drain();
        return !deaths_.empty() || this_process.stop_requested();
    };
    while (job.open > 0) {
        send_chunks(job);
        if (results_.get_unless(message, interrupted, State::waiting_data, job.where))
            take_result(job, message);
        if (this_process.stop_requested())
            throw StopRequested();
        if (!deaths_.empty())
            handle_deaths(job);
    }
    if (!job.failures.empty()) {
        const TaskFailure& first = job.failures.begin()->second;
        if (first.kind == TaskFailure::Kind::exception)
            throw RemoteError(first);
        throw WorkerDied(first);
    }
}

void Pool::send_chunks(Job& job)
{
    std::vector<std::byte> message;
    while (!job.to_send.empty() && tasks_.size() < tasks_.capacity()) {
        const Chunk chunk = job.to_send.front();
        // The next message's place may be that of a chunk which was taken and is not done yet: note
        // by whom, before that is written over. Only the pool puts into the queue.
        const auto overwritten = job.sent.find(next_position_ - tasks_.capacity());
        if (overwritten != job.sent.end())
            overwritten->second.taker = tasks_.taken_by(overwritten->first);
        message.clear();
        append_header(message,
            ChunkHeader{job.thunk, job.function, job.first_task + chunk.first, chunk.count});
        {
            const StateSpan serialising(
                State::serialising, job.first_task + chunk.first, job.where);
            job.encode(message, chunk.first, chunk.count);
        }
        this_process.recorder.event(
            EventKind::task_submitted, 0, job.first_task + chunk.first, chunk.count);
        const std::uint64_t position = tasks_.put(message, forever, job.where);
        job.sent.emplace(position, chunk);
        next_position_ = position + 1;
        job.to_send.pop_front();
    }
}

void Pool::resolve(Job& job, std::uint32_t index)
{
    job.resolved[index] = true;
    --job.open;
    for (auto at = job.sent.begin(); at != job.sent.end(); ++at) {
        Chunk& chunk = at->second;
        if (index < chunk.first || index >= chunk.first + chunk.count)
            continue;
        if (--chunk.open == 0)
            job.sent.erase(at);
        return;
    }
}

void Pool::take_result(Job& job, std::span<const std::byte> message)
{
    const auto header = take_header<ResultHeader>(message);
    const std::uint32_t index = header.task - job.first_task;
    if (index >= job.tasks || job.resolved[index])
        return; // of a map() that was given up
    if (header.is_result != 0) {
        job.take_result(index, message);
    } else {
        const std::string text(reinterpret_cast<const char*>(message.data()), message.size());
        const std::size_t newline = text.find('\n');
        TaskFailure failure;
        failure.task = index;
        failure.argument = job.describe(index);
        failure.type = text.substr(0, newline);
        failure.text = newline == std::string::npos ? "" : text.substr(newline + 1);
        for (const Process& worker : workers_) {
            for (const auto& [position, chunk] : job.sent) {
                if (index >= chunk.first && index < chunk.first + chunk.count
                    && (chunk.taker ? chunk.taker : tasks_.taken_by(position)) == worker.slot()) {
                    failure.process = worker.name();
                    failure.pid = worker.pid();
                }
            }
        }
        note_failure(failure);
        job.failures.emplace(index, std::move(failure));
    }
    resolve(job, index);
    // Something was finished: those that died before do not count any more.
    replacements_.clear();
}

void Pool::handle_deaths(Job& job)
{
    // What the dead had published before counts: take all of it first.
    std::vector<std::byte> message;
    while (results_.try_get(message))
        take_result(job, message);
    while (!deaths_.empty()) {
        const ChildEnd end = deaths_.front();
        deaths_.pop_front();
        handle_death(job, end);
        replace(end);
    }
}

void Pool::handle_death(Job& job, const ChildEnd& end)
{
    const auto worker = std::find_if(workers_.begin(), workers_.end(), [&](const Process& one) {
        return one.slot() == end.slot && one.generation() == end.generation;
    });
    if (worker == workers_.end())
        return; // not one of ours
    TaskFailure failure;
    failure.process = worker->name();
    failure.pid = end.pid;
    failure.kind = end.exit < 0 ? TaskFailure::Kind::signal : TaskFailure::Kind::exit;
    failure.value = std::abs(end.exit);
    failure.text = end.exit < 0 ? "was killed by " + signal_name(-end.exit)
                                : "ended with exit code " + std::to_string(end.exit);
    const std::uint64_t announced = begun(end.slot).exchange(0, std::memory_order_acquire);
    const auto lost = static_cast<std::uint32_t>(announced - 1 - job.first_task);
    const bool lost_one = announced != 0 && lost < job.tasks && !job.resolved[lost];
    if (lost_one) {
        failure.task = lost;
        failure.argument = job.describe(lost);
    }
    // What it had taken and not begun goes to others.
    for (auto at = job.sent.begin(); at != job.sent.end();) {
        Chunk chunk = at->second;
        if ((chunk.taker ? chunk.taker : tasks_.taken_by(at->first)) != end.slot) {
            ++at;
            continue;
        }
        at = job.sent.erase(at);
        for (std::uint32_t index = chunk.first; index < chunk.first + chunk.count; ++index) {
            if (!job.resolved[index] && !(lost_one && index == lost))
                job.to_send.push_front({index, 1, 1, std::nullopt});
        }
    }
    note_failure(failure);
    if (lost_one) {
        job.failures.emplace(lost, std::move(failure));
        resolve(job, lost);
    }
}

void Pool::replace(const ChildEnd& end)
{
    const auto now = std::chrono::steady_clock::now();
    while (!replacements_.empty() && now - replacements_.front() > replacement_window)
        replacements_.pop_front();
    if (replacements_.size() == most_replacements)
        throw Error({.object = "pool",
            .problem = "gave up: its workers end one after the other, "
                + std::to_string(most_replacements + 1) + " within 5 s without finishing a task"});
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        if (workers_[i].slot() == end.slot && workers_[i].generation() == end.generation) {
            replacements_.push_back(now);
            Process fresh = make_worker();
            fresh.start();
            workers_[i] = std::move(fresh);
            return;
        }
    }
}

void Pool::close()
{
    ending_ = true;
    board_at(board_).closed.store(1, std::memory_order_seq_cst);
    tasks_.wake_consumers();
}

void Pool::join()
{
    for (Process& worker : workers_)
        worker.join();
}

void Pool::terminate()
{
    ending_ = true;
    for (Process& worker : workers_)
        worker.terminate();
}

} // namespace manyhands
