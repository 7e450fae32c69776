// SPDX-License-Identifier: MIT
#include "engine/os/watched_process.hpp"

#include "engine/os/proc_file.hpp"
#include "engine/os/process_figures.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace manyhands::os {
namespace {

// Of linux/pidfd.h since 6.13; older headers lack it.
struct PidfdInfo
{
    std::uint64_t mask;
    std::uint64_t cgroup;
    std::uint32_t ids[11];
    std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr unsigned long pidfd_get_info = _IOWR(0xFF, 11, PidfdInfo);
constexpr std::uint64_t pidfd_info_exit = 1 << 3;

// A thread's list of children is read whole: more than this a thread is not looked for at once.
constexpr std::size_t children_bytes = 65536;
constexpr int most_threads = 64;

std::int64_t tick_ns()
{
    static const std::int64_t ns = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
    return ns;
}

std::string path_of(int pid, const std::string& name)
{
    return "/proc/" + std::to_string(pid) + "/" + name;
}

std::int64_t clock_ns(clockid_t clock)
{
    timespec now;
    ::clock_gettime(clock, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void add_pids(const Descriptor& list, std::vector<int>& pids)
{
    static thread_local std::array<char, children_bytes> text;
    std::size_t length = 0;
    // The kernel hands out a page of such a file at a time.
    while (list && length < text.size() - 1) {
        const ssize_t more = ::pread(
            list.get(), text.data() + length, text.size() - 1 - length, static_cast<off_t>(length));
        if (more <= 0)
            break;
        length += static_cast<std::size_t>(more);
    }
    text[length] = '\0';
    for (const char* at = text.data(); *at != '\0';) {
        char* end = nullptr;
        const long pid = std::strtol(at, &end, 10);
        if (end == at)
            break;
        // The last one may be cut.
        if (*end == ' ' && pid > 0)
            pids.push_back(static_cast<int>(pid));
        at = *end == '\0' ? end : end + 1;
    }
}

template <class Receive>
void for_each_thread(int pid, Receive receive)
{
    DIR* const folder = ::opendir(path_of(pid, "task").c_str());
    if (folder == nullptr)
        return;
    int seen = 0;
    while (const dirent* entry = ::readdir(folder)) {
        if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0)
            continue;
        if (++seen > most_threads || !receive(std::string("task/") + entry->d_name))
            break;
    }
    ::closedir(folder);
}

} // namespace

WatchedProcess::WatchedProcess(int pid)
    : pid_(pid)
    , process_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))
    , stat_(open_figure(pid, "stat"))
    , children_(open_figure(pid, ("task/" + std::to_string(pid) + "/children").c_str()))
{
}

std::optional<WatchedFigures> WatchedProcess::figures() const
{
    char text[1024];
    // Where there was no descriptor to keep.
    if (stat_ ? !read_again(stat_, text) : !read_again(open_figure(pid_, "stat"), text))
        return std::nullopt;
    const char* const name = std::strchr(text, '(');
    const char* const end_of_name = std::strrchr(text, ')');
    if (name == nullptr || end_of_name == nullptr || end_of_name < name)
        return std::nullopt;
    WatchedFigures figures;
    figures.command.assign(name + 1, end_of_name);
    unsigned long user = 0;
    unsigned long system = 0;
    unsigned long long start = 0;
    long resident_pages = 0;
    if (std::sscanf(end_of_name + 1,
            " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %d %*d %llu %*u "
            "%ld",
            &figures.state, &figures.parent, &user, &system, &figures.threads, &start,
            &resident_pages)
        != 7)
        return std::nullopt;
    static const long page_bytes = ::sysconf(_SC_PAGESIZE);
    figures.cpu_ns = static_cast<std::int64_t>(user + system) * tick_ns();
    figures.start_boot_ns = static_cast<std::int64_t>(start) * tick_ns();
    figures.resident_bytes = static_cast<std::uint64_t>(std::max(resident_pages, 0L) * page_bytes);
    const char* const last = std::strrchr(end_of_name, ' ');
    figures.status = last == nullptr ? 0 : std::atoi(last);
    return figures;
}

std::optional<WatchedBytes> WatchedProcess::bytes() const
{
    char text[512];
    WatchedBytes bytes;
    if (!read_again(open_figure(pid_, "io"), text)
        || std::sscanf(text,
               "rchar: %" SCNu64 " wchar: %" SCNu64 " syscr: %" SCNu64 " syscw: %" SCNu64,
               &bytes.read_bytes, &bytes.write_bytes, &bytes.read_calls, &bytes.write_calls)
            != 4)
        return std::nullopt;
    return bytes;
}

