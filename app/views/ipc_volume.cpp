// SPDX-License-Identifier: GPL-3.0-or-later
// How much the processes tell each other: bytes or messages by channel, and below it queue depths.
#include "app/views/ipc_volume.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <QActionGroup>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double leastValue = 10;
constexpr double leastDepth = 2;
constexpr double headRoom = 1.08;
/// Lines of text that the chart must be high for the second plot to say anything.
constexpr int linesForDepths = 13;
/// Of a channel that is not selected while another is.
constexpr int fadedAlpha = 70;

} // namespace

IpcVolume::IpcVolume(QWidget* parent)
    : Chart(tr("IPC volume"), tr("IPC volume chart"), parent)
    , m_depthRect(new QCPAxisRect(this))
    , m_depthTime(m_depthRect->axis(QCPAxis::atBottom))
    , m_depth(m_depthRect->axis(QCPAxis::atLeft))
    , m_time({xAxis, m_depthTime})
    , m_valueTicker(new UnitTicker)
{
    plotLayout()->addElement(2, 0, m_depthRect);
    plotLayout()->setRowStretchFactor(1, 3);
    plotLayout()->setRowStretchFactor(2, 2);
    auto* margins = new QCPMarginGroup(this);
    for (QCPAxisRect* rect : {axisRect(), m_depthRect}) {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        rect->setMinimumMargins(QMargins(0, 4, 10, 2));
    }
    yAxis->setTicker(m_valueTicker);
    m_depth->setTicker(QSharedPointer<WholeTicker>::create());
    labelAxis(m_depth, tr("Queued (messages)"), tr("Queued"));
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        drawBars(painter);
        if (hasRun())
            m_time.drawMarks(painter, *axisRect(), facts(), viewState(), theme(), lineScale());
    });
    new Drawn(m_depthTime, m_depth, [this](QCPPainter& painter) {
        if (hasRun())
            m_time.drawMarks(painter, *m_depthRect, facts(), viewState(), theme(), lineScale());
    });
    addSwitch(tr("Count"), {tr("Bytes"), tr("Messages")},
        [this](int i) { setMeasure(i == 0 ? Measure::bytes : Measure::messages); });
    addSwitch(tr("Show"), {tr("A second"), tr("In all")},
        [this](int i) { setShape(i == 0 ? Shape::rate : Shape::cumulative); });
    applyStyle();
    refresh(true);
}

void IpcVolume::setMeasure(Measure measure)
{
    m_measure = measure;
    m_valueEnd = 0;
    refreshSoon();
}

void IpcVolume::setShape(Shape shape)
{
    m_shape = shape;
    m_valueEnd = 0;
    refreshSoon();
}

void IpcVolume::reset()
{
    for (const Series& series : m_series) {
        if (series.depth)
            removePlottable(series.depth);
    }
    m_series.clear();
    m_channelsShown.clear();
    m_bins.clear();
    m_index.reset();
    m_time.reset();
    m_valueEnd = 0;
    m_depthEnd = 0;
}

bool IpcVolume::explainEmpty()
{
    if (!facts().recording) {
        setEmpty(tr("No run yet"),
            tr("Run the lesson (F5) to see how much its processes tell each other."));
        return true;
    }
    if (!facts().recording->transfers().empty())
        return false;
    if (facts().running)
        setEmpty(tr("No message yet"), tr("Its processes have not sent each other anything."));
    else
        setEmpty(tr("No messages"), tr("In this run no process sent another anything."));
    return true;
}

void IpcVolume::refresh(bool afresh)
{
    if (afresh || !facts().recording)
        reset();
    if (explainEmpty())
        return;
    setEmpty({});
    const Recording& recording = *facts().recording;
    const bool twoPlots = viewport().height() >= linesForDepths * fontMetrics().height();
    m_depthRect->setVisible(twoPlots);
    m_depthRect->setMaximumSize(QWIDGETSIZE_MAX, twoPlots ? QWIDGETSIZE_MAX : 0);
    xAxis->setTickLabels(!twoPlots);
    m_index.take(recording);
    makeSeries(recording);
    m_time.fit(facts(), viewState());
    labelAxis(m_depthTime, m_time.label(), m_time.label());
    labelAxis(xAxis, twoPlots ? QString() : m_time.label(), {});
    makeBins(recording);
    makeDepths(recording);
    scaleAxes();
    fillLegend(recording);
}

void IpcVolume::styleSeries()
{
    for (Series& series : m_series) {
        if (!series.depth) {
            series.look = {.colour = theme().secondaryText, .hatch = Qt::Dense6Pattern};
            continue;
        }
        // By the channel's number: the same colour whatever else is in the run.
        series.look = theme().series(static_cast<int>(series.channels.front()));
        series.depth->setPen(QPen(series.look.colour, 1.5 * lineScale(), series.look.line));
    }
}

