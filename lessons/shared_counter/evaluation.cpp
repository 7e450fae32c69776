// SPDX-License-Identifier: MIT
// What is made of a run of shared_counter: losses round by round, or the order that a microscope
// saw, beside all that there are.
#include "lessons/shared_counter/description.hpp"

#include "engine/analysis/race.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace manyhands::lessons::shared_counter {
namespace {

constexpr double percent = 100;

std::int64_t whole(const Evaluation& evaluation, const char* name)
{
    return std::get<std::int64_t>(evaluation.parameters.at(name));
}
const std::string& word(const Evaluation& evaluation, const char* name)
{
    return std::get<std::string>(evaluation.parameters.at(name));
}

// "4 000 000"
std::string grouped(std::int64_t value)
{
    std::string text = std::to_string(value);
    for (std::size_t from_end = 3; from_end < text.size(); from_end += 4)
        text.insert(text.size() - from_end, 1, ' ');
    return text;
}

// Three digits are enough: "12.3 ns".
std::string rounded(double value, const std::string& unit)
{
    const double step = value > 0 ? std::pow(10, std::floor(std::log10(value)) - 2) : 1;
    std::string text = std::to_string(std::round(value / step) * step);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text + " " + unit;
}

// The median of the rounds, with its spread.
Quantity over_rounds(std::string name, const std::vector<double>& values)
{
    Quantity quantity = {.name = std::move(name), .value = median(values)};
    if (values.size() > 1) {
        quantity.low = quantile(values, 0.25);
        quantity.high = quantile(values, 0.75);
        quantity.samples = static_cast<int>(values.size());
    }
    return quantity;
}

// How long workers waited for the lock, as far as it was told.
std::optional<double> lock_wait_s(const Evaluation& evaluation)
{
    if (!evaluation.traced)
        return std::nullopt;
    double waited_ns = 0;
    for (const Lane& lane : evaluation.recording.lanes()) {
        if (lane.role != Role::worker)
            continue;
        for (const Span& span : lane.spans) {
            if (span.state == State::waiting_lock && span.end_ns != open_end)
                waited_ns += static_cast<double>(span.end_ns - span.begin_ns);
        }
    }
    return waited_ns / 1e9;
}

// What the rounds of a free run came to.
struct Rounds
{
    std::vector<double> finals;
    std::vector<double> lost;
    std::vector<double> shares; // of them, in percent
    std::vector<double> rates;
    std::vector<double> ns_each;
    bool all_done = true; // every increment asked for was made
    bool exact = true;
    bool adds_up = true;

    Rounds(const nlohmann::json& rounds, std::int64_t expected)
    {
        for (const nlohmann::json& round : rounds) {
            const auto added = round.at("added").get<std::vector<std::int64_t>>();
            const auto final = round.at("final").get<std::int64_t>();
            // What the workers counted on their own, against what the number says.
            const std::int64_t made = std::accumulate(added.begin(), added.end(), std::int64_t{0});
            all_done = all_done && made == expected;
            exact = exact && final == expected;
            adds_up = adds_up && final >= 1 && final <= made && final + (made - final) == expected;
            finals.push_back(static_cast<double>(final));
            lost.push_back(static_cast<double>(made - final));
            shares.push_back(percent * lost.back() / static_cast<double>(expected));
            ns_each.push_back(round.at("ns_each").get<double>());
            rates.push_back(1e9 / ns_each.back());
        }
    }

