// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/compare_report.hpp"

#include "app/command_line/plain_text.hpp"
#include "engine/description/parameter_words.hpp"

#include <cmath>

namespace manyhands::app {
namespace {

/// Two digits more than seconds are told with would be noise.
std::string valueText(double value, const std::string& unit)
{
    if (unit == "s")
        return secondsText(value);
    if (unit == "×")
        return fixedText(value, 2);
    return unit.empty() ? numberText(value) : numberText(value) + ' ' + unit;
}

std::string differenceText(double value, const std::string& unit)
{
    const std::string size = valueText(std::abs(value), unit);
    return value == 0 ? size : (value < 0 ? "-" : "+") + size;
}

/// Of a column of names, and of numbers behind it.
std::string alignmentOf(std::size_t numbers)
{
    std::string alignment(numbers + 1, 'r');
    alignment.front() = 'l';
    return alignment;
}

std::string runsOf(const std::vector<ComparedRun>& runs)
{
    std::string text;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const FinishedRun& run = *runs[i].run;
        TextTable table("l", "     ");
        table.add({"parameters", joined(parameter_words(run.description, run.parameters), " ")});
        table.add({"seed", std::to_string(run.seed)});
        table.add({"repeats", std::to_string(run.repeats.size())});
        table.add({"machine", machineText(run.machine)});
        if (!run.marks.empty())
            table.add({"marks", joined(run.marks)});
        text += "  " + label_of(i) + "  " + runs[i].name + ": " + run.description.title + " ("
            + run.description.id + "), " + std::string(name_of(run.state)) + '\n' + table.text();
    }
    return text;
}

std::string settingsOf(const Comparison& comparison)
{
    if (comparison.settings.empty())
        return {};
    TextTable table(alignmentOf(comparison.labels.size()));
    std::vector<std::string> head = {""};
    head.insert(head.end(), comparison.labels.begin(), comparison.labels.end());
    table.add(head);
    for (const ComparedSetting& setting : comparison.settings) {
        std::vector<std::string> row = {setting.name};
        row.insert(row.end(), setting.values.begin(), setting.values.end());
        table.add(row);
    }
    return "\nSettings that differ\n" + table.text();
}

std::string quantitiesOf(const Comparison& comparison)
{
    const std::string& first = comparison.labels.front();
    std::vector<std::string> head = {"", first};
    for (std::size_t run = 1; run < comparison.labels.size(); ++run) {
        const std::string& label = comparison.labels[run];
        head.insert(head.end(), {label, label + " - " + first, label + " / " + first});
    }
    TextTable table(alignmentOf(head.size() - 1));
    table.add(head);
    for (const ComparedQuantity& quantity : comparison.quantities) {
        std::vector<std::string> row = {quantity.label};
        for (std::size_t run = 0; run < quantity.values.size(); ++run) {
            const auto& value = quantity.values[run];
            row.push_back(value ? valueText(value->value, quantity.unit) : "-");
            if (run == 0)
                continue;
            const auto& difference = quantity.differences[run];
            row.push_back(difference ? differenceText(difference->absolute, quantity.unit) : "-");
            row.push_back(!difference || !difference->ratio
                    ? "-"
                    : (difference->clear || difference->absolute == 0 ? "" : "~ ")
                        + fixedText(*difference->ratio, 2));
        }
        table.add(row);
    }
    return "\nFigures; ~: no clear difference\n" + table.text();
}

std::string sentencesOf(const Comparison& comparison, bool limits)
{
    std::string text;
    for (const ComparisonSentence& sentence : comparison.sentences) {
        if (sentence.limit == limits)
            text += "  " + sentence.text + '\n';
    }
    if (text.empty())
        return text;
    return (limits ? "\nWhat this cannot tell\n" : "\nIn words\n") + text;
}

} // namespace

std::string comparisonReport(const std::vector<ComparedRun>& runs, const Comparison& comparison)
{
    return "Comparison of " + countText(runs.size(), "run", "runs") + '\n' + runsOf(runs)
        + settingsOf(comparison) + quantitiesOf(comparison) + sentencesOf(comparison, false)
        + sentencesOf(comparison, true);
}

} // namespace manyhands::app
