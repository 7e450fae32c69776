// SPDX-License-Identifier: GPL-3.0-or-later
// What went through the channels until any moment, found without walking all that was sent.
#include "app/views/channel_index.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

/// Depths whose greatest is kept: a pixel that covers n of them costs n / 64 + 128 steps.
constexpr std::size_t blockSize = 64;

const auto earlier = [](const auto& one, const auto& other) { return one.time_ns < other.time_ns; };
const auto before = [](const auto& entry, std::int64_t time_ns) { return entry.time_ns < time_ns; };

/// Sorts what was appended from `firstNew` on into the rest, and returns the first place that
/// changed.
template <typename Entry>
std::size_t mergeNew(std::vector<Entry>& entries, std::size_t firstNew)
{
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(firstNew);
    std::stable_sort(middle, entries.end(), earlier);
    const auto first = std::upper_bound(entries.begin(), middle, *middle, earlier);
    std::inplace_merge(first, middle, entries.end(), earlier);
    return static_cast<std::size_t>(first - entries.begin());
}

} // namespace

void ChannelIndex::reset()
{
    *this = ChannelIndex();
}

void ChannelIndex::take(const Recording& recording)
{
    const std::size_t count = recording.channels().size();
    m_sent.resize(std::max(count, m_sent.size()));
    m_depths.resize(m_sent.size());
    m_blockMost.resize(m_sent.size());
    takeTransfers(recording);
    takeDepths(recording);
}

void ChannelIndex::takeTransfers(const Recording& recording)
{
    const std::vector<Transfer>& transfers = recording.transfers();
    if (m_transfersTaken >= transfers.size())
        return;
    std::vector<std::size_t> firstNew;
    for (const std::vector<Sent>& sent : m_sent)
        firstNew.push_back(sent.size());
    for (; m_transfersTaken < transfers.size(); ++m_transfersTaken) {
        const Transfer& transfer = transfers[m_transfersTaken];
        if (transfer.received || transfer.channel >= m_sent.size())
            continue;
        m_sent[transfer.channel].push_back({transfer.time_ns, transfer.bytes,
            transfer.summarised ? std::uint64_t{transfer.message} : 1});
    }
    for (std::size_t i = 0; i < m_sent.size(); ++i) {
        if (firstNew[i] < m_sent[i].size())
            order(m_sent[i], firstNew[i]);
    }
}

void ChannelIndex::order(std::vector<Sent>& sent, std::size_t firstNew)
{
    // What is newer than the oldest of the new ones is no sum while they are merged.
    const auto isEarlier
        = [&](const Sent& entry, std::int64_t time) { return entry.time_ns <= time; };
    const std::int64_t oldest = std::min_element(
        sent.begin() + static_cast<std::ptrdiff_t>(firstNew), sent.end(), earlier)
                                    ->time_ns;
    const auto end = sent.begin() + static_cast<std::ptrdiff_t>(firstNew);
    const auto first = static_cast<std::size_t>(
        std::lower_bound(sent.begin(), end, oldest, isEarlier) - sent.begin());
    for (std::size_t i = firstNew; i > std::max<std::size_t>(first, 1); --i) {
        sent[i - 1].bytes -= sent[i - 2].bytes;
        sent[i - 1].messages -= sent[i - 2].messages;
    }
    mergeNew(sent, firstNew);
    for (std::size_t i = std::max<std::size_t>(first, 1); i < sent.size(); ++i) {
        sent[i].bytes += sent[i - 1].bytes;
        sent[i].messages += sent[i - 1].messages;
    }
}

void ChannelIndex::takeDepths(const Recording& recording)
{
    const std::vector<DepthSample>& samples = recording.depths();
    if (m_depthsTaken >= samples.size())
        return;
    std::vector<std::size_t> firstNew;
    for (const std::vector<Depth>& depths : m_depths)
        firstNew.push_back(depths.size());
    for (; m_depthsTaken < samples.size(); ++m_depthsTaken) {
        const DepthSample& sample = samples[m_depthsTaken];
        if (sample.channel < m_depths.size())
            m_depths[sample.channel].push_back({sample.time_ns, sample.depth});
    }
    for (std::size_t i = 0; i < m_depths.size(); ++i) {
        if (firstNew[i] == m_depths[i].size())
            continue;
        const std::size_t changed = mergeNew(m_depths[i], firstNew[i]);
        std::vector<std::uint32_t>& most = m_blockMost[i];
        most.resize((m_depths[i].size() + blockSize - 1) / blockSize);
        for (std::size_t block = changed / blockSize; block < most.size(); ++block) {
            most[block] = 0;
            const std::size_t end = std::min(m_depths[i].size(), (block + 1) * blockSize);
            for (std::size_t k = block * blockSize; k < end; ++k)
                most[block] = std::max(most[block], m_depths[i][k].depth);
        }
    }
}

ChannelIndex::Sum ChannelIndex::sentBefore(std::size_t channel, std::int64_t time_ns) const
{
    if (channel >= m_sent.size())
        return {};
    const std::vector<Sent>& sent = m_sent[channel];
    const auto after = std::lower_bound(sent.begin(), sent.end(), time_ns, before);
    if (after == sent.begin())
        return {};
    return {(after - 1)->bytes, (after - 1)->messages};
}

std::int64_t ChannelIndex::depthKnownFrom(std::size_t channel) const
{
    return channel < m_depths.size() && !m_depths[channel].empty()
        ? m_depths[channel].front().time_ns
        : open_end;
}

std::uint32_t ChannelIndex::depthAt(std::size_t channel, std::int64_t time_ns) const
{
    if (channel >= m_depths.size())
        return 0;
    const std::vector<Depth>& depths = m_depths[channel];
    const auto after = std::upper_bound(depths.begin(), depths.end(), Depth{time_ns, 0}, earlier);
    return after == depths.begin() ? 0 : (after - 1)->depth;
}

std::uint32_t ChannelIndex::mostWithin(std::size_t channel, Interval interval) const
{
    if (channel >= m_depths.size())
        return 0;
    const std::vector<Depth>& depths = m_depths[channel];
    const std::vector<std::uint32_t>& blocks = m_blockMost[channel];
    std::uint32_t most = depthAt(channel, interval.begin_ns);
    const auto place = [&](std::int64_t time_ns) {
        return static_cast<std::size_t>(
            std::lower_bound(depths.begin(), depths.end(), time_ns, before) - depths.begin());
    };
    std::size_t i = place(interval.begin_ns);
    const std::size_t end = place(interval.end_ns);
    while (i < end) {
        if (i % blockSize == 0 && i + blockSize <= end) {
            most = std::max(most, blocks[i / blockSize]);
            i += blockSize;
        } else {
            most = std::max(most, depths[i].depth);
            ++i;
        }
    }
    return most;
}

} // namespace manyhands::app
