// SPDX-License-Identifier: MIT
#include "engine/os/memory_sampler.hpp"

#include "engine/os/proc_file.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace manyhands::os {

MemorySampler::MemorySampler(int pid)
    : pid_(pid)
    , statm_(open_figure(pid, "statm"))
    , smaps_rollup_(open_figure(pid, "smaps_rollup"))
{
}

std::optional<std::uint64_t> MemorySampler::rss_bytes() const
{
    char statm[128];
    std::uint64_t pages = 0;
    if (!read_again(statm_, statm) || std::sscanf(statm, "%*u %" SCNu64, &pages) != 1 || pages == 0)
        return std::nullopt;
    static const long page_bytes = ::sysconf(_SC_PAGESIZE);
    return pages * static_cast<std::uint64_t>(page_bytes);
}

std::optional<std::uint64_t> MemorySampler::pss_bytes()
{
    char text[4096];
    if (!read_again(smaps_rollup_, text)) {
        // The file belongs to the memory that the process had when it was opened, and a process
        // that has executed a program since then has another.
        smaps_rollup_ = open_figure(pid_, "smaps_rollup");
        if (!read_again(smaps_rollup_, text))
            return std::nullopt;
    }
    const char* const line = std::strstr(text, "\nPss:");
    std::uint64_t kibibytes = 0;
    if (line == nullptr || std::sscanf(line, "\nPss: %" SCNu64 " kB", &kibibytes) != 1)
        return std::nullopt;
    return kibibytes * 1024;
}

} // namespace manyhands::os
