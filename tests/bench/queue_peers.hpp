// SPDX-License-Identifier: MIT
// Other queues between processes, with the workloads of ours.
#pragma once

#include <cstdint>
#include <optional>

namespace manyhands::bench {

/// Millions of messages of 64 bytes a second from `pairs` processes to as many. Nothing where the
/// peer's headers were not installed when this was built.
std::optional<double> zeromq_rate(int pairs, std::uint64_t messages);
std::optional<double> boost_rate(int pairs, std::uint64_t messages);

} // namespace manyhands::bench
