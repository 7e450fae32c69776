// SPDX-License-Identifier: GPL-3.0-or-later
// How much the processes tell each other: bytes a second by channel, and below it queue depths.
#include "app/views/ipc_volume.hpp"

#include "app/views/wording.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double nanosecondsPerSecond = 1e9;
/// About this many bars across: wide enough to be seen, narrow enough to show bursts.
constexpr double binsAcross = 60;
constexpr double shortestLiveAxisS = 0.05;
constexpr double shortestAxisS = 1e-6;
constexpr double leastRate = 10;
constexpr double leastDepth = 2;
constexpr double headRoom = 1.08;

double seconds(std::int64_t ns)
{
    return static_cast<double>(ns) / nanosecondsPerSecond;
}

} // namespace

IpcVolume::IpcVolume(QWidget* parent)
    : Chart(tr("IPC volume"), tr("IPC volume chart"), parent)
    , m_depthRect(new QCPAxisRect(this))
    , m_depthTime(m_depthRect->axis(QCPAxis::atBottom))
    , m_depth(m_depthRect->axis(QCPAxis::atLeft))
    , m_timeTicker(new UnitTicker)
    , m_rateTicker(new UnitTicker)
{
    plotLayout()->addElement(2, 0, m_depthRect);
    plotLayout()->setRowStretchFactor(1, 3);
    plotLayout()->setRowStretchFactor(2, 2);
    auto* margins = new QCPMarginGroup(this);
    for (QCPAxisRect* rect : {axisRect(), m_depthRect}) {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        rect->setMinimumMargins(QMargins(0, 4, 10, 2));
    }
    xAxis->setTicker(m_timeTicker);
    xAxis->setTickLabels(false);
    m_depthTime->setTicker(m_timeTicker);
    yAxis->setTicker(m_rateTicker);
    m_rateTicker->setTickCount(4);
    auto depthTicker = QSharedPointer<UnitTicker>::create();
    depthTicker->setTickCount(3);
    m_depth->setTicker(depthTicker);
    m_depth->setLabel(tr("Queued"));
    applyStyle();
    refresh(true);
}

void IpcVolume::reset()
{
    for (QCPBars* bars : std::as_const(m_bars))
        bars->moveAbove(nullptr);
    for (QCPBars* bars : std::as_const(m_bars))
        removePlottable(bars);
    for (QCPGraph* graph : std::as_const(m_depths))
        removePlottable(graph);
    m_bars.clear();
    m_depths.clear();
    m_bytes.clear();
    m_binS = 0;
    m_binned = 0;
    m_depthsTaken = 0;
    m_endS = 0;
    m_rateEnd = 0;
    m_depthEnd = 0;
}

void IpcVolume::refresh(bool afresh)
{
    const Recording* recording = facts().recording;
    if (afresh || !recording)
        reset();
    if (!recording) {
        setEmpty(tr("No run yet"),
            tr("Run the lesson (F5) to see how much its processes tell each other."));
        return;
    }
    if (recording->transfers().empty()) {
        if (facts().running)
            setEmpty(tr("No message yet"), tr("Its processes have not sent each other anything."));
        else
            setEmpty(tr("No messages"), tr("In this run no process sent another anything."));
        return;
    }
    setEmpty({});
    makeSeries(recording->channels().size());
    m_endS = grownEnd(m_endS, seconds(recording->now_ns()),
        facts().running ? shortestLiveAxisS : shortestAxisS, facts().running);
    binTransfers(*recording);
    addDepths(*recording);
    scaleAxes(*recording);
    fillLegend(*recording);
}

void IpcVolume::makeSeries(std::size_t channels)
{
    while (m_bars.size() < static_cast<qsizetype>(channels)) {
        auto* bars = new QCPBars(xAxis, yAxis);
        if (!m_bars.isEmpty())
            bars->moveAbove(m_bars.last());
        bars->setAntialiased(false);
        m_bars.append(bars);
        auto* graph = new QCPGraph(m_depthTime, m_depth);
        graph->setLineStyle(QCPGraph::lsStepLeft);
        graph->setAntialiased(false);
        m_depths.append(graph);
        m_bytes.emplace_back();
        styleSeries();
    }
}

void IpcVolume::binTransfers(const Recording& recording)
{
    const double binS = stepUp(m_endS / binsAcross);
    if (binS != m_binS) {
        for (std::vector<double>& bins : m_bytes)
            bins.clear();
        m_binS = binS;
        m_binned = 0;
    }
    const std::vector<Transfer>& transfers = recording.transfers();
    for (; m_binned < transfers.size(); ++m_binned) {
        const Transfer& transfer = transfers[m_binned];
        if (transfer.received || transfer.channel >= m_bytes.size())
            continue;
        const double time = std::clamp(seconds(transfer.time_ns), 0.0, m_endS);
        const auto bin = static_cast<std::size_t>(time / m_binS);
        std::vector<double>& bins = m_bytes[transfer.channel];
        if (bins.size() <= bin)
            bins.resize(bin + 1);
        bins[bin] += static_cast<double>(transfer.bytes);
    }
    for (qsizetype channel = 0; channel < m_bars.size(); ++channel) {
        const std::vector<double>& bins = m_bytes[static_cast<std::size_t>(channel)];
        QList<double> keys;
        QList<double> rates;
        for (std::size_t bin = 0; bin < bins.size(); ++bin) {
            keys.append((static_cast<double>(bin) + 0.5) * m_binS);
            rates.append(bins[bin] / m_binS);
        }
        m_bars[channel]->setWidth(m_binS);
        m_bars[channel]->setData(keys, rates, true);
    }
}

