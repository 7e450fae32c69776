// SPDX-License-Identifier: MIT
#include "engine/observe/program_start.hpp"

#include "engine/os/descriptor.hpp"

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace manyhands {

void prepare_program() noexcept
{
    const bool output_open = ::fcntl(STDOUT_FILENO, F_GETFD) >= 0;
    os::reopen_standard_descriptors();
    if (!output_open) {
        // Opened for reading: results must not vanish in /dev/null without an error.
        const os::Descriptor unwritable(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        ::dup2(unwritable.get(), STDOUT_FILENO);
    }
    for (const int ignored : {SIGPIPE, SIGXFSZ})
        std::signal(ignored, SIG_IGN);
}

} // namespace manyhands
