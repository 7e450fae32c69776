// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/run_report_content.hpp"

#include "app/command_line/plain_text.hpp"
#include "app/figures/report_text.hpp"
#include "app/guide/results_pane.hpp"
#include "app/views/chart_factory.hpp"
#include "app/views/wording.hpp"
#include "app/window/run_words.hpp"
#include "engine/description/parameter_words.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

using Json = nlohmann::json;

/// Beyond that a table is no reading; the run's file has them all.
constexpr qsizetype mostRows = 200;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::RunReport", text);
}

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

Json at(const Json& object, const char* name)
{
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? Json() : *found;
}

/// "0", "3", "-9 (SIGKILL)"; as the run's file and the terminal have it.
QString exitOf(const Json& process)
{
    const Json value = at(process, "exit");
    if (!value.is_number_integer())
        return tr("–");
    const int number = value.get<int>();
    const char* const name = number < 0 ? ::sigabbrev_np(-number) : nullptr;
    return QString::number(number) + (name ? tr(" (SIG%1)").arg(QLatin1String(name)) : QString());
}

ReportTable processTable(const Json& object)
{
    ReportTable table;
    table.header = {tr("Name"), tr("pid"), tr("Role"), tr("Start method"), tr("Start, s"),
        tr("End, s"), tr("Busy, s"), tr("CPU, s"), tr("Tasks"), tr("Exit")};
    table.alignment = QStringLiteral("lrllrrrrrl");
    for (const Json& process : at(object, "processes"))
        table.rows.append(
            QStringList{textOf(process, "name"), textOf(process, "pid"), textOf(process, "role"),
                textOf(process, "start_method"), fixedOf(process, "start_s", 4),
                fixedOf(process, "end_s", 4), fixedOf(process, "busy_s", 4),
                fixedOf(process, "cpu_s", 4), textOf(process, "tasks"), exitOf(process)});
    return table;
}

ReportTable channelTable(const Json& object)
{
    ReportTable table;
    table.header = {tr("Name"), tr("Kind"), tr("Messages"), tr("Bytes"), tr("Deepest")};
    table.alignment = QStringLiteral("llrrr");
    for (const Json& channel : at(object, "channels"))
        table.rows.append(QStringList{textOf(channel, "name"), textOf(channel, "kind"),
            textOf(channel, "messages"), textOf(channel, "bytes"), textOf(channel, "max_depth")});
    return table;
}

ReportTable budgetTable(const Json& object)
{
    ReportTable table;
    table.header = {tr("Spent on"), tr("Time, s"), tr("Share, %")};
    table.alignment = QStringLiteral("lrr");
    const Json budget = at(object, "budget");
    const Json total = at(budget, "total");
    if (!total.is_number() || !(total.get<double>() > 0))
        return table;
    std::vector<std::pair<double, QString>> lines;
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        const Json seconds = at(budget, std::string(name_of(category)).c_str());
        if (seconds.is_number() && seconds.get<double>() > 0)
            lines.emplace_back(seconds.get<double>(), wordFor(category));
    }
    std::stable_sort(lines.begin(), lines.end(),
        [](const auto& left, const auto& right) { return left.first > right.first; });
    lines.emplace_back(total.get<double>(), tr("All processes together"));
    for (const auto& [seconds, name] : lines)
        table.rows.append(QStringList{name, text(fixedText(seconds, 4)),
            text(fixedText(100 * seconds / total.get<double>(), 1))});
    return table;
}

ReportTable repeatTable(const Json& object)
{
    ReportTable table;
    const Json repeats = at(object, "repeats");
    if (repeats.size() < 2)
        return table;
    table.header = {tr("Repeat"), tr("Wall time, s"), tr("One process alone, s"), tr("Speedup")};
    table.alignment = QStringLiteral("lrrr");
    std::size_t number = 0;
    const Json shown = at(object, "shown_repeat");
    for (const Json& repeat : repeats) {
        const bool isShown = shown.is_number() && shown.get<std::size_t>() == number;
        ++number;
        table.rows.append(
            QStringList{isShown ? tr("%1 (shown)").arg(number) : QString::number(number),
                fixedOf(repeat, "wall_s", 6), fixedOf(repeat, "sequential_s", 6),
                fixedOf(repeat, "speedup", 3)});
    }
    return table;
}

