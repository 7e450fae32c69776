// SPDX-License-Identifier: MIT
// The lesson prime_counting as it is described, and what is computed after its runs.
#include "engine/analysis/durations.hpp"
#include "engine/os/machine.hpp"
#include "lessons/prime_counting/program.hpp"
#include "lessons/support/pool_loads.hpp"
#include "lessons/support/words.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace manyhands::lessons::prime_counting {
namespace {

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

std::uint64_t whole(const Evaluation& evaluation, const std::string& name)
{
    return static_cast<std::uint64_t>(std::get<std::int64_t>(evaluation.parameters.at(name)));
}

std::string text(const Evaluation& evaluation, const std::string& name)
{
    return std::get<std::string>(evaluation.parameters.at(name));
}

// What each range took, in the order of the numbers, in seconds.
std::vector<double> range_times(const Recording& recording)
{
    const Interval shown = recording.shown_interval();
    std::vector<std::pair<std::uint32_t, double>> found;
    for (const Task& task : recording.tasks()) {
        if (task.end_ns != open_end && shown.begin_ns <= task.begin_ns
            && task.end_ns <= shown.end_ns)
            found.emplace_back(task.index,
                static_cast<double>(recording.run_time_within({task.begin_ns, task.end_ns})) / 1e9);
    }
    std::sort(found.begin(), found.end());
    std::vector<double> times;
    for (const auto& [index, seconds] : found)
        times.push_back(seconds);
    return times;
}

Series series_of(const std::vector<double>& times)
{
    Series series = {.view = "range_time", .name = "range", .style = SeriesStyle::points};
    constexpr std::size_t most_points = 2'000; // more than there are pixels
    const std::size_t step = times.size() / most_points + 1;
    for (std::size_t i = 0; i < times.size(); i += step) {
        series.x.push_back(static_cast<double>(i + 1));
        series.y.push_back(times[i]);
    }
    return series;
}

// A static schedule knows before the run whose each range is.
std::optional<bool> kept_static_schedule(const Evaluation& evaluation)
{
    if (text(evaluation, "method") != "map" || text(evaluation, "schedule") != "static"
        || evaluation.recording.events_dropped() > 0)
        return std::nullopt;
    const std::uint64_t workers = whole(evaluation, "workers");
    std::vector<std::uint32_t> lane_of(workers, no_subject);
    for (const Task& task : evaluation.recording.tasks()) {
        std::uint32_t& lane = lane_of[task.index % workers];
        if (lane == no_subject)
            lane = task.lane;
        if (lane != task.lane)
            return false;
    }
    return true;
}

Attempt attempt(std::string label, std::vector<std::string> words)
{
    return {.label = std::move(label), .words = std::move(words)};
}

// Who was out of work first.
std::optional<QuizQuestion> question_on_tail(
    const std::vector<WorkerLoad>& loads, std::optional<double> tail_s)
{
    if (loads.size() < 2 || !tail_s)
        return std::nullopt;
    constexpr std::size_t most_choices = 4;
    const auto first = std::min_element(loads.begin(), loads.end(),
        [](const WorkerLoad& a, const WorkerLoad& b) { return a.free_ns < b.free_ns; });
    QuizQuestion question = {.name = "this_first_idle",
        .question = "Look at the timeline of this run. Which worker was out of work first?",
        .choices = {}};
    const auto add = [&](const WorkerLoad& load) {
        const bool right = load.lane == first->lane;
        question.choices.push_back({.text = load.name,
            .right = right,
            .reply = right ? "From then until the last worker was done, " + duration_text(*tail_s)
                    + " went by in which it could have computed."
                           : "It worked longer than " + first->name
                    + ". The belief that whoever starts first is done first, or that all are done "
                      "together, does not hold by itself: look where each lane's last range ends, "
                      "then run it with few chunks.",
            .attempt = right ? std::nullopt
                             : std::optional(attempt("3 chunks", {"chunks=3", "workers=2"}))});
    };
    for (const WorkerLoad& load : loads) {
        const bool last_place = question.choices.size() + 1 == most_choices;
        const bool told = std::any_of(question.choices.begin(), question.choices.end(),
            [](const QuizChoice& choice) { return choice.right; });
        if (last_place && !told && load.lane != first->lane)
            continue;
        if (question.choices.size() < most_choices)
            add(load);
    }
    return question;
}

std::optional<QuizQuestion> question_on_ranges(const std::vector<double>& times)
{
    if (times.size() < 3)
        return std::nullopt;
    double sum = 0;
    for (const double seconds : times)
        sum += seconds;
    const double mean = sum / static_cast<double>(times.size());
    const Attempt one = attempt("Fewer, larger ranges", {"chunks=8"});
    // Two answers that anybody can tell apart, and none in between.
    const double ratio = times.back() / mean;
    if (ratio < 1.2)
        return std::nullopt;
    return QuizQuestion{.name = "this_last_range",
        .question = "In this run a range took " + duration_text(mean)
            + " on average. What did the range with the largest numbers take?",
        .choices = {
            {.text = duration_text(mean / 2),
                .right = false,
                .reply = "That would be right if large numbers were quicker because fewer of them "
                         "are prime. But a prime is what costs most, and each of them needs more "
                         "divisions. Run it with few ranges and compare the first with the last.",
                .attempt = one},
            {.text = duration_text(mean),
                .right = false,
                .reply = "That is the belief that equal ranges are equal work. They hold as many "
                         "numbers, but larger numbers need more divisions. Run it with few ranges "
                         "and compare the first with the last.",
                .attempt = one},
            {.text = duration_text(times.back()),
                .right = true,
                .reply = "A number is divided by all odd numbers up to its square root, so ranges "
                         "of larger numbers take longer.",
                .attempt = std::nullopt},
        }};
}

void evaluate_trace(const Evaluation& evaluation, ResultDocument& document)
{
    const Recording& recording = evaluation.recording;
    const std::vector<WorkerLoad> loads = worker_loads(recording);
    const std::vector<double> times = range_times(recording);
    const std::optional<double> tail_s = idle_tail_s(recording, loads);
    document.quantities.push_back({"imbalance", imbalance(recording, recording.shown_interval())});
    document.quantities.push_back({"idle_tail", tail_s});
    if (!times.empty()) {
        double sum = 0;
        for (const double seconds : times)
            sum += seconds;
        document.quantities.push_back({"last_range", times.back()});
        if (sum > 0)
            document.quantities.push_back(
                {"last_over_mean", times.back() * static_cast<double>(times.size()) / sum});
    }
    document.checks.push_back(
        {"with a static schedule, each worker counted the ranges that were its own",
            kept_static_schedule(evaluation)});
    if (auto question = question_on_tail(loads, tail_s))
        document.quiz.push_back(std::move(*question));
    if (auto question = question_on_ranges(times))
        document.quiz.push_back(std::move(*question));
    document.series = busy_time_series("busy_time", loads);
    document.series.push_back(series_of(times));
}

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    const auto primes = evaluation.result.at("primes").get<std::uint64_t>();
    const auto counted = evaluation.result.at("ranges").get<std::uint64_t>();
    document.quantities = {
        {"primes", static_cast<double>(primes)},
        {"divisions", static_cast<double>(evaluation.work)},
    };
    const bool has_baseline = evaluation.baseline_work.has_value();
    document.checks = {
        {"the workers found as many primes as the sieve of Eratosthenes finds",
            primes == primes_by_sieve(whole(evaluation, "limit"))},
        {"the workers did the same trial divisions as one process alone",
            has_baseline ? std::optional(evaluation.work == *evaluation.baseline_work)
                         : std::nullopt},
        {"each range was counted once", counted == whole(evaluation, "chunks")},
    };
    if (evaluation.traced)
        evaluate_trace(evaluation, document);
}

