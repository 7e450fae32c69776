// SPDX-License-Identifier: MIT
#include "engine/os/descriptor.hpp"

#include "engine/os/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
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

std::pair<Descriptor, Descriptor> make_socket_pair()
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw system_error("pair of sockets", "could not be made", errno);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor another_descriptor(int fd)
{
    const int other = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (other < 0)
        throw system_error("descriptor", "could not be made a second time", errno);
    return Descriptor(other);
}

void never_block(int fd) noexcept
{
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void close_on_exec(int fd) noexcept
{
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool wait_until_ready(int fd, Readiness readiness, std::chrono::nanoseconds timeout) noexcept
{
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t ns = timeout.count() > 0 ? timeout.count() : 0;
    const timespec relative = {static_cast<time_t>(ns / second), static_cast<long>(ns % second)};
    pollfd one = {fd, static_cast<short>(readiness == Readiness::to_read ? POLLIN : POLLOUT), 0};
    // Errors and the other end's absence are reported unasked.
    return ::ppoll(&one, 1, &relative, nullptr) > 0;
}

namespace {

// The kernel takes no more at once (SCM_MAX_FD).
constexpr std::size_t most_descriptors = 253;

// One message: a byte, and with it so many descriptors.
struct DescriptorMessage
{
    char byte = 0;
    iovec part = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> room = {};
    msghdr header = {};

    explicit DescriptorMessage(std::size_t descriptors)
    {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = room.data();
        header.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
    }
};

} // namespace

void send_descriptors(int socket, std::span<const int> descriptors)
{
    while (!descriptors.empty()) {
        const auto now = descriptors.first(std::min(descriptors.size(), most_descriptors));
        DescriptorMessage message(now.size());
        cmsghdr& control = *CMSG_FIRSTHDR(&message.header);
        control.cmsg_level = SOL_SOCKET;
        control.cmsg_type = SCM_RIGHTS;
        control.cmsg_len = CMSG_LEN(now.size_bytes());
        std::memcpy(CMSG_DATA(&control), now.data(), now.size_bytes());
        if (::sendmsg(socket, &message.header, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
            throw system_error("descriptors", "could not be sent", errno);
        descriptors = descriptors.subspan(now.size());
    }
}

std::vector<Descriptor> receive_descriptors(int socket, std::size_t count)
{
    std::vector<Descriptor> received;
    received.reserve(count);
    while (received.size() < count) {
        DescriptorMessage message(most_descriptors);
        if (::recvmsg(socket, &message.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
            throw system_error("descriptors", "were not received", errno);
        const cmsghdr* const control = CMSG_FIRSTHDR(&message.header);
        const std::size_t bytes = control == nullptr ? 0 : control->cmsg_len - CMSG_LEN(0);
        for (std::size_t at = 0; at < bytes; at += sizeof(int)) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(control) + at, sizeof fd);
            received.emplace_back(fd);
        }
        // Those that found no number here are gone.
        if (bytes == 0 || (message.header.msg_flags & MSG_CTRUNC) != 0)
            throw system_error("descriptors", "were not received", EMFILE);
    }
    return received;
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
