// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/sweep_report_content.hpp"

#include "app/command_line/plain_text.hpp"
#include "app/figures/report_text.hpp"
#include "app/figures/run_report_content.hpp"
#include "engine/analysis/speedup.hpp"
#include "engine/description/parameter_words.hpp"

#include <QCoreApplication>

#include <algorithm>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::SweepReport", text);
}

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

/// Wall times of a point's repeats.
struct Walls
{
    double median = 0;
    double low = 0; ///< first quartile
    double high = 0;
};

std::optional<Walls> wallsOf(const SweepPoint& point)
{
    std::vector<double> walls;
    for (const Repeat& repeat : point.repeats)
        walls.push_back(repeat.wall_s);
    if (walls.empty())
        return std::nullopt;
    return Walls{*median(walls), *quantile(walls, 0.25), *quantile(walls, 0.75)};
}

QStringList marksOf(const SweepPoint& point)
{
    QStringList marks;
    for (const auto& mark : point.run.at("marks"))
        marks.append(text(mark.get<std::string>()));
    return marks;
}

bool isForMeasuring(const SweepPoint& point)
{
    const QStringList marks = marksOf(point);
    return point.state == RunState::done
        && std::none_of(marks.begin(), marks.end(), [](const QString& mark) {
               return QStringList{QStringLiteral("partial"), QStringLiteral("paused"),
                   QStringLiteral("slowed"), QStringLiteral("stepped")}
                   .contains(mark);
           });
}

QString nameAndValue(const FinishedSweep& sweep, const SweepPoint& point)
{
    return text(sweep.parameter + '=' + to_text(point.value));
}

bool changesWork(const FinishedSweep& sweep)
{
    const ParameterDescription* const over = sweep.last.description.parameter(sweep.parameter);
    return over != nullptr && over->work;
}

ReportTable pointTable(const FinishedSweep& sweep)
{
    ReportTable table;
    table.title = tr("Medians of n repeats, with the first and the third quartile (Q1, Q3); p "
                     "processes did tasks");
    table.header = {text(sweep.parameter), tr("p"), tr("n"), tr("Wall, s"), tr("Q1"), tr("Q3"),
        tr("Speedup"), tr("Q1"), tr("Q3"), tr("Efficiency"), tr("Marks")};
    table.alignment = QStringLiteral("lrrrrrrrrrl");
    for (const SweepPoint& point : sweep.points) {
        const std::optional<Walls> walls = wallsOf(point);
        const auto seconds = [&](double Walls::*which) {
            return walls ? text(fixedText((*walls).*which, 4)) : tr("–");
        };
        const auto& spread = point.run.at("spread");
        const auto quartile = [&](std::size_t which) {
            return spread.is_array() ? text(fixedText(spread.at(which).get<double>(), 2)) : tr("–");
        };
        table.rows.append(QStringList{text(to_text(point.value)), textOf(point.run, "workers"),
            QString::number(point.repeats.size()), seconds(&Walls::median), seconds(&Walls::low),
            seconds(&Walls::high), fixedOf(point.run, "speedup", 2), quartile(0), quartile(1),
            fixedOf(point.run, "efficiency", 2), marksOf(point).join(tr(", "))});
    }
    return table;
}

/// Which value was fastest, and whether that may be said.
QString bestSentence(const FinishedSweep& sweep)
{
    if (changesWork(sweep))
        return tr("The work is another for each value of %1, so none of them is the best.")
            .arg(text(sweep.parameter));
    const SweepPoint* best = nullptr;
    std::vector<const SweepPoint*> measured;
    for (const SweepPoint& point : sweep.points) {
        if (!isForMeasuring(point) || !wallsOf(point))
            continue;
        measured.push_back(&point);
        if (!best || wallsOf(point)->median < wallsOf(*best)->median)
            best = &point;
    }
    if (measured.size() < 2)
        return tr("A best value takes two that were measured whole.");
    const Walls fastest = *wallsOf(*best);
    QStringList close;
    for (const SweepPoint* point : measured) {
        if (point != best && wallsOf(*point)->low <= fastest.high)
            close.append(nameAndValue(sweep, *point));
    }
    const QString sentence
        = tr("The shortest time was measured with %1: %2.")
              .arg(nameAndValue(sweep, *best), text(secondsText(fastest.median)));
    if (close.isEmpty())
        return sentence;
    return sentence
        + tr(" The quartiles of %1 reach into its own, so it is not clearly the best.")
              .arg(close.join(tr(", ")));
}

QString measuredSentence(const FinishedSweep& sweep)
{
    return tr("“%1” was measured for %2 of %3 values of %4, %5 repeats each.")
        .arg(text(sweep.last.description.title))
        .arg(sweep.points.size())
        .arg(sweep.values.size())
        .arg(text(sweep.parameter))
        .arg(sweep.repeats);
}

