// SPDX-License-Identifier: MIT
// An owned file descriptor, and the few calls on descriptors that the engine needs.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace manyhands::os {

/// Owns one file descriptor and closes it; -1 owns nothing. Every descriptor is made close-on-exec.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int fd) noexcept
        : fd_(fd)
    {
    }
    Descriptor(Descriptor&& other) noexcept
        : fd_(std::exchange(other.fd_, -1))
    {
    }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        if (this != &other)
            reset(std::exchange(other.fd_, -1));
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int release() noexcept { return std::exchange(fd_, -1); }
    void reset(int fd = -1) noexcept;

private:
    int fd_ = -1;
};

struct PipeEnds
{
    Descriptor read;
    Descriptor write;
};

/// A pipe, both ends close-on-exec. Throws Error when descriptors run out.
PipeEnds make_pipe();

/// Two connected sockets, both close-on-exec: what is written to one is read from the other. Throws
/// Error when descriptors run out.
std::pair<Descriptor, Descriptor> make_socket_pair();

/// Another descriptor of the same open file, close-on-exec. Throws Error when descriptors run out.
Descriptor another_descriptor(int fd);

/// Reads and writes do what can be done at once; also those of others who have the same open file.
void never_block(int fd) noexcept;
void close_on_exec(int fd) noexcept;

/// What a descriptor is waited for.
enum class Readiness { to_read, to_write };

/// Waits until there is something to be read, or room to write, or the other end is gone, at most
/// `timeout`. Returns whether it came to that; a signal ends the wait, too.
bool wait_until_ready(int fd, Readiness readiness, std::chrono::nanoseconds timeout) noexcept;

/// Sends duplicates of `descriptors`, at least one, over `socket`, without waiting for room. Throws
/// Error where that fails.
void send_descriptors(int socket, std::span<const int> descriptors);
/// Receives the `count` descriptors that were sent, close-on-exec, without waiting for them. Throws
/// Error where they did not come, or descriptors run out.
std::vector<Descriptor> receive_descriptors(int socket, std::size_t count);

/// A descriptor that becomes readable when process `pid` ends. The caller must not have reaped it.
Descriptor open_process(int pid);

/// Writes all of `bytes`, continuing after interruptions; false on an error (errno tells which).
bool write_all(int fd, std::string_view bytes) noexcept;

/// Opens /dev/null on each of the descriptors 0 to 2 that is closed, so that no file of ours can
/// be handed out under their numbers.
void reopen_standard_descriptors() noexcept;

} // namespace manyhands::os
