// SPDX-License-Identifier: MIT
// Who died: what a wait that was in vain can say of those it may have waited for.
#pragma once

#include "engine/os/error.hpp"
#include "engine/trace/this_process.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace manyhands {

/// A process that ended otherwise than by exit code 0.
struct Death
{
    std::string process; ///< its name
    int pid = 0;
    int exit = 0; ///< as in Python: exit code, or the negative number of the signal
};

/// A process of the run as one number, which is never used again: its slot and, above 32 bits of
/// it, its generation. Never 0, since generations count from 1.
using ProcessKey = std::uint64_t;

constexpr ProcessKey process_key(std::uint32_t slot, std::uint32_t generation) noexcept
{
    return std::uint64_t{generation} << 32 | slot;
}
constexpr std::uint32_t slot_of_key(ProcessKey key) noexcept
{
    return static_cast<std::uint32_t>(key);
}
constexpr std::uint32_t generation_of_key(ProcessKey key) noexcept
{
    return static_cast<std::uint32_t>(key >> 32);
}
/// This process's.
inline ProcessKey own_key() noexcept
{
    return process_key(this_process.slot_number, this_process.generation);
}

/// How many processes of the run have ended so far.
std::uint32_t ends_so_far() noexcept;

/// Those that died after `ends_before` had ended: the last 64 that the lesson's main process has
/// reaped, and those that it has not reaped yet. In the order in which it learned of them. Reads
/// /proc: for when a wait was in vain, not for when it goes on.
std::vector<Death> deaths_since(std::uint32_t ends_before);

/// "Worker-2 (pid 7) was killed by SIGKILL; Worker-3 (pid 8) ended with exit code 1", or "".
std::string to_text(const std::vector<Death>& deaths);

/// Whether the process that had `slot` as its `generation`-th has ended, even if nobody has reaped
/// it yet. Reads /proc where it seems to live.
bool has_ended(std::uint32_t slot, std::uint32_t generation);

/// Whether a process lives, as far as the lesson's main process has noticed. Cheap.
bool seems_alive(ProcessKey key) noexcept;

/// What is known of a process that has ended: its slot says it, or, where another one has got that,
/// the list of the last 64. The pid is 0 where neither does.
Death death_of(ProcessKey key);
/// The name of a process that lives or has ended, as far as it is known.
std::string name_of_process(ProcessKey key);

/// "SIGKILL" for 9.
std::string signal_name(int number);

/// "was killed by SIGKILL" for -9, "ended with exit code 1" for 1.
std::string how_it_ended(int exit);

/// The time to wait is over. Python tells that by what the call returns or by an exception,
/// depending on the class; here it is always one, since it says who died meanwhile.
class TimeoutError : public Error
{
public:
    TimeoutError(ErrorDetails details, std::vector<Death> deaths);
    const std::vector<Death>& deaths() const noexcept { return deaths_; }

private:
    std::vector<Death> deaths_;
};

/// `details` with `deaths` told in the advice.
ErrorDetails with_deaths(ErrorDetails details, const std::vector<Death>& deaths);

} // namespace manyhands
