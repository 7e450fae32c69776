// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/run_report.hpp"

#include "app/command_line/plain_text.hpp"
#include "engine/description/parameter_words.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

using Json = nlohmann::json;

/// Of a long output the end says most.
constexpr std::size_t outputLinesShown = 20;

/// What stands under `key`, null where there is nothing.
Json at(const Json& object, const char* key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found == object.end() ? Json() : *found;
}

std::string textAt(const Json& object, const char* key)
{
    const Json value = at(object, key);
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() ? numberText(value.get<double>()) : "-";
}

std::string fixedAt(const Json& object, const char* key, int decimals)
{
    const Json value = at(object, key);
    return value.is_number() ? fixedText(value.get<double>(), decimals) : "-";
}

/// "0", "3", "-9 (SIGKILL)".
std::string exitText(const Json& value)
{
    if (!value.is_number_integer())
        return "-";
    const int number = value.get<int>();
    const char* const name = number < 0 ? ::sigabbrev_np(-number) : nullptr;
    return std::to_string(number) + (name == nullptr ? "" : " (SIG" + std::string(name) + ')');
}

std::string marksOf(const Json& run)
{
    std::vector<std::string> marks;
    for (const Json& mark : at(run, "marks"))
        marks.push_back(mark.get<std::string>());
    return joined(marks);
}

std::string headOf(const Session& session, const Json& run)
{
    const LessonDescription& lesson = session.options().description;
    const Machine& machine = session.machine();
    std::string text = lesson.title + " (" + lesson.id + "): " + textAt(run, "state") + '\n';
    TextTable table;
    table.add({"parameters", joined(parameter_words(lesson, session.options().parameters), " ")});
    table.add({"seed", std::to_string(session.options().seed)});
    table.add({"machine", machineText(machine)});
    if (const std::string marks = marksOf(run); !marks.empty())
        table.add({"marks", marks});
    return text + table.text();
}

std::string timesOf(const Json& run)
{
    const Json repeats = at(run, "repeats");
    const Json wall = at(run, "wall_s");
    std::string text = "\nTimes";
    if (repeats.size() > 1) {
        text += ", medians of " + countText(repeats.size(), "repeat", "repeats");
        if (const Json shown = at(run, "shown_repeat"); shown.is_number_integer())
            text += "; below, repeat " + std::to_string(shown.get<int>() + 1);
    }
    TextTable table;
    if (const Json sequential = at(run, "sequential_s"); sequential.is_number())
        table.add({"sequential", secondsText(sequential.get<double>())});
    const auto workers = run.value("workers", std::size_t{0});
    table.add({"parallel",
        wall.is_number()
            ? secondsText(wall.get<double>()) + " with " + countText(workers, "worker", "workers")
            : "no repeat was completed"});
    if (at(run, "speedup").is_number()) {
        std::string speedup = fixedAt(run, "speedup", 2);
        const Json spread = at(run, "spread");
        if (spread.is_array() && spread.size() == 2)
            speedup += " (quartiles " + fixedText(spread[0].get<double>(), 2) + " and "
                + fixedText(spread[1].get<double>(), 2) + ')';
        table.add({"speedup", speedup});
        table.add({"efficiency", fixedAt(run, "efficiency", 2)});
        if (at(run, "karp_flatt").is_number())
            table.add({"serial fraction", fixedAt(run, "karp_flatt", 3) + " (Karp-Flatt)"});
    }
    return text + '\n' + table.text();
}

std::string quantitiesOf(const Session& session)
{
    if (!session.document() || session.document()->quantities.empty())
        return {};
    TextTable table;
    for (const Quantity& quantity : session.document()->quantities) {
        const auto& described = session.options().description.quantities;
        const auto found = std::find_if(described.begin(), described.end(),
            [&](const QuantityDescription& one) { return one.name == quantity.name; });
        std::string value = quantity.value ? numberText(*quantity.value) : "-";
        if (quantity.value && found != described.end() && !found->unit.empty())
            value += ' ' + found->unit;
        table.add({found == described.end() ? quantity.name : found->label, value});
    }
    return "\nResults\n" + table.text();
}

std::string processesOf(const Json& run)
{
    const Json processes = at(run, "processes");
    if (processes.empty())
        return {};
    TextTable table("lrlrrrl");
    table.add({"name", "pid", "role", "tasks", "busy s", "CPU s", "exit"});
    for (const Json& process : processes)
        table.add({textAt(process, "name"), textAt(process, "pid"), textAt(process, "role"),
            textAt(process, "tasks"), fixedAt(process, "busy_s", 3), fixedAt(process, "cpu_s", 3),
            exitText(at(process, "exit"))});
    return "\nProcesses\n" + table.text();
}

std::string watchedProcessesOf(const Json& run)
{
    const Json processes = at(run, "processes");
    if (processes.empty())
        return {};
    TextTable table("lrlrrrrrl");
    table.add({"name", "pid", "seen", "start s", "end s", "busy s", "CPU s", "MiB", "exit"});
    for (const Json& process : processes) {
        const Json peak = at(process, "peak_rss_bytes");
        table.add({textAt(process, "name"), textAt(process, "pid"),
            at(process, "sampled") == false ? "traced" : "sampled", fixedAt(process, "start_s", 3),
            fixedAt(process, "end_s", 3), fixedAt(process, "busy_s", 3),
            fixedAt(process, "cpu_s", 3),
            peak.is_number() ? fixedText(peak.get<double>() / (1 << 20), 1) : "-",
            exitText(at(process, "exit"))});
    }
    return "\nProcesses\n" + table.text();
}

