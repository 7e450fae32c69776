// SPDX-License-Identifier: GPL-3.0-or-later
// Measured points over the number of workers, between the ideal and Amdahl's law.
#include "app/views/scaling_plot.hpp"

#include "app/views/drawn.hpp"
#include "app/views/hatch.hpp"
#include "app/views/wording.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <limits>

namespace manyhands::app {
namespace {

constexpr double headRoom = 1.12;
constexpr double efficiencyEnd = 1.1;
constexpr int curvePoints = 160;
/// As near as the pointer must come to a point, in pixels.
constexpr double reach = 24;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ScalingPlot", text);
}

QString number(double value, int decimals = 2)
{
    return QLocale().toString(value, 'f', decimals);
}

QString percent(double share)
{
    return tr("%1 %").arg(number(share * 100, share < 0.1 ? 1 : 0));
}

} // namespace

void drawOversubscribed(QCPPainter& painter, const QCPAxis& workers, double usableCpus,
    const Theme& theme, const QFont& font, double lineScale)
{
    const QRect area = workers.axisRect()->rect();
    const double x = std::max<double>(area.left(), std::round(workers.coordToPixel(usableCpus)));
    if (x > area.right())
        return;
    paintHatch(painter, QBrush(theme.grid, Qt::BDiagPattern),
        {QRectF(x, area.top(), area.right() - x + 1, area.height())});
    painter.setPen(QPen(theme.text, lineScale, Qt::DotLine));
    painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
    painter.setFont(font);
    const QFontMetrics metrics(font);
    const QString text = tr("oversubscribed");
    const QRectF words(x + 4, area.bottom() - metrics.height() - 2, metrics.horizontalAdvance(text),
        metrics.height());
    if (words.right() > area.right())
        return;
    painter.setPen(theme.secondaryText);
    painter.drawText(words, Qt::AlignCenter, text);
}

ScalingPlot::ScalingPlot(QCPAxis* x, QCPAxis* y)
    : m_x(x)
    , m_y(y)
    , m_beyond(new Drawn(x, y,
          [this](QCPPainter& painter) {
              drawOversubscribed(painter, *m_x, m_usable, *m_theme, m_font, m_lineScale);
          }))
    , m_ideal(new QCPGraph(x, y))
    , m_model(new QCPGraph(x, y))
    , m_median(new QCPGraph(x, y))
    , m_quartiles(new QCPErrorBars(x, y))
    , m_ticker(QSharedPointer<WholeTicker>::create())
    , m_fit(std::string())
    , m_theme(&Theme::light())
{
    m_median->setLineStyle(QCPGraph::lsNone);
    m_quartiles->setDataPlottable(m_median);
    m_quartiles->setErrorType(QCPErrorBars::etValueError);
}

void ScalingPlot::setPoints(const std::vector<ScalingPoint>& points, int usableCpus)
{
    m_usable = usableCpus;
    m_points.clear();
    for (const ScalingPoint& point : points) {
        if (const std::optional<ScalingFigures> figures = figures_of(point)) {
            m_points.push_back(
                {point.workers, point.oversubscribed || point.workers > usableCpus, *figures});
        }
    }
    std::stable_sort(m_points.begin(), m_points.end(),
        [](const Point& one, const Point& other) { return one.workers < other.workers; });
    // Of the same number the last one measured counts.
    const auto later = std::unique(m_points.rbegin(), m_points.rend(),
        [](const Point& one, const Point& other) { return one.workers == other.workers; });
    m_points.erase(m_points.begin(), later.base());
    m_fit = fit_amdahl(points, usableCpus);
}

double ScalingPlot::shown(const Point& point, double speedup) const
{
    return m_efficiency ? speedup / point.workers : speedup;
}

