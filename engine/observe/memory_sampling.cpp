// SPDX-License-Identifier: MIT
#include "engine/observe/memory_sampling.hpp"

namespace manyhands {
namespace {

constexpr int proportional_every = 5;

} // namespace

void MemorySampling::sample(RunRecordings& recordings, os::ClockSource clock)
{
    std::map<Key, Process> still;
    for (const RunRecordings::LiveLane& lane : recordings.live()) {
        if (lane.pid <= 0)
            continue;
        const Key key = {lane.pid, lane.lane};
        auto known = processes_.extract(key);
        const auto at = known.empty()
            ? still.emplace(key, Process{os::MemorySampler(lane.pid)}).first
            : still.insert(std::move(known)).position;
        Process& process = at->second;
        const auto rss_bytes = process.sampler.rss_bytes();
        if (!rss_bytes)
            continue;
        const bool proportional = process.samples++ % proportional_every == 0;
        const std::uint64_t pss_bytes = proportional ? process.sampler.pss_bytes().value_or(0) : 0;
        recordings.memory_sample(lane, os::read_ticks(clock), *rss_bytes, pss_bytes);
    }
    processes_ = std::move(still);
}

} // namespace manyhands
