// SPDX-License-Identifier: GPL-3.0-or-later
// The time axes of a chart: run time, as far as the shared view state shows it, pauses as seams.
#include "app/views/time_axis.hpp"

#include "app/views/theme.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double nanosecondsPerSecond = 1e9;
constexpr double shortestLiveAxisS = 0.05;
constexpr double shortestAxisS = 1e-6;
/// Of the band that covers a selected interval: what lies below stays seen.
constexpr int bandAlpha = 110;
/// So many times as far from the start as it is long, an interval is labelled from near by.
constexpr double closeUp = 1000;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::TimeAxis", text);
}

} // namespace

double secondsOf(std::int64_t ns)
{
    return static_cast<double>(ns) / nanosecondsPerSecond;
}

std::int64_t nanosecondsOf(double seconds)
{
    return std::llround(seconds * nanosecondsPerSecond);
}

TimeAxis::TimeAxis(const QList<QCPAxis*>& axes)
    : m_axes(axes)
    , m_ticker(new UnitTicker)
{
    for (QCPAxis* axis : m_axes) {
        axis->setTicker(m_ticker);
        axis->setTickLabels(axis == m_axes.last());
    }
}

void TimeAxis::fit(const RunFacts& facts, const ViewState* view)
{
    if (view) {
        m_visible = view->visible();
    } else {
        const double needed = secondsOf(facts.recording->run_time(facts.nowNs()));
        m_endS = grownEnd(
            m_endS, needed, facts.running ? shortestLiveAxisS : shortestAxisS, facts.running);
        m_visible = {0, nanosecondsOf(m_endS)};
    }
    labelTicks(view ? view->origin() : std::nullopt);
    for (QCPAxis* axis : m_axes)
        axis->setRange(secondsOf(m_visible.begin_ns), secondsOf(m_visible.end_ns));
}

void TimeAxis::labelTicks(std::optional<std::int64_t> alignedAt)
{
    const double beginS = secondsOf(m_visible.begin_ns);
    const double endS = secondsOf(m_visible.end_ns);
    m_origin = {};
    m_aligned = alignedAt.has_value();
    const double zeroS = secondsOf(alignedAt.value_or(0));
    double origin = zeroS;
    if (endS > beginS && std::abs(beginS - zeroS) / (endS - beginS) > closeUp) {
        // From the last round moment before: of the size of a tick, so that its digits end there.
        const double step = stepUp(endS - beginS);
        origin = zeroS + std::floor((beginS - zeroS) / step) * step;
        const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step))), 0, 9);
        m_origin = QLocale().toString(origin - zeroS, 'f', decimals);
    }
    m_ticker->setOrigin(origin);
    m_ticker->setUnit(timeUnit(std::max(endS - origin, origin - beginS)));
}

QString TimeAxis::label() const
{
    const QString unit = m_ticker->unit().symbol;
    if (m_aligned && m_origin.isEmpty())
        return tr("Time since the start of the parallel part (%1)").arg(unit);
    if (m_aligned)
        return tr("Time since %1 s of the parallel part (%2)").arg(m_origin, unit);
    if (m_origin.isEmpty())
        return tr("Time since start (%1)").arg(unit);
    return tr("Time since %1 s (%2)").arg(m_origin, unit);
}

void TimeAxis::drawMarks(QCPPainter& painter, const QCPAxisRect& area, const RunFacts& facts,
    const ViewState* view, const Theme& theme, double lineScale) const
{
    const Recording& recording = *facts.recording;
    const auto pixelOf = [&](std::int64_t recorded_ns) {
        return std::round(pixelAt(secondsOf(recording.run_time(recorded_ns))));
    };
    painter.setBrush(Qt::NoBrush);
    for (const Interval& pause : recording.pauses()) {
        const double x = pixelOf(pause.begin_ns);
        painter.setPen(QPen(theme.secondaryText, lineScale, Qt::DashLine));
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
    }
    const std::optional<Interval> selected
        = view ? intervalOf(view->selection(), recording) : std::nullopt;
    if (!selected)
        return;
    const double left = std::max<double>(area.left(), pixelOf(selected->begin_ns));
    const double right = std::min<double>(area.right(), pixelOf(selected->end_ns));
    if (right < left)
        return;
    painter.setPen(QPen(theme.text, lineScale));
    painter.drawLine(QLineF(left, area.top(), left, area.bottom()));
    if (right - left < 2)
        return;
    painter.drawLine(QLineF(right, area.top(), right, area.bottom()));
    // What is not selected steps back behind a veil.
    QColor veil = theme.background;
    veil.setAlpha(bandAlpha);
    painter.setPen(Qt::NoPen);
    painter.setBrush(veil);
    painter.drawRect(QRectF(area.left(), area.top(), left - area.left(), area.height()));
    painter.drawRect(QRectF(right, area.top(), area.right() - right + 1, area.height()));
}

} // namespace manyhands::app
