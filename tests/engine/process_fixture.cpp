// SPDX-License-Identifier: MIT
#include "process_fixture.hpp"

#include "engine/os/guards.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace fs = std::filesystem;

ProcessFixture::ProcessFixture()
    : ProcessFixture(EngineFixture::Options{})
{
}

ProcessFixture::ProcessFixture(EngineFixture::Options options)
    : engine_(options)
    , supervisor_("test")
{
    manyhands::this_process.supervisor = &supervisor_;
    manyhands::this_process.segment.header().build_id = manyhands::os::build_id();
    manyhands::os::become_subreaper();
}

void keep_leak_checkers_out()
{
    const char* const usual = std::getenv("ASAN_OPTIONS");
    const std::string options = std::string(usual == nullptr ? "" : usual) + ":detect_leaks=0";
    ::setenv("ASAN_OPTIONS", options.c_str(), 1);
}

Holdings holdings()
{
    Holdings found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd")) {
        const fs::path target = fs::read_symlink(entry.path(), error);
        // The listing's own is gone by now.
        if (!error)
            found.descriptors.insert(entry.path().filename().string() + " " + target.string());
    }
    for (const fs::directory_entry& task : fs::directory_iterator("/proc/self/task")) {
        std::ifstream children(task.path() / "children");
        for (int pid = 0; children >> pid;)
            ++found.descendants;
    }
    return found;
}
