// SPDX-License-Identifier: MIT
// A process that is watched from outside: what /proc says of it, its pidfd, its children. None of
// it needs the process's help; all of it may be refused, or be gone, at any call.
#pragma once

#include "engine/os/descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands::os {

/// One reading of /proc/PID/stat.
struct WatchedFigures
{
    std::string command; ///< the kernel's short name of it, at most 15 characters
    char state = 0; ///< of its first thread: R, S, D, T, t, Z, X as in proc(5)
    int parent = 0;
    int threads = 0;
    std::int64_t cpu_ns = 0; ///< of all its threads, to the kernel's clock tick
    std::int64_t start_boot_ns = 0; ///< since boot, to the kernel's clock tick
    std::uint64_t resident_bytes = 0;
    int status = 0; ///< of waitpid(), once it is a zombie
};

/// What it read and wrote, by any call, and what the children did that it has waited for.
struct WatchedBytes
{
    std::uint64_t read_calls = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t write_calls = 0;
    std::uint64_t write_bytes = 0;
};

/// What a sleeping process waits in.
enum class WatchedWait : std::uint8_t { unknown, data, space, lock, child, time };

/// Belongs to one thread. Cheap to hold: three descriptors.
class WatchedProcess
{
public:
    explicit WatchedProcess(int pid);

    int pid() const noexcept { return pid_; }
    /// Readable when it has ended; -1 where there was no descriptor for it.
    int process() const noexcept { return process_.get(); }

    /// Nothing once it has been reaped.
    std::optional<WatchedFigures> figures() const;
    /// Nothing where it belongs to another user.
    std::optional<WatchedBytes> bytes() const;
    /// Whether that was refused since it is another user's, or a set-user-ID program.
    bool hidden() const;
    /// What the system call that it sleeps in is about; `unknown` where that is not told.
    WatchedWait waits_in() const;
    /// Whether one of its threads is on a CPU, or wants one.
    bool any_thread_runs() const;
    /// Time that its first thread wanted a CPU and had none.
    std::int64_t run_delay_ns() const;
    std::uint64_t peak_resident_bytes() const; ///< 0 where it is not told
    std::vector<std::string> words() const; ///< of its command line

    /// Adds the processes that its threads have started and that live, zombies too.
    void add_children(std::vector<int>& pids, int threads) const;

    /// Sends a signal, to it and never to another; false where that is not allowed or it has ended.
    bool signal(int number) const noexcept;

    /// How it ended, of a process that somebody else has reaped, as in Python; nothing where the
    /// kernel (before 6.15) keeps no record.
    std::optional<int> exit_of_reaped() const noexcept;

private:
    int pid_;
    Descriptor process_;
    Descriptor stat_;
    Descriptor children_; ///< of its first thread
};

/// The processes that this one's first thread has started or adopted, zombies too.
std::vector<int> own_children();

/// CLOCK_MONOTONIC of a moment that is told since boot.
std::int64_t monotonic_of_boot_ns(std::int64_t boot_ns) noexcept;

/// Lets this process have as many files open as it is allowed to at most.
void raise_descriptor_limit() noexcept;

/// The parent's death ends this process no more.
void outlive_parent() noexcept;

/// It gets SIGTERM when its parent dies (or has died already, where that is not `parent_pid`).
void end_with_parent(int parent_pid) noexcept;

} // namespace manyhands::os
