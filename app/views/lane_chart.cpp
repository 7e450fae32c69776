// SPDX-License-Identifier: GPL-3.0-or-later
// Charts with a row for each process: names at the left, rows that scroll when they are many.
#include "app/views/lane_chart.hpp"

#include "app/views/drawn.hpp"

#include <QKeyEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// A row of less cannot be told from its neighbours; of more, few lanes would look like a chart
/// of something else.
constexpr double mostLinesPerRow = 5;
/// Of what does not scroll: a thousand lanes are still there, as a texture.
constexpr double leastRowHeight = 0.01;
/// Out of sight, for rows that are left out.
constexpr double farBelow = 10'000;
/// Of a row's height: the rest keeps lanes apart.
constexpr double barShare = 0.78;
/// Names take at most this share of the chart's width.
constexpr double nameShare = 0.34;
constexpr int namePadding = 6;

} // namespace

LaneChart::LaneChart(const QString& title, const QString& accessibleName, QWidget* parent)
    : Chart(title, accessibleName, parent)
    , m_scrollBar(new QScrollBar(Qt::Vertical, this))
{
    m_scrollBar->hide();
    m_scrollBar->setAccessibleName(tr("Scroll processes"));
    connect(m_scrollBar, &QScrollBar::valueChanged, this,
        [this] { replot(QCustomPlot::rpQueuedReplot); });
    connect(this, &QCustomPlot::afterLayout, this, &LaneChart::fitScrollBar);
    yAxis->setTicks(false);
    yAxis->setTickLabels(false);
    yAxis->grid()->setVisible(false);
    axisRect()->setAutoMargins(QCP::msBottom);
    const auto draw = [this](QCPPainter& painter) {
        drawNames(painter);
        drawRows(painter);
    };
    new Drawn(xAxis, yAxis, draw, Drawn::Clip::margins); // owned by the plot
}

void LaneChart::setRows(const QStringList& names, const QStringList& shortNames)
{
    if (names == m_names)
        return;
    m_names = names;
    m_shortNames = shortNames;
    m_places.clear();
    fitNames();
}

void LaneChart::setShownRows(const std::function<bool(int)>& shown)
{
    m_places.clear();
    m_shownRows = 0;
    for (int row = 0; row < rowCount(); ++row)
        m_places.append(shown(row) ? m_shownRows++ : -1);
    if (m_shownRows == rowCount())
        m_places.clear();
    fitNames();
}

void LaneChart::setNameRoom(int letters)
{
    m_nameRoom = letters;
    fitNames();
}

void LaneChart::fitNames()
{
    // Bold, as the marked one is.
    QFont bold = font();
    bold.setBold(true);
    const QFontMetrics metrics(bold);
    const auto widest = [&](const QStringList& names) {
        int result = 0;
        for (int row = 0; row < names.size(); ++row) {
            if (isRowShown(row))
                result = std::max(result, metrics.horizontalAdvance(names[row]));
        }
        return result;
    };
    const int share = static_cast<int>(viewport().width() * nameShare);
    const int limit
        = m_nameRoom > 0 ? std::min(share, m_nameRoom * metrics.averageCharWidth()) : share;
    m_nameWidth = widest(m_names);
    m_useShortNames = m_nameWidth > limit;
    m_namesFit = true;
    if (m_useShortNames) {
        const int wanted = widest(m_shortNames);
        m_namesFit = wanted <= limit;
        m_nameWidth = std::min(limit, wanted);
    }
    if (m_nameRoom > 0)
        m_nameWidth = limit;
    axisRect()->setMargins(QMargins(m_nameWidth + 2 * namePadding, 4, 14, 0));
}

double LaneChart::rowHeight() const
{
    const double room = axisRect()->rect().height() - m_header;
    const double line = QFontMetricsF(font()).height();
    const int rows = m_places.empty() ? rowCount() : m_shownRows;
    return std::clamp(
        room / std::max(1, rows), isStill() ? leastRowHeight : line + 3, line * mostLinesPerRow);
}

int LaneChart::rowsThatFit() const
{
    if (isStill())
        return std::max(1, rowCount());
    const double room = axisRect()->rect().height() - m_header;
    return std::max(1, static_cast<int>(std::floor(room / rowHeight() + 1e-6)));
}