void ScalingPlot::show(bool shownAtAll, bool efficiency)
{
    m_efficiency = efficiency;
    for (QCPAbstractPlottable* plottable : std::initializer_list<QCPAbstractPlottable*>{
             m_beyond, m_ideal, m_model, m_median, m_quartiles})
        plottable->setVisible(shownAtAll);
    if (!shownAtAll || m_points.empty())
        return;
    QList<double> workers;
    QList<double> values;
    QList<double> below;
    QList<double> above;
    for (const Point& point : m_points) {
        const ScalingFigures& figures = point.figures;
        workers.append(point.workers);
        values.append(shown(point, figures.speedup));
        below.append(shown(point, std::max(0.0, figures.speedup - figures.first_quartile)));
        above.append(shown(point, std::max(0.0, figures.third_quartile - figures.speedup)));
    }
    m_median->setData(workers, values, true);
    m_quartiles->setData(below, above);
    const double end = m_points.back().workers + 1;
    m_ideal->setData({0.0, end}, {efficiency ? 1.0 : 0.0, efficiency ? 1.0 : end}, true);
    fillModel();
}

void ScalingPlot::fillModel()
{
    QList<double> workers;
    QList<double> values;
    if (const auto* fit = std::get_if<ScalingModel>(&m_fit)) {
        const double end = m_points.back().workers + 1;
        for (int i = 0; i <= curvePoints; ++i) {
            const double p = 1 + (end - 1) * i / curvePoints;
            const double speedup = amdahl_speedup(fit->serial_fraction, p);
            workers.append(p);
            values.append(m_efficiency ? speedup / p : speedup);
        }
    }
    m_model->setData(workers, values, true);
}

void ScalingPlot::setHidden(bool measuredHidden, bool idealHidden, bool modelHidden)
{
    m_median->setVisible(m_median->visible() && !measuredHidden);
    m_quartiles->setVisible(m_quartiles->visible() && !measuredHidden);
    m_ideal->setVisible(m_ideal->visible() && !idealHidden);
    m_model->setVisible(m_model->visible() && !modelHidden);
}

void ScalingPlot::style(const Theme& theme, const QFont& font, double lineScale)
{
    const QColor colour = theme.series(0).colour;
    m_median->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, 9 * lineScale));
    m_quartiles->setPen(QPen(colour, 2 * lineScale));
    m_quartiles->setWhiskerWidth(9 * lineScale);
    m_quartiles->setSymbolGap(0);
    m_ideal->setPen(QPen(theme.secondaryText, lineScale, Qt::DashLine));
    m_model->setPen(QPen(theme.series(1).colour, 2 * lineScale, theme.series(1).line));
    m_theme = &theme;
    m_font = font;
    m_lineScale = lineScale;
}

double ScalingPlot::highest() const
{
    // The ideal is in sight as far as there are CPUs for it.
    double result = std::min(m_usable, m_points.back().workers);
    for (const Point& point : m_points)
        result = std::max({result, point.figures.third_quartile, point.figures.speedup});
    return result;
}

void ScalingPlot::scaleAxes() const
{
    m_x->setRange(0, m_points.back().workers + 1);
    if (!m_efficiency) {
        m_y->setRange(0, highest() * headRoom);
        return;
    }
    double end = efficiencyEnd;
    for (const Point& point : m_points)
        end = std::max(end, shown(point, point.figures.third_quartile) * headRoom);
    m_y->setRange(0, end);
}

