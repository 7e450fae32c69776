// SPDX-License-Identifier: MIT
#include "engine/os/descriptor.hpp"

#include "engine/os/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace manyhands::os {

void Descriptor::reset(int fd) noexcept
{
    if (fd_ >= 0)
        ::close(fd_);
    fd_ = fd;
}

PipeEnds make_pipe()
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw system_error("pipe", "could not be made", errno);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor open_process(int pid)
{
    const long fd = ::syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        throw system_error("process " + std::to_string(pid), "could not be opened", errno);
    return Descriptor(static_cast<int>(fd));
}

bool write_all(int fd, std::string_view bytes) noexcept
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void reopen_standard_descriptors() noexcept
{
    for (int fd = 0; fd <= 2; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            // The lowest free number is handed out, and all below `fd` are open by now.
            [[maybe_unused]] const int opened = ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
        }
    }
}

} // namespace manyhands::os