std::pair<int, int> LaneChart::rowsInSight() const
{
    const int first = m_scrollBar->value();
    return {first, std::min(rowCount(), first + rowsThatFit())};
}

QRectF LaneChart::laneRect(int row) const
{
    const QRect area = axisRect()->rect();
    const double height = rowHeight();
    if (!isRowShown(row))
        return QRectF(area.left(), area.bottom() + farBelow, area.width(), 1);
    const int place = m_places.empty() ? row : m_places[row];
    const double top = area.top() + m_header + (place - m_scrollBar->value()) * height;
    const double gap = height * (1 - barShare) / 2;
    // Of rows lower than letters, rounding would take some away.
    if (height < fontMetrics().height())
        return QRectF(area.left(), top + gap, area.width(), height * barShare);
    return QRectF(area.left(), std::round(top + gap), area.width(), std::round(height * barShare));
}

int LaneChart::laneAt(double y) const
{
    const double offset = y - axisRect()->rect().top() - m_header;
    const auto [first, last] = rowsInSight();
    const int row = first + static_cast<int>(std::floor(offset / rowHeight()));
    return offset >= 0 && row < last ? row : -1;
}

void LaneChart::ensureRowVisible(int row)
{
    const int first = m_scrollBar->value();
    m_scrollBar->setValue(std::clamp(first, row - rowsThatFit() + 1, row));
}

void LaneChart::fitScrollBar()
{
    const QRect area = axisRect()->rect();
    const int fitting = rowsThatFit();
    const int beyond = std::max(0, rowCount() - fitting);
    m_scrollBar->setRange(0, isEmpty() ? 0 : beyond);
    m_scrollBar->setPageStep(fitting);
    m_scrollBar->setVisible(m_scrollBar->maximum() > 0);
    const int width = 12;
    m_scrollBar->setGeometry(area.right() + 2, area.top(), width, area.height());
}

void LaneChart::drawNames(QCPPainter& painter) const
{
    painter.setFont(font());
    painter.setPen(theme().text);
    const auto [first, last] = rowsInSight();
    // Where rows are lower than letters, not every one is named.
    const int every
        = std::max(1, static_cast<int>(std::ceil(fontMetrics().height() / rowHeight())));
    for (int row = first; row < last; ++row) {
        const int number = m_places.empty() ? row : m_places[row];
        if (number < 0 || number % every != 0)
            continue;
        const QRectF bar = laneRect(row);
        QFont nameFont = font();
        nameFont.setBold(isMarked(row));
        painter.setFont(nameFont);
        const QFontMetrics metrics(nameFont);
        const QRectF place(bar.left() - m_nameWidth - namePadding,
            bar.center().y() - metrics.height() / 2.0, m_nameWidth, metrics.height());
        const QString& name = m_useShortNames ? m_shortNames[row] : m_names[row];
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
            m_namesFit ? name : metrics.elidedText(name, Qt::ElideRight, m_nameWidth + 1));
    }
}

void LaneChart::restyle()
{
    fitNames();
}

void LaneChart::resizeEvent(QResizeEvent* event)
{
    Chart::resizeEvent(event);
    fitNames();
}

void LaneChart::wheelEvent(QWheelEvent* event)
{
    if (m_scrollBar->maximum() > 0 && event->modifiers() == Qt::NoModifier) {
        const int rows = event->angleDelta().y() / QWheelEvent::DefaultDeltasPerStep;
        m_scrollBar->setValue(m_scrollBar->value() - rows);
        event->accept();
        return;
    }
    Chart::wheelEvent(event);
}

void LaneChart::keyPressEvent(QKeyEvent* event)
{
    int step = 0;
    switch (event->key()) {
    case Qt::Key_Up:
        step = -1;
        break;
    case Qt::Key_Down:
        step = 1;
        break;
    case Qt::Key_PageUp:
        step = -m_scrollBar->pageStep();
        break;
    case Qt::Key_PageDown:
        step = m_scrollBar->pageStep();
        break;
    default:
        Chart::keyPressEvent(event);
        return;
    }
    m_scrollBar->setValue(m_scrollBar->value() + step);
}

} // namespace manyhands::app