/// Of a sweep over numbers of workers, in each of which the work is the same.
QString modelSentence(const FinishedSweep& sweep)
{
    const LessonDescription& lesson = sweep.last.description;
    const ParameterDescription* const over = lesson.parameter(sweep.parameter);
    if (!over || !over->workers || over->work || !lesson.baseline)
        return {};
    const auto fitted = fit_amdahl(sweep.scaling, sweep.last.machine.usable_cpus);
    if (const auto* const model = std::get_if<ScalingModel>(&fitted))
        return tr("Amdahl’s law, fitted to %1 numbers of workers, gives a serial fraction of %2.")
            .arg(model->worker_counts)
            .arg(text(fixedText(model->serial_fraction, 3)));
    return text(std::get<std::string>(fitted));
}

std::shared_ptr<const SweptParameter> sweptOf(const FinishedSweep& sweep)
{
    const ParameterDescription* const over = sweep.last.description.parameter(sweep.parameter);
    if (!over)
        return nullptr;
    SweptParameter swept = {.parameter = *over, .values = {}, .predictor = {}, .predictedBest = {}};
    for (const QuantityDescription& quantity : sweep.last.description.quantities) {
        if (quantity.kind == "predicted_best" && quantity.parameter == sweep.parameter)
            swept.predictor = quantity;
    }
    for (const SweepPoint& point : sweep.points) {
        if (!isForMeasuring(point))
            continue;
        SweptValue value = {.value = point.value,
            .wall_s = {},
            .sequential_s = point.sequential_s,
            .oversubscribed = marksOf(point).contains(QStringLiteral("oversubscribed"))};
        for (const Repeat& repeat : point.repeats)
            value.wall_s.push_back(repeat.wall_s);
        swept.values.push_back(std::move(value));
        const auto& quantities = point.run.at("quantities");
        const auto best
            = swept.predictor ? quantities.find(swept.predictor->name) : quantities.end();
        if (best != quantities.end() && best->is_number())
            swept.predictedBest = best->get<double>();
    }
    std::sort(swept.values.begin(), swept.values.end(),
        [](const SweptValue& left, const SweptValue& right) { return left.value < right.value; });
    return std::make_shared<const SweptParameter>(std::move(swept));
}

} // namespace

FinishedSweep finishedSweep(const Sweep& sweep)
{
    return {.parameter = sweep.parameter(),
        .values = sweep.values(),
        .repeats = sweep.repeats(),
        .state = sweep.state(),
        .problem = sweep.problem(),
        .points = sweep.points(),
        .scaling = scaling_points(sweep),
        .last = finished_run(sweep.session())};
}

std::vector<FigureMaker> sweepFigures(const FinishedSweep& sweep)
{
    FigureSubject subject
        = {.run = sweep.last, .points = sweep.scaling, .swept = sweptOf(sweep), .predictions = {}};
    QStringList views = {QStringLiteral("sweep")};
    // Of points over workers; without any the charts would show the last run.
    const ParameterDescription* const over = sweep.last.description.parameter(sweep.parameter);
    if (over && over->workers && sweep.scaling.size() > 1)
        views << QStringLiteral("speedup") << QStringLiteral("efficiency");
    return figureMakers(subject, views);
}

QString sweepCommandLine(const FinishedSweep& sweep)
{
    QStringList words
        = {QStringLiteral("manyhands"), QStringLiteral("sweep"), lessonWord(sweep.last.lesson)};
    ParameterValues others = sweep.last.parameters;
    others.erase(sweep.parameter);
    for (const std::string& word : parameter_words(sweep.last.description, others))
        words.append(text(word));
    QStringList values;
    for (const ParameterValue& value : sweep.values)
        values.append(text(to_text(value)));
    words << QStringLiteral("--over") << text(sweep.parameter + '=') + values.join(QLatin1Char(','))
          << QStringLiteral("--repeat") << QString::number(sweep.repeats)
          << QStringLiteral("--seed") << QString::number(sweep.last.seed);
    if (!sweep.last.traced)
        words << QStringLiteral("--no-trace");
    return shellLine(words);
}

ReportContent sweepReportContent(const FinishedSweep& sweep, std::vector<ReportFigure> figures)
{
    const FileNumbers numbers;
    const LessonDescription& lesson = sweep.last.description;
    ReportContent content;
    content.title = text(lesson.title);
    content.subtitle
        = tr("Report of a sweep over %1 · %2").arg(text(sweep.parameter), text(lesson.id));
    if (sweep.state != RunState::done)
        content.warning(
            tr("■ The sweep ended before its last point (%1).%2")
                .arg(text(std::string(name_of(sweep.state))),
                    sweep.problem.empty() ? QString() : QLatin1Char(' ') + text(sweep.problem)));
    content.heading(tr("What was measured"));
    content.paragraph(measuredSentence(sweep));
    content.paragraph(bestSentence(sweep));
    if (const QString model = modelSentence(sweep); !model.isEmpty())
        content.paragraph(model);
    content.section(tr("Points"), pointTable(sweep));
    content.figures(
        tr("Figures"), std::move(figures), tr("There are none: no value was measured to its end."));
    content.section(
        tr("Parameters"), parameterTable(lesson, sweep.last.parameters, sweep.parameter));
    content.section(tr("Machine"), machineTable(sweep.last.machine, sweep.last.seed));
    content.heading(tr("How to repeat it"));
    content.add(ReportCommand{sweepCommandLine(sweep)});
    return content;
}

} // namespace manyhands::app
