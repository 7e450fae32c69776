// SPDX-License-Identifier: GPL-3.0-or-later
// Reports of every kind, of runs written by hand.
#pragma once

#include "app/figures/run_report_content.hpp"
#include "app/figures/sweep_report_content.hpp"
#include "app/figures/work_report_content.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/finished_runs.hpp"

#include <QMap>
#include <QProcess>

#include <nlohmann/json.hpp>
#include <qcustomplot.h>

namespace manyhands::app::test {

inline const QString hostile = QStringLiteral("</script><img src=x onerror=alert(1)>&amp;\"'");

/// As SampleRun, with the counters of tasks that its processes would have kept.
inline Recording countedRecording(int workers, bool crash = false)
{
    constexpr std::uint64_t tasks = 20;
    SampleRun sample(workers, crash);
    for (int lane = 1; lane <= workers; ++lane) {
        sample.script.at(sample.script.length(), [lane](RecordingBuilder& builder) {
            builder.counters(static_cast<std::uint32_t>(lane), tasks, 0, 0, 0);
        });
    }
    return sample.recording();
}

inline FinishedRun sampleRun(int workers = 3, bool crash = false)
{
    FinishedRun run = manyhands::test::finished_run_of(countedRecording(workers, crash));
    run.parameters["workers"] = std::int64_t{workers};
    run.repeats = {{.wall_s = 0.7351, .sequential_s = 2.01, .speedup = 2.01 / 0.7351},
        {.wall_s = 0.7402, .sequential_s = 2.0, .speedup = 2.0 / 0.7402},
        {.wall_s = 0.7611, .sequential_s = 1.99, .speedup = 1.99 / 0.7611}};
    run.shown_repeat = 1;
    run.sequential_s = 2.0;
    run.all_work = SampleRun::allWork;
    run.seed = 7;
    run.dropped = 12;
    return run;
}

inline FinishedRun quietRun()
{
    FinishedRun run = sampleRun();
    run.problem.clear();
    run.marks.clear();
    run.dropped = 0;
    run.document->failures.clear();
    return run;
}

inline FinishedRun untracedRun()
{
    FinishedRun run = quietRun();
    run.traced = false;
    return run;
}

inline FinishedRun stoppedRun()
{
    FinishedRun run = quietRun();
    run.state = RunState::stopped;
    run.marks = {"partial"};
    run.repeats.clear();
    run.shown_repeat = 0;
    run.document.reset();
    return run;
}

/// Every text that a lesson, a process or a person gives is one that means harm.
inline FinishedRun hostileRun()
{
    FinishedRun run = sampleRun(2, true);
    const std::string text = hostile.toStdString() + "\x01\x1b[31m ü 日本 \xe2\x80\xae";
    run.description.title = run.description.id = run.lesson.id = text;
    run.description.objectives = {text, ""};
    run.description.parameters[0].label = run.description.parameters[0].unit = text;
    run.description.quantities[0].label = text;
    run.document->checks[0].claim = text;
    run.document->failures[0].text = text;
    run.machine.cpu = run.problem = run.shortfall = text;
    return run;
}

inline ReportContent contentOf(const FinishedRun& run)
{
    std::vector<ReportFigure> figures;
    for (const FigureMaker& make :
        runFigures({.run = run, .points = {}, .swept = {}, .predictions = {}})) {
        if (auto figure = make())
            figures.push_back(std::move(*figure));
    }
    return runReportContent(run, std::move(figures));
}

inline FinishedSweep sampleSweep()
{
    FinishedSweep sweep;
    sweep.parameter = "workers";
    sweep.repeats = 3;
    for (const int workers : {1, 2, 4}) {
        FinishedRun run = quietRun();
        run.parameters["workers"] = std::int64_t{workers};
        run.recording = std::make_shared<const Recording>(countedRecording(workers));
        for (Repeat& repeat : run.repeats) {
            repeat.wall_s *= 3.0 / workers;
            repeat.speedup = *repeat.sequential_s / repeat.wall_s;
        }
        sweep.values.emplace_back(std::int64_t{workers});
        sweep.points.push_back({.value = std::int64_t{workers},
            .run = run_object(run),
            .repeats = run.repeats,
            .sequential_s = run.sequential_s});
        sweep.scaling.push_back({.workers = workers,
            .wall_s = {run.repeats[0].wall_s, run.repeats[1].wall_s, run.repeats[2].wall_s},
            .sequential_s = *run.sequential_s});
        sweep.last = run;
    }
    return sweep;
}

inline ReportContent contentOf(const FinishedSweep& sweep)
{
    std::vector<ReportFigure> figures;
    for (const FigureMaker& make : sweepFigures(sweep)) {
        if (auto figure = make())
            figures.push_back(std::move(*figure));
    }
    return sweepReportContent(sweep, std::move(figures));
}

inline StudentWork sampleWork(bool withRun)
{
    StudentWork work;
    work.run = withRun ? std::make_shared<const FinishedRun>(quietRun()) : nullptr;
    work.lesson = quietRun().description;
    PredictionDescription faster;
    faster.name = "faster";
    faster.question = "How many times faster?";
    faster.quantity = "speedup";
    faster.unit = "×";
    faster.minimum = 1;
    faster.maximum = 8;
    work.lesson.guide.predictions = {faster};
    const QDateTime time(QDate(2026, 2, 3), QTime(4, 5), Qt::UTC);
    work.steps = {{QStringLiteral("read"), true, time}, {QStringLiteral("quiz"), false, time}};
    work.predictions = {{.prediction = {"faster", 3.5, std::nullopt, Confidence::certain},
        .run = 1,
        .time = time,
        .measured = 2.7,
        .low = 2.6,
        .high = 2.8,
        .verdict = Verdict::too_high}};
    work.answers = {{QStringLiteral("why"), QStringLiteral("Why?"), QStringLiteral("So <b>it</b>"),
        false, 1, time}};
    work.notes = {{hostile + QStringLiteral("\nsecond line"), 1, time},
        {QStringLiteral("the first"), std::nullopt, time}};
    KeptRun kept;
    kept.id = 1;
    kept.time = time;
    kept.parameters = quietRun().parameters;
    kept.repeats = 3;
    kept.wallS = 0.7402;
    kept.speedup = 2.7019;
    work.runs = {kept};
    return work;
}

inline ReportContent contentOf(const StudentWork& work)
{
    std::vector<ReportFigure> figures;
    for (const FigureMaker& make : workFigures(work)) {
        if (auto figure = make())
            figures.push_back(std::move(*figure));
    }
    return workReportContent(work, std::move(figures));
}

inline StudentWork emptyWork()
{
    StudentWork work;
    work.lesson = sampleWork(false).lesson;
    return work;
}

/// A figure of nothing that we know.
class PlainDrawing : public FigureDrawing
{
public:
    const FigureSettings& settings() const override { return m_settings; }
    QString emptyReason() const override { return {}; }
    QString title() const override { return {}; }
    QString caption() const override { return {}; }
    ChartTable table() const override { return {}; }
    void draw(QCPPainter& painter, QSize pixels, double) override
    {
        painter.fillRect(QRect(QPoint(), pixels), Qt::gray);
        painter.drawLine(QLineF(0, 0, pixels.width(), pixels.height()));
    }

private:
    FigureSettings m_settings = reportFigureSettings(QStringLiteral("both"));
};

/// What somebody else hands over.
inline ReportContent otherContent()
{
    ReportContent content;
    content.title = QStringLiteral("A against B");
    content.subtitle = QStringLiteral("Comparison");
    ReportTable table;
    table.title = QStringLiteral("Differences");
    table.header = {QStringLiteral("Figure"), QStringLiteral("A"), QStringLiteral("B")};
    table.alignment = QStringLiteral("lrr");
    for (int row = 0; row < 120; ++row)
        table.rows.append(QStringList{QStringLiteral("row %1").arg(row), QStringLiteral("1"), {}});
    content.section(QStringLiteral("Numbers"), table);
    content.figures(QStringLiteral("Figures"),
        {drawnFigure(
            std::make_shared<PlainDrawing>(), QStringLiteral("Both"), QStringLiteral("Two runs."))},
        {});
    return content;
}

inline const QMap<QString, ReportContent (*)()>& kinds()
{
    static const QMap<QString, ReportContent (*)()> all = {
        {QStringLiteral("run"), [] { return contentOf(sampleRun()); }},
        {QStringLiteral("run without trace"), [] { return contentOf(untracedRun()); }},
        {QStringLiteral("stopped run"), [] { return contentOf(stoppedRun()); }},
        {QStringLiteral("hostile run"), [] { return contentOf(hostileRun()); }},
        {QStringLiteral("sweep"), [] { return contentOf(sampleSweep()); }},
        {QStringLiteral("work"), [] { return contentOf(sampleWork(true)); }},
        {QStringLiteral("work without run"), [] { return contentOf(sampleWork(false)); }},
        {QStringLiteral("empty work"), [] { return contentOf(emptyWork()); }},
        {QStringLiteral("of others"), otherContent},
    };
    return all;
}

/// What another program says of a report.
struct Output
{
    int exitCode = -1;
    QByteArray text;
    QByteArray errors;
};

inline Output outputOf(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(60'000))
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace manyhands::app::test