bool WatchedProcess::hidden() const
{
    const Descriptor file = open_figure(pid_, "io");
    if (!file)
        return errno == EACCES || errno == EPERM;
    char byte;
    return ::pread(file.get(), &byte, 1, 0) < 0 && (errno == EACCES || errno == EPERM);
}

WatchedWait WatchedProcess::waits_in() const
{
    char text[256];
    long number = -1;
    if (!read_again(open_figure(pid_, "syscall"), text) || std::sscanf(text, "%ld", &number) != 1)
        return WatchedWait::unknown;
    switch (number) {
    case SYS_read:
    case SYS_pread64:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_accept4:
    case SYS_ppoll:
    case SYS_pselect6:
    case SYS_epoll_pwait:
        return WatchedWait::data;
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_sendto:
    case SYS_sendmsg:
        return WatchedWait::space;
    case SYS_wait4:
    case SYS_waitid:
        return WatchedWait::child;
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_rt_sigtimedwait:
    case SYS_rt_sigsuspend:
        return WatchedWait::time;
    case SYS_futex:
        return WatchedWait::lock;
#if defined(__x86_64__)
    // Those that newer machines do not have.
    case SYS_accept:
    case SYS_poll:
    case SYS_select:
    case SYS_epoll_wait:
        return WatchedWait::data;
    case SYS_pause:
        return WatchedWait::time;
#endif
    default:
        return WatchedWait::unknown;
    }
}

bool WatchedProcess::any_thread_runs() const
{
    bool runs = false;
    for_each_thread(pid_, [&](const std::string& thread) {
        char text[1024];
        if (!read_again(open_figure(pid_, (thread + "/stat").c_str()), text))
            return true;
        const char* const end_of_name = std::strrchr(text, ')');
        runs = end_of_name != nullptr && std::strncmp(end_of_name, ") R", 3) == 0;
        return !runs;
    });
    return runs;
}

std::int64_t WatchedProcess::run_delay_ns() const
{
    return os::run_delay_ns(pid_);
}

std::uint64_t WatchedProcess::peak_resident_bytes() const
{
    char text[4096];
    std::uint64_t kibibytes = 0;
    if (!read_again(open_figure(pid_, "status"), text))
        return 0;
    const char* const line = std::strstr(text, "\nVmHWM:");
    if (line == nullptr || std::sscanf(line, "\nVmHWM: %" SCNu64, &kibibytes) != 1)
        return 0;
    return kibibytes * 1024;
}

std::vector<std::string> WatchedProcess::words() const
{
    char text[4096];
    const Descriptor file = open_figure(pid_, "cmdline");
    const ssize_t length = file ? ::pread(file.get(), text, sizeof text, 0) : -1;
    std::vector<std::string> words;
    for (ssize_t at = 0; at < length;) {
        const std::size_t left = static_cast<std::size_t>(length - at);
        words.emplace_back(text + at, ::strnlen(text + at, left));
        at += static_cast<ssize_t>(words.back().size()) + 1;
    }
    return words;
}

void WatchedProcess::add_children(std::vector<int>& pids, int threads) const
{
    if (threads <= 1) {
        add_pids(children_, pids);
        return;
    }
    for_each_thread(pid_, [&](const std::string& thread) {
        add_pids(open_figure(pid_, (thread + "/children").c_str()), pids);
        return true;
    });
}

bool WatchedProcess::signal(int number) const noexcept
{
    return process_ && ::syscall(SYS_pidfd_send_signal, process_.get(), number, nullptr, 0) == 0;
}

std::optional<int> WatchedProcess::exit_of_reaped() const noexcept
{
    PidfdInfo info = {};
    info.mask = pidfd_info_exit;
    if (!process_ || ::ioctl(process_.get(), pidfd_get_info, &info) != 0
        || (info.mask & pidfd_info_exit) == 0)
        return std::nullopt;
    return exit_of_status(info.exit_code);
}

std::vector<int> own_children()
{
    const std::string self = std::to_string(::getpid());
    std::vector<int> pids;
    add_pids(open_figure(::getpid(), ("task/" + self + "/children").c_str()), pids);
    return pids;
}

std::int64_t monotonic_of_boot_ns(std::int64_t boot_ns) noexcept
{
    return boot_ns - (clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC));
}

void raise_descriptor_limit() noexcept
{
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void outlive_parent() noexcept
{
    ::prctl(PR_SET_PDEATHSIG, 0);
}

void end_with_parent(int parent_pid) noexcept
{
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent_pid)
        ::raise(SIGTERM);
}

} // namespace manyhands::os
