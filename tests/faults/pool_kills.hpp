// SPDX-License-Identifier: MIT
// What the tests that kill workers of a pool have in common: tasks that are counted, what must hold
// of a call, and processes that are stepped.
#pragma once

#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "engine/trace/reader.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <vector>

namespace manyhands {

#if defined(__SANITIZE_ADDRESS__)
// Its processes take many times as long to start and to end, and so many more instructions.
inline constexpr int share = 4;
inline constexpr std::size_t slow_steps = 9;
#else
inline constexpr int share = 1;
inline constexpr std::size_t slow_steps = 1;
#endif

// In all, for each fault; with MANYHANDS_SOAK ten times as many.
inline int rounds(int ordinary)
{
    return std::getenv("MANYHANDS_SOAK") != nullptr ? ordinary * 10 : ordinary / share;
}

// How often each task has run.
using Count = std::atomic<std::uint32_t>;

struct Item
{
    ArenaOffset counts;
    std::uint32_t number;
    std::uint32_t spins;
};

inline std::uint32_t count_up(const Item& item)
{
    reinterpret_cast<Count*>(this_process.arena->at(item.counts))[item.number].fetch_add(1);
    for (std::uint32_t i = 0; i < item.spins; ++i)
        relax_cpu();
    return item.number;
}

inline std::uint32_t number_of(const Item& item)
{
    return count_up(item) * 3 + 1;
}
// Large enough for pages of its own.
inline std::string text_of(const Item& item)
{
    return std::string(20'000, static_cast<char>('a' + count_up(item) % 26));
}
// Has a block, too, and takes fewer instructions to make.
inline std::string short_text_of(const Item& item)
{
    return std::string(100, static_cast<char>('a' + count_up(item) % 26));
}
inline bool is_result(std::uint32_t number, std::uint32_t result)
{
    return result == number * 3 + 1;
}
inline bool is_result(std::uint32_t number, const std::string& result)
{
    return result == std::string(result.size(), static_cast<char>('a' + number % 26));
}

// Reads what the processes write, as a lesson's main process does: without that no slot is free
// again.
class Drain
{
public:
    explicit Drain(Supervisor& supervisor)
        : reader_(this_process.segment, RingReading::taking)
    {
        supervisor.set_drain([this](bool) { drain(); });
    }

private:
    void drain()
    {
        for (std::uint32_t slot = 0; slot < reader_.slots_used(); ++slot) {
            reader_.started(slot);
            if (!reader_.reading(slot))
                continue;
            do {
                events_.clear();
            } while (reader_.events(slot, events_, 4096) > 0);
            reader_.ended(slot);
        }
    }

    SegmentReader reader_;
    std::vector<TraceEvent> events_;
};

class RunCounts
{
public:
    explicit RunCounts(std::size_t tasks)
        : tasks_(tasks)
        , block_("run counts", tasks * sizeof(Count))
    {
    }
    void clear() { std::memset(block_.memory(), 0, tasks_ * sizeof(Count)); }
    std::uint32_t of(std::size_t task) const { return (&block_.as<Count>())[task].load(); }
    std::vector<Item> items(std::mt19937_64& random, std::uint32_t most_spins) const
    {
        std::vector<Item> items;
        for (std::uint32_t i = 0; i < tasks_; ++i)
            items.push_back(
                {block_.offset(), i, static_cast<std::uint32_t>(pick(random, 0, most_spins))});
        return items;
    }

private:
    std::size_t tasks_;
    SharedBlock block_;
};

inline void kill_one(std::mt19937_64& random)
{
    const auto children = active_children();
    if (!children.empty())
        ::kill(children[pick(random, 0, children.size() - 1)].pid, SIGKILL);
}

inline void pass_time(std::uint64_t spins)
{
    for (std::uint64_t i = 0; i < spins; ++i)
        relax_cpu();
}

// Empty where all is as it must be: `kills` processes were killed during the call, and where it is
// `limited`, tasks may have been stopped.
template <class Call>
std::string what_is_wrong(Call& result, const RunCounts& counts, std::size_t tasks,
    std::size_t kills, bool limited = false)
{
    using R = typename decltype(result.get())::value_type;
    std::vector<std::optional<R>> found;
    std::vector<TaskFailure> failures;
    try {
        for (R& one : result.get())
            found.emplace_back(std::move(one));
    } catch (const WorkerDied& died) {
        found = *died.template results<R>();
        failures = died.failures();
    } catch (const TaskTimeout& stopped) {
        found = *stopped.template results<R>();
        failures = stopped.failures();
    } catch (const std::exception& error) {
        return error.what();
    }
    if (found.size() != tasks)
        return "there are " + std::to_string(found.size()) + " results";
    std::vector<bool> lost(tasks);
    std::size_t killed = 0;
    for (const TaskFailure& failure : failures) {
        if (limited && failure.kind == TaskFailure::Kind::timeout) {
            lost[failure.task.value()] = true;
            continue;
        }
        ++killed;
        if (!failure.task || failure.kind != TaskFailure::Kind::signal || failure.value != SIGKILL)
            return "a failure is none of a kill: " + failure.text;
        lost[*failure.task] = true;
    }
    if (killed > kills)
        return std::to_string(killed) + " tasks were lost";
    for (std::uint32_t task = 0; task < tasks; ++task) {
        const std::string name = "task " + std::to_string(task);
        if (found[task].has_value() == lost[task])
            return name + (lost[task] ? " is lost, and has a result" : " has no result");
        if (found[task] && !is_result(task, *found[task]))
            return name + " has another one's result";
        const std::uint32_t runs = counts.of(task);
        if (runs > 1 || (runs == 0 && !lost[task]))
            return name + " ran " + std::to_string(runs) + " times";
    }
    return {};
}

// Whether the process could be stopped.
inline bool attach(int pid)
{
    int status = 0;
    return ::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0
        && ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0
        && ::waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

/// A process that ends is left for the supervisor to reap.
inline void step(int pid, std::size_t instructions)
{
    for (std::size_t i = 0; i < instructions; ++i) {
        siginfo_t info = {};
        int status = 0;
        if (::ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr) != 0
            || ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WSTOPPED | WNOWAIT | __WALL)
                != 0
            || info.si_code != CLD_TRAPPED || ::waitpid(pid, &status, __WALL) != pid)
            return;
    }
}

} // namespace manyhands
