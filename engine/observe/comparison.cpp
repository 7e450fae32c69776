// SPDX-License-Identifier: MIT
#include "engine/observe/comparison.hpp"

#include "engine/analysis/finding_rules.hpp"
#include "engine/analysis/parallel_part.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/observe/comparison_words.hpp"
#include "engine/os/error.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace manyhands {
namespace {

using nlohmann::json;

constexpr int schema = 1;
/// Of a parameter that a run's lesson does not have.
constexpr const char* no_value = "-";
/// What a single measurement is good to: how far it is from the next one, nobody knows.
constexpr double single_share = 0.05;

struct Range
{
    double low;
    double high;
};

Range range_of(const Measured& value)
{
    if (value.low && value.high)
        return {*value.low, *value.high};
    const double room = std::abs(value.value) * single_share;
    return {value.value - room, value.value + room};
}

/// Behind "more" and "less", and in a table.
std::string label_of(BudgetCategory category)
{
    if (category == BudgetCategory::unexplained)
        return "time that no event explains";
    return std::string(words_for(category));
}

/// How a quantity's differences are judged.
enum class Kind : std::uint8_t { measured, counted };

void add(Comparison& comparison, std::string name, std::string label, std::string unit,
    std::vector<std::optional<Measured>> values, Kind kind = Kind::measured)
{
    if (std::none_of(values.begin(), values.end(), [](const auto& value) { return value; }))
        return;
    ComparedQuantity quantity{
        std::move(name), std::move(label), std::move(unit), std::move(values), {}};
    for (std::size_t i = 0; i < quantity.values.size(); ++i) {
        const std::optional<Measured>& first = quantity.values.front();
        const std::optional<Measured>& value = quantity.values[i];
        std::optional<Difference> difference;
        if (i > 0 && first && value) {
            difference = Difference{.absolute = value->value - first->value,
                .ratio
                = first->value != 0 ? std::optional(value->value / first->value) : std::nullopt,
                .clear = kind == Kind::counted ? value->value != first->value
                                               : clearly_differ(*first, *value)};
        }
        quantity.differences.push_back(difference);
    }
    comparison.quantities.push_back(std::move(quantity));
}

/// Of each run what `value` makes of it: a number, or nothing.
template <class Value>
std::vector<std::optional<Measured>> of_each(const std::vector<ComparedRun>& runs, Value value)
{
    std::vector<std::optional<Measured>> values;
    for (const ComparedRun& run : runs) {
        const std::optional<double> number = value(*run.run);
        std::optional<Measured> figure;
        if (number && std::isfinite(*number))
            figure = Measured{.value = *number, .low = {}, .high = {}, .samples = 1, .unit = {}};
        values.push_back(std::move(figure));
    }
    return values;
}

void add_times(Comparison& comparison, const std::vector<ComparedRun>& runs)
{
    struct Named
    {
        const char* name;
        const char* label;
        const char* unit;
    };
    constexpr Named times[] = {{"wall_s", "wall time", "s"}, {"sequential_s", "serial time", "s"},
        {"speedup", "speedup", "×"}, {"efficiency", "efficiency", ""}};
    for (const auto& [name, label, unit] : times) {
        std::vector<std::optional<Measured>> values;
        for (const ComparedRun& run : runs)
            values.push_back(measured(*run.run, name));
        add(comparison, name, label, unit, std::move(values));
    }
    add(comparison, "startup_s", "until the first task", "s",
        of_each(runs, [](const FinishedRun& run) -> std::optional<double> {
            if (!run.traced)
                return std::nullopt;
            const Recording& recording = *run.recording;
            const Interval until = {recording.shown_interval().begin_ns, parallel_begin(recording)};
            return static_cast<double>(recording.run_time_within(until)) / 1e9;
        }));
}

void add_counts(Comparison& comparison, const std::vector<ComparedRun>& runs)
{
    add(comparison, "workers", "workers", "",
        of_each(
            runs, [](const FinishedRun& run) { return std::optional<double>(workers_of(run)); }),
        Kind::counted);
    add(comparison, "tasks", "tasks done", "",
        of_each(runs,
            [](const FinishedRun& run) {
                const Interval shown = run.recording->shown_interval();
                double tasks = 0;
                for (const Lane& lane : run.recording->lanes()) {
                    if (lane.start_ns < shown.end_ns
                        && (!lane.ended() || lane.end_ns > shown.begin_ns))
                        tasks += static_cast<double>(lane.tasks_done);
                }
                return std::optional(tasks);
            }),
        Kind::counted);
}

void add_budget(Comparison& comparison, const std::vector<ComparedRun>& runs)
{
    std::vector<std::optional<TimeBudget>> budgets;
    for (const ComparedRun& run : runs) {
        const Recording& recording = *run.run->recording;
        budgets.push_back(run.run->traced
                ? std::optional(time_budget(recording, recording.shown_interval()))
                : std::nullopt);
    }
    const auto seconds = [&](auto of) {
        std::vector<std::optional<Measured>> values;
        for (const auto& budget : budgets) {
            std::optional<Measured> figure;
            if (budget)
                figure = Measured{
                    .value = of(*budget), .low = {}, .high = {}, .samples = 1, .unit = {}};
            values.push_back(std::move(figure));
        }
        return values;
    };
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        const bool met = std::any_of(budgets.begin(), budgets.end(),
            [&](const auto& budget) { return budget && budget->all[category] > 0; });
        if (met)
            add(comparison, budget_prefix + std::string(name_of(category)), label_of(category), "s",
                seconds([&](const TimeBudget& budget) { return budget.all[category]; }));
    }
    add(comparison, "budget.total", "all processes' time", "s",
        seconds([](const TimeBudget& budget) { return budget.all.total_s; }));
    add(comparison, "overhead", "overhead of the workers", "",
        seconds([](const TimeBudget& budget) { return budget.overhead; }));
}

