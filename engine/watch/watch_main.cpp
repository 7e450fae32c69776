// SPDX-License-Identifier: MIT
#include "engine/watch/watch_main.hpp"

#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/os/watched_process.hpp"
#include "engine/watch/host.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands {
namespace {

void take_no_notice(int /*signal*/) { }

} // namespace

int watch_main(const WatchArguments& arguments)
{
    // The program's processes outlive whoever started them; we outlive the observer, whose end the
    // lifeline tells, so that none of them is left.
    os::outlive_parent();
    os::become_subreaper();
    ::signal(SIGPIPE, SIG_IGN);
    const int guard = ::getpid();
    const int host = ::fork();
    if (host < 0)
        throw system_error("host", "could not be forked", errno);
    if (host == 0) {
        os::become_subreaper();
        os::end_with_parent(guard);
        return WatchHost(arguments).run();
    }
    struct sigaction action = {};
    action.sa_handler = take_no_notice;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
        ::sigaction(number, &action, nullptr);
    os::name_this_process("manyhands-guard");
    int status = 0;
    while (::waitpid(host, &status, 0) < 0 && errno == EINTR) { }
    os::end_all_descendants();
    return std::abs(os::exit_of_status(status));
}

} // namespace manyhands