    std::size_t count() const { return finals.size(); }
    std::size_t losing() const
    {
        return static_cast<std::size_t>(
            std::count_if(lost.begin(), lost.end(), [](double one) { return one > 0; }));
    }
};

// A bar for rounds without a loss, and up to ten for the others: of those that lost more than the
// bar before says, and at most what it says itself.
Series histogram_of(const std::vector<double>& lost)
{
    Series series;
    series.view = "lost_updates";
    series.name = "rounds";
    series.style = SeriesStyle::bars;
    const double most = lost.empty() ? 0 : *std::max_element(lost.begin(), lost.end());
    double width = 1; // 1, 2, 5, 10, 20 …
    for (int i = 0; width * 10 < most; ++i)
        width *= i % 3 == 1 ? 2.5 : 2;
    const auto bars = static_cast<std::size_t>(std::ceil(most / width)) + 1;
    for (std::size_t bar = 0; bar < bars; ++bar) {
        series.x.push_back(width * static_cast<double>(bar));
        series.y.push_back(0);
    }
    for (const double one : lost)
        ++series.y[static_cast<std::size_t>(std::ceil(one / width))];
    return series;
}

std::vector<Series> series_of(const Rounds& rounds, std::int64_t expected)
{
    Series finals;
    finals.view = "final_values";
    finals.name = "final count";
    finals.style = SeriesStyle::points;
    finals.y = rounds.finals;
    finals.x.resize(rounds.count());
    std::iota(finals.x.begin(), finals.x.end(), 1.0);
    Series reference;
    reference.view = "final_values";
    reference.name = "expected";
    reference.reference = true;
    reference.x = {0.5, static_cast<double>(std::max<std::size_t>(rounds.count(), 1)) + 0.5};
    reference.y.assign(2, static_cast<double>(expected));
    return {histogram_of(rounds.lost), std::move(finals), std::move(reference)};
}

// What the numbers of a round without protection mean.
QuizQuestion question_of_losses(const Evaluation& evaluation, const Rounds& rounds)
{
    const std::size_t shown = static_cast<std::size_t>(
        std::max_element(rounds.lost.begin(), rounds.lost.end()) - rounds.lost.begin());
    const nlohmann::json& round = evaluation.result.at("rounds").at(shown);
    std::string parts;
    for (const nlohmann::json& part : round.at("added"))
        parts += (parts.empty() ? "" : " + ") + grouped(part.get<std::int64_t>());
    const auto lost = static_cast<std::int64_t>(rounds.lost[shown]);
    QuizQuestion question;
    question.name = "your_round";
    question.question = "In round " + std::to_string(shown + 1)
        + " of your run the workers counted that they had made " + parts
        + " increments. The number came to " + grouped(round.at("final").get<std::int64_t>())
        + ". What happened?";
    if (lost == 0) {
        question.choices = {
            {"The program is correct: the sum is exact.", false,
                "That it ran correctly does not make it correct. Run it longer, or force the "
                "order.",
                microscope()},
            {"Processes cannot disturb each other: each has memory of its own.", false,
                "Their variables are their own, but this number lies in memory that they share.",
                without_lock()},
            {"Nothing was lost this time. Another run may lose something.", true,
                "Yes: nothing in the program keeps processes apart. It has not happened here.", {}},
        };
        return question;
    }
    const std::string count = grouped(lost);
    question.choices = {
        {"The workers made " + count + " increments too few.", false,
            "Each worker counted what it did, and the counts add up to all that was asked for. "
            "That work which was done must have arrived in memory is a belief: take the steps one "
            "by one.",
            microscope()},
        {count + " increments were made and lost: a store put back a number without them.", true,
            "Yes. Each worker made its part; what others stored between its load and its store is "
            "gone.",
            {}},
        {"The CPU made a mistake in " + count + " additions.", false,
            "Each addition was right: it added 1 to what had been loaded. Under a lock the same "
            "CPU loses nothing.",
            lock_each()},
    };
    return question;
}

// What an increment takes where processes take turns.
QuizQuestion question_of_time(const Evaluation& evaluation, const Rounds& rounds)
{
    const double ns_each = *median(rounds.ns_each);
    const auto workers = static_cast<double>(whole(evaluation, "workers"));
    QuizQuestion question;
    question.name = "your_time";
    question.question = "In the median round of your run " + grouped(whole(evaluation, "workers"))
        + " processes made " + grouped(whole(evaluation, "increments")) + " increments in "
        + rounded(ns_each * static_cast<double>(whole(evaluation, "increments")) / 1e6, "ms")
        + ". They change one number, one after the other. How much of that time falls to one "
          "increment?";
    question.choices = {
        {rounded(ns_each / workers, "ns"), false,
            "That more processes divide the time again is a belief about work that does not wait "
            "for the others. Look at the speedup of each way.",
            all_ways()},
        {rounded(ns_each, "ns"), true,
            "Yes: the time over the number of increments. While one of them is made, no other is.",
            {}},
        {rounded(ns_each * workers, "ns"), false,
            "That would be so if the processes added side by side, each at its own. Here they take "
            "turns: look at the speedup of each way.",
            all_ways()},
    };
    return question;
}

void evaluate_free(const Evaluation& evaluation, ResultDocument& document)
{
    const std::int64_t expected = whole(evaluation, "increments");
    const std::string& variant = word(evaluation, "variant");
    const Rounds rounds(evaluation.result.at("rounds"), expected);
    const nlohmann::json& plain = evaluation.result.at("plain_ns_each");
    const bool complete = static_cast<std::int64_t>(rounds.count()) == whole(evaluation, "rounds");
    const std::optional<double> ns_each = median(rounds.ns_each);
    // Where each addition is one step, none can be lost: that is no luck that a finding is to ask
    // of.
    if (variant != "atomic")
        document.quantities.push_back(over_rounds("lost_updates", rounds.lost));
    document.quantities.insert(document.quantities.end(),
        {
            over_rounds("lost_share", rounds.shares),
            {"rounds_losing",
                rounds.count() == 0 ? std::nullopt
                                    : std::optional(percent * static_cast<double>(rounds.losing())
                                        / static_cast<double>(rounds.count()))},
            {"expected", static_cast<double>(expected)},
            over_rounds("final_count", rounds.finals),
            over_rounds("rate", rounds.rates),
            over_rounds("increment_ns", rounds.ns_each),
        });
    if (variant.starts_with("lock"))
        document.quantities.push_back({"lock_wait", lock_wait_s(evaluation)});
    if (ns_each && !plain.is_null())
        document.quantities.push_back({"slowdown", *ns_each / plain.get<double>()});
    if (ns_each && evaluation.sequential_s) {
        const double alone_ns = 1e9 * *evaluation.sequential_s
            / static_cast<double>(expected * whole(evaluation, "rounds"));
        document.quantities.push_back({"alone_ns", alone_ns});
        document.quantities.push_back({"gain", alone_ns / *ns_each});
    }
    // A claim about all rounds, where no worker died before their end.
    const auto claim = [&](std::string text, bool held) {
        document.checks.push_back({std::move(text), complete ? std::optional(held) : std::nullopt});
    };
    claim("the workers made every increment asked for", rounds.all_done);
    if (variant == "none")
        claim("the final value plus the lost updates is the expected count", rounds.adds_up);
    else
        claim("the count is exact", rounds.exact);
    document.checks.push_back({"the workers made as many increments as one process alone",
        complete && evaluation.baseline_work
            ? std::optional(evaluation.work == *evaluation.baseline_work)
            : std::nullopt});
    if (rounds.count() > 0) {
        document.series = series_of(rounds, expected);
        document.quiz = {variant == "none" ? question_of_losses(evaluation, rounds)
                                           : question_of_time(evaluation, rounds)};
    }
}

// The microscope.

// "1 2 1 2 …", as the workers are named.
std::string order_text(const std::vector<int>& order)
{
    std::string text;
    for (const int worker : order)
        text += (text.empty() ? "" : " ") + std::to_string(worker + 1);
    return text;
}

QuizQuestion question_of_order(
    const std::vector<int>& order, int final, int increments, const RaceOutcomes::Counts& counts)
{
    QuizQuestion question;
    question.name = "your_order";
    question.question = "In your run the steps were taken in this order (each number is the worker "
                        "whose next step it was): "
        + order_text(order) + ". What was the number in the end?";
    const auto choice = [&](int value) -> QuizChoice {
        const std::string text = std::to_string(value);
        if (value == final)
            return {text, true, "Yes. Each store writes what its worker had loaded, plus 1.", {}};
        if (value == increments)
            return {text, false,
                "That is the number of increments made: the belief that each of them counts. A "
                "store overwrites what others stored since its load. Follow a register step by "
                "step.",
                microscope()};
        if (value == 0)
            return {text, false, "Every store writes at least 1. Follow a register step by step.",
                microscope()};
        if (counts[static_cast<std::size_t>(value)] == 0)
            return {text, false, "No order of the steps ends so. Follow a register step by step.",
                microscope()};
        return {text, false,
            "Other orders end so, not this one: for each store, look for the load of the same "
            "worker before it.",
            microscope()};
    };
    for (int value = std::max(0, std::min(final, increments - 2));
         value <= increments && question.choices.size() < 4; ++value)
        question.choices.push_back(choice(value));
    return question;
}

std::vector<Series> outcome_series(const RaceOutcomes::Counts& counts, int increments,
    const std::vector<std::uint64_t>& free, double free_rounds)
{
    Series orders;
    orders.view = "outcomes";
    orders.name = "all orders";
    orders.style = SeriesStyle::bars;
    Series measured;
    measured.view = "outcomes";
    measured.name = "running freely";
    measured.style = SeriesStyle::points;
    for (int value = 1; value <= increments; ++value) {
        const auto index = static_cast<std::size_t>(value);
        orders.x.push_back(value);
        orders.y.push_back(
            percent * static_cast<double>(counts[index]) / static_cast<double>(sum_of(counts)));
        if (free_rounds > 0) {
            measured.x.push_back(value);
            measured.y.push_back(percent * static_cast<double>(free[index]) / free_rounds);
        }
    }
    return {std::move(orders), std::move(measured)};
}

void evaluate_microscope(const Evaluation& evaluation, ResultDocument& document)
{
    const auto processes = static_cast<int>(whole(evaluation, "held_processes"));
    const auto each = static_cast<int>(whole(evaluation, "held_increments"));
    const int increments = processes * each;
    RaceOutcomes outcomes;
    const RaceOutcomes::Counts counts = outcomes.from(Race(processes, each));
    const auto all = static_cast<double>(sum_of(counts));
    const double losing = all - static_cast<double>(counts[static_cast<std::size_t>(increments)]);

    const auto free = evaluation.result.at("free_outcomes").get<std::vector<std::uint64_t>>();
    const auto free_rounds
        = static_cast<double>(std::accumulate(free.begin(), free.end(), std::uint64_t{0}));
    const auto order = evaluation.result.at("order").get<std::vector<int>>();
    const auto final = evaluation.result.at("final").get<int>();
    Race race(processes, each);
    for (const int worker : order)
        race.step(worker);
    const bool complete = static_cast<int>(order.size()) == race.steps_in_all();
    const auto known
        = [&](bool is, double value) { return is ? std::optional(value) : std::nullopt; };

    document.quantities = {
        {"lost_updates", known(complete, increments - final)},
        {"lost_share", known(complete, percent * (increments - final) / increments)},
        {"expected", increments},
        {"final_count", known(complete, final)},
        {"schedules", all},
        {"schedules_losing", losing},
        {"schedules_losing_share", percent * losing / all},
        {"worst_final", smallest_of(counts)},
        {"free_rounds", free_rounds},
        {"free_losing_share",
            known(free_rounds > 0,
                percent * (free_rounds - static_cast<double>(free.back())) / free_rounds)},
    };
    bool all_possible = true;
    for (std::size_t value = 0; value < free.size(); ++value)
        all_possible = all_possible && (free[value] == 0 || counts[value] > 0);
    document.checks = {
        {"the number is what the order of the steps leads to",
            complete ? std::optional(final == race.number()) : std::nullopt},
        {"every free round ended as some order of the steps ends",
            free_rounds > 0 ? std::optional(all_possible) : std::nullopt},
    };
    document.series = outcome_series(counts, increments, free, free_rounds);
    if (complete)
        document.quiz = {question_of_order(order, final, increments, counts)};
}

} // namespace

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    if (word(evaluation, "mode") == "microscope")
        evaluate_microscope(evaluation, document);
    else
        evaluate_free(evaluation, document);
}

} // namespace manyhands::lessons::shared_counter
