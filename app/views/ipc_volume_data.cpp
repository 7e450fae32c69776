// SPDX-License-Identifier: GPL-3.0-or-later
// What the volume's chart draws and its table says: series, bars and depths of what is seen.
#include "app/views/ipc_volume.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace manyhands::app {
namespace {

/// Bars of about so many pixels: wide enough to be seen, narrow enough to show bursts.
constexpr double barWidth = 9;
constexpr double fewestBars = 10;
constexpr double mostBars = 240;
/// Of channels that have a colour and hatch of their own; what is beyond is one series.
constexpr std::size_t mostSeries = 8;
/// Pixels across beyond which depths are no finer.
constexpr int mostColumns = 4000;

std::int64_t nanoseconds(double seconds)
{
    return static_cast<std::int64_t>(std::llround(seconds * 1e9));
}

} // namespace

void IpcVolume::makeSeries(const Recording& recording)
{
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < recording.channels().size(); ++i) {
        if (recording.channels()[i].messages > 0)
            used.push_back(i);
    }
    // Those with most bytes have series of their own, in the order of the channels.
    std::vector<std::size_t> own = used;
    if (own.size() > mostSeries) {
        std::stable_sort(own.begin(), own.end(), [&](std::size_t one, std::size_t other) {
            return recording.channels()[one].bytes > recording.channels()[other].bytes;
        });
        own.resize(mostSeries - 1);
        std::sort(own.begin(), own.end());
    }
    if (own == m_channelsShown && (m_series.size() > own.size()) == (used.size() > own.size())) {
        if (used.size() > own.size()) {
            std::vector<std::size_t>& others = m_series.back().channels;
            others.clear();
            std::set_difference(
                used.begin(), used.end(), own.begin(), own.end(), std::back_inserter(others));
        }
        return;
    }
    for (const Series& series : m_series) {
        if (series.depth)
            removePlottable(series.depth);
    }
    m_series.clear();
    m_channelsShown = own;
    for (const std::size_t channel : own) {
        auto* graph = new QCPGraph(m_depthTime, m_depth); // owned by the plot
        graph->setLineStyle(QCPGraph::lsStepLeft);
        graph->setAntialiased(false);
        m_series.push_back({.name = QString::fromStdString(recording.channels()[channel].name),
            .channels = {channel},
            .look = {},
            .depth = graph});
    }
    if (used.size() > own.size()) {
        Series others;
        std::set_difference(
            used.begin(), used.end(), own.begin(), own.end(), std::back_inserter(others.channels));
        m_series.push_back(others);
    }
    styleSeries();
}

ChannelIndex::Sum IpcVolume::sentBefore(const Series& series, std::int64_t time_ns) const
{
    ChannelIndex::Sum sum;
    for (const std::size_t channel : series.channels) {
        const ChannelIndex::Sum one = m_index.sentBefore(channel, time_ns);
        sum.bytes += one.bytes;
        sum.messages += one.messages;
    }
    return sum;
}

void IpcVolume::makeBins(const Recording& recording)
{
    const Interval seen = m_time.visible();
    const double beginS = secondsOf(seen.begin_ns);
    const double endS = secondsOf(seen.end_ns);
    const double across
        = std::clamp(viewport().width() / (barWidth * lineScale()), fewestBars, mostBars);
    const double width = std::max(1e-9, stepUp((endS - beginS) / across));
    const std::int64_t now_ns = facts().nowNs() + 1;
    const double nowS = secondsOf(recording.run_time(facts().nowNs()));
    const double first = std::floor(beginS / width + 1e-9);
    m_bins.clear();
    std::vector<ChannelIndex::Sum> last;
    for (double number = first; number * width < endS && number * width <= nowS; ++number) {
        Bin bin{number * width, (number + 1) * width, 0, 0, {}, {}};
        bin.begin_ns = std::min(now_ns, recording.recorded_time(nanoseconds(bin.beginS)));
        // What comes at the last moment belongs to the bar that ends with it.
        bin.end_ns = bin.endS >= nowS ? now_ns : recording.recorded_time(nanoseconds(bin.endS));
        for (std::size_t i = 0; i < m_series.size(); ++i) {
            const ChannelIndex::Sum begin
                = m_bins.empty() ? sentBefore(m_series[i], bin.begin_ns) : last[i];
            const ChannelIndex::Sum end = sentBefore(m_series[i], bin.end_ns);
            bin.sent.push_back({end.bytes - begin.bytes, end.messages - begin.messages});
            bin.inAll.push_back(end);
        }
        last = bin.inAll;
        m_bins.push_back(std::move(bin));
    }
}

