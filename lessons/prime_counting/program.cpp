// SPDX-License-Identifier: MIT
// Counting primes with a pool: the numbers up to `limit` are cut into ranges, and worker processes
// count the primes of one range after the other.
#include "lessons/prime_counting/program.hpp"

#include "engine/sync/gate.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace manyhands::lessons::prime_counting {
namespace {

// The task: what is sent to a worker, and what comes back.

struct Range
{
    std::uint32_t first;
    std::uint32_t last; // one behind the last number
};

struct Count
{
    std::uint32_t primes;
    std::int32_t pid; // of the process that counted
    std::uint64_t divisions;
};

std::string to_text(const Range& range)
{
    return std::to_string(range.first) + " to " + std::to_string(range.last - 1);
}

// Divides `number` by 2, 3, 5, 7, 9 … up to its square root, or until a division leaves no rest.
bool is_prime(std::uint32_t number, std::uint64_t& divisions)
{
    if (number < 4)
        return number >= 2;
    ++divisions;
    if (number % 2 == 0)
        return false;
    for (std::uint32_t divisor = 3; std::uint64_t{divisor} * divisor <= number; divisor += 2) {
        ++divisions;
        if (number % divisor == 0)
            return false;
    }
    return true;
}

Count count_primes(const Range& range)
{
    gate("before chunk");
    // Work is reported a piece at a time, so that the speedup can be seen to grow.
    constexpr std::uint32_t piece = 8192;
    Count count = {.primes = 0, .pid = ::getpid(), .divisions = 0};
    for (std::uint32_t first = range.first; first < range.last;) {
        const std::uint32_t last = std::min(range.last - first, piece) + first;
        std::uint64_t divisions = 0;
        for (std::uint32_t number = first; number < last; ++number)
            count.primes += is_prime(number, divisions) ? 1 : 0;
        this_process.work_done(divisions);
        count.divisions += divisions;
        first = last;
    }
    return count;
}

// Equal ranges that cover 0 to limit; the first ones are longer by one where it does not divide.
std::vector<Range> ranges(const LessonRun& run)
{
    const auto numbers = static_cast<std::uint64_t>(run.whole("limit")) + 1;
    const auto chunks = static_cast<std::uint64_t>(run.whole("chunks"));
    std::vector<Range> found;
    for (std::uint64_t i = 0; i < chunks; ++i)
        found.push_back({static_cast<std::uint32_t>(numbers * i / chunks),
            static_cast<std::uint32_t>(numbers * (i + 1) / chunks)});
    return found;
}

Schedule schedule_of(const LessonRun& run)
{
    const auto schedule = run.parameter<std::string>("schedule");
    if (schedule == "static")
        return Schedule::fixed;
    return schedule == "guided" ? Schedule::guided : Schedule::dynamic;
}

// One call for all ranges: the results come together, in the order of the ranges. The schedule says
// who counts which: worker i every range i, i + workers, i + 2 workers …; or whoever is free the
// next one; or whoever is free the next few, fewer towards the end.
std::vector<Count> by_map(Pool& pool, const LessonRun& run)
{
    return pool.map(&count_primes, ranges(run), 1, schedule_of(run));
}

// One call for each range, none of which waits; then each result is waited for.
std::vector<Count> by_apply_async(Pool& pool, const LessonRun& run)
{
    std::vector<AsyncResult<Count>> calls;
    for (const Range& range : ranges(run))
        calls.push_back(pool.apply_async(&count_primes, range));
    std::vector<Count> counts;
    for (AsyncResult<Count>& call : calls)
        counts.push_back(call.get());
    return counts;
}

// One call for all ranges: each result as soon as it is there, whatever range it is of.
std::vector<Count> by_imap_unordered(Pool& pool, const LessonRun& run)
{
    std::vector<Count> counts;
    for (const Count& count : pool.imap_unordered(&count_primes, ranges(run)))
        counts.push_back(count);
    return counts;
}

} // namespace

void count_alone(LessonRun& run)
{
    std::uint64_t primes = 0;
    for (const Range& range : ranges(run))
        primes += count_primes(range).primes;
    run.result = {{"primes", primes}};
}

void count_with_pool(LessonRun& run)
{
    Pool pool(static_cast<int>(run.whole("workers")));
    const auto method = run.parameter<std::string>("method");
    const std::vector<Count> counts = method == "map" ? by_map(pool, run)
        : method == "apply_async"                     ? by_apply_async(pool, run)
                                                      : by_imap_unordered(pool, run);
    pool.close();
    pool.join();

    std::uint64_t primes = 0;
    std::uint64_t divisions = 0;
    std::map<int, std::uint64_t> primes_by_pid;
    for (const Count& count : counts) {
        primes += count.primes;
        divisions += count.divisions;
        primes_by_pid[count.pid] += count.primes;
    }
    nlohmann::json by_worker = nlohmann::json::array();
    for (const auto& [pid, found] : primes_by_pid)
        by_worker.push_back({{"pid", pid}, {"primes", found}});
    run.result = {{"primes", primes}, {"divisions", divisions}, {"by_worker", by_worker},
        {"ranges", counts.size()}};
}

} // namespace manyhands::lessons::prime_counting