void IpcVolume::addDepths(const Recording& recording)
{
    // The line goes on level to the last moment known: a point that the next call takes back.
    const std::vector<DepthSample>& samples = recording.depths();
    for (QCPGraph* graph : std::as_const(m_depths)) {
        if (!graph->data()->isEmpty() && m_depthsTaken > 0)
            graph->data()->remove((graph->data()->constEnd() - 1)->key);
    }
    QList<QList<double>> times(m_depths.size());
    QList<QList<double>> depths(m_depths.size());
    for (; m_depthsTaken < samples.size(); ++m_depthsTaken) {
        const DepthSample& sample = samples[m_depthsTaken];
        if (sample.channel >= static_cast<std::size_t>(m_depths.size()))
            continue;
        times[sample.channel].append(seconds(sample.time_ns));
        depths[sample.channel].append(sample.depth);
    }
    for (qsizetype channel = 0; channel < m_depths.size(); ++channel) {
        QCPGraph* graph = m_depths[channel];
        graph->addData(times[channel], depths[channel]);
        if (graph->data()->isEmpty())
            continue;
        const QCPGraphData last = *(graph->data()->constEnd() - 1);
        graph->addData(std::max(seconds(recording.now_ns()), last.key * (1 + 1e-9)), last.value);
    }
}

void IpcVolume::scaleAxes(const Recording& recording)
{
    const Unit time = timeUnit(m_endS);
    m_timeTicker->setUnit(time);
    xAxis->setRange(0, m_endS);
    m_depthTime->setRange(0, m_endS);
    m_depthTime->setLabel(tr("Time since start (%1)").arg(time.symbol));

    double highest = 0;
    std::size_t bins = 0;
    for (const std::vector<double>& channel : m_bytes)
        bins = std::max(bins, channel.size());
    for (std::size_t bin = 0; bin < bins; ++bin) {
        double sum = 0;
        for (const std::vector<double>& channel : m_bytes)
            sum += bin < channel.size() ? channel[bin] : 0;
        highest = std::max(highest, sum / m_binS);
    }
    m_rateEnd = grownEnd(m_rateEnd, highest * headRoom, leastRate, facts().running);
    const Unit rate = rateUnit(m_rateEnd);
    m_rateTicker->setUnit(rate);
    yAxis->setRange(0, m_rateEnd);
    yAxis->setLabel(tr("Sent (%1)").arg(rate.symbol));

    double deepest = 0;
    for (const Channel& channel : recording.channels())
        deepest = std::max(deepest, static_cast<double>(channel.max_depth));
    m_depthEnd = grownEnd(m_depthEnd, deepest * headRoom, leastDepth, facts().running);
    m_depth->setRange(0, m_depthEnd);
}

void IpcVolume::fillLegend(const Recording& recording)
{
    QList<LegendEntry> entries;
    for (std::size_t i = 0; i < recording.channels().size(); ++i) {
        const Channel& channel = recording.channels()[i];
        if (channel.messages == 0)
            continue;
        entries.append({.text = tr("%1: %2 in %3")
                                    .arg(QString::fromStdString(channel.name),
                                        bytesText(static_cast<double>(channel.bytes)),
                                        messagesText(channel.messages)),
            .sample = LegendEntry::Sample::area,
            .series = theme().series(static_cast<int>(i))});
    }
    legendStrip()->setEntries(entries);
}

void IpcVolume::restyle()
{
    styleSeries();
}

void IpcVolume::styleSeries()
{
    for (qsizetype i = 0; i < m_bars.size(); ++i) {
        const SeriesLook look = theme().series(static_cast<int>(i));
        // A rim of the background keeps stacked neighbours apart where colours do not.
        m_bars[i]->setPen(QPen(theme().background, 1));
        m_bars[i]->setBrush(look.colour);
        m_depths[i]->setPen(QPen(look.colour, 1.5, look.line));
    }
}

QString IpcVolume::hoverText(const QPointF& position) const
{
    if (m_binS <= 0 || position.x() < axisRect()->left() || position.x() > axisRect()->right())
        return {};
    const double time = xAxis->pixelToCoord(position.x());
    const auto bin = static_cast<std::size_t>(std::max(0.0, time / m_binS));
    QString text = tr("%1 to %2")
                       .arg(durationText(static_cast<double>(bin) * m_binS),
                           durationText(static_cast<double>(bin + 1) * m_binS));
    for (std::size_t i = 0; i < m_bytes.size(); ++i) {
        const double bytes = bin < m_bytes[i].size() ? m_bytes[i][bin] : 0;
        text += tr("\n%1: %2 sent, %3/s")
                    .arg(QString::fromStdString(facts().recording->channels()[i].name),
                        bytesText(bytes), bytesText(bytes / m_binS));
    }
    return text;
}

QString IpcVolume::summary() const
{
    if (!facts().recording)
        return {};
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    for (const Channel& channel : facts().recording->channels()) {
        messages += channel.messages;
        bytes += channel.bytes;
    }
    return tr("%1, %2").arg(messagesText(messages), bytesText(static_cast<double>(bytes)));
}

ChartTable IpcVolume::table() const
{
    ChartTable table;
    table.header = {tr("channel"), tr("from (s)"), tr("to (s)"), tr("bytes sent")};
    for (std::size_t i = 0; i < m_bytes.size(); ++i) {
        for (std::size_t bin = 0; bin < m_bytes[i].size(); ++bin) {
            table.rows.append({QString::fromStdString(facts().recording->channels()[i].name),
                QString::number(static_cast<double>(bin) * m_binS),
                QString::number(static_cast<double>(bin + 1) * m_binS),
                QString::number(m_bytes[i][bin], 'f', 0)});
        }
    }
    return table;
}

} // namespace manyhands::app
