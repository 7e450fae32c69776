// SPDX-License-Identifier: GPL-3.0-or-later
// What is looked at on a machine, and what it means for the program.
#include "app/command_line/machine_checks.hpp"

#include "app/command_line/offscreen.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/notebook/notebook.hpp"
#include "app/window/display.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/machine_report.hpp"
#include "engine/observe/output_file.hpp"

#include <QDir>
#include <QFileInfo>
#include <QFontDatabase>
#include <QLibraryInfo>
#include <QSqlDatabase>
#include <QStandardPaths>
#include <QStorageInfo>

#include <algorithm>
#include <optional>

namespace manyhands::app {
namespace {

using State = MachineCheck::State;

constexpr double mebibyte = 1024.0 * 1024.0;
/// Below it a run of the smallest size does not start.
constexpr double leastMemory = 64 * mebibyte;
/// What a run of a million events in a window takes, with room for the lesson's own.
constexpr double usualMemory = 512 * mebibyte;
/// A main process, a queue's feeder and two workers.
constexpr std::int64_t leastProcesses = 4;
/// A pidfd a process, and what a start and the program itself need for a moment.
constexpr std::int64_t descriptorsBeside = 64;
/// As much as the history may take.
constexpr double usualDisk = 500e6;
/// So much of a CPU that others take shows in a measurement.
constexpr double quietLoad = 0.5;

std::string mebibytes(double bytes)
{
    return fixedText(bytes / mebibyte, 0) + " MiB";
}

MachineCheck checkCpus(const MachineReport& report)
{
    const int usable = report.machine.usable_cpus;
    MachineCheck check = {.name = "cpus",
        .title = "CPUs",
        .found = std::to_string(usable) + " usable of "
            + std::to_string(report.machine.logical_cpus) + ", " + report.machine.cpu,
        .advice = {}};
    if (report.affinity_cpus < report.machine.logical_cpus)
        check.found += "; the affinity mask leaves " + std::to_string(report.affinity_cpus);
    if (report.cpu_quota)
        check.found += "; the cgroup's quota is " + numberText(*report.cpu_quota);
    if (usable < 2) {
        check.state = State::poor;
        check.advice = "lessons run, but nothing gets faster with one CPU: give this machine or "
                       "container a second one";
    }
    check.values = {{"usable_cpus", usable}, {"logical_cpus", report.machine.logical_cpus},
        {"affinity_cpus", report.affinity_cpus}, {"cpu_quota", nullptr}};
    if (report.cpu_quota)
        check.values["cpu_quota"] = *report.cpu_quota;
    return check;
}

MachineCheck checkMemory(const MachineReport& report)
{
    const auto available = static_cast<double>(report.available_memory_bytes);
    MachineCheck check = {.name = "memory",
        .title = "memory",
        .found = mebibytes(available) + " available of "
            + mebibytes(static_cast<double>(report.machine.memory_bytes)),
        .advice = {}};
    if (available < usualMemory) {
        check.state = available < leastMemory ? State::missing : State::poor;
        check.advice = "close other programs, or raise the limit of this container";
    }
    check.values = {{"available_bytes", report.available_memory_bytes},
        {"memory_bytes", report.machine.memory_bytes}};
    return check;
}

/// Of a limit on things of which a run needs some at least and takes many at most.
MachineCheck checkLimit(const std::string& name, const std::string& title,
    std::optional<std::int64_t> left, std::int64_t least, std::int64_t most,
    const std::string& advice)
{
    MachineCheck check = {.name = name, .title = title, .found = "not limited", .advice = {}};
    check.values = {{"left", nullptr}};
    if (!left)
        return check;
    check.found = "room for " + std::to_string(*left) + " more";
    check.values["left"] = *left;
    if (*left < most) {
        check.state = *left < least ? State::missing : State::poor;
        check.found += " (a run takes up to " + std::to_string(most) + ')';
        check.advice = advice;
    }
    return check;
}

MachineCheck checkClock(const MachineReport& report)
{
    const std::string source = report.clock_source.empty() ? "unknown" : report.clock_source;
    MachineCheck check = {.name = "clock",
        .title = "clock",
        .found = report.cycle_counter
            ? "the CPU's cycle counter, which the kernel trusts (clock source " + source + ')'
            : "CLOCK_MONOTONIC (clock source " + source + ')',
        .advice = {}};
    if (!report.cycle_counter) {
        check.state = State::poor;
        check.advice = "an event costs more here; nothing else is different";
    }
    check.values = {{"clock_source", report.clock_source}, {"cycle_counter", report.cycle_counter}};
    return check;
}

MachineCheck checkKernel(const MachineReport& report)
{
    MachineCheck check
        = {.name = "kernel", .title = "kernel", .found = report.machine.kernel, .advice = {}};
    std::vector<std::string> works;
    std::vector<std::string> fails;
    std::vector<std::string> since;
    for (const KernelFeature& feature : report.features) {
        check.values[feature.name] = feature.problem.empty();
        if (feature.problem.empty()) {
            works.push_back(feature.name);
        } else {
            fails.push_back(feature.name + " (" + feature.problem + ')');
            since.push_back(feature.name + " came with Linux " + feature.since);
        }
    }
    if (!works.empty())
        check.found += " with " + joined(works);
    if (!fails.empty()) {
        check.state = State::missing;
        check.found += "; does not work: " + joined(fails);
        check.advice = joined(since) + "; a sandbox may forbid it, too";
    }
    return check;
}

MachineCheck checkLessons(const MachineReport& report)
{
    MachineCheck check = {.name = "lesson_program",
        .title = "lesson program",
        .state = State::missing,
        .found = {},
        .advice = "build or install Manyhands anew"};
    try {
        const std::filesystem::path program = own_lesson_program();
        const std::string version = version_of(program);
        const std::string ours = version_text(report.machine);
        check.values = {{"path", program.string()}, {"version", version}};
        if (version != ours) {
            check.found
                = program.string() + " is of the build " + version + ", this program of " + ours;
            return check;
        }
        const std::size_t lessons = describe_lessons(program).size();
        check.values["lessons"] = lessons;
        check.found = program.string() + ", " + version + " as this one, "
            + countText(lessons, "lesson", "lessons");
        check.state = State::fine;
        check.advice.clear();
    } catch (const Error& error) {
        check.found = error.what();
    }
    return check;
}

MachineCheck checkDisplay(const std::string& problem)
{
    MachineCheck check
        = {.name = "display", .title = "display", .found = "can show the window", .advice = {}};
    if (!problem.empty()) {
        check.state = State::poor;
        check.found = problem;
        check.advice = "the window needs one; manyhands run, sweep and list do without";
    }
    return check;
}

MachineCheck checkSql()
{
    MachineCheck check
        = {.name = "sqlite", .title = "SQLite", .found = "Qt has its driver", .advice = {}};
    if (!QSqlDatabase::isDriverAvailable(QStringLiteral("QSQLITE"))) {
        check.state = State::poor;
        check.found = "Qt's driver is missing: no history, no notebook";
        check.advice = "install libqt6sql6-sqlite";
    }
    return check;
}

/// With an application of Qt at hand, which draws nowhere.
MachineCheck checkFonts()
{
    MachineCheck check = {.name = "fonts", .title = "fonts", .found = {}, .advice = {}};
    const auto families = static_cast<std::size_t>(QFontDatabase::families().size());
    check.found = countText(families, "family", "families");
    check.values = {{"families", families}};
    if (families == 0) {
        check.state = State::missing;
        check.found = "there is none: neither the window nor figures have words";
        check.advice = "install fonts-dejavu-core";
    }
    return check;
}

/// Figures without a display are drawn with it.
MachineCheck checkDrawing()
{
    MachineCheck check = {.name = "drawing",
        .title = "drawing",
        .found = "figures can be drawn without a display",
        .advice = {}};
    const QDir plugins(
        QLibraryInfo::path(QLibraryInfo::PluginsPath) + QStringLiteral("/platforms"));
    if (plugins.entryList({QStringLiteral("libqoffscreen*")}).isEmpty()) {
        check.state = State::missing;
        check.found = "Qt's platform plugin \"offscreen\" is missing in "
            + plugins.absolutePath().toStdString();
        check.advice = "install libqt6gui6";
    }
    return check;
}

/// The folder itself, or where it will be made.
QString existingPart(QString folder)
{
    while (!QFileInfo::exists(folder) && QFileInfo(folder).absolutePath() != folder)
        folder = QFileInfo(folder).absolutePath();
    return folder;
}

/// "cannot be written: …" of what would stand in a folder that is there; empty where it can.
std::string objectionTo(const QString& folder)
{
    if (!QFileInfo(folder).isDir())
        return "cannot be written: " + folder.toStdString() + " is no folder";
    const std::string file = QDir(folder).filePath(QStringLiteral("manyhands-try")).toStdString();
    try {
        check_output_path(file);
    } catch (const Error& error) {
        // Without the name of the file, which is none of a person's business.
        const std::string text = error.what();
        return text.substr(file.size() + 1, text.find(" (allowed") - file.size() - 1);
    }
    return {};
}

MachineCheck checkFolder(const std::string& name, const std::string& title, const QString& folder,
    const std::string& loss)
{
    MachineCheck check = {.name = name,
        .title = title,
        .found
        = folder.toStdString() + (QFileInfo::exists(folder) ? " can be written" : " can be made"),
        .advice = {}};
    check.values = {{"path", folder.toStdString()}};
    if (const std::string objection = objectionTo(existingPart(folder)); !objection.empty()) {
        check.state = State::poor;
        check.found = folder.toStdString() + ' ' + objection;
        check.advice = loss
            + ": make it yours (chown, chmod), or name another by XDG_DATA_HOME and "
              "XDG_CONFIG_HOME";
    }
    return check;
}

MachineCheck checkDisk(const QString& folder)
{
    const QStorageInfo storage(existingPart(folder));
    const auto free = static_cast<double>(storage.bytesAvailable());
    MachineCheck check = {.name = "disk",
        .title = "free disk",
        .found = mebibytes(free) + " free for kept runs",
        .advice = {}};
    check.values = {{"free_bytes", storage.bytesAvailable()}};
    if (free < usualDisk) {
        check.state = State::poor;
        check.advice = "kept runs take up to 500 MB: make room, or clear the history";
    }
    return check;
}

MachineCheck checkLoad(const MachineReport& report)
{
    MachineCheck check = {.name = "load", .title = "load", .found = "not known", .advice = {}};
    check.values = {{"load_average", nullptr}};
    if (!report.load_average)
        return check;
    check.values["load_average"] = *report.load_average;
    check.found = fixedText(*report.load_average, 2) + " in the last minute";
    if (*report.load_average > quietLoad) {
        check.state = State::poor;
        check.advice = "other programs make measured times too long: close them, and wait a minute";
    }
    return check;
}

MachineCheck checkGovernor(const MachineReport& report)
{
    MachineCheck check = {.name = "governor", .title = "CPU frequency", .found = {}, .advice = {}};
    check.values = {{"governor", nullptr}};
    if (report.governor.empty()) {
        check.found = "not set by this kernel (usual in virtual machines)";
        return check;
    }
    check.values["governor"] = report.governor;
    check.found = "governor " + report.governor;
    if (report.governor != "performance") {
        check.state = State::poor;
        check.advice = "the first runs may be slower than the later ones; for measuring: cpupower "
                       "frequency-set -g performance";
    }
    return check;
}

MachineCheck checkPython()
{
    MachineCheck check = {.name = "python3", .title = "Python 3", .found = {}, .advice = {}};
    const QString path = QStandardPaths::findExecutable(QStringLiteral("python3"));
    check.found = path.toStdString();
    check.values = {{"path", path.toStdString()}};
    if (path.isEmpty()) {
        check.state = State::poor;
        check.found = "is missing";
        check.advice = "the program does without; the lessons' Python needs it: install python3";
        check.values["path"] = nullptr;
    }
    return check;
}

} // namespace

std::vector<MachineCheck> checkMachine()
{
    const MachineReport report = machine_report();
    std::vector<MachineCheck> checks;
    checks.push_back(checkCpus(report));
    checks.push_back(checkMemory(report));
    checks.push_back(checkLimit("processes", "processes", report.processes_left, leastProcesses,
        report.most_processes,
        "raise it with ulimit -u, or the container's pids limit; or run fewer workers"));
    checks.push_back(checkLimit("descriptors", "open files", report.descriptors_left,
        descriptorsBeside, report.most_processes + descriptorsBeside,
        "raise it with ulimit -n, or run fewer workers"));
    checks.push_back(checkClock(report));
    checks.push_back(checkKernel(report));
    checks.push_back(checkLessons(report));
    // Before an application names another platform.
    checks.push_back(checkDisplay(DisplayProbe().problem()));
    checks.push_back(checkDrawing());
    if (checks.back().state == State::fine) {
        const OffscreenApplication application;
        checks.push_back(checkFonts());
        checks.push_back(checkSql());
    }
    const QString data = Notebook::usualFolder();
    checks.push_back(checkFolder("data_folder", "data folder", data, "runs are not kept"));
    checks.push_back(checkFolder("config_folder", "settings folder",
        QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)
            + QStringLiteral("/manyhands"),
        "settings are not kept"));
    checks.push_back(checkDisk(data));
    checks.push_back(checkLoad(report));
    checks.push_back(checkGovernor(report));
    checks.push_back(checkPython());
    return checks;
}

} // namespace manyhands::app
