// SPDX-License-Identifier: MIT
#include "engine/os/process_figures.hpp"

#include "engine/os/proc_file.hpp"

#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands::os {
namespace {

std::int64_t run_delay_in(const Descriptor& schedstat)
{
    char text[128];
    std::int64_t running = 0;
    std::int64_t delay = 0;
    if (!read_again(schedstat, text)
        || std::sscanf(text, "%" SCNd64 " %" SCNd64, &running, &delay) != 2)
        return 0;
    return delay;
}

// The state of a process, and all of its stat in `stat`; 0 where there is none.
template <std::size_t size>
char read_state(int pid, char (&stat)[size])
{
    if (pid <= 0 || !read_again(open_figure(pid, "stat"), stat))
        return 0;
    const char* const end_of_name = std::strrchr(stat, ')');
    char state = 0;
    if (end_of_name == nullptr || std::sscanf(end_of_name + 1, " %c", &state) != 1)
        return 0;
    return state;
}

} // namespace

ProcessSampler::ProcessSampler(int pid)
    : stat_(open_figure(pid, "stat"))
    , statm_(open_figure(pid, "statm"))
    , schedstat_(open_figure(pid, "schedstat"))
{
}

std::optional<ProcessFigures> ProcessSampler::read() const
{
    char stat[1024];
    char statm[128];
    if (!read_again(stat_, stat) || !read_again(statm_, statm))
        return std::nullopt;
    const char* const end_of_name = std::strrchr(stat, ')');
    char state = 0;
    unsigned long user = 0;
    unsigned long system = 0;
    if (end_of_name == nullptr
        || std::sscanf(end_of_name + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &state, &user, &system)
            != 3)
        return std::nullopt;
    unsigned long resident_pages = 0;
    std::sscanf(statm, "%*u %lu", &resident_pages);
    static const long ticks_per_second = ::sysconf(_SC_CLK_TCK);
    static const long page_bytes = ::sysconf(_SC_PAGESIZE);
    return ProcessFigures{.state = state,
        .cpu_ns = static_cast<std::int64_t>(user + system) * (1'000'000'000 / ticks_per_second),
        .resident_bytes
        = static_cast<std::uint64_t>(resident_pages) * static_cast<std::uint64_t>(page_bytes),
        .run_delay_ns = run_delay_in(schedstat_)};
}

std::int64_t run_delay_ns(int pid)
{
    return run_delay_in(open_figure(pid, "schedstat"));
}

int exit_of_status(int status) noexcept
{
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

bool has_ended(int pid)
{
    return exit_of_unreaped(pid).has_value() || (::kill(pid, 0) != 0 && errno == ESRCH);
}

bool has_stopped(int pid)
{
    char stat[1024];
    const char state = read_state(pid, stat);
    return state == 'T' || state == 't';
}

std::optional<int> exit_of_unreaped(int pid)
{
    char stat[1024];
    const char state = read_state(pid, stat);
    if (state != 'Z' && state != 'X')
        return std::nullopt;
    // The last field: the status as waitpid() would give it.
    const char* const last = std::strrchr(stat, ' ');
    return exit_of_status(last == nullptr ? 0 : std::atoi(last));
}

} // namespace manyhands::os
