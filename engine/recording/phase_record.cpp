// SPDX-License-Identifier: MIT
#include "engine/recording/phase_record.hpp"

#include <nlohmann/json.hpp>

namespace manyhands {

std::string to_text(const PhaseRecord& record)
{
    return nlohmann::json{{"kind", static_cast<int>(record.kind)}, {"number", record.number},
        {"group", record.group}, {"begin", record.begin_ticks}, {"end", record.end_ticks},
        {"work", record.work}, {"wall_ns", record.wall_ns}, {"main_cpu_ns", record.main_cpu_ns},
        {"main_run_delay_ns", record.main_run_delay_ns}}
        .dump();
}

std::optional<PhaseRecord> phase_record_from(std::string_view text)
{
    const auto json = nlohmann::json::parse(text, nullptr, false);
    try {
        const int kind = json.at("kind").get<int>();
        if (kind < 0 || kind > static_cast<int>(PhaseKind::repeat))
            return std::nullopt;
        return PhaseRecord{.kind = static_cast<PhaseKind>(kind),
            .number = json.at("number").get<int>(),
            .group = json.at("group").get<std::uint32_t>(),
            .begin_ticks = json.at("begin").get<std::uint64_t>(),
            .end_ticks = json.at("end").get<std::uint64_t>(),
            .work = json.at("work").get<std::uint64_t>(),
            .wall_ns = json.at("wall_ns").get<std::int64_t>(),
            .main_cpu_ns = json.at("main_cpu_ns").get<std::int64_t>(),
            .main_run_delay_ns = json.at("main_run_delay_ns").get<std::int64_t>()};
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

} // namespace manyhands
