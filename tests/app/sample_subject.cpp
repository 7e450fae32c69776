// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/sample_subject.hpp"

#include "tests/app/sample_run.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app::test {
namespace {

void addMemory(Script& script, int workers)
{
    for (int i = 1; i <= workers; ++i) {
        for (int sample = 0; sample < 12; ++sample) {
            const std::int64_t time = (2100 + 60 * sample) * millisecond;
            script.at(time, [=](RecordingBuilder& builder) {
                const auto bytes = static_cast<std::uint64_t>(4'000'000 + 700'000 * sample * i);
                builder.memory_sample(static_cast<std::uint32_t>(i),
                    static_cast<std::uint64_t>(time), bytes, bytes / 2);
            });
        }
    }
}

LessonDescription descriptionOf()
{
    LessonDescription lesson;
    lesson.id = "prime_counting";
    lesson.title = "Counting primes with a pool";
    lesson.baseline = true;
    lesson.memory = true;
    ParameterDescription workers;
    workers.name = "workers";
    workers.label = "Workers";
    workers.workers = true;
    ParameterDescription limit;
    limit.name = "limit";
    limit.label = "Limit";
    limit.work = true;
    lesson.parameters = {workers, limit};
    ViewDescription lines;
    lines.name = "depth";
    lines.title = "Depth of the queue";
    lines.x_label = "time";
    lines.y_label = "items";
    ViewDescription bars = lines;
    bars.name = "losses";
    bars.title = "Lost updates";
    lesson.guide.views = {lines, bars};
    PredictionDescription prediction;
    prediction.name = "speedup";
    prediction.question = "How much faster will this be?";
    prediction.quantity = "speedup";
    prediction.maximum = 8;
    lesson.guide.predictions = {prediction};
    return lesson;
}

ResultDocument documentOf()
{
    Series depth = {.view = "depth", .name = "depth", .style = SeriesStyle::steps};
    for (int i = 0; i < 60; ++i) {
        depth.x.push_back(i * 10);
        depth.y.push_back(10 + 8 * std::sin(i / 6.0));
    }
    Series lost = {.view = "losses", .name = "lost", .style = SeriesStyle::bars};
    lost.x = {1, 2, 3, 4, 5};
    lost.y = {3, 9, 12, 7, 0};
    ResultDocument document;
    document.series = {depth, lost};
    return document;
}

} // namespace

FigureSubject sampleSubject(int workers)
{
    SampleRun sample(workers);
    addMemory(sample.script, workers);
    FigureSubject subject;
    FinishedRun& run = subject.run;
    run.description = descriptionOf();
    run.lesson.id = run.description.id;
    run.parameters = {{"workers", std::int64_t{workers}}, {"limit", std::int64_t{1'000'000}}};
    run.machine = {.cpu = "A CPU of 3 GHz",
        .usable_cpus = 4,
        .logical_cpus = 8,
        .memory_bytes = std::uint64_t{1} << 34,
        .kernel = "Linux 6.1.0",
        .version = "0.6",
        .commit = "abcdef1"};
    run.recording = std::make_shared<const Recording>(sample.recording());
    run.repeats = {{.wall_s = 0.8, .sequential_s = SampleRun::sequentialS, .speedup = 2.5}};
    run.sequential_s = SampleRun::sequentialS;
    run.all_work = SampleRun::allWork;
    run.marks = {"oversubscribed", "dropped"};
    run.dropped = 12;
    run.document = documentOf();

    for (const int p : {1, 2, 3, 4, 6, 8}) {
        const double wall = 2.0 * (0.08 + 0.92 / std::min(p, 4)) + (p > 4 ? 0.03 * p : 0);
        subject.points.push_back({p, {wall, wall * 1.04, wall * 0.98}, 2.0, p > 4});
    }
    SweptParameter swept;
    swept.parameter.name = "chunk";
    swept.parameter.label = "Chunk size";
    const std::pair<std::int64_t, double> curve[]
        = {{1, 4.2}, {10, 1.9}, {100, 1.3}, {1000, 1.1}, {10'000, 1.4}};
    for (const auto& [chunk, wall] : curve)
        swept.values.push_back({chunk, {wall, wall * 1.1, wall * 0.95}, 2.0, false});
    subject.swept = std::make_shared<const SweptParameter>(std::move(swept));

    PredictedPoint point;
    point.description = run.description.guide.predictions.front();
    point.prediction.value = 3.4;
    point.measured = Measured{2.7, 2.5, 2.9, 5, "×"};
    subject.predictions
        = std::make_shared<const std::vector<PredictedPoint>>(std::vector{std::move(point)});
    return subject;
}

} // namespace manyhands::app::test
