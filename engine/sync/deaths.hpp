// SPDX-License-Identifier: MIT
// Who died: what a wait that was in vain can say of those it may have waited for.
#pragma once

#include "engine/os/error.hpp"

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

/// "SIGKILL" for 9.
std::string signal_name(int number);

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
