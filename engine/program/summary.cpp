// SPDX-License-Identifier: MIT
#include "engine/program/summary.hpp"

#include "engine/analysis/time_budget.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace manyhands {
namespace {

std::string fixed(double value, int decimals)
{
    char text[64];
    const auto end
        = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
    return {text, end.ptr};
}

std::string left(std::string text, std::size_t width)
{
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string right(const std::string& text, std::size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

// Counts without decimals, the rest with three, or three that say something.
std::string figure(double value)
{
    if (value == static_cast<double>(static_cast<std::int64_t>(value)))
        return fixed(value, 0);
    return fixed(
        value, std::clamp(2 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 3, 12));
}

std::string line(std::string_view label, const std::string& value)
{
    return left(std::string(label), 30) + value + "\n";
}

std::string process_lines(const Recording& recording)
{
    const TimeBudget budget = time_budget(recording, recording.shown_interval());
    std::string text = left("process", 14) + right("pid", 9) + right("tasks", 8)
        + right("busy s", 10) + right("cpu s", 10) + right("exit", 7) + "\n";
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        // The main process is still writing this: it has not ended.
        text += left(lane.name, 14) + right(std::to_string(lane.pid), 9)
            + right(std::to_string(lane.tasks_done), 8)
            + right(fixed(budget.lanes[i][BudgetCategory::computing], 3), 10)
            + right(fixed(static_cast<double>(lane.cpu_ns) / 1e9, 3), 10)
            + right(lane.exit ? std::to_string(*lane.exit) : "-", 7) + "\n";
    }
    return text;
}

} // namespace

std::string summary(const LessonDescription& description, const ParameterValues& parameters,
    const LessonRunner& runner)
{
    std::string text = description.title + ":";
    for (const auto& [name, value] : parameters)
        text += " " + name + "=" + to_text(value);
    text += "\n";
    const auto sequential = runner.sequential_s();
    const auto wall = runner.wall_s();
    if (sequential)
        text += line("sequential time", fixed(*sequential, 3) + " s");
    if (wall)
        text += line("parallel time", fixed(*wall, 3) + " s");
    if (sequential && wall) {
        if (const auto ratio = speedup(*sequential, *wall))
            text += line("speedup", fixed(*ratio, 2));
    }
    for (const Quantity& quantity : runner.document().quantities) {
        for (const QuantityDescription& about : description.quantities) {
            if (about.name == quantity.name && quantity.value)
                text += line(about.label,
                    figure(*quantity.value) + (about.unit.empty() ? "" : " " + about.unit));
        }
    }
    for (const Check& check : runner.document().checks)
        text += line("check",
            check.claim + ": "
                + (!check.held        ? "does not apply"
                        : *check.held ? "holds"
                                      : "DOES NOT HOLD"));
    for (const Failure& failure : runner.document().failures)
        text += line("failure",
            failure.process + " (pid " + std::to_string(failure.pid) + ")"
                + (failure.task ? ", task " + std::to_string(*failure.task) : std::string())
                + (failure.argument.empty() ? "" : " (" + failure.argument + ")") + ": "
                + failure.text);
    if (const Recording* const recording = runner.shown_recording()) {
        text += process_lines(*recording);
        if (recording->events_dropped() > 0)
            text += line("events lost", std::to_string(recording->events_dropped()));
    }
    return text;
}

} // namespace manyhands
