// SPDX-License-Identifier: MIT
#include "engine/description/watch_report.hpp"

#include <nlohmann/json.hpp>

namespace manyhands {

std::string to_line(const WatchReport& report)
{
    const nlohmann::json json = {{"host_pid", report.host_pid}, {"problem", report.problem},
        {"processes", report.processes}, {"alive", report.alive},
        {"without_lane", report.without_lane}, {"host_cpu_ns", report.host_cpu_ns},
        {"samples_every_ns", report.samples_every_ns}, {"notes", report.notes}};
    // Names of programs need not be UTF-8.
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::optional<WatchReport> watch_report_from(std::string_view line)
{
    const auto json = nlohmann::json::parse(line, nullptr, false);
    try {
        WatchReport report;
        json.at("host_pid").get_to(report.host_pid);
        json.at("problem").get_to(report.problem);
        json.at("processes").get_to(report.processes);
        json.at("alive").get_to(report.alive);
        json.at("without_lane").get_to(report.without_lane);
        json.at("host_cpu_ns").get_to(report.host_cpu_ns);
        json.at("samples_every_ns").get_to(report.samples_every_ns);
        json.at("notes").get_to(report.notes);
        return report;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

} // namespace manyhands