std::string budgetOf(const Json& run)
{
    const Json budget = at(run, "budget");
    const Json total = at(budget, "total");
    if (!total.is_number() || !(total.get<double>() > 0))
        return {};
    std::vector<std::pair<double, std::string>> lines;
    for (const auto& [category, seconds] : budget.items()) {
        if (category != "total" && seconds.is_number() && seconds.get<double>() > 0)
            lines.emplace_back(seconds.get<double>(), category);
    }
    std::stable_sort(lines.begin(), lines.end(),
        [](const auto& left, const auto& right) { return left.first > right.first; });
    lines.emplace_back(total.get<double>(), "total");
    TextTable table("lrr");
    for (auto& [seconds, name] : lines) {
        std::replace(name.begin(), name.end(), '_', ' ');
        table.add({name, fixedText(seconds, 3) + " s",
            fixedText(100 * seconds / total.get<double>(), 1) + " %"});
    }
    return "\nTime budget, all processes together\n" + table.text();
}

std::string channelsOf(const Json& run)
{
    const Json channels = at(run, "channels");
    if (channels.empty())
        return {};
    TextTable table("llrrr");
    table.add({"name", "kind", "messages", "bytes", "deepest"});
    for (const Json& channel : channels)
        table.add({textAt(channel, "name"), textAt(channel, "kind"), textAt(channel, "messages"),
            textAt(channel, "bytes"), textAt(channel, "max_depth")});
    return "\nChannels\n" + table.text();
}

std::string checksOf(const Json& run)
{
    const Json checks = at(run, "checks");
    if (checks.empty())
        return {};
    TextTable table;
    for (const Json& check : checks) {
        const Json held = at(check, "held");
        table.add({!held.is_boolean() ? "n.a."
                : held.get<bool>()    ? "ok"
                                      : "FAILED",
            textAt(check, "claim")});
    }
    return "\nChecks\n" + table.text();
}

std::string findingsOf(const Json& run)
{
    std::string text;
    for (const Json& finding : at(run, "findings"))
        text += "  " + textAt(finding, "sentence") + "\n    " + textAt(finding, "question") + '\n';
    return text.empty() ? text : "\nFindings\n" + text;
}

/// "Worker-2 (pid 812), task 17 (argument 5000): std::runtime_error: …"
std::string failureText(const Json& failure)
{
    std::string text = textAt(failure, "process") + " (pid " + textAt(failure, "pid") + ')';
    if (at(failure, "task").is_number()) {
        text += ", task " + textAt(failure, "task");
        if (const std::string argument = textAt(failure, "argument"); !argument.empty())
            text += " (argument " + argument + ')';
    }
    return text + ": " + textAt(failure, "text");
}

std::string failuresOf(const Session& session, const Json& run)
{
    std::string text;
    if (!session.problem().empty())
        text += "  " + session.problem() + '\n';
    for (const Json& failure : at(run, "failures"))
        text += "  " + failureText(failure) + '\n';
    return text.empty() ? text : "\nFailures\n" + text;
}

std::string eventsOf(const Json& run)
{
    const Json events = at(run, "events");
    if (!events.is_object())
        return "\nEvents\n  none: not traced\n";
    std::string text = "\nEvents\n  " + textAt(events, "recorded") + " recorded";
    if (const Json dropped = at(events, "dropped"); dropped.is_number() && dropped != 0)
        text += ", " + textAt(events, "dropped") + " dropped: what is shown is incomplete";
    return text + '\n';
}

/// The last lines that the processes wrote.
std::string outputOf(const Session& session)
{
    const Recording& recording = session.recording();
    std::vector<std::string> lines;
    for (const OutputLine& line : recording.output()) {
        const bool known = line.lane < recording.lanes().size();
        lines.push_back((known ? recording.lanes()[line.lane].name + ": " : "") + line.text);
    }
    if (lines.empty())
        return {};
    const std::size_t left_out
        = lines.size() > outputLinesShown ? lines.size() - outputLinesShown : 0;
    std::string text = "\nOutput\n";
    if (left_out > 0)
        text += "  (" + countText(left_out, "earlier line", "earlier lines") + ")\n";
    for (std::size_t i = left_out; i < lines.size(); ++i)
        text += "  " + lines[i] + '\n';
    return text;
}

} // namespace

std::string runReport(const Session& session, const Json& run)
{
    std::string text = headOf(session, run) + timesOf(run) + quantitiesOf(session)
        + processesOf(run) + budgetOf(run) + channelsOf(run) + checksOf(run) + findingsOf(run)
        + eventsOf(run) + outputOf(session) + failuresOf(session, run);
    return text;
}

std::string watchReport(const Session& session, const Json& run)
{
    std::string text = session.options().description.title + ": " + textAt(run, "state") + '\n';
    TextTable table;
    table.add({"machine", machineText(session.machine())});
    if (const std::string marks = marksOf(run); !marks.empty())
        table.add({"marks", marks});
    const Json wall = at(run, "wall_s");
    table.add({"time", wall.is_number() ? secondsText(wall.get<double>()) : "did not end itself"});
    return text + table.text() + quantitiesOf(session) + watchedProcessesOf(run) + budgetOf(run)
        + channelsOf(run) + findingsOf(run) + eventsOf(run) + failuresOf(session, run);
}

std::string reasonOf(const Session& session, const Json& run)
{
    if (!session.problem().empty())
        return session.problem();
    if (const Json failures = at(run, "failures"); !failures.empty())
        return failureText(failures.front());
    for (const Json& check : at(run, "checks")) {
        if (at(check, "held") == false)
            return "a check failed: " + textAt(check, "claim");
    }
    return "the run ended in the state " + std::string(name_of(session.state()));
}

} // namespace manyhands::app