/// Adds at most mostRows of the table, and says how many there are besides.
void addBounded(ReportContent& content, const QString& title, ReportTable table)
{
    const qsizetype more = table.rows.size() - mostRows;
    if (more > 0)
        table.rows.erase(table.rows.begin() + mostRows, table.rows.end());
    content.section(title, std::move(table));
    if (more > 0)
        content.paragraph(tr("… and %1 more: the saved run has them all.").arg(more));
}

/// "Worker-2, pid 812, from 0.01 s to 0.2 s": where a finding is to be seen.
QString placeOf(const Json& finding)
{
    QStringList parts;
    if (at(finding, "process").is_string())
        parts << textOf(finding, "process") << tr("pid %1").arg(textOf(finding, "pid"));
    if (const Json interval = at(finding, "interval_s"); interval.is_array())
        parts << tr("from %1 to %2")
                     .arg(text(secondsText(interval.at(0).get<double>())),
                         text(secondsText(interval.at(1).get<double>())));
    return parts.join(tr(", "));
}

void addFindings(ReportContent& content, const Json& object)
{
    const Json found = at(object, "findings");
    if (found.empty())
        return;
    content.heading(tr("What this run shows"));
    for (const Json& finding : found) {
        const QString place = placeOf(finding);
        content.paragraph(place.isEmpty() ? textOf(finding, "sentence")
                                          : tr("%1 (%2)").arg(textOf(finding, "sentence"), place));
        content.paragraph(tr("To think about: %1").arg(textOf(finding, "question")));
    }
}

void addFailures(ReportContent& content, const FinishedRun& run)
{
    QStringList failures;
    if (run.document) {
        for (const Failure& failure : run.document->failures) {
            if (failures.size() < mostRows)
                failures.append(failureText(failure));
        }
    }
    if (failures.isEmpty())
        return;
    content.heading(tr("What failed"));
    content.add(ReportList{failures});
    if (const auto all = static_cast<qsizetype>(run.document->failures.size());
        all > failures.size())
        content.paragraph(tr("… and %1 more: the saved run has them all.").arg(all - mostRows));
}

/// It came with us, so its lessons are known by their ids alone.
bool isOwn(const std::filesystem::path& program)
{
    try {
        return program == own_lesson_program();
    } catch (const Error&) {
        return false;
    }
}

} // namespace

std::vector<FigureMaker> runFigures(const FigureSubject& subject)
{
    if (!subject.run.traced)
        return {};
    return figureMakers(subject, chartsOf(subject.run.description));
}

QString measuredSentence(const FinishedRun& run, const Json& object)
{
    const Json wall = at(object, "wall_s");
    const QString title = text(run.description.title);
    if (!wall.is_number())
        return tr("“%1” was run, and no repeat of it was completed.").arg(title);
    const auto repeats = run.repeats.size();
    const int workers = at(object, "workers").get<int>();
    QString sentence = workers > 0
        ? tr("“%1” was run with %2").arg(title, workersText(static_cast<std::uint64_t>(workers)))
        : tr("“%1” was run").arg(title);
    sentence += repeats > 1
        ? tr(": it took %1, the median of %2 repeats").arg(secondsOf(object, "wall_s")).arg(repeats)
        : tr(" once: it took %1").arg(secondsOf(object, "wall_s"));
    if (at(object, "sequential_s").is_number())
        sentence += tr(", where one process alone needs %1").arg(secondsOf(object, "sequential_s"));
    sentence += QLatin1Char('.');
    if (at(object, "speedup").is_number() && at(object, "efficiency").is_number())
        sentence += tr(" That is a speedup of %1 and an efficiency of %2.")
                        .arg(fixedOf(object, "speedup", 2), fixedOf(object, "efficiency", 2));
    return sentence;
}

