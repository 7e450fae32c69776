// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of a finished run: the window's own chart, between a title and a caption.
#include "app/figures/figure.hpp"

#include "app/figures/figure_language.hpp"
#include "app/figures/figure_layout.hpp"
#include "app/views/chart.hpp"
#include "app/views/chart_factory.hpp"
#include "app/views/time_axis.hpp"
#include "app/views/wording.hpp"
#include "engine/description/parameter_words.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <utility>

namespace manyhands::app {
namespace {

constexpr int mostTitleLines = 2;
constexpr int mostCaptionLines = 3;
/// As git shortens them.
constexpr std::size_t digitsOfCommit = 7;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Figure", text);
}

/// Seconds for an error's text.
std::string secondsText(double seconds)
{
    return QString::number(seconds, 'g', 12).toStdString();
}

/// The interval that the settings ask for; nothing where that is all. Throws BadValue for one that
/// the run does not have.
std::optional<Interval> partOf(const FigureSettings& settings, const Recording& recording)
{
    if (!settings.fromS && !settings.toS)
        return std::nullopt;
    const std::int64_t length = recording.run_time(recording.now_ns());
    const double lengthS = secondsOf(length);
    const double fromS = settings.fromS.value_or(0);
    const double toS = settings.toS.value_or(lengthS);
    if (!(fromS >= 0 && fromS < toS && toS <= lengthS))
        throw BadValue({.object = "the figure's interval",
            .problem
            = settings.fromS && settings.toS && fromS >= toS ? "is empty" : "is not within the run",
            .value = secondsText(fromS) + " to " + secondsText(toS) + " s",
            .limit = "0 to " + secondsText(lengthS) + " s"});
    return Interval{nanosecondsOf(fromS), std::min(nanosecondsOf(toS), length)};
}

/// Throws BadValue for lanes that the run does not have.
std::vector<std::uint32_t> lanesOf(const FigureSettings& settings, const Recording& recording)
{
    std::vector<std::uint32_t> lanes = lanesFrom(settings.lanes.toStdString());
    if (!lanes.empty() && lanes.back() >= recording.lanes().size())
        throw BadValue({.object = "the figure's lanes",
            .problem = "are not all in the run",
            .value = settings.lanes.toStdString(),
            .limit = recording.lanes().empty()
                ? "it has none"
                : "0 to " + std::to_string(recording.lanes().size() - 1)});
    return lanes;
}

/// What of the recorded time is shown.
Interval shownInterval(const RunFacts& facts)
{
    const Recording& recording = *facts.recording;
    return facts.part ? Interval{recording.recorded_time(facts.part->begin_ns),
               recording.recorded_time(facts.part->end_ns)}
                      : recording.shown_interval();
}

/// Of an interval and the lanes that are shown.
TimeBudget budgetOf(const RunFacts& facts, const Interval& interval)
{
    TimeBudget budget = time_budget(*facts.recording, interval);
    if (facts.lanes.empty())
        return budget;
    budget.all = {};
    for (const std::uint32_t lane : facts.lanes) {
        if (lane >= budget.lanes.size())
            continue;
        budget.all.total_s += budget.lanes[lane].total_s;
        for (std::size_t i = 0; i < budget.all.seconds.size(); ++i)
            budget.all.seconds[i] += budget.lanes[lane].seconds[i];
    }
    return budget;
}

/// A run's mark as a person reads it. The words are looked up by themselves, as they come.
QString markText(const QString& mark)
{
    return QCoreApplication::translate("manyhands::app::Figure", mark.toUtf8().constData());
}

/// The lesson and what was set.
QString workText(const FinishedRun& run, ToldParameters told)
{
    QStringList words = {QString::fromStdString(run.lesson.id)};
    for (const std::string& word : parameter_words(run.description, run.parameters, told))
        words.append(QString::fromStdString(word));
    return words.join(QLatin1Char(' '));
}

/// "n = 5"; "n = 3 to 5" where not all were repeated as often.
QString countsText(std::size_t least, std::size_t most)
{
    return least == most ? tr("n = %1").arg(least) : tr("n = %1 to %2").arg(least).arg(most);
}

} // namespace

