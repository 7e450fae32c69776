// SPDX-License-Identifier: MIT
#include "lessons/shared_counter/description.hpp"

#include "engine/analysis/race.hpp"
#include "engine/os/machine.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace manyhands::lessons::shared_counter {
namespace {

constexpr double percent = 100;

Attempt attempt(std::string label, std::vector<std::string> words)
{
    return {.label = std::move(label), .words = std::move(words), .sweep = {}};
}

std::vector<ParameterDescription> parameters()
{
    const auto number = [](std::string name, std::string label, std::string help,
                            std::int64_t preset, double least, double most) {
        ParameterDescription parameter;
        parameter.name = std::move(name);
        parameter.label = std::move(label);
        parameter.help = std::move(help);
        parameter.default_value = preset;
        parameter.minimum = least;
        parameter.maximum = most;
        return parameter;
    };
    const auto choice = [](std::string name, std::string label, std::string help,
                            std::vector<std::string> choices) {
        ParameterDescription parameter;
        parameter.name = std::move(name);
        parameter.label = std::move(label);
        parameter.help = std::move(help);
        parameter.type = ParameterType::choice;
        parameter.default_value = choices.front();
        parameter.choices = std::move(choices);
        return parameter;
    };
    std::vector<ParameterDescription> all = {
        choice("variant", "Protection",
            "How an increment is kept from getting lost: not at all, by a lock, or by an atomic "
            "addition.",
            {"none", "lock", "lock_per_batch", "atomic"}),
        number("workers", "Worker processes", "How many processes add to the same number.",
            std::clamp(usable_cpus(), 2, 4), 2, 16),
        number("increments", "Increments",
            "How many all workers make together in a round; each makes its part of them.",
            4'000'000, 1e4, 1e8),
        choice("mode", "Mode",
            "Run freely, or hold a few processes before each load, add and store (always without "
            "protection).",
            {"free", "microscope"}),
        number("rounds", "Rounds", "How often the same is done in one run.", 5, 1, 200),
        number("batch_size", "Increments per lock",
            "With a lock per batch: how many increments are made while it is held.", 1000, 1, 1e6),
        number("held_processes", "Processes under the microscope",
            "How many processes are held before each step.", 2, 2, Race::most_processes),
        number("held_increments", "Increments of each under the microscope",
            "How many increments each of them makes.", 1, 1, Race::most_increments),
    };
    for (ParameterDescription& parameter : all) {
        parameter.workers = parameter.name == "workers";
        parameter.work = parameter.name == "increments" || parameter.name == "rounds";
        parameter.folded = &parameter - all.data() >= 4;
    }
    return all;
}

std::vector<PredictionDescription> predictions()
{
    PredictionDescription lost;
    lost.name = "lost_share";
    lost.question = "What share of the updates of a round will be lost?";
    lost.quantity = "lost_share";
    lost.kind = PredictionKind::number;
    lost.unit = "%";
    lost.maximum = percent;
    lost.tolerance = 0.25;
    lost.when = {"mode=free", "variant=none"};

    constexpr double little = 1e-9;
    constexpr double much = 1e9;
    PredictionDescription faster;
    faster.name = "faster";
    faster.question
        = "Several processes share the increments. From the start line on, how fast will they "
          "be, compared with one process that makes all of them alone?";
    faster.quantity = "gain";
    faster.kind = PredictionKind::choice;
    faster.choices = {{"slower than one alone", 0, 0.9}, {"about the same", 0.9 + little, 1.1},
        {"faster, but not by as much as there are CPUs", 1.1 + little, usable_cpus() * 0.9},
        {"as many times as fast as there are CPUs", usable_cpus() * 0.9 + little, much}};
    if (usable_cpus() < 2)
        faster.choices = {{"slower than one alone", 0, 0.9}, {"about the same", 0.9 + little, 1.1},
            {"faster", 1.1 + little, much}};
    faster.when = {"mode=free"};

    PredictionDescription exact = lost;
    exact.name = "exact";
    exact.question = "How many of the updates of a round will be lost?";
    exact.kind = PredictionKind::choice;
    exact.unit = "";
    exact.choices = {{"none", 0, 0}, {"some, less than half", little, 50},
        {"more than half", 50 + little, percent}};
    exact.when = {"mode=free", "variant=lock,lock_per_batch,atomic"};

    PredictionDescription slower = faster;
    slower.name = "slower";
    slower.question = "How long will an increment take, compared with one without protection?";
    slower.quantity = "slowdown";
    slower.choices = {{"no longer", 0, 1}, {"up to 4 times as long", 1 + little, 4},
        {"4 to 20 times", 4 + little, 20}, {"more than 20 times", 20 + little, much}};
    slower.when = exact.when;

    PredictionDescription orders = lost;
    orders.name = "orders_losing";
    orders.question = "All steps can be taken in many orders. What share of the orders loses "
                      "something?";
    orders.quantity = "schedules_losing_share";
    orders.tolerance = 0.1;
    orders.when = {"mode=microscope"};

    PredictionDescription freely = exact;
    freely.name = "free_losing";
    freely.question
        = "And at full speed, in the same processes: how many of the rounds of these few "
          "increments lose something?";
    freely.quantity = "free_losing_share";
    freely.choices = {{"none", 0, 0}, {"some, at most 1 %", little, 1},
        {"1 % to 20 %", 1 + little, 20}, {"20 % to 70 %", 20 + little, 70},
        {"about as many as orders do", 70 + little, percent}};
    freely.when = orders.when;
    return {lost, exact, slower, faster, orders, freely};
}

std::vector<QuizQuestion> quiz()
{
    return {
        {"exact_once", "A run without protection ended with the exact count. What follows?",
            {
                {"The program is correct.", false,
                    "That what ran correctly once is correct is the most common belief about "
                    "races. A longer run loses updates where a short one did not.",
                    without_lock()},
                {"Nothing: the next run of the same program may lose updates.", true,
                    "Yes. Whether updates are lost depends on who runs when, and nothing in the "
                    "program controls that.",
                    {}},
                {"The machine is too fast to lose updates.", false,
                    "A faster machine takes its steps faster on all CPUs, so they meet as often. "
                    "The microscope shows that the order decides, not the speed.",
                    microscope()},
            }},
        {"own_locks",
            "Each process takes a lock before it adds, but every process has a lock of its own. "
            "What is lost?",
            {
                {"Nothing: every increment is made under a lock.", false,
                    "That a lock anywhere makes it safe is a belief about the word. A lock only "
                    "makes whoever takes it wait for whoever holds it. Here nobody waits: see what "
                    "waits there are where all take the same one.",
                    lock_each()},
                {"About half of what is lost without a lock.", false,
                    "Nobody waits for anybody, so nothing changes: updates are lost as they are "
                    "without protection.",
                    without_lock()},
                {"As much as without any lock.", true,
                    "Yes. A lock keeps out only those who take the same one.", {}},
            }},
        {"plus_plus", "Why does the program load and store instead of writing ++?",
            {
                {"++ is a single step, which cannot be interrupted.", false,
                    "It looks like one, but memory is loaded, added to and stored. Watch the three "
                    "steps. Only an atomic addition is one.",
                    microscope()},
                {"The compiler may make one addition of a whole loop of ++, and hardly any race "
                 "would be left to see.",
                    true,
                    "Yes. On a plain variable that others change at the same time, ++ has no "
                    "meaning in the language, so the compiler may assume that nobody does.",
                    {}},
                {"++ is slower.", false,
                    "The steps are the same. What costs time is protection: compare the ways.",
                    all_ways()},
            }},
    };
}

std::vector<ViewDescription> views()
{
    ViewDescription lost;
    lost.name = "lost_updates";
    lost.title = "Lost updates";
    lost.x_label = "Updates lost, at most";
    lost.y_label = "Rounds";
    lost.help = "How many rounds lost how much: the first bar lost nothing, each of the others at "
                "most what stands below it and more than the bar before.";
    ViewDescription finals;
    finals.name = "final_values";
    finals.title = "Final counts";
    finals.x_label = "Round";
    finals.y_label = "Final count";
    finals.help = "What the number came to in each round, and what it should have come to.";
    ViewDescription outcomes;
    outcomes.name = "outcomes";
    outcomes.title = "Orders and results";
    outcomes.x_label = "Final count";
    outcomes.y_label = "Share (%)";
    outcomes.help = "In the microscope: how many of all orders of the steps end with which count, "
                    "and how many rounds that ran freely.";
    return {lost, finals, outcomes};
}

} // namespace

