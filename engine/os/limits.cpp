// SPDX-License-Identifier: MIT
#include "engine/os/limits.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <limits>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace manyhands::os {
namespace {

std::int64_t entries(const char* folder, auto&& counts)
{
    DIR* const open = ::opendir(folder);
    if (open == nullptr)
        return 0;
    std::int64_t count = 0;
    while (const dirent* entry = ::readdir(open)) {
        if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) != 0
            && counts(entry->d_name))
            ++count;
    }
    ::closedir(open);
    return count;
}

// Threads count, too: the kernel's limit is on tasks.
std::int64_t tasks_of_this_user()
{
    std::int64_t tasks = 0;
    entries("/proc", [&](const char* pid) {
        const std::string folder = std::string("/proc/") + pid;
        struct stat status;
        if (::stat(folder.c_str(), &status) == 0 && status.st_uid == ::getuid())
            tasks += entries((folder + "/task").c_str(), [](const char*) { return true; });
        return false;
    });
    return tasks;
}

std::int64_t left_in_cgroup()
{
    std::int64_t left = std::numeric_limits<std::int64_t>::max();
    std::ifstream groups("/proc/self/cgroup");
    std::string line;
    while (std::getline(groups, line)) {
        const auto second = line.find(':', line.find(':') + 1);
        const bool unified = line.rfind("0::", 0) == 0;
        if (second == std::string::npos || (!unified && line.find(":pids:") == std::string::npos))
            continue;
        const std::string folder
            = (unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids") + line.substr(second + 1);
        std::ifstream most_file(folder + "/pids.max");
        std::ifstream now_file(folder + "/pids.current");
        std::int64_t most = 0;
        std::int64_t now = 0;
        // "max" is no number: unlimited.
        if (most_file >> most && now_file >> now)
            left = std::min(left, most - now);
    }
    return left;
}

} // namespace

std::int64_t processes_left()
{
    std::int64_t left = left_in_cgroup();
    rlimit limit;
    if (::getuid() != 0 && ::getrlimit(RLIMIT_NPROC, &limit) == 0
        && limit.rlim_cur != RLIM_INFINITY)
        left = std::min(left, static_cast<std::int64_t>(limit.rlim_cur) - tasks_of_this_user());
    return left;
}

std::int64_t descriptors_left()
{
    rlimit limit;
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(limit.rlim_cur)
        - entries("/proc/self/fd", [](const char*) { return true; });
}

} // namespace manyhands::os
