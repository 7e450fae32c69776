// SPDX-License-Identifier: MIT
// The younger calls of the kernel that runs stand on, tried out.
#pragma once

#include <string>
#include <vector>

namespace manyhands {

/// A call, and whether it works here.
struct KernelFeature
{
    std::string name; ///< "memfd_create"
    std::string since; ///< the kernel that brought it: "3.17"
    std::string problem; ///< why it does not work; empty where it does
};

/// Tries each of them once; changes nothing. A sandbox may forbid what the kernel has.
std::vector<KernelFeature> kernel_features();

} // namespace manyhands