Attempt without_lock()
{
    return attempt("Add without protection", {"mode=free", "variant=none", "increments=4000000"});
}

Attempt lock_each()
{
    return attempt("A lock for each increment", {"mode=free", "variant=lock"});
}

Attempt short_race()
{
    return attempt("Only 10 000 increments", {"mode=free", "variant=none", "increments=10000"});
}

Attempt microscope()
{
    return attempt("Look through the microscope", {"mode=microscope"});
}

Attempt all_ways()
{
    return {.label = "Measure all four ways",
        .words = {"mode=free"},
        .sweep = "variant=none,lock,lock_per_batch,atomic"};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "shared_counter";
    lesson.title = "The shared counter race";
    lesson.objectives = {
        "See updates get lost when several processes add to one number, and count them.",
        "Compare what a lock, a lock per batch and an atomic addition cost.",
        "Take the steps of two processes yourself, and find the order that loses most.",
    };
    lesson.parameters = parameters();
    lesson.quantities = {
        {"lost_updates", "Updates lost in a round", "", "lost_updates"},
        {"lost_share", "Share of the updates lost", "%", "lost_share"},
        {"rounds_losing", "Rounds that lost something", "%", "share"},
        {"expected", "Increments of a round", "", "expected"},
        {"final_count", "Final count", "", "count"},
        {"rate", "Increments per second", "1/s", "rate"},
        {"increment_ns", "Time of an increment", "ns", "time"},
        {"alone_ns", "The same in one process alone", "ns", "time"},
        {"gain", "Speed of the rounds against that", "×", "gain"},
        {"lock_wait", "Time waiting for the lock", "s", "time"},
        {"slowdown", "Time against no protection", "×", "slowdown"},
        {"schedules", "Orders of the steps", "", "count"},
        {"schedules_losing", "Orders that lose something", "", "count"},
        {"schedules_losing_share", "Share of the orders that lose", "%", "share"},
        {"worst_final", "Smallest final count of an order", "", "count"},
        {"free_rounds", "Rounds at full speed", "", "count"},
        {"free_losing_share", "Of them, rounds that lost something", "%", "share"},
    };
    lesson.work_unit = "increments";
    lesson.guide.predictions = predictions();
    lesson.guide.quiz = quiz();
    lesson.guide.next = {all_ways(), microscope(), short_race()};
    lesson.guide.views = views();
    lesson.guide.gates = true;
    lesson.guide.held_when = {"mode=microscope"};
    return lesson;
}

} // namespace manyhands::lessons::shared_counter