Figure::Figure(FigureSubject subject, FigureSettings settings)
    : m_subject(std::move(subject))
    , m_settings(std::move(settings))
{
    checkFigure(m_settings);
    const FigureLanguage language(m_settings.language);
    m_view = std::make_unique<ViewState>();
    m_chart = makeChart(m_settings.view, m_subject.run.description);
    if (!m_chart)
        throw BadValue({.object = "the figure's view",
            .problem = "is unknown",
            .value = m_settings.view.toStdString(),
            .limit = chartsOf(m_subject.run.description).join(QStringLiteral(", ")).toStdString()});
    const Recording& recording = *m_subject.run.recording;
    m_facts = factsOf(m_subject.run);
    m_facts.points = m_subject.points;
    m_facts.swept = m_subject.swept;
    m_facts.predictions = m_subject.predictions;
    m_facts.part = partOf(m_settings, recording);
    m_facts.lanes = lanesOf(m_settings, recording);
    if (m_facts.part || !m_facts.lanes.empty())
        m_facts.budget = budgetOf(m_facts, shownInterval(m_facts));
    m_view->setExtent(recording.run_time(recording.now_ns()), false);
    if (m_facts.part)
        m_view->show(*m_facts.part);
    m_chart->setStill();
    m_chart->fixTheme(themeOf(m_settings.theme));
    m_chart->setLocale(QLocale());
    m_chart->setFont(figureFont());
    m_chart->setViewState(m_view.get());
    m_chart->showRun(m_facts);
    // Only then is it known whether there is anything to show.
    const double unitsPerPoint = letterUnits / m_settings.fontPt;
    m_chart->layOut((m_settings.points() * unitsPerPoint).toSize());
}

Figure::~Figure() = default;

bool Figure::isEmpty() const
{
    return m_chart->isEmpty();
}

QString Figure::emptyReason() const
{
    return isEmpty() ? m_chart->emptyTitle() + QStringLiteral(". ") + m_chart->emptyText()
                     : QString();
}

QString Figure::title() const
{
    if (!m_settings.title.isNull())
        return m_settings.title;
    const FigureLanguage language(m_settings.language);
    // The chart of efficiency is that of speedup, switched.
    const QString chart
        = m_settings.view == QLatin1String("efficiency") ? tr("Efficiency") : m_chart->title();
    return tr("%1: %2").arg(chart, QString::fromStdString(m_subject.run.description.title));
}

QStringList Figure::captionParts() const
{
    const FinishedRun& run = m_subject.run;
    if (run.foreign)
        return {tr("A trace of another program: %1")
                    .arg(QString::fromStdString(run.description.title))};
    QStringList parts;
    parts.append(workText(run, ToldParameters::all));

    // A chart of points is of many runs, any other of one: of that with the median wall time.
    std::vector<std::size_t> counts;
    if (m_settings.view == QLatin1String("speedup")
        || m_settings.view == QLatin1String("efficiency")) {
        for (const ScalingPoint& point : m_subject.points)
            counts.push_back(point.wall_s.size());
    } else if (m_settings.view == QLatin1String("sweep") && m_subject.swept) {
        for (const SweptValue& value : m_subject.swept->values)
            counts.push_back(value.wall_s.size());
    }
    const std::size_t repeats = std::max<std::size_t>(1, run.repeats.size());
    if (!counts.empty()) {
        const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
        const QString text = countsText(*least, *most);
        parts.append(*most > 1 ? tr("medians and quartiles, %1 each").arg(text) : text);
    } else {
        const QString text = countsText(repeats, repeats);
        parts.append(repeats > 1 ? tr("the median of %1").arg(text) : text);
    }

    QStringList marks;
    for (const std::string& mark : run.marks) {
        // How many is said instead.
        if (mark != "dropped")
            marks.append(markText(QString::fromStdString(mark).replace('_', ' ')));
    }
    if (run.dropped > 0)
        marks.append(tr("%1 events dropped").arg(run.dropped));
    if (!run.shortfall.empty())
        marks.append(tr("the file was cut off"));
    if (!marks.isEmpty())
        parts.append(marks.join(QStringLiteral(", ")));

    const Machine& machine = run.machine;
    parts.append(QString::fromStdString(machine.cpu));
    parts.append(tr("%1 of %2 CPUs usable").arg(machine.usable_cpus).arg(machine.logical_cpus));
    parts.append(tr("Manyhands %1 (%2)")
                     .arg(QString::fromStdString(machine.version),
                         QString::fromStdString(machine.commit.substr(0, digitsOfCommit))));
    // The last ones are the first to go where there is little room.
    parts.append(QString::fromStdString(machine.kernel));
    parts.append(tr("%1 of memory").arg(bytesText(static_cast<double>(machine.memory_bytes))));
    parts.removeAll(QString());
    return parts;
}