/// The names of all channels, in the order of the runs that have them.
std::vector<std::string> channel_names(const std::vector<ComparedRun>& runs)
{
    std::vector<std::string> names;
    for (const ComparedRun& run : runs) {
        for (const Channel& channel : run.run->recording->channels()) {
            if (channel.messages > 0
                && std::find(names.begin(), names.end(), channel.name) == names.end())
                names.push_back(channel.name);
        }
    }
    return names;
}

void add_channels(Comparison& comparison, const std::vector<ComparedRun>& runs)
{
    const auto sum_of = [&](std::uint64_t Channel::*member, const std::string* name) {
        return of_each(runs, [=](const FinishedRun& run) -> std::optional<double> {
            if (!run.traced)
                return std::nullopt;
            double sum = 0;
            for (const Channel& channel : run.recording->channels()) {
                if (name == nullptr || channel.name == *name)
                    sum += static_cast<double>(channel.*member);
            }
            return sum;
        });
    };
    add(comparison, "messages", "messages sent", "", sum_of(&Channel::messages, nullptr),
        Kind::counted);
    add(comparison, "bytes", "bytes sent", "B", sum_of(&Channel::bytes, nullptr), Kind::counted);
    for (const std::string& name : channel_names(runs))
        add(comparison, bytes_prefix + name, "through “" + name + "”", "B",
            sum_of(&Channel::bytes, &name), Kind::counted);
}

/// The lesson's own figures, of the same lesson alone: in another one a name means something else.
void add_quantities(Comparison& comparison, const std::vector<ComparedRun>& runs)
{
    const LessonDescription& first = runs.front().run->description;
    const bool same = std::all_of(runs.begin(), runs.end(),
        [&](const ComparedRun& run) { return run.run->description.id == first.id; });
    if (!same)
        return;
    for (const QuantityDescription& about : first.quantities) {
        std::vector<std::optional<Measured>> values;
        for (const ComparedRun& run : runs)
            values.push_back(measured(*run.run, about.name));
        add(comparison, "quantity." + about.name, about.label, about.unit, std::move(values));
    }
}

void add_setting(
    Comparison& comparison, std::string name, std::vector<std::string> values, bool work = false)
{
    // Of runs that do not have it nothing differs: what sets their lesson apart is the lesson.
    const std::string* first = nullptr;
    bool differs = false;
    for (const std::string& value : values) {
        if (value == no_value)
            continue;
        differs = differs || (first != nullptr && value != *first);
        first = first == nullptr ? &value : first;
    }
    if (differs)
        comparison.settings.push_back({std::move(name), std::move(values), work});
}

void add_settings(Comparison& comparison, const std::vector<ComparedRun>& runs)
{
    const auto text_of = [&](auto of) {
        std::vector<std::string> values;
        for (const ComparedRun& run : runs)
            values.push_back(of(*run.run));
        return values;
    };
    add_setting(comparison, "lesson",
        text_of([](const FinishedRun& run) { return run.description.id; }), true);
    std::vector<std::pair<std::string, bool>> names;
    for (const ComparedRun& run : runs) {
        for (const ParameterDescription& parameter : run.run->description.parameters) {
            const auto known = std::find_if(names.begin(), names.end(),
                [&](const auto& name) { return name.first == parameter.name; });
            if (known == names.end())
                names.emplace_back(parameter.name, parameter.work);
            else
                known->second = known->second || parameter.work;
        }
    }
    for (const auto& [name, work] : names)
        add_setting(comparison, name, text_of([&name = name](const FinishedRun& run) {
            const auto found = run.parameters.find(name);
            return found == run.parameters.end() ? std::string(no_value) : to_text(found->second);
        }),
            work);
    add_setting(comparison, "seed",
        text_of([](const FinishedRun& run) { return std::to_string(run.seed); }), true);
    add_setting(comparison, "cpu", text_of([](const FinishedRun& run) { return run.machine.cpu; }));
    add_setting(comparison, "usable_cpus",
        text_of([](const FinishedRun& run) { return std::to_string(run.machine.usable_cpus); }));
    add_setting(
        comparison, "kernel", text_of([](const FinishedRun& run) { return run.machine.kernel; }));
    add_setting(comparison, "version", text_of([](const FinishedRun& run) {
        return run.machine.version
            + (run.machine.commit.empty() ? std::string() : " (" + run.machine.commit + ')');
    }));
}

