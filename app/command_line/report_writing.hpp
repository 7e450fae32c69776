// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what --report asked for.
#pragma once

#include "app/command_line/arguments.hpp"
#include "app/command_line/interruption.hpp"
#include "app/figures/report_content.hpp"
#include "engine/observe/finished_run.hpp"
#include "engine/observe/sweep.hpp"

#include <filesystem>
#include <optional>

namespace manyhands::app {

/// A report to write after the run.
struct ReportRequest
{
    std::filesystem::path path;
};

/// `--report FILE`, as commands list it among their options.
OptionDescription reportOption();
/// What a command was asked for. Throws BadValue for another suffix, and where it can be seen now
/// that nothing can be written there.
std::optional<ReportRequest> reportFrom(const Arguments& given);

// Each needs no display, returns false, and has said why, if the report could not be written, and
// gives up where a signal comes meanwhile.
bool writeReport(
    const ReportRequest& request, const FinishedRun& run, const Interruption& interruption);
bool writeReport(
    const ReportRequest& request, const Sweep& sweep, const Interruption& interruption);
/// Of anything: `contentOf` is given the figures that came of `makers`. There is a QApplication
/// when they are called.
bool writeReport(const ReportRequest& request, const std::vector<FigureMaker>& makers,
    const std::function<ReportContent(std::vector<ReportFigure>)>& contentOf,
    const Interruption& interruption);

} // namespace manyhands::app
