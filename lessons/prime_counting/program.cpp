// SPDX-License-Identifier: MIT
// Counting primes with a pool: the numbers up to `limit` are cut into ranges, and worker processes
// count the primes of one range after the other.
#include "lessons/prime_counting/program.hpp"

#include "engine/os/machine.hpp"

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

// In one process: every range after the other.
void count_alone(LessonRun& run)
{
    std::uint64_t primes = 0;
    for (const Range& range : ranges(run))
        primes += count_primes(range).primes;
    run.result = {{"primes", primes}};
}

// With many: the pool hands the next range to whoever is free, one at a time.
void count_with_pool(LessonRun& run)
{
    Pool pool(static_cast<int>(run.whole("workers")));
    const std::vector<Count> counts = pool.map(&count_primes, ranges(run), 1);
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
    run.result = {{"primes", primes}, {"divisions", divisions}, {"by_worker", by_worker}};
}

// The sieve of Eratosthenes over the odd numbers: another way to the same answer, for the check.
std::uint64_t primes_by_sieve(std::uint64_t limit)
{
    if (limit < 2)
        return 0;
    const std::uint64_t odd_numbers = (limit + 1) / 2; // 1, 3, 5 …
    std::vector<bool> composite(odd_numbers, false);
    std::uint64_t primes = 1; // 2
    for (std::uint64_t i = 1; i < odd_numbers; ++i) {
        if (composite[i])
            continue;
        ++primes;
        const std::uint64_t prime = 2 * i + 1;
        for (std::uint64_t multiple = prime * prime; multiple <= limit; multiple += 2 * prime)
            composite[multiple / 2] = true;
    }
    return primes;
}

// Time of the busiest worker over the mean of all: 1 is perfect balance.
std::optional<double> imbalance(const Recording& recording)
{
    double longest = 0;
    double sum = 0;
    int workers = 0;
    for (const Lane& lane : recording.lanes()) {
        if (lane.role != Role::worker)
            continue;
        double busy = 0;
        for (const Span& span : lane.spans) {
            if (span.state == State::computing && span.end_ns != open_end)
                busy += static_cast<double>(span.end_ns - span.begin_ns);
        }
        longest = std::max(longest, busy);
        sum += busy;
        ++workers;
    }
    if (sum <= 0)
        return std::nullopt;
    return longest * workers / sum;
}

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    const auto limit
        = static_cast<std::uint64_t>(std::get<std::int64_t>(evaluation.parameters.at("limit")));
    const auto primes = evaluation.result.at("primes").get<std::uint64_t>();
    document.quantities = {
        {"primes", static_cast<double>(primes)},
        {"divisions", static_cast<double>(evaluation.work)},
        {"imbalance", evaluation.traced ? imbalance(evaluation.recording) : std::nullopt},
    };
    const bool has_baseline = evaluation.baseline_work.has_value();
    document.checks = {
        {"the workers found as many primes as the sieve of Eratosthenes finds",
            primes == primes_by_sieve(limit)},
        {"the workers did the same trial divisions as one process alone",
            has_baseline ? std::optional(evaluation.work == *evaluation.baseline_work)
                         : std::nullopt},
    };
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "prime_counting";
    lesson.title = "Counting primes with a pool";
    lesson.objectives = {
        "See worker processes start, take ranges of numbers from a queue and send counts back.",
        "Read a speedup, and find on the timeline what keeps it below the number of workers.",
        "Tell apart the time spent computing and the overhead of working together.",
    };
    lesson.parameters = {
        {.name = "limit",
            .label = "Count primes up to",
            .help = "The largest number that is tested.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{15'000'000},
            .minimum = 2,
            .maximum = 1e9,
            .choices = {},
            .work = true},
        {.name = "workers",
            .label = "Worker processes",
            .help = "How many processes count at the same time.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{std::max(usable_cpus(), 2)},
            .minimum = 1,
            .maximum = 255,
            .choices = {},
            .workers = true},
        {.name = "chunks",
            .label = "Chunks",
            .help = "Into how many ranges the numbers are cut; a worker takes one at a time.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{64},
            .minimum = 1,
            .maximum = 100'000,
            .choices = {}},
    };
    lesson.quantities = {
        {"primes", "Primes found", "", "count"},
        {"divisions", "Trial divisions", "", "work"},
        {"imbalance", "Busiest worker over the mean", "×", "imbalance"},
    };
    lesson.work_unit = "trial divisions";
    return lesson;
}

} // namespace

const Lesson lesson = {
    .describe = describe,
    .text = "lessons/prime_counting/lesson.md",
    .sources = {"lessons/prime_counting/program.cpp", "lessons/prime_counting/program.py"},
    .baseline = count_alone,
    .run = count_with_pool,
    .evaluate = evaluate,
};

} // namespace manyhands::lessons::prime_counting
