// SPDX-License-Identifier: MIT
#include "tests/lessons/test_lessons.hpp"

#include <cstdint>
#include <vector>

namespace manyhands::test_lessons {
namespace {

// Counts primes honestly; what a worker does depends on `empty`.
struct HonestTask
{
    std::uint32_t first;
    std::uint32_t last;
    bool empty;
};

bool is_prime(std::uint32_t number)
{
    for (std::uint32_t divisor = 2; std::uint64_t{divisor} * divisor <= number; ++divisor) {
        if (number % divisor == 0)
            return false;
    }
    return number >= 2;
}

std::uint32_t count(const HonestTask& task)
{
    if (task.empty)
        return 0;
    std::uint32_t primes = 0;
    for (std::uint32_t number = task.first; number < task.last; ++number)
        primes += is_prime(number) ? 1 : 0;
    this_process.work_done(task.last - task.first);
    return primes;
}

constexpr std::uint32_t piece = 20'000;
constexpr std::uint32_t pieces = 40;

std::vector<HonestTask> tasks(bool empty)
{
    std::vector<HonestTask> all;
    for (std::uint32_t i = 0; i < pieces; ++i)
        all.push_back({i * piece, (i + 1) * piece, empty});
    return all;
}

void count_alone(LessonRun& run)
{
    std::uint64_t primes = 0;
    for (const HonestTask& task : tasks(false))
        primes += count(task);
    run.result = {{"primes", primes}};
}

void count_with_pool(LessonRun& run)
{
    Pool pool(static_cast<int>(run.whole("workers")));
    std::uint64_t primes = 0;
    for (const std::uint32_t found : pool.map(&count, tasks(run.whole("empty") != 0), 1))
        primes += found;
    pool.close();
    pool.join();
    run.result = {{"primes", primes}};
}

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    document.quantities = {{"primes", evaluation.result.at("primes").get<double>()}};
    document.checks = {{"the workers found what one process found",
                           evaluation.result.at("primes") == evaluation.baseline.at("primes")},
        {"the workers did the work of one process", evaluation.work == evaluation.baseline_work}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "honest";
    lesson.title = "Honest or empty";
    lesson.parameters = {whole_number("workers", 1, 1, 16), whole_number("empty", 0, 0, 1)};
    lesson.quantities = {{"primes", "Primes", "", "count"}};
    lesson.work_unit = "numbers";
    return lesson;
}

} // namespace

const Lesson honest = {.describe = describe,
    .text = {},
    .baseline = count_alone,
    .run = count_with_pool,
    .evaluate = evaluate,
    .check_runs = {"workers=2", "workers=2 empty=1"}};

} // namespace manyhands::test_lessons