/// One element by run, null where `of` has nothing.
template <class Of>
json by_run(std::size_t runs, Of of)
{
    json array = json::array();
    for (std::size_t i = 0; i < runs; ++i)
        array.push_back(of(i));
    return array;
}

json quantity_object(const ComparedQuantity& quantity)
{
    const std::size_t runs = quantity.values.size();
    const auto of_value = [&](auto of) {
        return by_run(runs, [&](std::size_t run) {
            return quantity.values[run] ? json(of(*quantity.values[run])) : json();
        });
    };
    const auto of_difference = [&](auto of) {
        return by_run(runs, [&](std::size_t run) {
            return quantity.differences[run] ? json(of(*quantity.differences[run])) : json();
        });
    };
    const auto or_null
        = [](const std::optional<double>& value) { return value ? json(*value) : json(); };
    return {{"name", quantity.name}, {"label", quantity.label}, {"unit", quantity.unit},
        {"values", of_value([](const Measured& value) { return value.value; })},
        {"low", of_value([&](const Measured& value) { return or_null(value.low); })},
        {"high", of_value([&](const Measured& value) { return or_null(value.high); })},
        {"samples", of_value([](const Measured& value) { return value.samples; })},
        {"difference", of_difference([](const Difference& one) { return one.absolute; })},
        {"ratio", of_difference([&](const Difference& one) { return or_null(one.ratio); })},
        {"clear", of_difference([](const Difference& one) { return one.clear; })}};
}

} // namespace

std::string label_of(std::size_t run)
{
    return std::string(1, static_cast<char>('A' + run));
}

const ComparedQuantity* Comparison::quantity(std::string_view name) const noexcept
{
    const auto found = std::find_if(quantities.begin(), quantities.end(),
        [&](const ComparedQuantity& one) { return one.name == name; });
    return found == quantities.end() ? nullptr : &*found;
}

bool clearly_differ(const Measured& one, const Measured& other)
{
    const Range first = range_of(one);
    const Range second = range_of(other);
    return first.high < second.low || second.high < first.low;
}

Comparison compare(const std::vector<ComparedRun>& runs)
{
    if (runs.size() < fewest_compared || runs.size() > most_compared)
        throw BadValue({.object = "a comparison",
            .problem = "has another number of runs than it can show",
            .value = std::to_string(runs.size()),
            .limit = "two to four"});
    for (const ComparedRun& run : runs) {
        if (run.run->foreign)
            throw BadValue({.object = run.name,
                .problem = "is a trace of another program, of which no times are known to compare",
                .limit = "runs of lessons"});
    }
    Comparison comparison;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        comparison.labels.push_back(label_of(i));
        comparison.names.push_back(runs[i].name);
    }
    add_settings(comparison, runs);
    add_times(comparison, runs);
    add_counts(comparison, runs);
    add_budget(comparison, runs);
    add_channels(comparison, runs);
    add_quantities(comparison, runs);
    comparison.sentences = comparison_sentences(runs, comparison);
    return comparison;
}

json comparison_object(const std::vector<ComparedRun>& runs, const Comparison& comparison)
{
    json run_objects = json::array();
    for (const ComparedRun& run : runs)
        run_objects.push_back(run_object(*run.run));
    json settings = json::array();
    for (const ComparedSetting& setting : comparison.settings)
        settings.push_back(
            {{"name", setting.name}, {"values", setting.values}, {"work", setting.work}});
    json quantities = json::array();
    for (const ComparedQuantity& quantity : comparison.quantities)
        quantities.push_back(quantity_object(quantity));
    json sentences = json::array();
    for (const ComparisonSentence& sentence : comparison.sentences)
        sentences.push_back({{"id", sentence.id}, {"run", comparison.labels[sentence.run]},
            {"limit", sentence.limit}, {"text", sentence.text}});
    return {{"schema", schema}, {"files", comparison.names}, {"runs", std::move(run_objects)},
        {"differences",
            {{"against", comparison.labels.front()}, {"settings", std::move(settings)},
                {"quantities", std::move(quantities)}, {"sentences", std::move(sentences)}}}};
}

} // namespace manyhands
