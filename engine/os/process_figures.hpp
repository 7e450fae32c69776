// SPDX-License-Identifier: MIT
// What the kernel says about a process: /proc/PID/{stat,statm,schedstat}.
#pragma once

#include "engine/os/descriptor.hpp"

#include <cstdint>
#include <optional>

namespace manyhands::os {

/// One reading of a process.
struct ProcessFigures
{
    char state; ///< R, S, D, T, Z as in proc(5)
    std::int64_t cpu_ns; ///< user and system time, to the kernel's clock tick
    std::uint64_t resident_bytes;
    std::int64_t run_delay_ns; ///< time spent runnable without a CPU
};

/// Keeps a process's /proc files open and reads them again and again; a reading costs some 4 µs.
class ProcessSampler
{
public:
    /// `pid` must be alive and not reaped. Where its files cannot be opened, read() gives nothing.
    explicit ProcessSampler(int pid);

    /// The figures now; nothing once the process has been reaped.
    std::optional<ProcessFigures> read() const;

private:
    Descriptor stat_;
    Descriptor statm_;
    Descriptor schedstat_;
};

/// Time that `pid` has been runnable without a CPU, in nanoseconds; 0 where the kernel does not
/// say.
std::int64_t run_delay_ns(int pid);

/// A status of waitpid() as Python tells it: exit code, or the negative number of the signal.
int exit_of_status(int status) noexcept;

/// How a process ended that nobody has reaped yet, as in Python (exit code, or the negative number
/// of the signal); nothing where it lives or there is none. Of another user's process: 0.
std::optional<int> exit_of_unreaped(int pid);

/// Whether a process runs no more, reaped or not.
bool has_ended(int pid);

/// Whether a process that lives executes nothing, since a signal or a tracer has stopped it.
bool has_stopped(int pid);

} // namespace manyhands::os
