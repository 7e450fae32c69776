// SPDX-License-Identifier: GPL-3.0-or-later
// Who told whom how much: senders down, receivers across, a number in each cell.
#include "app/views/channel_matrix.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <QActionGroup>

#include <algorithm>
#include <cmath>
#include <set>

namespace manyhands::app {
namespace {

/// Cells of fewer pixels have no frame: it would be all that is seen.
constexpr double leastFramed = 6;
constexpr double cellPadding = 3;
/// Of the chart's width, for the names of senders.
constexpr double nameShare = 0.3;

std::size_t placeOf(const std::vector<std::uint32_t>& lanes, std::uint32_t lane)
{
    return static_cast<std::size_t>(
        std::lower_bound(lanes.begin(), lanes.end(), lane) - lanes.begin());
}

} // namespace

ChannelMatrix::ChannelMatrix(QWidget* parent)
    : Chart(tr("Who to whom"), tr("Channel matrix chart"), parent)
    , m_rowTicker(new QCPAxisTickerText)
    , m_columnTicker(new QCPAxisTickerText)
{
    yAxis->setRangeReversed(true);
    yAxis->setTicker(m_rowTicker);
    xAxis2->setTicker(m_columnTicker);
    xAxis2->setVisible(true);
    xAxis->setTicks(false);
    xAxis->setTickLabels(false);
    for (QCPAxis* axis : {xAxis, yAxis, xAxis2})
        axis->grid()->setVisible(false);
    labelAxis(yAxis, tr("Sender (process)"), tr("Sender"));
    labelAxis(xAxis2, tr("Receiver (process)"), tr("Receiver"));
    axisRect()->setMinimumMargins(QMargins(0, 0, 8, 6));
    new Drawn(xAxis2, yAxis, [this](QCPPainter& painter) {
        if (isEmpty())
            return;
        drawCells(painter);
        drawNumbers(painter);
    });
    addSwitch(tr("Count"), {tr("Bytes"), tr("Messages")},
        [this](int i) { setMeasure(i == 0 ? Measure::bytes : Measure::messages); });
    applyStyle();
    refresh(true);
}

void ChannelMatrix::setMeasure(Measure measure)
{
    m_measure = measure;
    refreshSoon();
}

void ChannelMatrix::refresh(bool afresh)
{
    if (afresh || !facts().recording)
        m_matches.reset();
    m_senders.clear();
    m_receivers.clear();
    m_cells.clear();
    if (!facts().recording) {
        setEmpty(tr("No run yet"), tr("Run the lesson (F5) to see which process tells which."));
        return;
    }
    m_matches.take(*facts().recording);
    takeSums();
    if (m_cells.empty()) {
        if (m_cut)
            setEmpty(tr("No message in the selection"),
                tr("No process sent anything within the selected interval."));
        else if (facts().goesOn())
            setEmpty(tr("No message yet"), tr("Its processes have not sent each other anything."));
        else if (has_sampled_lane(*facts().recording))
            setEmpty(tr("No messages"),
                tr("What was read and written stands in IPC volume: who was at the other end is "
                   "not seen from outside."));
        else
            setEmpty(tr("No messages"), tr("In this run no process sent another anything."));
        return;
    }
    setEmpty({});
    xAxis2->setRange(-0.5, static_cast<double>(m_receivers.size()) - 0.5);
    xAxis->setRange(xAxis2->range());
    yAxis->setRange(-0.5, static_cast<double>(m_senders.size()) - 0.5);
    labelTicks();
    fillLegend();
}

void ChannelMatrix::takeSums()
{
    const Recording& recording = *facts().recording;
    const std::optional<Interval> selected
        = viewState() ? viewState()->selectedInterval() : std::nullopt;
    m_cut = selected.has_value();
    MessageMatches::Sums cut;
    if (selected || facts().untilNs)
        cut = m_matches.within(
            recording, selected.value_or(Interval{0, open_end}), facts().nowNs());
    const MessageMatches::Sums& sums = selected || facts().untilNs ? cut : m_matches.sums();
    std::set<std::uint32_t> senders;
    std::set<std::uint32_t> receivers;
    for (const auto& [pair, sum] : sums) {
        senders.insert(pair.first);
        receivers.insert(pair.second);
    }
    m_senders.assign(senders.begin(), senders.end());
    m_receivers.assign(receivers.begin(), receivers.end());
    m_cells.resize(m_senders.size() * m_receivers.size());
    m_most = 0;
    for (const auto& [pair, sum] : sums) {
        m_cells[placeOf(m_senders, pair.first) * m_receivers.size()
            + placeOf(m_receivers, pair.second)]
            = sum;
        m_most = std::max(m_most, valueOf(sum));
    }
}

double ChannelMatrix::valueOf(const MessageMatches::Sum& sum) const
{
    return static_cast<double>(m_measure == Measure::bytes ? sum.bytes : sum.messages);
}

QString ChannelMatrix::valueText(const MessageMatches::Sum& sum) const
{
    return m_measure == Measure::bytes ? bytesText(static_cast<double>(sum.bytes))
                                       : countText(sum.messages);
}

QString ChannelMatrix::nameOf(std::uint32_t lane, bool brief) const
{
    if (lane == MessageMatches::summarised)
        return brief ? tr("(sum.)") : tr("(summarised)");
    if (lane == MessageMatches::onTheWay)
        return brief ? tr("(none)") : tr("(not received)");
    return brief ? tr("P%1").arg(lane) : laneName(*facts().recording, lane, false);
}

void ChannelMatrix::labelTicks()
{
    const QFontMetrics metrics(font());
    const auto widest = [&](const std::vector<std::uint32_t>& lanes, bool brief) {
        int width = 0;
        for (const std::uint32_t lane : lanes)
            width = std::max(width, metrics.horizontalAdvance(nameOf(lane, brief)));
        return width;
    };
    const auto fill = [&](QCPAxisTickerText& ticker, const std::vector<std::uint32_t>& lanes,
                          double room, bool brief, double needed) {
        // Where not all find room, each n-th.
        const auto step = static_cast<std::size_t>(
            std::max(1.0, std::ceil(needed * static_cast<double>(lanes.size()) / room)));
        ticker.clear();
        for (std::size_t i = 0; i < lanes.size(); i += step)
            ticker.addTick(static_cast<double>(i), nameOf(lanes[i], brief));
    };
    const double width = std::max(1, axisRect()->width());
    const bool briefRows = widest(m_senders, false) > viewport().width() * nameShare;
    fill(*m_rowTicker, m_senders, std::max(1, axisRect()->height()), briefRows, metrics.height());
    const double perColumn = width / static_cast<double>(m_receivers.size());
    const double gap = metrics.averageCharWidth();
    const bool briefColumns = widest(m_receivers, false) + gap > perColumn;
    fill(
        *m_columnTicker, m_receivers, width, briefColumns, widest(m_receivers, briefColumns) + gap);
}

void ChannelMatrix::fillLegend()
{
    const QString most = m_measure == Measure::bytes
        ? bytesText(m_most)
        : messagesText(static_cast<std::uint64_t>(m_most));
    QList<LegendEntry> entries;
    entries.append({.text = m_cut ? tr("little to %1, of the selected interval").arg(most)
                                  : tr("little to %1").arg(most),
        .sample = LegendEntry::Sample::scale});
    const auto has = [](const std::vector<std::uint32_t>& lanes, std::uint32_t lane) {
        return std::find(lanes.begin(), lanes.end(), lane) != lanes.end();
    };
    if (has(m_receivers, MessageMatches::summarised) || has(m_senders, MessageMatches::summarised))
        entries.append({.text = tr("(summarised): so many that the other end was not noted"),
            .sample = LegendEntry::Sample::words});
    if (has(m_receivers, MessageMatches::onTheWay))
        entries.append({.text = facts().running ? tr("(not received): still on the way")
                                                : tr("(not received): nobody took it"),
            .sample = LegendEntry::Sample::words});
    legendStrip()->setEntries(entries);
}

QRectF ChannelMatrix::cell(std::size_t row, std::size_t column) const
{
    const auto x = static_cast<double>(column);
    const auto y = static_cast<double>(row);
    return QRectF(QPointF(xAxis2->coordToPixel(x - 0.5), yAxis->coordToPixel(y - 0.5)),
        QPointF(xAxis2->coordToPixel(x + 0.5), yAxis->coordToPixel(y + 0.5)));
}

QRectF ChannelMatrix::cellOf(std::uint32_t sender, std::uint32_t receiver) const
{
    const std::size_t row = placeOf(m_senders, sender);
    const std::size_t column = placeOf(m_receivers, receiver);
    if (row == m_senders.size() || m_senders[row] != sender || column == m_receivers.size()
        || m_receivers[column] != receiver)
        return {};
    return cell(row, column);
}

MessageMatches::Sum ChannelMatrix::sumAt(std::size_t row, std::size_t column) const
{
    return m_cells[row * m_receivers.size() + column];
}

void ChannelMatrix::drawCells(QCPPainter& painter) const
{
    const QRectF first = cell(0, 0);
    const bool framed = std::min(first.width(), first.height()) >= leastFramed;
    painter.setPen(Qt::NoPen);
    for (std::size_t row = 0; row < m_senders.size(); ++row) {
        for (std::size_t column = 0; column < m_receivers.size(); ++column) {
            const MessageMatches::Sum sum = sumAt(row, column);
            if (sum.messages == 0)
                continue;
            painter.setBrush(theme().amountColour(m_most > 0 ? valueOf(sum) / m_most : 0));
            painter.drawRect(cell(row, column));
        }
    }
    if (!framed || !isGridShown())
        return;
    painter.setPen(QPen(theme().frame, 1));
    const QRect area = axisRect()->rect();
    for (std::size_t row = 1; row < m_senders.size(); ++row) {
        const double y = std::round(cell(row, 0).top());
        painter.drawLine(QLineF(area.left(), y, area.right(), y));
    }
    for (std::size_t column = 1; column < m_receivers.size(); ++column) {
        const double x = std::round(cell(0, column).left());
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
    }
}

void ChannelMatrix::drawNumbers(QCPPainter& painter) const
{
    painter.setFont(font());
    const QFontMetrics metrics(font());
    const QRectF first = cell(0, 0);
    if (first.height() < metrics.height() || first.width() < metrics.averageCharWidth() * 3)
        return;
    for (std::size_t row = 0; row < m_senders.size(); ++row) {
        for (std::size_t column = 0; column < m_receivers.size(); ++column) {
            const MessageMatches::Sum sum = sumAt(row, column);
            if (sum.messages == 0)
                continue;
            const QRectF place = cell(row, column);
            const QString text = valueText(sum);
            if (metrics.horizontalAdvance(text) + 2 * cellPadding > place.width())
                continue;
            painter.setPen(
                Theme::inkUpon(theme().amountColour(m_most > 0 ? valueOf(sum) / m_most : 0)));
            painter.drawText(place, Qt::AlignCenter, text);
        }
    }
}

QString ChannelMatrix::textOf(std::size_t row, std::size_t column) const
{
    const MessageMatches::Sum sum = sumAt(row, column);
    return tr("%1 to %2: %3, %4")
        .arg(nameOf(m_senders[row], false), nameOf(m_receivers[column], false),
            messagesText(sum.messages), bytesText(static_cast<double>(sum.bytes)));
}

QString ChannelMatrix::hoverText(const QPointF& position) const
{
    if (m_cells.empty() || !axisRect()->rect().contains(position.toPoint()))
        return {};
    const auto place = [](double coordinate, std::size_t count) {
        return static_cast<std::size_t>(
            std::clamp<double>(std::round(coordinate), 0, static_cast<double>(count - 1)));
    };
    return textOf(place(yAxis->pixelToCoord(position.y()), m_senders.size()),
        place(xAxis2->pixelToCoord(position.x()), m_receivers.size()));
}

QString ChannelMatrix::seriesName(int series) const
{
    return tr("sent by %1").arg(nameOf(m_senders[static_cast<std::size_t>(series)], false));
}

int ChannelMatrix::datumCount(int) const
{
    return static_cast<int>(m_receivers.size());
}

Datum ChannelMatrix::datum(int series, int index) const
{
    const auto row = static_cast<std::size_t>(series);
    const auto column = static_cast<std::size_t>(index);
    return {textOf(row, column), cell(row, column).center()};
}

QString ChannelMatrix::summary() const
{
    if (m_cells.empty())
        return {};
    const auto most = std::max_element(m_cells.begin(), m_cells.end(),
        [this](const auto& one, const auto& other) { return valueOf(one) < valueOf(other); });
    const auto place = static_cast<std::size_t>(most - m_cells.begin());
    return tr("most from %1 to %2: %3")
        .arg(nameOf(m_senders[place / m_receivers.size()], false),
            nameOf(m_receivers[place % m_receivers.size()], false),
            m_measure == Measure::bytes ? bytesText(static_cast<double>(most->bytes))
                                        : messagesText(most->messages));
}

ChartTable ChannelMatrix::table() const
{
    ChartTable table;
    table.header = {tr("sender"), tr("receiver"), tr("sent (messages)"), tr("sent (bytes)")};
    for (std::size_t row = 0; row < m_senders.size(); ++row) {
        for (std::size_t column = 0; column < m_receivers.size(); ++column) {
            const MessageMatches::Sum sum = sumAt(row, column);
            if (sum.messages > 0)
                table.rows.append(
                    {nameOf(m_senders[row], false), nameOf(m_receivers[column], false),
                        QString::number(sum.messages), QString::number(sum.bytes)});
        }
    }
    return table;
}

} // namespace manyhands::app
