// SPDX-License-Identifier: MIT
// A finished run as a file: NAME.manyhands.json, or .json.gz.
#pragma once

#include "engine/observe/session.hpp"

#include <filesystem>
#include <functional>

namespace manyhands {

/// Throws BadValue unless `path` ends as a run file does and can, as far as can be seen before a
/// run, be written: see check_output_path().
void check_run_file_path(const std::filesystem::path& path);

/// Writes the run of a session that has finished to `path`, compressed where that ends in ".gz".
/// Whatever goes wrong is an Error naming the path; a file that stood there is left as it was
/// then. May be called by another thread than the session's. `cancelled` is asked now and then;
/// once it says true, the writing ends with an Error.
void save_run(const Session& session, const std::filesystem::path& path,
    const std::function<bool()>& cancelled = {});

} // namespace manyhands
