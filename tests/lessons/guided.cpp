// SPDX-License-Identifier: MIT
// A lesson with everything that the guide can lead through.
#include "tests/lessons/test_lessons.hpp"

#include "engine/sync/barrier.hpp"
#include "engine/sync/lock.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace manyhands::test_lessons {
namespace {

using namespace std::chrono_literals;

constexpr auto hold_time = 30ms;

void hold_lock(Lock lock, Barrier start)
{
    start.wait();
    const auto held = lock.hold();
    std::this_thread::sleep_for(hold_time);
}

void run_guided(LessonRun& run)
{
    Lock lock({.name = "door"});
    Barrier start(static_cast<int>(run.whole("workers")));
    std::vector<Process> workers;
    for (std::int64_t i = 0; i < run.whole("workers"); ++i) {
        workers.emplace_back(
            ProcessOptions{.name = "Worker-" + std::to_string(i + 1)}, &hold_lock, lock, start);
    }
    for (Process& worker : workers)
        worker.start();
    for (Process& worker : workers)
        worker.join();
    run.result = {{"steps", run.whole("steps")}};
}

QuizQuestion question_on_steps(double steps)
{
    return {"twice", "How many steps would two such runs take?",
        {{std::to_string(static_cast<int>(2 * steps)), true, "Each run takes as many.", {}},
            {std::to_string(static_cast<int>(steps)), false,
                "This takes two runs for one: run twice as many steps to see.",
                Attempt{"Twice the steps", {"steps=24"}, ""}}}};
}

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    const auto steps = evaluation.result.at("steps").get<double>();
    document.quantities
        = {{"steps", steps}, {"unknown", std::nullopt}, {"rounds", 5.0, 4.0, 6.5, 9}};
    document.checks
        = {{"as many steps as were asked for", true}, {"needs four CPUs", std::nullopt}};
    document.quiz = {question_on_steps(steps)};
}

PredictionDescription number(const char* name, const char* question, const char* quantity)
{
    PredictionDescription prediction;
    prediction.name = name;
    prediction.question = question;
    prediction.quantity = quantity;
    prediction.minimum = 1;
    prediction.maximum = 1000;
    prediction.logarithmic = true;
    prediction.unit = "steps";
    return prediction;
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "guided";
    lesson.title = "A guided lesson";
    lesson.objectives = {"To be led from step to step"};
    ParameterDescription mode;
    mode.name = "mode";
    mode.label = "Mode";
    mode.help = "For tests.";
    mode.type = ParameterType::choice;
    mode.default_value = "plain";
    mode.choices = {"plain", "silent"};
    lesson.parameters
        = {whole_number("workers", 2, 1, 16), whole_number("steps", 12, 1, 1000), mode};
    lesson.quantities = {{"steps", "Steps", "steps", "count"}, {"unknown", "Unknown", "", "count"},
        {"rounds", "Rounds", "", "count"}};
    lesson.baseline = false;

    PredictionDescription steps = number("steps_taken", "How many steps will it take?", "steps");
    steps.when = {"mode=plain"};
    PredictionDescription rounds
        = number("rounds_taken", "How many rounds does one of nine repeats take?", "rounds");
    rounds.kind = PredictionKind::point;
    rounds.view = "timeline";
    rounds.unit = "rounds";
    rounds.when = {"mode=plain"};
    PredictionDescription range;
    range.name = "range";
    range.question
        = "And in which range do the steps lie? Long questions and long answers go on in "
          "further lines.";
    range.quantity = "steps";
    range.kind = PredictionKind::choice;
    range.choices
        = {{"fewer than ten, because the workers wait for each other most of the time", 0, 9},
            {"ten to twenty", 10, 20}, {"more", 21, 1000}};
    range.when = {"mode=plain"};
    lesson.guide.predictions = {steps, rounds, range};
    lesson.guide.quiz = {{"door", "Who may hold the lock “door”?",
        {{"All workers at once", false, "Then it would not be a lock. Run with one worker to see.",
             Attempt{"One worker", {"workers=1"}, ""}},
            {"One process at a time", true, "The others wait for it.", {}}}}};
    lesson.guide.next = {{"Use four workers", {"workers=4"}, ""},
        {"Compare one and two workers", {"steps=20"}, "workers=1,2"}};
    return lesson;
}

} // namespace

const std::string_view guided_text = R"(# A guided lesson

Several workers want **one** lock, and {workers} of them wait for it. Nothing is measured yet: {steps}.

Their code is `hold_lock()`; see the [timeline](see:view/timeline).

## Read: mode=silent

Nothing is asked in this mode.

## Observe

It took {steps}, and {unknown} of the unknown, in {rounds} rounds, with {workers} workers and {braces}.

- [the longest wait for the lock](see:longest/waiting_lock)
- [the first worker](see:lane/1)
- [a wait that never was](see:longest/waiting_space)
- [the speedup](see:view/speedup)
- [a chart that is not there](see:view/nowhere)

## Explain

Only one process holds a lock. The others wait, *one after the other*.
)";

const Lesson guided = {.describe = describe,
    .text = "tests/lessons/guided.md",
    .run = run_guided,
    .evaluate = evaluate};

} // namespace manyhands::test_lessons
