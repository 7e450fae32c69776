// SPDX-License-Identifier: GPL-3.0-or-later
// A run that is held at gates, as the microscope shows it: memory, processes, the steps taken.
#include "app/views/microscope_facts.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <bit>
#include <string_view>

namespace manyhands::app {
namespace {

constexpr std::string_view registerPrefix = "register of ";
constexpr std::string_view stepPrefix = "before ";

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Microscope", text);
}

QString valueText(const ValueChange& change)
{
    switch (change.form) {
    case ValueForm::whole:
        return QLocale().toString(static_cast<qlonglong>(change.now));
    case ValueForm::real:
        return QLocale().toString(std::bit_cast<double>(change.now), 'g', 6);
    case ValueForm::bytes:
        break;
    }
    return QStringLiteral("0x%1").arg(change.now, 0, 16);
}

/// A lane's way through gates.
struct Passage
{
    std::int64_t end_ns;
    std::int64_t nextBegin_ns; ///< of its next wait at a gate
    std::uint32_t gate;
};

struct LaneAtGates
{
    std::vector<Passage> passed;
    bool held = false;
    std::uint32_t gate = no_subject; ///< that holds it
};

LaneAtGates gatesOf(const Lane& lane, std::int64_t now)
{
    LaneAtGates result;
    for (const Span span : lane.spans) {
        if (span.state != State::held || span.begin_ns > now)
            continue;
        if (!result.passed.empty())
            result.passed.back().nextBegin_ns = span.begin_ns;
        result.held = span.end_ns > now;
        result.gate = span.subject;
        if (!result.held)
            result.passed.push_back({span.end_ns, open_end, span.subject});
    }
    return result;
}

bool isEnded(const Lane& lane, std::int64_t now)
{
    return lane.ended() && lane.end_ns <= now;
}

/// Whether a lane does nothing until somebody else does something.
bool waits(const Lane& lane, std::int64_t now)
{
    if (isEnded(lane, now))
        return true;
    const std::size_t span = lane.spans.innermost(now);
    if (span >= lane.spans.size())
        return false;
    switch (lane.spans[span].state) {
    case State::waiting_data:
    case State::waiting_space:
    case State::waiting_lock:
    case State::joining:
    case State::idle:
    case State::held:
        return true;
    default:
        return false;
    }
}

QString gateName(const Recording& run, std::uint32_t gate)
{
    return gate < run.gates().size() ? QString::fromStdString(run.gates()[gate]) : tr("a gate");
}

bool isStep(const Recording& run, std::uint32_t gate)
{
    return gate < run.gates().size() && run.gates()[gate].starts_with(stepPrefix);
}

QString stepName(const Recording& run, std::uint32_t gate)
{
    const QString name = gateName(run, gate);
    return isStep(run, gate) ? name.mid(static_cast<qsizetype>(stepPrefix.size())) : name;
}

/// What a lane told of a value first within an interval; nothing where it told nothing.
const ValueChange* changeBy(const Recording& run, std::uint32_t lane, Interval interval)
{
    const ValueChange* found = nullptr;
    for (const ValueChange& change : run.changes()) {
        if (change.lane == lane && change.time_ns >= interval.begin_ns
            && change.time_ns < interval.end_ns && (!found || change.time_ns < found->time_ns))
            found = &change;
    }
    return found;
}

/// The last that was told of each value.
std::vector<const ValueChange*> lastChanges(const Recording& run, std::int64_t now)
{
    std::vector<const ValueChange*> last(run.values().size(), nullptr);
    for (const ValueChange& change : run.changes()) {
        const ValueChange*& known = last[change.value];
        if (change.time_ns <= now && (!known || change.time_ns >= known->time_ns))
            known = &change;
    }
    return last;
}

/// The register that belongs to a lane; values().size() for none.
std::size_t registerOf(const Recording& run, const Lane& lane)
{
    const std::string name = std::string(registerPrefix) + lane.name;
    return static_cast<std::size_t>(
        std::find(run.values().begin(), run.values().end(), name) - run.values().begin());
}

} // namespace

MicroscopeFacts microscopeFacts(const RunFacts& facts)
{
    MicroscopeFacts result;
    if (!facts.recording)
        return result;
    const Recording& run = *facts.recording;
    const std::int64_t now = facts.nowNs();
    const std::vector<const ValueChange*> last = lastChanges(run, now);
    const auto valueAt
        = [&](std::size_t value) { return last[value] ? valueText(*last[value]) : tr("–"); };
    std::vector<bool> isRegister(run.values().size(), false);
    result.settled = true;
    for (std::uint32_t i = 0; i < run.lanes().size(); ++i) {
        const Lane& lane = run.lanes()[i];
        if (lane.start_ns > now)
            continue;
        result.settled = result.settled && waits(lane, now);
        const LaneAtGates gates = gatesOf(lane, now);
        const std::size_t own = registerOf(run, lane);
        const bool hasRegister = own < run.values().size();
        if (!hasRegister && !gates.held && gates.passed.empty())
            continue;
        SteppedProcess process;
        process.lane = i;
        process.number = tr("P%1").arg(i);
        process.name = QString::fromStdString(lane.name);
        process.pid = lane.pid;
        process.hasRegister = hasRegister;
        if (hasRegister) {
            isRegister[own] = true;
            process.registerValue = valueAt(own);
        }
        process.ended = isEnded(lane, now);
        process.held = gates.held && !process.ended;
        process.passed = static_cast<int>(gates.passed.size());
        if (process.held) {
            process.next = stepName(run, gates.gate);
            process.nextIsStep = isStep(run, gates.gate);
        }
        for (const Passage& passage : gates.passed) {
            if (!isStep(run, passage.gate))
                continue;
            const ValueChange* change
                = changeBy(run, i, {passage.end_ns, std::min(passage.nextBegin_ns, now + 1)});
            // Who has a register tells of each step. A run that is stopped takes its processes
            // away from their gates without one.
            const bool isLast = passage.nextBegin_ns == open_end;
            if (isLast && process.ended && hasRegister && !change)
                continue;
            result.steps.append({passage.end_ns, result.processes.size(),
                stepName(run, passage.gate), change ? valueText(*change) : QString()});
        }
        result.processes.append(process);
    }
    std::stable_sort(result.steps.begin(), result.steps.end(),
        [](const TakenStep& a, const TakenStep& b) { return a.time_ns < b.time_ns; });
    const std::int64_t lastStep = result.steps.isEmpty() ? open_end : result.steps.last().time_ns;
    if (!result.steps.isEmpty())
        result.processes[result.steps.last().process].fresh = true;
    for (std::size_t value = 0; value < run.values().size(); ++value) {
        // What no process tells of is not under the microscope.
        if (!isRegister[value] && last[value]) {
            result.memory.append({QString::fromStdString(run.values()[value]), valueAt(value),
                last[value]->time_ns >= lastStep});
        }
    }
    result.settled = result.settled && !result.processes.isEmpty();
    return result;
}

} // namespace manyhands::app
