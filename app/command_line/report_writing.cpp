// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/report_writing.hpp"

#include "app/command_line/console.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/figures/report_file.hpp"
#include "app/figures/run_report_content.hpp"
#include "app/figures/sweep_report_content.hpp"
#include "engine/observe/output_file.hpp"

namespace manyhands::app {

OptionDescription reportOption()
{
    return {"--report", "FILE", "write a report for people: .html (whole in itself) or .pdf"};
}

std::optional<ReportRequest> reportFrom(const Arguments& given)
{
    const auto text = given.value("--report");
    if (!text)
        return std::nullopt;
    reportFormatOf(*text);
    check_output_path(*text);
    return ReportRequest{*text};
}

bool writeReport(const ReportRequest& request, const std::vector<FigureMaker>& makers,
    const std::function<ReportContent(std::vector<ReportFigure>)>& contentOf,
    const Interruption& interruption)
{
    const int signalsBefore = interruption.count();
    try {
        const OffscreenApplication application;
        std::vector<ReportFigure> figures;
        for (const FigureMaker& make : makers) {
            if (interruption.count() > signalsBefore)
                throw Error(
                    {.object = request.path.string(), .problem = "was not written: interrupted"});
            if (std::optional<ReportFigure> figure = make())
                figures.push_back(std::move(*figure));
        }
        writeReportFile(contentOf(std::move(figures)), request.path);
        return true;
    } catch (const Error& error) {
        printError(error.what());
        return false;
    }
}

bool writeReport(
    const ReportRequest& request, const FinishedRun& run, const Interruption& interruption)
{
    return writeReport(
        request, runFigures({.run = run, .points = {}, .swept = {}, .predictions = {}}),
        [&](std::vector<ReportFigure> figures) {
            return runReportContent(run, std::move(figures));
        },
        interruption);
}

bool writeReport(const ReportRequest& request, const Sweep& sweep, const Interruption& interruption)
{
    const FinishedSweep finished = finishedSweep(sweep);
    return writeReport(
        request, sweepFigures(finished),
        [&](std::vector<ReportFigure> figures) {
            return sweepReportContent(finished, std::move(figures));
        },
        interruption);
}

} // namespace manyhands::app