QList<LegendEntry> ScalingPlot::legendEntries(const Theme& theme) const
{
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    std::size_t most = 0;
    for (const Point& point : m_points) {
        fewest = std::min(fewest, point.figures.n);
        most = std::max(most, point.figures.n);
    }
    const QString repeats
        = fewest == most ? tr("n = %1").arg(most) : tr("n = %1 to %2").arg(fewest).arg(most);
    QList<LegendEntry> entries;
    entries.append({.text = tr("measured: median, quartiles, %1").arg(repeats),
        .sample = LegendEntry::Sample::marker,
        .series = theme.series(0),
        .id = measured,
        .name = tr("measured")});
    entries.append({.text = m_efficiency ? tr("ideal: 1") : tr("ideal: speedup = workers"),
        .sample = LegendEntry::Sample::line,
        .series = {theme.secondaryText, Qt::DashLine},
        .id = ideal,
        .name = tr("ideal")});
    if (const auto* fit = std::get_if<ScalingModel>(&m_fit)) {
        entries.append({.text
            = tr("Amdahl's law with a serial fraction of %1").arg(percent(fit->serial_fraction)),
            .sample = LegendEntry::Sample::line,
            .series = theme.series(1),
            .id = model,
            .name = tr("Amdahl's law")});
    } else {
        entries.append({.text = QString::fromStdString(std::get<std::string>(m_fit)),
            .sample = LegendEntry::Sample::words});
    }
    entries.append({.text = tr("usable CPUs: %1").arg(m_usable),
        .sample = LegendEntry::Sample::line,
        .series = {theme.text, Qt::DotLine}});
    return entries;
}

QString ScalingPlot::pointText(int point) const
{
    const Point& one = m_points[static_cast<std::size_t>(point)];
    const ScalingFigures& figures = one.figures;
    QString text = tr("%1: %2 × in %3 (quartiles %4 to %5, n = %6)\nefficiency %7")
                       .arg(workersText(static_cast<std::uint64_t>(one.workers)),
                           number(figures.speedup), durationText(figures.wall_s),
                           number(figures.first_quartile), number(figures.third_quartile))
                       .arg(figures.n)
                       .arg(percent(figures.efficiency));
    if (figures.karp_flatt)
        text += tr("\nserial fraction by Karp and Flatt %1").arg(percent(*figures.karp_flatt));
    if (one.oversubscribed)
        text += tr("\nmore workers than usable CPUs");
    return text;
}

QPointF ScalingPlot::pointPlace(int point) const
{
    const Point& one = m_points[static_cast<std::size_t>(point)];
    return QPointF(
        m_x->coordToPixel(one.workers), m_y->coordToPixel(shown(one, one.figures.speedup)));
}

int ScalingPlot::pointAt(const QPointF& position) const
{
    int nearest = -1;
    double distance = reach;
    for (int i = 0; i < workerCounts(); ++i) {
        const QPointF way = pointPlace(i) - position;
        if (std::hypot(way.x(), way.y()) < distance) {
            distance = std::hypot(way.x(), way.y());
            nearest = i;
        }
    }
    return nearest;
}

QString ScalingPlot::summary() const
{
    const Point& last = m_points.back();
    const QString text = tr("%1 × with %2, efficiency %3")
                             .arg(number(last.figures.speedup),
                                 workersText(static_cast<std::uint64_t>(last.workers)),
                                 percent(last.figures.efficiency));
    const auto* fit = std::get_if<ScalingModel>(&m_fit);
    return fit ? tr("%1; serial fraction %2").arg(text, percent(fit->serial_fraction)) : text;
}

ChartTable ScalingPlot::table() const
{
    ChartTable table;
    table.header = {tr("workers"), tr("repeats"), tr("wall time, median (s)"), tr("speedup"),
        tr("first quartile"), tr("third quartile"), tr("efficiency"), tr("Karp-Flatt fraction"),
        tr("oversubscribed")};
    table.setLazy(static_cast<qsizetype>(m_points.size()),
        [points = m_points](qsizetype row, int column) -> QVariant {
            const Point& point = points[static_cast<std::size_t>(row)];
            const ScalingFigures& figures = point.figures;
            switch (column) {
            case 0:
                return point.workers;
            case 1:
                return static_cast<qulonglong>(figures.n);
            case 2:
                return figures.wall_s;
            case 3:
                return figures.speedup;
            case 4:
                return figures.first_quartile;
            case 5:
                return figures.third_quartile;
            case 6:
                return figures.efficiency;
            case 7:
                return figures.karp_flatt ? QVariant(*figures.karp_flatt) : QVariant(tr("none"));
            default:
                return point.oversubscribed ? tr("yes") : tr("no");
            }
        });
    return table;
}

} // namespace manyhands::app
