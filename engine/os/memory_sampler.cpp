// SPDX-License-Identifier: MIT
#include "engine/os/memory_sampler.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace manyhands::os {
namespace {

Descriptor open_figure(int pid, const char* name)
{
    const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

// Reads a /proc file from its beginning into `text`, ended by a zero; false where it cannot.
template <std::size_t size>
bool read_again(const Descriptor& file, char (&text)[size])
{
    const ssize_t length = file ? ::pread(file.get(), text, size - 1, 0) : -1;
    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

} // namespace

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
