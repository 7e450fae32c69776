// SPDX-License-Identifier: MIT
#include "engine/os/guards.hpp"

#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace manyhands::os {
namespace {

int parent_of(int pid)
{
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char text[512];
    const ssize_t length = file ? ::read(file.get(), text, sizeof text - 1) : -1;
    if (length <= 0)
        return 0;
    text[length] = '\0';
    // The name may hold spaces and parentheses: fields count from the last closing one.
    const std::string line(text);
    const auto end = line.rfind(')');
    int parent = 0;
    char state = 0;
    if (end == std::string::npos
        || std::sscanf(line.c_str() + end + 1, " %c %d", &state, &parent) != 2)
        return 0;
    return parent;
}

std::vector<int> children_of(int parent)
{
    std::vector<int> children;
    DIR* const folder = ::opendir("/proc");
    if (folder == nullptr)
        return children;
    while (const dirent* entry = ::readdir(folder)) {
        if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0)
            continue;
        const int pid = std::atoi(entry->d_name);
        if (parent_of(pid) == parent)
            children.push_back(pid);
    }
    ::closedir(folder);
    return children;
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

int end_all_descendants() noexcept
{
    int found = 0;
    // A killed child's own children become ours: look again until there are none.
    while (true) {
        bool any = false;
        for (const int child : children_of(::getpid())) {
            if (::kill(child, SIGKILL) != 0) // another user's
                continue;
            ::waitpid(child, nullptr, 0);
            any = true;
            ++found;
        }
        if (!any)
            return found;
    }
}

} // namespace manyhands::os
