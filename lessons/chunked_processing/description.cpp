// SPDX-License-Identifier: MIT
// The lesson chunked_processing as it is described, and what is computed after its runs.
#include "engine/analysis/durations.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/os/machine.hpp"
#include "lessons/chunked_processing/measures.hpp"
#include "lessons/chunked_processing/program.hpp"
#include "lessons/support/pool_loads.hpp"
#include "lessons/support/words.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace manyhands::lessons::chunked_processing {
namespace {

constexpr std::int64_t default_items = 100'000;
constexpr std::size_t most_points = 2'000; // of a series: more than there are pixels

std::uint64_t whole(const Evaluation& evaluation, const std::string& name)
{
    return static_cast<std::uint64_t>(std::get<std::int64_t>(evaluation.parameters.at(name)));
}

// So many workers compute at the same time, at most.
int at_once(const Evaluation& evaluation)
{
    return std::min(static_cast<int>(whole(evaluation, "workers")), usable_cpus());
}

Cut cut_in(const Evaluation& evaluation)
{
    return cut_of(whole(evaluation, "items"), whole(evaluation, "chunk_size"));
}

// What the work on one number takes.
double number_s(const Evaluation& evaluation)
{
    const Recording& recording = evaluation.recording;
    const TimeBudget budget = time_budget(recording, recording.shown_interval());
    double computing_s = 0;
    for (std::size_t i = 0; i < budget.lanes.size(); ++i) {
        if (recording.lanes()[i].role == Role::worker)
            computing_s += budget.lanes[i][BudgetCategory::computing];
    }
    return computing_s / static_cast<double>(whole(evaluation, "items"));
}

// Of several points that lie too close, the highest.
Series series_of(const Recording& recording, const InFlight& flight)
{
    Series series
        = {.view = "bytes_in_flight", .name = "sent, not begun", .style = SeriesStyle::steps};
    const std::size_t step = flight.points.size() / most_points + 1;
    const std::int64_t begin_ns = recording.run_time(recording.shown_interval().begin_ns);
    for (std::size_t i = 0; i < flight.points.size(); i += step) {
        const auto begin = flight.points.begin() + static_cast<std::ptrdiff_t>(i);
        const auto end = flight.points.begin()
            + static_cast<std::ptrdiff_t>(std::min(i + step, flight.points.size()));
        const auto highest = std::max_element(
            begin, end, [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
        series.x.push_back(
            static_cast<double>(recording.run_time(highest->time_ns) - begin_ns) / 1e9);
        series.y.push_back(static_cast<double>(highest->bytes));
    }
    if (!flight.points.empty()) {
        series.x.push_back(
            static_cast<double>(recording.run_time(flight.points.back().time_ns) - begin_ns) / 1e9);
        series.y.push_back(static_cast<double>(flight.points.back().bytes));
    }
    return series;
}

Series chunk_times(const Recording& recording)
{
    Series series = {.view = "chunk_time", .name = "chunk", .style = SeriesStyle::points};
    std::vector<std::pair<std::uint32_t, double>> found;
    const Interval shown = recording.shown_interval();
    for (const Task& task : recording.tasks()) {
        if (task.end_ns != open_end && shown.begin_ns <= task.begin_ns
            && task.end_ns <= shown.end_ns)
            found.emplace_back(task.index,
                static_cast<double>(recording.run_time_within({task.begin_ns, task.end_ns})) / 1e9);
    }
    std::sort(found.begin(), found.end());
    const std::size_t step = found.size() / most_points + 1;
    for (std::size_t i = 0; i < found.size(); ++i) {
        // The last one is told in any case: it may be shorter.
        if (i % step != 0 && i + 1 != found.size())
            continue;
        series.x.push_back(static_cast<double>(i + 1));
        series.y.push_back(found[i].second);
    }
    return series;
}

QuizQuestion question_on_remainder(const Cut& cut)
{
    QuizQuestion question = {.name = "this_last_chunk",
        .question = std::to_string(cut.numbers) + " numbers were cut into chunks of "
            + std::to_string(cut.size) + ". How many numbers were in the last chunk?",
        .choices = {}};
    question.choices.push_back({.text = std::to_string(cut.last),
        .right = true,
        .reply = "The " + std::to_string(cut.chunks - 1) + " chunks before it hold "
            + std::to_string((cut.chunks - 1) * cut.size) + " numbers, and the rest is left for "
            + "it. The check of the sum would find a remainder that was forgotten.",
        .attempt = std::nullopt});
    const Attempt ragged
        = {.label = "1001 numbers in chunks of 4", .words = {"items=1001", "chunk_size=4"}};
    const auto wrong = [&](std::uint64_t value, std::string reply) {
        const std::string text = std::to_string(value);
        for (const QuizChoice& choice : question.choices) {
            if (choice.text == text)
                return;
        }
        question.choices.push_back({text, false, std::move(reply), ragged});
    };
    wrong(cut.size,
        "That is the belief that all chunks are alike. They are where the size divides the number "
        "of items; here something is left. See the last point of the chunk times.");
    wrong(cut.numbers % cut.size,
        "That is the remainder of the division. Where it is 0, nothing is left over, and the last "
        "chunk is as long as all others. See the last point of the chunk times.");
    wrong(cut.chunks,
        "That is how many chunks there were, not how long the last one was. See the last point of "
        "the chunk times.");
    wrong(0, "A chunk without a number is never sent: it would be a message for nothing.");
    // The right one's place tells nothing.
    std::sort(question.choices.begin(), question.choices.end(),
        [](const QuizChoice& a, const QuizChoice& b) {
            return std::stoull(a.text) < std::stoull(b.text);
        });
    return question;
}

// Where it has answers that differ clearly.
std::optional<QuizQuestion> question_on_messages(const Cut& cut, double message_s)
{
    if (cut.chunks < 3 || cut.size < 3)
        return std::nullopt;
    const double all_s = message_s * static_cast<double>(cut.chunks);
    return QuizQuestion{.name = "this_overhead",
        .question = "A message cost " + duration_text(message_s)
            + " in this run. How much time went into all of its messages?",
        .choices = {
            {.text = duration_text(message_s * static_cast<double>(cut.numbers)),
                .right = false,
                .reply = "That would be one message for each number. A chunk is one message, "
                         "however many numbers it holds: run it with chunks of 1 to pay that "
                         "price.",
                .attempt = Attempt{.label = "Chunks of 1", .words = {"chunk_size=1"}}},
            {.text = duration_text(all_s),
                .right = true,
                .reply = std::to_string(cut.chunks) + " messages at " + duration_text(message_s)
                    + " each. The workers share this time as they share the computing.",
                .attempt = std::nullopt},
            {.text = duration_text(message_s),
                .right = false,
                .reply = "That is one message. The belief behind it is that a pool takes all its "
                         "work at once: each chunk is sent, unpacked and answered by itself. Run "
                         "it with chunks of 1 and watch the time.",
                .attempt = Attempt{.label = "Chunks of 1", .words = {"chunk_size=1"}}},
        }};
}

void evaluate_trace(const Evaluation& evaluation, ResultDocument& document)
{
    const Recording& recording = evaluation.recording;
    const Cut cut = cut_in(evaluation);
    const auto workers = whole(evaluation, "workers");
    const bool main_shares = static_cast<int>(workers) >= usable_cpus();
    const double each_s = number_s(evaluation);
    const std::optional<MessageCost> cost = message_cost(recording, main_shares);
    const std::optional<InFlight> flight = in_flight(recording);
    const std::vector<WorkerLoad> loads = worker_loads(recording);
    std::uint64_t sent = 0;
    bool arrived = true;
    for (const Channel& channel : recording.channels()) {
        if (channel.name != "tasks")
            continue;
        sent += channel.bytes;
        arrived = arrived && channel.bytes == channel.bytes_received
            && channel.messages == channel.messages_received;
    }
    document.quantities.insert(document.quantities.end(),
        {{"item_cost", each_s}, {"bytes_sent", static_cast<double>(sent)},
            {"imbalance", imbalance(recording, recording.shown_interval())},
            {"idle_tail", idle_tail_s(recording, loads)}});
    if (flight)
        document.quantities.push_back(
            {"peak_in_flight", static_cast<double>(flight->peak_bytes)});
    if (cost) {
        document.quantities.push_back(
            {"message_cost", cost->median_s, cost->low_s, cost->high_s, cost->samples});
        document.quantities.push_back({"predicted_best_chunk",
            best_chunk(cut.numbers, each_s, cost->median_s, at_once(evaluation))});
        if (auto question = question_on_messages(cut, cost->median_s))
            document.quiz.push_back(std::move(*question));
    }
    // What was dropped from the trace says nothing.
    const bool complete = recording.events_dropped() == 0;
    document.checks.push_back({"every byte that was sent was received by a worker",
        complete ? std::optional(arrived) : std::nullopt});
    document.series = busy_time_series("busy_time", loads);
    if (flight)
        document.series.push_back(series_of(recording, *flight));
    document.series.push_back(chunk_times(recording));
}

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    const Cut cut = cut_in(evaluation);
    const auto numbers = evaluation.result.at("numbers").get<std::uint64_t>();
    document.quantities = {
        {"items_done", static_cast<double>(numbers)},
        {"chunks", evaluation.result.at("chunks").get<double>()},
        {"last_chunk", static_cast<double>(cut.last)},
        {"peak_memory", evaluation.result.at("peak_bytes").get<double>()},
    };
    // Over all workers, those too that one large chunk left without work.
    if (evaluation.sequential_s && evaluation.wall_s > 0)
        document.quantities.push_back({"speedup_share",
            *evaluation.sequential_s / evaluation.wall_s
                / static_cast<double>(whole(evaluation, "workers"))});
    std::optional<bool> same_sum;
    if (evaluation.baseline.is_object())
        same_sum = evaluation.baseline.at("sum") == evaluation.result.at("sum");
    std::optional<bool> same_work;
    if (evaluation.baseline_work)
        same_work = evaluation.work == *evaluation.baseline_work;
    document.checks = {
        {"every number was processed once, the last chunk's too", numbers == cut.numbers},
        {"there are as many chunks as it takes, and the last holds the rest",
            evaluation.result.at("chunks").get<std::uint64_t>() == cut.chunks},
        {"the workers found the same sum as one process alone", same_sum},
        {"the workers took the same steps as one process alone", same_work},
    };
    document.quiz = {question_on_remainder(cut)};
    if (evaluation.traced)
        evaluate_trace(evaluation, document);
}

std::vector<PredictionDescription> predictions()
{
    // Ranges hold both their ends and may not overlap.
    const auto above = [](double value) { return std::nextafter(value, value + 1); };
    return {
        {.name = "best_chunk",
            .question = "Which chunk size will be best, computed from what a message costs?",
            .quantity = "predicted_best_chunk",
            .kind = PredictionKind::number,
            .unit = "numbers",
            .minimum = 1,
            .maximum = 1e6,
            .logarithmic = true,
            // The curve is flat around its lowest point.
            .tolerance = 0.75},
        {.name = "speedup_share",
            .question = "How close will the speedup come to the number of workers?",
            .quantity = "speedup_share",
            .kind = PredictionKind::choice,
            .choices
            = {{"less than half of it", 0, 0.5}, {"half to three quarters", above(0.5), 0.75},
                {"three quarters to nine tenths", above(0.75), 0.9},
                {"more", above(0.9), std::numeric_limits<double>::max()}}},
        {.name = "in_flight",
            .question
            = "How many bytes will be on their way to the workers at most? A number has 4 "
              "bytes.",
            .quantity = "peak_in_flight",
            .kind = PredictionKind::number,
            .unit = "B",
            .minimum = 10,
            .maximum = 1e9,
            .logarithmic = true,
            .tolerance = 0.4},
    };
}

std::vector<QuizQuestion> quiz()
{
    const Attempt all = {.label = "All numbers in one chunk",
        .words = {"items=" + std::to_string(default_items),
            "chunk_size=" + std::to_string(default_items)}};
    const Attempt file = {.label = "Stream the numbers from a file", .words = {"source=file"}};
    const Attempt trivial = {.label = "100 times lighter work", .words = {"work_per_item=80"}};
    return {
        {.name = "all_in_one",
            .question = "All numbers go in one chunk. How many workers compute?",
            .choices = {{.text = "All of them: the pool divides the chunk",
                            .right = false,
                            .reply = "That is the belief that the system balances the load by "
                                     "itself. A pool hands out whole chunks and never looks inside "
                                     "one. Run it and look at the lanes.",
                            .attempt = all},
                {.text = "One",
                    .right = true,
                    .reply = "A chunk is one task of one worker. The others wait for nothing.",
                    .attempt = std::nullopt},
                {.text = "None: the main process does it",
                    .right = false,
                    .reply = "The main process reads and sends; it computes in the serial baseline "
                             "only. Run it and look at its lane.",
                    .attempt = all}}},
        {.name = "from_file",
            .question = "The numbers are streamed from a file instead of held in memory. What "
                        "becomes less?",
            .choices
            = {{.text = "The memory of the main process",
                   .right = true,
                   .reply = "It holds no more than the chunks that are on their way, however "
                            "large the file is.",
                   .attempt = std::nullopt},
                {.text = "The bytes that are sent to the workers",
                    .right = false,
                    .reply = "A file that one process reads is not shared by that: each "
                             "chunk is still read by the main process and sent. Run it and "
                             "compare the bytes sent.",
                    .attempt = file},
                {.text = "The computing",
                    .right = false,
                    .reply = "The work on a number does not depend on where it came from. Run it "
                             "and compare the steps.",
                    .attempt = file}}},
        {.name = "trivial_work",
            .question = "The work on a number becomes 100 times lighter. The best chunk size …",
            .choices = {{.text = "stays: it depends on the number of items",
                            .right = false,
                            .reply = "What is weighed is a message's cost against a number's, and "
                                     "that has changed. Run it and read the predicted best size.",
                            .attempt = trivial},
                {.text = "becomes smaller, as the work does",
                    .right = false,
                    .reply = "Then there would be even more messages for less work. Run it with "
                             "lighter work and read the predicted best size.",
                    .attempt = trivial},
                {.text = "becomes larger",
                    .right = true,
                    .reply = "A message is worth as many more numbers: it grows with the square "
                             "root, so about 10 times.",
                    .attempt = std::nullopt}}},
    };
}

Guide guide()
{
    Guide guide;
    guide.predictions = predictions();
    guide.quiz = quiz();
    guide.next = {
        {.label = "Sweep the chunk size from 1 to all",
            .words = {"items=" + std::to_string(default_items)},
            .sweep = "chunk_size=1,10,100,1000,10000,100000"},
        {.label = "All numbers in one chunk",
            .words = {"items=" + std::to_string(default_items),
                "chunk_size=" + std::to_string(default_items)}},
        {.label = "Stream 10 000 000 numbers from a file, little work on each",
            .words = {"source=file", "items=10000000", "work_per_item=50", "chunk_size=100000"}},
    };
    guide.views = {
        {.name = "bytes_in_flight",
            .title = "Bytes in flight",
            .x_label = "Time in the repeat (s)",
            .y_label = "Bytes sent and not yet begun",
            .help = "How many bytes of chunks are on their way at each moment."},
        {.name = "chunk_time",
            .title = "Time of each chunk",
            .x_label = "Chunk",
            .y_label = "Time in the worker (s)",
            .help = "How long each chunk took, in the order of sending; the last may be shorter."},
        {.name = "busy_time",
            .title = "Busy time",
            .x_label = "Worker",
            .y_label = "Time in chunks (s)",
            .help = "How long each worker was busy with chunks, and the mean of all."},
    };
    guide.gates = true;
    return guide;
}

std::vector<ParameterDescription> parameters()
{
    return {
        {.name = "items",
            .label = "Items",
            .help = "How many numbers the data set has; they come from the seed.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = default_items,
            .minimum = 1e3,
            .maximum = 1e8,
            .choices = {},
            .work = true},
        {.name = "chunk_size",
            .label = "Numbers a chunk",
            .help = "How many numbers are sent in one message; more than there are: all in one.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{1'000},
            .minimum = 1,
            .maximum = 1e8,
            .choices = {}},
        {.name = "workers",
            .label = "Worker processes",
            .help = "How many processes work on chunks at the same time.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{std::max(usable_cpus(), 2)},
            .minimum = 1,
            .maximum = 255,
            .choices = {},
            .workers = true},
        {.name = "work_per_item",
            .label = "Steps a number",
            .help = "How many steps are computed with each number, from trivial to heavy.",
            .unit = "",
            .type = ParameterType::integer,
            .default_value = std::int64_t{8'000},
            .minimum = 1,
            .maximum = 100'000,
            .choices = {},
            .work = true},
        {.name = "source",
            .label = "Numbers from",
            .help = "Whether the main process holds all numbers in memory or reads them from a "
                    "file, chunk by chunk.",
            .unit = "",
            .type = ParameterType::choice,
            .default_value = std::string("memory"),
            .choices = {"memory", "file"},
            .work = true,
            .folded = true},
    };
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "chunked_processing";
    lesson.title = "Chunks of a large data set";
    lesson.objectives = {
        "See what a message costs, and why many small ones are slow.",
        "See what one large chunk costs: idle workers, and memory for all that is on its way.",
        "Find the size in between, and compute it from what was measured.",
    };
    lesson.parameters = parameters();
    lesson.quantities = {
        {"items_done", "Numbers processed", "", "count"},
        {"chunks", "Chunks", "", "count"},
        {"last_chunk", "Numbers in the last chunk", "", "count"},
        {"item_cost", "Work on one number", "s", "time"},
        {"message_cost", "Cost of a message", "s", "time"},
        {"predicted_best_chunk", "Best chunk size, predicted", "numbers", "predicted_best",
            "chunk_size"},
        {"bytes_sent", "Bytes sent in chunks", "B", "bytes"},
        {"peak_in_flight", "Most bytes in flight", "B", "bytes"},
        {"peak_memory", "Peak memory of all processes", "B", "bytes"},
        {"imbalance", "Busiest worker over the mean", "×", "imbalance"},
        {"idle_tail", "First to last idle worker", "s", "time"},
        {"speedup_share", "Speedup over the workers asked for", "", "share"},
    };
    lesson.work_unit = "steps";
    lesson.memory = true;
    lesson.guide = guide();
    return lesson;
}

} // namespace

const Lesson lesson = {
    .describe = describe,
    .text = "lessons/chunked_processing/lesson.md",
    .sources = {"lessons/chunked_processing/program.cpp", "lessons/chunked_processing/program.py"},
    .baseline = process_alone,
    .run = process_chunks,
    .evaluate = evaluate,
    .check_runs = {
        "items=1001 chunk_size=4 work_per_item=10 workers=2",
        "items=20000 chunk_size=1000 work_per_item=50 workers=3 source=file",
        "items=5000 chunk_size=5000 work_per_item=100 workers=2",
        "items=5000 chunk_size=100000 work_per_item=1 workers=1 source=file",
        "items=2000 chunk_size=1 work_per_item=1 workers=4",
    },
};

} // namespace manyhands::lessons::chunked_processing
