// SPDX-License-Identifier: MIT
#include "tests/lessons/test_lessons.hpp"

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace manyhands::test_lessons {
namespace {

// Some pieces, in chunks; what it shows is computed from the parameters, so that a test knows it.
struct Piece
{
    std::uint32_t number;
};

std::uint32_t twice(const Piece& piece)
{
    this_process.work_done(1);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    return 2 * piece.number;
}

std::vector<Piece> pieces()
{
    std::vector<Piece> all;
    for (std::uint32_t i = 0; i < 64; ++i)
        all.push_back({i});
    return all;
}

void double_alone(LessonRun& run)
{
    std::uint64_t sum = 0;
    for (const Piece& piece : pieces())
        sum += twice(piece);
    run.result = {{"sum", sum}};
}

void double_with_pool(LessonRun& run)
{
    Pool pool(static_cast<int>(run.whole("workers")));
    std::uint64_t sum = 0;
    for (const std::uint32_t one : pool.map(&twice, pieces(), static_cast<int>(run.whole("chunk"))))
        sum += one;
    pool.close();
    pool.join();
    run.result = {{"sum", sum}};
}

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    const auto chunk
        = static_cast<double>(std::get<std::int64_t>(evaluation.parameters.at("chunk")));
    document.quantities = {{"best_chunk", 8.0}, {"chunks", 64 / chunk}};
    document.checks = {{"the sum is right", evaluation.result.at("sum") == 64 * 63}};
    document.series = {{"depth", "chunks left", SeriesStyle::steps, false, {0, 1, 2, 3},
                           {64 / chunk, 48 / chunk, 16 / chunk, 0}, {}, {}},
        {"depth", "expected", SeriesStyle::line, true, {0, 3}, {64 / chunk, 0}, {}, {}}};
    // Of large chunks there is nothing to show.
    if (chunk <= 32) {
        document.series.push_back({"cost", "cost of a chunk", SeriesStyle::points, false,
            {1, 10, 100}, {0.001, 0.01, 0.2}, {0.0009, 0.008, 0.1}, {0.0012, 0.02, 0.3}});
    }
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "viewed";
    lesson.title = "With charts of its own";
    lesson.parameters = {whole_number("workers", 2, 1, 16), whole_number("chunk", 4, 1, 64)};
    lesson.quantities = {{"best_chunk", "Best chunk predicted from the cost of a message", "pieces",
                             "predicted_best", "chunk"},
        {"chunks", "Chunks", "", "count"}};
    lesson.work_unit = "pieces";
    lesson.guide.views = {{.name = "depth",
                              .title = "Chunks left",
                              .x_label = "Time (ms)",
                              .y_label = "Chunks left",
                              .help = "It shows how many chunks wait."},
        {.name = "cost",
            .title = "Cost of a chunk",
            .x_label = "Pieces in a chunk",
            .y_label = "Cost (s)",
            .x_logarithmic = true,
            .y_logarithmic = true,
            .help = "It shows what a chunk costs."}};
    PredictionDescription how_many;
    how_many.name = "how_many";
    how_many.question = "How many chunks will be sent?";
    how_many.quantity = "chunks";
    how_many.kind = PredictionKind::point;
    how_many.minimum = 1;
    how_many.maximum = 100;
    how_many.view = "depth";
    PredictionDescription how_fast;
    how_fast.name = "how_fast";
    how_fast.question = "How much faster will it be?";
    how_fast.quantity = "speedup";
    how_fast.unit = "×";
    how_fast.maximum = 4;
    lesson.guide.predictions = {how_many, how_fast};
    return lesson;
}

} // namespace

const Lesson viewed = {.describe = describe,
    .text = {},
    .baseline = double_alone,
    .run = double_with_pool,
    .evaluate = evaluate};

} // namespace manyhands::test_lessons