void IpcVolume::makeDepths(const Recording& recording)
{
    // A point for each column of pixels that has anything new, with the most that was in there.
    const QRect area = m_depthRect->rect();
    const int columns = std::clamp(area.width(), 1, mostColumns);
    const Interval seen = m_time.visible();
    const double beginS = secondsOf(seen.begin_ns);
    const double stepS = secondsOf(seen.length_ns()) / columns;
    const std::int64_t now_ns = facts().nowNs() + 1;
    std::vector<std::int64_t> edges;
    for (int column = 0; column <= columns; ++column) {
        edges.push_back(
            std::min(now_ns, recording.recorded_time(nanoseconds(beginS + column * stepS))));
    }
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        const Series& series = m_series[i];
        if (!series.depth)
            continue;
        series.depth->setVisible(!isHidden(static_cast<int>(series.channels.front())));
        QList<double> times;
        QList<double> depths;
        const std::size_t channel = series.channels.front();
        const std::int64_t knownFrom = m_index.depthKnownFrom(channel);
        for (int column = 0; column < columns; ++column) {
            const auto left = static_cast<std::size_t>(column);
            if (edges[left] >= now_ns)
                break;
            if (edges[left + 1] <= knownFrom)
                continue;
            const std::uint32_t most = m_index.mostWithin(channel, {edges[left], edges[left + 1]});
            const std::uint32_t end = m_index.depthAt(channel, edges[left + 1] - 1);
            if (depths.isEmpty() || depths.last() != most) {
                times.append(beginS + column * stepS);
                depths.append(most);
            }
            if (end != most) {
                times.append(beginS + (column + 0.5) * stepS);
                depths.append(end);
            }
        }
        if (!times.isEmpty()) {
            const double nowS = secondsOf(recording.run_time(facts().nowNs()));
            times.append(std::max(times.last(), std::min(nowS, secondsOf(seen.end_ns))));
            depths.append(depths.last());
        }
        // A dense line fills its area: dashes would not be seen, and take most of a frame.
        const bool dense = times.size() > columns / 4;
        series.depth->setPen(dense ? QPen(series.look.colour, 1)
                                   : QPen(series.look.colour, 1.5 * lineScale(), series.look.line));
        series.depth->setData(times, depths, true);
    }
    scaleDepths();
}

ChartTable IpcVolume::table() const
{
    ChartTable table;
    table.header = {tr("channel"), tr("from (s)"), tr("to (s)"), tr("sent (bytes)"),
        tr("sent (messages)"), tr("sent until then (bytes)"), tr("most queued (messages)")};
    const auto bins = static_cast<qsizetype>(m_bins.size());
    if (!facts().recording || bins == 0)
        return table;
    const std::vector<Channel>& channels = facts().recording->channels();
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        if (channels[i].messages > 0)
            used.push_back(i);
    }
    table.setLazy(static_cast<qsizetype>(used.size()) * bins,
        [this, used, edges = m_bins](qsizetype row, int column) -> QVariant {
            const auto count = static_cast<qsizetype>(edges.size());
            const std::size_t channel = used[static_cast<std::size_t>(row / count)];
            const Bin& bin = edges[static_cast<std::size_t>(row % count)];
            const ChannelIndex::Sum begin = m_index.sentBefore(channel, bin.begin_ns);
            const ChannelIndex::Sum end = m_index.sentBefore(channel, bin.end_ns);
            switch (column) {
            case 0:
                return QString::fromStdString(facts().recording->channels()[channel].name);
            case 1:
                return bin.beginS;
            case 2:
                return bin.endS;
            case 3:
                return static_cast<qulonglong>(end.bytes - begin.bytes);
            case 4:
                return static_cast<qulonglong>(end.messages - begin.messages);
            case 5:
                return static_cast<qulonglong>(end.bytes);
            default:
                return m_index.mostWithin(channel, {bin.begin_ns, bin.end_ns});
            }
        });
    return table;
}

} // namespace manyhands::app
