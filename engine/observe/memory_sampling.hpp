// SPDX-License-Identifier: MIT
// Samples the memory of a run's processes, for lessons that declare it.
#pragma once

#include "engine/os/clock.hpp"
#include "engine/os/memory_sampler.hpp"
#include "engine/recording/run_recordings.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace manyhands {

/// Takes a sample of every living process at each call. Belongs to one thread.
class MemorySampling
{
public:
    /// Reads the resident memory of all processes that live, and the proportional one of each at
    /// the first of its samples and every fifth from there: at 5 Hz, once a second.
    void sample(RunRecordings& recordings, os::ClockSource clock);

    /// Closes all files: nothing is to be sampled for a while.
    void pause() { processes_.clear(); }

private:
    struct Process
    {
        os::MemorySampler sampler;
        int samples = 0;
    };
    using Key = std::pair<int, std::uint32_t>; ///< pid and lane: pids come back

    std::map<Key, Process> processes_;
};

} // namespace manyhands