QString Figure::caption() const
{
    const FigureLanguage language(m_settings.language);
    return captionParts().join(QStringLiteral("  ·  "));
}

QStringList Figure::fittingCaption(const QFont& font, int width) const
{
    constexpr qsizetype longestTogether = 24;
    const QString between = QStringLiteral("  ·  ");
    QStringList parts = captionParts();
    if (parts.size() <= 2)
        return wrappedLines(parts.join(between), font, width, mostCaptionLines);
    // "16 GiB" is not torn apart.
    for (QString& part : parts) {
        if (part.size() <= longestTogether)
            part.replace(QLatin1Char(' '), QChar::Nbsp);
    }
    // What goes where there is little room: memory, kernel, settings that are as usual.
    const auto shorten = [&](int step) {
        if (step < 2)
            parts.removeLast();
        else
            parts.first() = workText(m_subject.run, ToldParameters::changed);
    };
    constexpr int steps = 3;
    for (int step = 0; step < steps; ++step) {
        const QStringList lines
            = wrappedLines(parts.join(between), font, width, mostCaptionLines + 1);
        if (lines.size() <= mostCaptionLines)
            return lines;
        shorten(step);
    }
    return wrappedLines(parts.join(between), font, width, mostCaptionLines);
}

QString Figure::summary() const
{
    const FigureLanguage language(m_settings.language);
    return m_chart->summary();
}

ChartTable Figure::table() const
{
    // Data are the same in every language.
    const FigureLanguage language({});
    return m_chart->table();
}

const Theme& Figure::theme() const
{
    return m_chart->theme();
}

void Figure::draw(QCPPainter& painter, QSize pixels, double dpi)
{
    const FigureLanguage language(m_settings.language);
    if (!m_settings.transparent)
        painter.fillRect(QRect(QPoint(), pixels), theme().background);
    const double scale = pixelsPerUnit(m_settings, dpi);
    const QSize size(
        static_cast<int>(pixels.width() / scale), static_cast<int>(pixels.height() / scale));
    const int width = std::max(1, size.width() - 2 * figureMargin);
    QFont bold = figureFont();
    bold.setBold(true);
    const int line = QFontMetrics(figureFont()).height();

    const QStringList titleLines
        = title().isEmpty() ? QStringList() : wrappedLines(title(), bold, width, mostTitleLines);
    const QStringList captionLines
        = m_settings.caption ? fittingCaption(figureFont(), width) : QStringList();
    const auto roomFor = [line](const QStringList& lines) {
        return lines.isEmpty() ? 0 : static_cast<int>(lines.size()) * line + figureMargin;
    };
    const int head = roomFor(titleLines);
    const int foot = roomFor(captionLines);

    painter.save();
    // What is scaled is neither to be rounded to whole units nor kept as a picture.
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.scale(scale, scale);
    painter.save();
    painter.translate(0, head);
    // The background is drawn, or left out, for the figure as a whole.
    m_chart->setBackground(QBrush(Qt::NoBrush));
    m_chart->drawOn(painter, {size.width(), std::max(1, size.height() - head - foot)});
    painter.restore();
    painter.setPen(theme().text);
    drawLines(painter, titleLines, bold, figureMargin, figureMargin);
    painter.setPen(theme().secondaryText);
    drawLines(painter, captionLines, figureFont(), figureMargin, size.height() - foot);
    painter.restore();
}

void Figure::showUntil(std::int64_t runNs)
{
    QCPLayoutElement* legend = m_chart->plotLayout()->element(0, 0);
    legend->setMinimumSize(0, legend->outerRect().height());
    legend->setMaximumSize(QWIDGETSIZE_MAX, legend->outerRect().height());

    const Recording& recording = *m_subject.run.recording;
    RunFacts facts = m_facts;
    facts.untilNs = recording.recorded_time(runNs);
    Interval interval = shownInterval(facts);
    interval.end_ns = std::clamp(*facts.untilNs, interval.begin_ns, interval.end_ns);
    facts.budget = budgetOf(facts, interval);
    // What came out at the end is not known yet.
    if (*facts.untilNs < recording.shown_interval().end_ns) {
        facts.finalSpeedup.reset();
        facts.document = nullptr;
    }
    m_chart->viewState()->select(Target::ofMoment(*facts.untilNs));
    m_chart->showRun(facts);
}

} // namespace manyhands::app
