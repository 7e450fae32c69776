// SPDX-License-Identifier: GPL-3.0-or-later
// Who goes next where processes are held at gates: a person, a seed, or an order made to lose.
#include "app/views/step_chooser.hpp"

#include "engine/observe/schedule.hpp"

#include <QCoreApplication>

#include <random>

namespace manyhands::app {
namespace {

constexpr int stepsOfIncrement = 3; // as engine/observe/schedule.hpp counts

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Microscope", text);
}

QList<qsizetype> heldIn(const MicroscopeFacts& facts)
{
    QList<qsizetype> held;
    for (qsizetype i = 0; i < facts.processes.size(); ++i) {
        if (facts.processes[i].held)
            held.append(i);
    }
    return held;
}

} // namespace

void StepChooser::begin(int increments)
{
    m_increments = increments;
    m_found = {};
}

int StepChooser::allSteps(const MicroscopeFacts& facts) const
{
    return m_increments * stepsOfIncrement * static_cast<int>(facts.processes.size());
}

const std::vector<int>& StepChooser::schedule(Kind kind, int processes) const
{
    if (m_found.kind != kind || m_found.processes != processes || m_found.increments != m_increments
        || m_found.seed != m_seed) {
        m_found = {kind, processes, m_increments, m_seed,
            kind == Kind::losing ? losing_schedule(processes, m_increments)
                                 : random_schedule(processes, m_increments, m_seed)};
    }
    return m_found.schedule;
}

bool StepChooser::begins(const std::vector<int>& schedule, const MicroscopeFacts& facts)
{
    if (static_cast<std::size_t>(facts.steps.size()) > schedule.size())
        return false;
    for (qsizetype i = 0; i < facts.steps.size(); ++i) {
        if (facts.steps[i].process != schedule[static_cast<std::size_t>(i)])
            return false;
    }
    return true;
}

QString StepChooser::whyNot(Kind kind, const MicroscopeFacts& facts) const
{
    if (kind != Kind::losing || facts.processes.isEmpty())
        return {};
    const std::vector<int>& order = schedule(kind, static_cast<int>(facts.processes.size()));
    if (order.empty())
        return tr("Only known for up to 3 processes with up to 3 increments each");
    if (!begins(order, facts))
        return tr("The steps taken so far were others: run it again to follow it from the start");
    return {};
}

std::optional<qsizetype> StepChooser::next(const MicroscopeFacts& facts) const
{
    const QList<qsizetype> held = heldIn(facts);
    if (m_kind == Kind::person || !facts.settled || held.isEmpty())
        return std::nullopt;
    // At a gate that is no step of the order nothing depends on who goes first.
    for (const qsizetype i : held) {
        if (!facts.processes[i].nextIsStep)
            return i;
    }
    const std::vector<int>& order = schedule(m_kind, static_cast<int>(facts.processes.size()));
    const auto taken = static_cast<std::size_t>(facts.steps.size());
    if (begins(order, facts) && taken < order.size()) {
        const qsizetype wanted = order[taken];
        return held.contains(wanted) ? std::optional(wanted) : std::nullopt;
    }
    if (m_kind == Kind::losing)
        return std::nullopt;
    // Not knowing how many steps are left: each that is held as likely as another.
    std::mt19937_64 random(m_seed);
    random.discard(taken);
    return held[static_cast<qsizetype>(random() % static_cast<std::uint64_t>(held.size()))];
}

} // namespace manyhands::app
