// SPDX-License-Identifier: MIT
// What a program that observes does first of all, before anything of it opens a file.
#pragma once

namespace manyhands {

/// Puts /dev/null where a standard descriptor is closed, so that no file of ours gets its number,
/// and has failed writes come back as errors: of SIGPIPE (a reader that has gone) and SIGXFSZ (a
/// limit on file sizes) a program would die with its results unwritten. A standard output that was
/// closed still fails when written to. Call it first in main().
void prepare_program() noexcept;

} // namespace manyhands
