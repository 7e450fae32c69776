// SPDX-License-Identifier: MIT
// A finished run as a file: NAME.manyhands.json, or .json.gz.
#pragma once

#include "engine/observe/finished_run.hpp"

#include <filesystem>
#include <functional>

namespace manyhands {

/// Throws BadValue unless `path` ends as a run file does and can, as far as can be seen before a
/// run, be written: see check_output_path().
void check_run_file_path(const std::filesystem::path& path);

/// Writes `run` to `path`, compressed where that ends in ".gz": as write_trace() does, with what is
/// known before a run as the head ("schema", "lesson", "parameters", "machine", "seed", "traced"),
/// and as the results run_object() with "all_work", "document", "problem" and "raw_output" beside.
/// Whatever goes wrong is an Error naming the path; a file that stood there is left as it was
/// then. A trace of another program is refused: it has nothing that makes a run. `cancelled` is asked now and then; once it says true, the writing ends with an Error.
/// `progress` is told the share (0 to 1) that is written.
void save_run(const FinishedRun& run, const std::filesystem::path& path,
    const std::function<bool()>& cancelled = {},
    const std::function<void(double share)>& progress = {});

/// The same for a session that has finished. May be called by another thread than the session's.
void save_run(const Session& session, const std::filesystem::path& path,
    const std::function<bool()>& cancelled = {});

/// Reads a run that save_run() wrote, exactly as it was; strings up to bytes that are no UTF-8. Or
/// a trace of another program (read_foreign_trace()): FinishedRun::foreign then says so.
/// Of a file that is cut off or damaged behind its head, what stands before that; `shortfall` then
/// says what is missing. Throws BadValue naming the file, the place and the reason where not even
/// the head is whole, where it is no run of ours, or of a newer version; Error where `progress`,
/// told the share (0 to 1) that is read, returns false. Takes memory for the run and little beside
/// it: read_trace() says how much.
FinishedRun open_run(
    const std::filesystem::path& path, const std::function<bool(double share)>& progress = {});

} // namespace manyhands