std::vector<PredictionDescription> predictions()
{
    // Ranges hold both their ends and may not overlap.
    const auto above = [](double value) { return std::nextafter(value, value + 1); };
    return {
        {.name = "speedup",
            .question = "How many times as fast as one process alone will the workers be?",
            .quantity = "speedup",
            .kind = PredictionKind::number,
            .unit = "×",
            .minimum = 0.1,
            .maximum = 4.0 * std::max(usable_cpus(), 2),
            .logarithmic = true,
            .tolerance = 0.1},
        {.name = "imbalance",
            .question = "How much longer than the mean will the busiest worker count?",
            .quantity = "imbalance",
            .kind = PredictionKind::choice,
            .choices = {{"hardly: by 5 % at most", 1, 1.05}, {"by 5 to 25 %", above(1.05), 1.25},
                {"by more than a quarter", above(1.25), std::numeric_limits<double>::max()}}},
        {.name = "last_over_mean",
            .question
            = "The range with the largest numbers takes how many times as long as a range "
              "does on average?",
            .quantity = "last_over_mean",
            .kind = PredictionKind::number,
            .unit = "×",
            .minimum = 0.25,
            .maximum = 8,
            .logarithmic = true,
            .tolerance = 0.15},
    };
}

std::vector<QuizQuestion> quiz()
{
    const std::string cpus = std::to_string(usable_cpus());
    const std::string many = std::to_string(std::min(4 * std::max(usable_cpus(), 1), 255));
    const Attempt crowded
        = attempt("4 times as many workers as CPUs", {"workers=" + many, "schedule=dynamic"});
    const Attempt blocks = attempt(
        "Static, one chunk a worker", {"method=map", "schedule=static", "workers=2", "chunks=2"});
    const Attempt unordered = attempt("Results as they come", {"method=imap_unordered"});
    return {
        {.name = "static_blocks",
            .question = "Two workers, two chunks: the smaller half of the numbers and the larger "
                        "one. When is the run over?",
            .choices = {{.text = "When both are done, which is at about the same time",
                            .right = false,
                            .reply = "That is the belief that equal ranges are equal work. Run it "
                                     "and compare the two lanes.",
                            .attempt = blocks},
                {.text = "When the larger half is done; the other worker is idle before",
                    .right = true,
                    .reply = "Larger numbers need more divisions, and the last lane decides.",
                    .attempt = std::nullopt},
                {.text = "Earlier: whoever is done helps the other",
                    .right = false,
                    .reply = "That is the belief that the system balances the load by itself. A "
                             "chunk that was taken is never divided again. Run it and look who is "
                             "idle.",
                    .attempt = blocks}}},
        {.name = "oversubscribed",
            .question = "This machine lets the lesson use " + cpus
                + (cpus == "1" ? " CPU" : " CPUs") + ". What do " + many + " workers bring?",
            .choices = {{.text = "About 4 times the speed of " + cpus,
                            .right = false,
                            .reply = "That is the belief that more processes are always faster. "
                                     "Processes take turns on the CPUs that there are. Run it, "
                                     "then sweep over the workers.",
                            .attempt = crowded},
                {.text = "An error: there may not be more processes than CPUs",
                    .right = false,
                    .reply = "That is the belief that a process owns a CPU. The system shares the "
                             "CPUs out in turns. Run it: all of them come to work.",
                    .attempt = crowded},
                {.text = "No more speed: they take turns on the CPUs",
                    .right = true,
                    .reply = "They compute as much as before in all, and each of them costs its "
                             "start and its memory.",
                    .attempt = std::nullopt}}},
        {.name = "order",
            .question
            = "map() returns the counts in the order of the ranges. What does that say of "
              "the order in which they were counted?",
            .choices
            = {{.text = "Nothing",
                   .right = true,
                   .reply = "Each result has its place, whenever it comes. imap_unordered() hands "
                            "them out as they come.",
                   .attempt = std::nullopt},
                {.text = "It is the same",
                    .right = false,
                    .reply = "That is the belief that map() works through its list in "
                             "order. The results are sorted into their places; see in the "
                             "lanes who was done when. Run it with results as they come.",
                    .attempt = unordered},
                {.text = "The first range was done first, at least",
                    .right = false,
                    .reply = "It was taken first. Whether it was done first depends on how long it "
                             "took and on who got a CPU. Run it with results as they come.",
                    .attempt = unordered}}},
    };
}