void IpcVolume::restyle()
{
    styleSeries();
}

void IpcVolume::scaleDepths()
{
    double deepest = 0;
    for (const Series& series : m_series) {
        if (!series.depth || !series.depth->visible())
            continue;
        for (const QCPGraphData& point : *series.depth->data())
            deepest = std::max(deepest, point.value);
    }
    m_depthEnd = grownEnd(m_depthEnd, deepest * headRoom, leastDepth, facts().running);
    m_depth->setRange(0, m_depthEnd);
}

double IpcVolume::shownValue(const Bin& bin, int series) const
{
    const auto i = static_cast<std::size_t>(series);
    const ChannelIndex::Sum& sum = m_shape == Shape::rate ? bin.sent[i] : bin.inAll[i];
    const auto value = static_cast<double>(m_measure == Measure::bytes ? sum.bytes : sum.messages);
    return m_shape == Shape::rate ? value / (bin.endS - bin.beginS) : value;
}

double IpcVolume::heightOf(const Bin& bin, int series) const
{
    return isHidden(legendIdOf(series)) ? 0 : shownValue(bin, series);
}

void IpcVolume::scaleAxes()
{
    double highest = 0;
    for (const Bin& bin : m_bins) {
        double sum = 0;
        for (int i = 0; i < seriesCount(); ++i)
            sum += heightOf(bin, i);
        highest = std::max(highest, sum);
    }
    m_valueEnd = grownEnd(m_valueEnd, highest * headRoom, leastValue, facts().running);
    const bool rate = m_shape == Shape::rate;
    Unit unit;
    if (m_measure == Measure::bytes)
        unit = rate ? rateUnit(m_valueEnd) : bytesUnit(m_valueEnd);
    else
        unit = countUnit(m_valueEnd, rate ? tr("messages/s") : tr("messages"));
    m_valueTicker->setUnit(unit);
    yAxis->setRange(0, m_valueEnd);
    labelAxis(
        yAxis, (rate ? tr("Sent (%1)") : tr("Sent in all (%1)")).arg(unit.symbol), unit.symbol);
}

void IpcVolume::fillLegend(const Recording& recording)
{
    QList<LegendEntry> entries;
    for (int i = 0; i < seriesCount(); ++i) {
        const Series& series = m_series[static_cast<std::size_t>(i)];
        ChannelIndex::Sum sum = sentBefore(series, facts().nowNs() + 1);
        const QString name
            = series.depth ? series.name : tr("%1 others").arg(series.channels.size());
        entries.append({.text
            = tr("%1: %2 in %3")
                  .arg(name, bytesText(static_cast<double>(sum.bytes)), messagesText(sum.messages)),
            .sample = LegendEntry::Sample::area,
            .series = series.look,
            .id = series.depth ? static_cast<int>(series.channels.front())
                               : static_cast<int>(recording.channels().size()),
            .name = name});
    }
    legendStrip()->setEntries(entries);
}

int IpcVolume::legendIdOf(int series, int) const
{
    const Series& one = m_series[static_cast<std::size_t>(series)];
    return one.depth ? static_cast<int>(one.channels.front())
                     : static_cast<int>(facts().recording->channels().size());
}

void IpcVolume::drawBars(QCPPainter& painter)
{
    const int selected = selectedSeries();
    std::vector<QList<QRectF>> areas(m_series.size());
    for (const Bin& bin : m_bins) {
        const double left = std::round(xAxis->coordToPixel(bin.beginS));
        const double right = std::max(left + 1, std::round(xAxis->coordToPixel(bin.endS)) - 1);
        double sum = 0;
        for (int i = 0; i < seriesCount(); ++i) {
            const double height = heightOf(bin, i);
            if (!(height > 0))
                continue;
            const double foot = yAxis->coordToPixel(sum);
            sum += height;
            // What was sent is seen, however little beside the rest.
            const double top = std::min(yAxis->coordToPixel(sum), foot - 1);
            areas[static_cast<std::size_t>(i)].append(
                QRectF(QPointF(left, std::round(top)), QPointF(right, std::round(foot))));
        }
    }
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        SeriesLook look = m_series[i].look;
        if (selected >= 0 && selected != static_cast<int>(i))
            look.colour.setAlpha(fadedAlpha);
        for (const QRectF& area : areas[i])
            paintArea(painter, look, area);
        // A line of the background keeps stacked neighbours apart where colours do not.
        painter.setPen(QPen(theme().background, 1));
        for (const QRectF& area : areas[i]) {
            if (area.height() > 3)
                painter.drawLine(area.topLeft(), area.topRight());
        }
    }
}

