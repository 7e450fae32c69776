// SPDX-License-Identifier: MIT
#include "tests/bench/spin.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/error.hpp"
#include "engine/os/memory.hpp"
#include "tests/bench/harness.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <new>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace manyhands::bench {
namespace {

// Short batches: most of them see no CPU taken away. On a busy machine that happens often, and each
// time costs a slice of the scheduler's: time ends it then.
constexpr std::uint32_t round_trips_a_batch = 100;
constexpr std::size_t most_batches = 201;
constexpr std::int64_t longest_ns = 1'000'000'000;
constexpr std::uint32_t end_word = 0xffff'ffff;

// Holds this process to the n-th of the CPUs that it may use.
void stay_on(const cpu_set_t& usable, int n)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &usable) || n-- > 0)
            continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        ::sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

struct Words
{
    alignas(64) std::atomic<std::uint32_t> there;
    alignas(64) std::atomic<std::uint32_t> back;
};

void answer(Words& words)
{
    std::uint32_t seen = 0;
    while (seen != end_word) {
        const std::uint32_t now = words.there.load(std::memory_order_acquire);
        if (now != seen)
            words.back.store(now, std::memory_order_release);
        seen = now;
    }
}

} // namespace

std::optional<double> spin_round_trip_ns()
{
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0 || CPU_COUNT(&usable) < 2)
        return std::nullopt;
    const os::SharedMemory memory("manyhands-bench-spin", sizeof(Words));
    memory.back(0, sizeof(Words));
    Words& words = *new (memory.data()) Words{};
    const pid_t child = ::fork();
    if (child < 0)
        throw system_error("a process", "could not be forked", errno);
    if (child == 0) {
        stay_on(usable, 1);
        answer(words);
        ::_exit(0);
    }
    stay_on(usable, 0);
    std::vector<double> found;
    std::uint32_t number = 0;
    const std::int64_t first = os::monotonic_ns();
    for (std::int64_t begin = first; found.size() < most_batches && begin - first < longest_ns;) {
        for (std::uint32_t i = 0; i < round_trips_a_batch; ++i) {
            words.there.store(++number, std::memory_order_release);
            while (words.back.load(std::memory_order_acquire) != number) { }
        }
        const std::int64_t end = os::monotonic_ns();
        found.push_back(static_cast<double>(end - begin) / round_trips_a_batch);
        begin = end;
    }
    words.there.store(end_word, std::memory_order_release);
    ::waitpid(child, nullptr, 0);
    ::sched_setaffinity(0, sizeof usable, &usable);
    // Whatever disturbs makes it longer: the lower ones tell how near the CPUs are.
    return quartiles(found).first;
}

} // namespace manyhands::bench