std::string sweep_of_workers()
{
    std::string values = "1";
    for (int workers = 2; workers <= std::max(8, std::min(4 * usable_cpus(), 255)); workers *= 2)
        values += "," + std::to_string(workers);
    return "workers=" + values;
}

Guide guide()
{
    Guide guide;
    guide.predictions = predictions();
    guide.quiz = quiz();
    guide.next = {
        {.label = "Sweep over the workers", .words = {}, .sweep = sweep_of_workers()},
        attempt("Static schedule, one chunk a worker",
            {"method=map", "schedule=static", "workers=2", "chunks=2"}),
        attempt("4 times as many workers as CPUs",
            {"workers=" + std::to_string(std::min(4 * usable_cpus(), 255)), "chunks=64"}),
    };
    guide.views = {
        {.name = "busy_time",
            .title = "Busy time",
            .x_label = "Worker",
            .y_label = "Time in ranges (s)",
            .help = "How long each worker counted, and the mean of all."},
        {.name = "range_time",
            .title = "Time of each range",
            .x_label = "Range",
            .y_label = "Time to count it (s)",
            .help = "How long each range took, from the smallest numbers to the largest."},
    };
    guide.gates = true;
    return guide;
}

std::vector<ParameterDescription> parameters()
{
    return {
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
            .help = "Into how many ranges the numbers are cut.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{64},
            .minimum = 1,
            .maximum = 100'000,
            .choices = {}},
        {.name = "schedule",
            .label = "Schedule",
            .help = "Who counts which range: static, by turns and known before; dynamic, whoever "
                    "is free takes one; guided, several at once, fewer towards the end. Of map.",
            .unit = "",
            .type = ParameterType::choice,
            .default_value = std::string("dynamic"),
            .choices = {"static", "dynamic", "guided"}},
        {.name = "method",
            .label = "Method",
            .help = "How the pool is called: map for all ranges at once, apply_async for each, or "
                    "imap_unordered with results as they come. Without map, whoever is free takes "
                    "one range.",
            .unit = "",
            .type = ParameterType::choice,
            .default_value = std::string("map"),
            .choices = {"map", "apply_async", "imap_unordered"},
            .folded = true},
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
        "Say why a schedule leaves workers idle at the end, and which one does not.",
    };
    lesson.parameters = parameters();
    lesson.quantities = {
        {"primes", "Primes found", "", "count"},
        {"divisions", "Trial divisions", "", "work"},
        {"imbalance", "Busiest worker over the mean", "×", "imbalance"},
        {"idle_tail", "First to last idle worker", "s", "time"},
        {"last_range", "Range of the largest numbers", "s", "time"},
        {"last_over_mean", "The same over the mean range", "×", "share"},
    };
    lesson.work_unit = "trial divisions";
    lesson.guide = guide();
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
    .check_runs = {
        "limit=200000 workers=2",
        "limit=200000 workers=3 chunks=7 schedule=static",
        "limit=200000 workers=3 chunks=50 schedule=guided",
        "limit=200000 workers=2 chunks=20 method=apply_async",
        "limit=200000 workers=2 chunks=20 method=imap_unordered",
        "limit=2 workers=4 chunks=1",
    },
};

} // namespace manyhands::lessons::prime_counting
