// SPDX-License-Identifier: MIT
#include "engine/launch/launch.hpp"

#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"

#define BOOST_PROCESS_USE_STD_FS 1
// Boost looks for vfork by feature macros of an older POSIX; Linux has it. With it a start is as
// fast from a large process as from a small one.
#define BOOST_POSIX_HAS_VFORK 1
// Boost 1.86 moved version 1 of the library to a folder of its own.
#if __has_include(<boost/process/v1/child.hpp>)
#include <boost/process/v1/args.hpp>
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/exe.hpp>
#include <boost/process/v1/extend.hpp>
#include <boost/process/v1/posix.hpp>
namespace boost_process = boost::process::v1;
#else
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
namespace boost_process = boost::process;
#endif

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands {
namespace {

// Runs in the child between vfork and exec, in the parent's memory: only system calls, no
// allocation, nothing of ours is changed.
struct ChildSetup
{
    const LaunchOptions& options;
    const char* program;
    int parent;

    template <class Executor>
    void operator()(Executor& executor) const noexcept
    {
        os::die_with_parent(parent);
        if (options.own_group)
            ::setpgid(0, 0);
        if (options.standard_input >= 0)
            ::dup2(options.standard_input, STDIN_FILENO);
        if (options.output >= 0)
            ::dup2(options.output, STDOUT_FILENO);
        if (options.error_output >= 0)
            ::dup2(options.error_output, STDERR_FILENO);
        ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
        for (const int fd : options.inherit)
            ::fcntl(fd, F_SETFD, 0);
        os::forbid_core_files();
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::signal(SIGPIPE, SIG_DFL);
        // argv[0] stays what the caller chose, whatever file is run.
        executor.exe = program;
    }
};

} // namespace

Launched launch(const LaunchOptions& options)
{
    const std::string program = options.program.string();
    const std::string name = options.argv0.empty() ? program : options.argv0;
    std::error_code error;
    // A failed exec leaves a child that has ended and that nobody waits for.
    const auto reap = [](auto& executor, const std::error_code&) noexcept {
        if (executor.pid > 0)
            ::waitpid(executor.pid, nullptr, 0);
    };
    boost_process::child child(boost_process::exe = name, boost_process::args = options.arguments,
        boost_process::extend::on_exec_setup = ChildSetup{options, program.c_str(), ::getpid()},
        boost_process::extend::on_error = reap, boost_process::posix::use_vfork, error);
    const int pid = static_cast<int>(child.id());
    // Its destructor would kill and wait; whoever called us owns the process from here on.
    child.detach();
    if (error)
        throw MachineLacks({.object = program,
            .problem = "could not be started",
            .code = std::error_code(error.value(), std::generic_category())});
    try {
        return {pid, os::open_process(pid)};
    } catch (...) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        throw;
    }
}

} // namespace manyhands