QString IpcVolume::textOf(const Bin& bin, int series) const
{
    const auto i = static_cast<std::size_t>(series);
    const double length = bin.endS - bin.beginS;
    return tr("%1: %2/s, %3 in %4; until then %5 in %6")
        .arg(seriesName(series), bytesText(static_cast<double>(bin.sent[i].bytes) / length),
            bytesText(static_cast<double>(bin.sent[i].bytes)), messagesText(bin.sent[i].messages),
            bytesText(static_cast<double>(bin.inAll[i].bytes)),
            messagesText(bin.inAll[i].messages));
}

std::pair<int, int> IpcVolume::at(const QPointF& position) const
{
    if (isEmpty() || m_bins.empty() || position.x() < axisRect()->left()
        || position.x() > axisRect()->right())
        return {-1, -1};
    const double time = xAxis->pixelToCoord(position.x());
    const auto found = std::find_if(m_bins.begin(), m_bins.end(),
        [time](const Bin& bin) { return bin.beginS <= time && time < bin.endS; });
    if (found == m_bins.end())
        return {-1, -1};
    const double value = yAxis->pixelToCoord(position.y());
    double sum = 0;
    int series = -1;
    for (int i = 0; i < seriesCount() && series < 0 && value >= 0; ++i) {
        sum += heightOf(*found, i);
        if (value < sum)
            series = i;
    }
    return {static_cast<int>(found - m_bins.begin()), series};
}

QString IpcVolume::hoverText(const QPointF& position) const
{
    const auto [number, series] = at(position);
    if (number < 0)
        return {};
    const Bin& bin = m_bins[static_cast<std::size_t>(number)];
    QString text = tr("%1 to %2").arg(durationText(bin.beginS), durationText(bin.endS));
    for (int i = 0; i < seriesCount(); ++i) {
        if (series < 0 || series == i)
            text += QLatin1Char('\n') + textOf(bin, i);
    }
    if (!m_depthRect->rect().contains(position.toPoint()))
        return text;
    for (const Series& one : m_series) {
        if (one.depth) {
            text += tr("\n%1: at most %2 queued")
                        .arg(one.name,
                            messagesText(m_index.mostWithin(
                                one.channels.front(), {bin.begin_ns, bin.end_ns})));
        }
    }
    return text;
}

QString IpcVolume::seriesName(int series) const
{
    const Series& one = m_series[static_cast<std::size_t>(series)];
    return one.depth ? one.name : tr("%1 others").arg(one.channels.size());
}

int IpcVolume::datumCount(int) const
{
    return static_cast<int>(m_bins.size());
}

Datum IpcVolume::datum(int series, int index) const
{
    const Bin& bin = m_bins[static_cast<std::size_t>(index)];
    double height = 0;
    for (int i = 0; i <= series; ++i)
        height += heightOf(bin, i) * (i == series ? 0.5 : 1);
    return {tr("%1 to %2\n%3")
                .arg(durationText(bin.beginS), durationText(bin.endS), textOf(bin, series)),
        QPointF(xAxis->coordToPixel((bin.beginS + bin.endS) / 2), yAxis->coordToPixel(height))};
}

int IpcVolume::selectedSeries() const
{
    if (!viewState() || viewState()->selection().kind != Target::Kind::channel)
        return -1;
    const auto found = std::find_if(m_series.begin(), m_series.end(), [&](const Series& series) {
        return series.depth && series.channels.front() == viewState()->selection().number;
    });
    return found == m_series.end() ? -1 : static_cast<int>(found - m_series.begin());
}

void IpcVolume::select(int series)
{
    if (viewState() && series >= 0 && m_series[static_cast<std::size_t>(series)].depth) {
        viewState()->select(
            Target::ofChannel(m_series[static_cast<std::size_t>(series)].channels.front()));
    }
}

void IpcVolume::seriesFocused(int series)
{
    select(series);
}

void IpcVolume::pressedAt(const QPointF& position)
{
    if (axisRect()->rect().contains(position.toPoint()))
        select(at(position).second);
}

QString IpcVolume::summary() const
{
    if (!facts().recording)
        return {};
    ChannelIndex::Sum all;
    const Series* most = nullptr;
    std::uint64_t mostBytes = 0;
    for (const Series& series : m_series) {
        const ChannelIndex::Sum sum = sentBefore(series, facts().nowNs() + 1);
        all.bytes += sum.bytes;
        all.messages += sum.messages;
        if (series.depth && sum.bytes > mostBytes) {
            mostBytes = sum.bytes;
            most = &series;
        }
    }
    const QString text
        = tr("%1, %2").arg(messagesText(all.messages), bytesText(static_cast<double>(all.bytes)));
    if (!most || m_series.size() < 2)
        return text;
    return tr("%1; most through %2").arg(text, most->name);
}

} // namespace manyhands::app
