// SPDX-License-Identifier: MIT
// What a Python interpreter was asked for on its command line, as far as it concerns a tracer.
#pragma once

#include <string>
#include <vector>

namespace manyhands {

/// The option of a Python's words that keeps it from running our sitecustomize: "-I", "-E", "-S"
/// or one that holds it ("-sE"); empty where there is none.
std::string option_that_keeps_tracer_out(const std::vector<std::string>& words);

/// Whether a Python's words start multiprocessing's resource tracker, which removes what a program
/// has left of its semaphores and shared memory, and takes no part in the program itself.
bool starts_resource_tracker(const std::vector<std::string>& words);

} // namespace manyhands
