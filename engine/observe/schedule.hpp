// SPDX-License-Identifier: MIT
// Who goes next: orders in which processes that are held at gates take the steps of a race.
#pragma once

#include <cstdint>
#include <vector>

namespace manyhands {

// Each of some processes adds 1 to a shared number so often. An increment takes three steps: load
// the number into the process's own register, add 1 there, store it. A schedule is an order of all
// steps of all processes: each element is the index, from 0, of the process that takes the next
// one.

/// A schedule after which the number is as small as it can be. Found by a search through all states
/// of the race; empty where there are no steps, or more than 3 processes or 3 increments each.
std::vector<int> losing_schedule(int processes, int increments);

/// A schedule by chance, each as likely as any other; the same for the same seed. Empty where there
/// are no steps.
std::vector<int> random_schedule(int processes, int increments, std::uint64_t seed);

} // namespace manyhands
