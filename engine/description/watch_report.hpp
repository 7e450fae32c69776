// SPDX-License-Identifier: MIT
// What the host of a watched program tells its observer, besides what stands in the segment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// As far as it is known; each report holds all of it and takes the place of the one before.
struct WatchReport
{
    int host_pid = 0;
    std::string problem; ///< why the program could not be started, one line; else empty
    std::uint64_t processes = 0; ///< seen so far
    std::uint64_t alive = 0; ///< of them
    std::uint64_t without_lane = 0; ///< of them, those that were too many at once to be shown
    std::int64_t host_cpu_ns = 0; ///< what watching has taken
    std::int64_t samples_every_ns = 0; ///< the mean distance of two looks at the same process
    std::vector<std::string> notes; ///< what is to be known, one line each
};

/// One line, ended by a newline.
std::string to_line(const WatchReport& report);
/// Nothing where `line` is no report.
std::optional<WatchReport> watch_report_from(std::string_view line);

} // namespace manyhands