QStringList warningsOf(const FinishedRun& run)
{
    QStringList warnings;
    switch (run.state) {
    case RunState::stopped:
        warnings.append(tr("■ The run was stopped: what was measured until then is shown."));
        break;
    case RunState::timed_out:
        warnings.append(tr("■ The run took too long and was stopped: what was measured until then "
                           "is shown."));
        break;
    case RunState::failed:
        warnings.append(tr("✕ The run failed."));
        break;
    default:
        break;
    }
    // Failed tasks have a list of their own.
    FinishedRun without = run;
    without.document.reset();
    warnings += messagesOf(without);
    if (!run.traced)
        warnings.append(tr("• The run was not traced: wall times, exits and results only, and no "
                           "figures."));
    return warnings;
}

ReportTable parameterTable(
    const LessonDescription& lesson, const ParameterValues& values, const std::string& without)
{
    ReportTable table;
    table.header = {tr("Parameter"), tr("Name"), tr("Value"), tr("Unit")};
    table.alignment = QStringLiteral("llrl");
    for (const ParameterDescription& parameter : lesson.parameters) {
        const auto found = values.find(parameter.name);
        if (found != values.end() && parameter.name != without)
            table.rows.append(QStringList{text(parameter.label), text(parameter.name),
                text(to_text(found->second)), text(parameter.unit)});
    }
    return table;
}

ReportTable timesTable(const FinishedRun& run, const Json& object)
{
    ReportTable table;
    if (at(object, "sequential_s").is_number())
        table.add(tr("One process alone (T₁)"), secondsOf(object, "sequential_s"));
    if (!at(object, "wall_s").is_number())
        return table;
    const int workers = at(object, "workers").get<int>();
    table.add(workers > 0
            ? tr("Wall time with %1").arg(workersText(static_cast<std::uint64_t>(workers)))
            : tr("Wall time"),
        secondsOf(object, "wall_s"));
    table.add(
        tr("Repeats (n); of several, times are medians"), QString::number(run.repeats.size()));
    if (!at(object, "speedup").is_number())
        return table;
    table.add(tr("Speedup (T₁ ÷ wall time)"), fixedOf(object, "speedup", 3));
    if (const Json spread = at(object, "spread"); spread.is_array() && spread.size() == 2)
        table.add(tr("Its first and third quartile"),
            tr("%1 to %2")
                .arg(text(fixedText(spread[0].get<double>(), 3)),
                    text(fixedText(spread[1].get<double>(), 3))));
    if (at(object, "efficiency").is_number())
        table.add(tr("Efficiency (speedup ÷ workers)"), fixedOf(object, "efficiency", 3));
    if (at(object, "karp_flatt").is_number())
        table.add(tr("Serial fraction by Karp and Flatt"), fixedOf(object, "karp_flatt", 4));
    return table;
}

ReportTable quantityTable(const FinishedRun& run)
{
    ReportTable table;
    if (!run.document)
        return table;
    const auto& described = run.description.quantities;
    for (const Quantity& quantity : run.document->quantities) {
        const auto found = std::find_if(described.begin(), described.end(),
            [&](const QuantityDescription& one) { return one.name == quantity.name; });
        const bool known = found != described.end();
        QString value = quantity.value ? text(numberText(*quantity.value)) : tr("not known");
        if (quantity.value && known && !found->unit.empty())
            value += QLatin1Char(' ') + text(found->unit);
        table.add(text(known ? found->label : quantity.name), value);
    }
    return table;
}

ReportTable checkTable(const FinishedRun& run)
{
    ReportTable table;
    table.header = {tr("Claim"), tr("This run")};
    if (!run.document)
        return table;
    for (const Check& check : run.document->checks) {
        const QString held = !check.held ? tr("– does not apply")
            : *check.held                ? tr("✓ held")
                                         : tr("✕ did not hold");
        table.rows.append(QStringList{text(check.claim), held});
    }
    return table;
}

