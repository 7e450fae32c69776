// SPDX-License-Identifier: MIT
#include "engine/os/guards.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace manyhands::os {
namespace {

struct Kin
{
    int parent = 0;
    std::string name;
};

Kin kin_of(int pid)
{
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char text[512];
    const ssize_t length = file ? ::read(file.get(), text, sizeof text - 1) : -1;
    if (length <= 0)
        return {};
    text[length] = '\0';
    // The name may hold spaces and parentheses: it ends with the last closing one.
    const std::string line(text);
    const auto begin = line.find('(');
    const auto end = line.rfind(')');
    int parent = 0;
    char state = 0;
    if (end == std::string::npos || begin == std::string::npos || begin > end
        || std::sscanf(line.c_str() + end + 1, " %c %d", &state, &parent) != 2)
        return {};
    return {parent, line.substr(begin + 1, end - begin - 1)};
}

template <class Accepted>
std::vector<int> children_of(int parent, Accepted accepted)
{
    std::vector<int> children;
    DIR* const folder = ::opendir("/proc");
    if (folder == nullptr)
        return children;
    while (const dirent* entry = ::readdir(folder)) {
        if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0)
            continue;
        const int pid = std::atoi(entry->d_name);
        const Kin kin = kin_of(pid);
        if (kin.parent == parent && accepted(pid, kin.name))
            children.push_back(pid);
    }
    ::closedir(folder);
    return children;
}

// A killed child's own children become ours: looks again until there are none.
template <class Accepted>
int end_children(Accepted accepted)
{
    int found = 0;
    while (true) {
        bool any = false;
        for (const int child : children_of(::getpid(), accepted)) {
            if (::kill(child, SIGKILL) != 0) // another user's
                continue;
            while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) { }
            any = true;
            ++found;
        }
        if (!any)
            return found;
    }
}

} // namespace

void die_with_parent(int parent_pid) noexcept
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent_pid)
        ::_exit(128 + SIGKILL);
}

void die_with_lifeline(int read_end) noexcept
{
    // It stays open for as long as the process lives.
    const int own = another_end(read_end).release();
    if (own < 0)
        return;
    tie_to_lifeline(own, ::getpid());
    char byte;
    // Closed before we asked to be told: no signal will come.
    if (::read(own, &byte, 1) == 0)
        ::_exit(128 + SIGKILL);
}

void tie_to_lifeline(int read_end, int pid) noexcept
{
    ::fcntl(read_end, F_SETOWN, pid);
    ::fcntl(read_end, F_SETFL, O_ASYNC | O_NONBLOCK);
}

Descriptor another_end(int read_end) noexcept
{
    // Whom to signal belongs to the open file, which all share who inherited it.
    const std::string path = "/proc/self/fd/" + std::to_string(read_end);
    return Descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

void become_subreaper() noexcept
{
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void forbid_core_files() noexcept
{
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

void volunteer_for_out_of_memory(int pid) noexcept
{
    const std::string path = "/proc/" + std::to_string(pid) + "/oom_score_adj";
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file)
        write_all(file.get(), "800");
}

void name_this_process(const std::string& name) noexcept
{
    ::prctl(PR_SET_NAME, name.c_str());
}

bool is_cut(int read_end) noexcept
{
    pollfd asked = {read_end, 0, 0};
    return ::poll(&asked, 1, 0) > 0 && (asked.revents & POLLHUP) != 0;
}

void end_strays(const std::string& name, const std::vector<int>& known) noexcept
{
    const std::string cut = name.substr(0, 15); // as the kernel cuts it
    end_children([&](int pid, const std::string& of) {
        return of == cut && std::find(known.begin(), known.end(), pid) == known.end();
    });
}

int end_all_descendants() noexcept
{
    return end_children([](int, const std::string&) { return true; });
}

} // namespace manyhands::os
