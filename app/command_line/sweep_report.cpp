// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/sweep_report.hpp"

#include "app/command_line/observing.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/run_report.hpp"
#include "engine/description/parameter_words.hpp"

#include <cmath>
#include <variant>

namespace manyhands::app {
namespace {

using Json = nlohmann::json;

std::string fixedOf(const Json& value, int decimals)
{
    return value.is_number() ? fixedText(value.get<double>(), decimals) : "-";
}

std::string headOf(const Sweep& sweep)
{
    const SessionOptions& options = sweep.session().options();
    const Machine& machine = sweep.session().machine();
    ParameterValues others = options.parameters;
    others.erase(sweep.parameter());
    TextTable table;
    table.add({"over", sweep.parameter()});
    if (!others.empty())
        table.add({"parameters", joined(parameter_words(options.description, others), " ")});
    table.add({"seed", std::to_string(options.seed)});
    table.add({"machine", machineText(machine)});
    return options.description.title + " (" + options.lesson.id
        + "), a sweep: " + std::string(name_of(sweep.state())) + '\n' + table.text();
}

/// Medians over the repeats of each point.
std::string pointsOf(const Sweep& sweep)
{
    TextTable table("rrrrrrrrl");
    table.add({sweep.parameter(), "p", "n", "wall s", "speedup", "quartiles", "efficiency",
        "Karp-Flatt", "marks"});
    for (const SweepPoint& point : sweep.points()) {
        const Json& run = point.run;
        const Json& spread = run.at("spread");
        std::vector<std::string> marks;
        for (const Json& mark : run.at("marks"))
            marks.push_back(mark.get<std::string>());
        table.add({to_text(point.value), std::to_string(run.at("workers").get<int>()),
            std::to_string(point.repeats.size()), fixedOf(run.at("wall_s"), 4),
            fixedOf(run.at("speedup"), 2),
            spread.is_array() ? fixedOf(spread[0], 2) + " to " + fixedOf(spread[1], 2) : "-",
            fixedOf(run.at("efficiency"), 2), fixedOf(run.at("karp_flatt"), 3), joined(marks)});
    }
    const std::size_t missing = sweep.values().size() - sweep.points().size();
    std::string text = "\nPoints, medians of n repeats; p processes did tasks\n" + table.text();
    if (missing > 0)
        text += "  (" + countText(missing, "value was", "values were") + " not measured)\n";
    return text;
}

/// Of a sweep over numbers of workers, in each of which the work is the same.
std::string modelOf(const Sweep& sweep)
{
    const SessionOptions& options = sweep.session().options();
    const ParameterDescription* const over = options.description.parameter(sweep.parameter());
    if (over == nullptr || !over->workers || over->work || !options.description.baseline)
        return {};
    const auto fitted = fit_amdahl(scaling_points(sweep), sweep.session().machine().usable_cpus);
    if (const auto* const model = std::get_if<ScalingModel>(&fitted))
        return "\nAmdahl's law\n  serial fraction " + fixedText(model->serial_fraction, 3)
            + ", fitted to " + std::to_string(model->worker_counts)
            + " numbers of workers; 1/S is off by " + fixedText(model->rms, 4) + " (rms)\n";
    return "\n" + std::get<std::string>(fitted) + '\n';
}

} // namespace

std::string sweepProgressText(const Sweep& sweep)
{
    const Sweep::Progress progress = sweep.progress();
    std::string text = "point " + std::to_string(progress.point + 1) + " of "
        + std::to_string(progress.points) + " (" + sweep.parameter() + '='
        + to_text(sweep.values()[progress.point]) + ")";
    if (progress.left_s)
        text += ", about " + fixedText(std::ceil(*progress.left_s), 0) + " s left";
    return text + "; " + progressText(progress.run);
}

std::string sweepReport(const Sweep& sweep)
{
    return headOf(sweep) + pointsOf(sweep) + modelOf(sweep);
}

std::string reasonOf(const Sweep& sweep)
{
    std::string where;
    std::string why = sweep.problem();
    if (!sweep.points().empty()) {
        const SweepPoint& last = sweep.points().back();
        where = "at " + sweep.parameter() + '=' + to_text(last.value) + ": ";
        if (why.empty())
            why = reasonOf(sweep.session(), last.run);
    }
    return where + why;
}

} // namespace manyhands::app