ReportTable machineTable(const Machine& machine, std::uint64_t seed)
{
    ReportTable table;
    table.add(tr("CPU"), text(machine.cpu));
    table.add(tr("Usable CPUs"), tr("%1 of %2").arg(machine.usable_cpus).arg(machine.logical_cpus));
    table.add(tr("Memory"), bytesText(static_cast<double>(machine.memory_bytes)));
    table.add(tr("Kernel"), text(machine.kernel));
    table.add(tr("Manyhands"), tr("%1 (%2)").arg(text(machine.version), text(machine.commit)));
    table.add(tr("Seed of the random numbers"), QString::number(seed));
    return table;
}

QString lessonWord(const LessonReference& lesson)
{
    const std::filesystem::path file = lesson.program.filename();
    if (file.empty() || isOwn(lesson.program))
        return text(lesson.id);
    return text("./" + file.string() + ':' + lesson.id);
}

QString runCommandLine(const FinishedRun& run)
{
    if (run.description.id == watched_id) {
        QStringList watched = {QStringLiteral("manyhands"), QStringLiteral("watch"),
            QStringLiteral("--")};
        if (run.document && run.document->result.is_object()) {
            for (const auto& word : run.document->result.value("command", nlohmann::json::array()))
                watched.append(word.is_string() ? text(word.get<std::string>()) : QString());
        }
        return shellLine(watched);
    }
    QStringList words
        = {QStringLiteral("manyhands"), QStringLiteral("run"), lessonWord(run.lesson)};
    for (const std::string& word : parameter_words(run.description, run.parameters))
        words.append(text(word));
    words << QStringLiteral("--seed") << QString::number(run.seed);
    if (run.repeats.size() > 1)
        words << QStringLiteral("--repeat") << QString::number(run.repeats.size());
    if (!run.traced)
        words << QStringLiteral("--no-trace");
    return shellLine(words);
}

namespace {

/// Of a trace of another program no more is known than its spans.
ReportContent foreignReportContent(const FinishedRun& run, std::vector<ReportFigure> figures)
{
    ReportContent content;
    content.title = text(run.description.title);
    content.subtitle = tr("Report of a trace of another program");
    content.paragraph(tr("Its spans have names, and no states: what its processes waited for, sent "
                         "or computed, it does not say."));
    for (const QString& warning : warningsOf(run))
        content.warning(warning);
    content.figures(
        tr("Figures"), std::move(figures), tr("There are none: the trace has no spans."));
    return content;
}

} // namespace

ReportContent runReportContent(const FinishedRun& run, std::vector<ReportFigure> figures)
{
    const FileNumbers numbers;
    if (run.foreign)
        return foreignReportContent(run, std::move(figures));
    const Json object = run_object(run);
    ReportContent content;
    content.title = text(run.description.title);
    content.subtitle = tr("Report of a run · %1").arg(text(run.description.id));
    QStringList objectives;
    for (const std::string& objective : run.description.objectives)
        objectives.append(text(objective));
    content.add(ReportList{objectives});
    for (const QString& warning : warningsOf(run))
        content.warning(warning);
    content.heading(tr("What was measured"));
    content.paragraph(measuredSentence(run, object));
    content.add(timesTable(run, object));
    content.section(tr("Parameters"), parameterTable(run.description, run.parameters));
    content.section(tr("Results of the lesson"), quantityTable(run));
    addFailures(content, run);
    content.section(tr("Checks"), checkTable(run));
    content.figures(tr("Figures"), std::move(figures),
        run.traced ? tr("No view has anything to show of this run.")
                   : tr("There are none: the run was not traced."));
    addFindings(content, object);
    content.section(tr("Where the time went"), budgetTable(object));
    addBounded(content, tr("Processes"), processTable(object));
    addBounded(content, tr("Channels"), channelTable(object));
    addBounded(content, tr("Repeats"), repeatTable(object));
    if (run.traced) {
        content.paragraph(
            tr("%1 events were recorded, %2 were dropped.").arg(run.events).arg(run.dropped));
    }
    content.section(tr("Machine"), machineTable(run.machine, run.seed));
    content.heading(tr("How to repeat it"));
    content.add(ReportCommand{runCommandLine(run)});
    return content;
}

} // namespace manyhands::app
