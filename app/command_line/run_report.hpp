// SPDX-License-Identifier: GPL-3.0-or-later
// A finished run in words and tables, for a terminal.
#pragma once

#include "engine/observe/session.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace manyhands::app {

/// What `manyhands run` prints without --json. `run` is the session's run_object().
std::string runReport(const Session& session, const nlohmann::json& run);

/// The same of a watched program: how each process was seen, and what watching cost.
std::string watchReport(const Session& session, const nlohmann::json& run);

/// Why a run that is not done is not, in one line.
std::string reasonOf(const Session& session, const nlohmann::json& run);

} // namespace manyhands::app
