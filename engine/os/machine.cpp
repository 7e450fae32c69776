// SPDX-License-Identifier: MIT
#include "engine/os/machine.hpp"

#include "engine/os/machine_details.hpp"

#include "manyhands_version.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sched.h>
#include <sstream>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

namespace manyhands {
namespace {

std::optional<std::string> first_line(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line))
        return std::nullopt;
    return line;
}

std::optional<double> number(const std::string& text)
{
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc())
        return std::nullopt;
    return value;
}

std::optional<double> number_in(const std::string& path)
{
    const auto line = first_line(path);
    return line ? number(*line) : std::nullopt;
}

// The folders of this process's cgroup and of all above it, for one controller. A limit may stand
// at any of them, and the tightest holds.
std::vector<std::string> cgroup_folders(const std::string& controller)
{
    std::ifstream file("/proc/self/cgroup");
    std::vector<std::string> folders;
    std::string line;
    while (std::getline(file, line)) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        std::string root;
        if (controllers.empty())
            root = "/sys/fs/cgroup";
        else if (("," + controllers + ",").find("," + controller + ",") != std::string::npos)
            root = "/sys/fs/cgroup/" + controller;
        else
            continue;
        std::string path = line.substr(second + 1);
        while (true) {
            folders.push_back(root + (path == "/" ? "" : path));
            if (path.size() <= 1)
                break;
            path.erase(path.rfind('/'));
            if (path.empty())
                path = "/";
        }
    }
    return folders;
}

std::string value_after_colon(const std::string& path, const std::string& key)
{
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        if (line.compare(0, key.size(), key) == 0) {
            const auto begin = line.find_first_not_of(" \t", line.find(':') + 1);
            return begin == std::string::npos ? "" : line.substr(begin);
        }
    }
    return "";
}

// Calls `use` with the CPUs that this thread may run on. Machines with more than 1024 CPUs need a
// larger mask than the fixed cpu_set_t.
template <class Use>
void with_affinity_mask(Use&& use)
{
    for (int capacity = 1024; capacity <= 65536; capacity *= 2) {
        cpu_set_t* const mask = CPU_ALLOC(static_cast<std::size_t>(capacity));
        const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(capacity));
        const bool known = ::sched_getaffinity(0, size, mask) == 0;
        if (known)
            use(mask, size);
        CPU_FREE(mask);
        if (known)
            break;
    }
}

} // namespace

double cpu_quota()
{
    double tightest = std::numeric_limits<double>::infinity();
    for (const std::string& folder : cgroup_folders("cpu")) {
        if (const auto line = first_line(folder + "/cpu.max")) {
            std::istringstream words(*line);
            std::string quota;
            double period = 0;
            if (words >> quota >> period && period > 0) {
                if (const auto value = number(quota))
                    tightest = std::min(tightest, *value / period);
            }
        }
        const auto quota = number_in(folder + "/cpu.cfs_quota_us");
        const auto period = number_in(folder + "/cpu.cfs_period_us");
        if (quota && period && *quota > 0 && *period > 0)
            tightest = std::min(tightest, *quota / *period);
    }
    return tightest;
}

int affinity_cpus()
{
    int allowed = 1;
    with_affinity_mask(
        [&](cpu_set_t* mask, std::size_t size) { allowed = CPU_COUNT_S(size, mask); });
    return allowed;
}

int usable_cpus()
{
    int allowed = affinity_cpus();
    const double quota = cpu_quota();
    if (std::isfinite(quota))
        allowed = std::min(allowed, static_cast<int>(std::ceil(quota)));
    return std::max(allowed, 1);
}

bool stay_on_cpu(int index) noexcept
{
    bool stays = false;
    with_affinity_mask([&](cpu_set_t* mask, std::size_t size) {
        int left = index % CPU_COUNT_S(size, mask);
        for (int cpu = 0; cpu < static_cast<int>(size * 8); ++cpu) {
            if (CPU_ISSET_S(cpu, size, mask) && left-- != 0)
                CPU_CLR_S(cpu, size, mask);
        }
        stays = ::sched_setaffinity(0, size, mask) == 0;
    });
    return stays;
}

std::uint64_t available_memory_bytes()
{
    double available = std::numeric_limits<double>::infinity();
    if (const auto kib = number(value_after_colon("/proc/meminfo", "MemAvailable")))
        available = *kib * 1024;
    for (const std::string& folder : cgroup_folders("memory")) {
        for (const auto& [limit_name, use_name] : {std::pair{"/memory.max", "/memory.current"},
                 std::pair{"/memory.limit_in_bytes", "/memory.usage_in_bytes"}}) {
            const auto limit = number_in(folder + limit_name);
            const auto use = number_in(folder + use_name);
            if (limit && use)
                available = std::min(available, std::max(0.0, *limit - *use));
        }
    }
    return std::isfinite(available) ? static_cast<std::uint64_t>(available) : 0;
}

std::string version_text(const Machine& machine)
{
    return machine.version + " (commit " + machine.commit + ")";
}

Machine this_machine()
{
    utsname kernel;
    ::uname(&kernel);
    struct sysinfo memory;
    ::sysinfo(&memory);
    std::string cpu = value_after_colon("/proc/cpuinfo", "model name");
    return {.cpu = cpu.empty() ? std::string(kernel.machine) : cpu,
        .usable_cpus = usable_cpus(),
        .logical_cpus = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)),
        .memory_bytes = static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit,
        .kernel = std::string(kernel.sysname) + " " + kernel.release,
        .version = built::version,
        .commit = built::commit};
}

} // namespace manyhands
