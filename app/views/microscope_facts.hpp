// SPDX-License-Identifier: GPL-3.0-or-later
// A run that is held at gates, as the microscope shows it: memory, processes, the steps taken.
#pragma once

#include "app/views/run_facts.hpp"

#include <QList>
#include <QString>

namespace manyhands::app {

/// A value in shared memory.
struct SharedValue
{
    QString name;
    QString value;
    bool fresh = false; ///< told by the last step
};

/// A process that comes to gates.
struct SteppedProcess
{
    std::uint32_t lane = no_subject;
    QString number; ///< "P1"
    QString name;
    int pid = 0;
    bool hasRegister = false;
    QString registerValue; ///< "–" before it was told
    QString next; ///< the step that it is held before: "load"; empty while it is not held
    bool held = false;
    bool nextIsStep = false; ///< the gate is one "before" something
    bool ended = false;
    int passed = 0; ///< gates
    bool fresh = false; ///< took the last step
};

/// A process has passed a gate "before" something.
struct TakenStep
{
    std::int64_t time_ns = 0;
    qsizetype process = 0; ///< index into MicroscopeFacts::processes
    QString what; ///< "load"
    QString value; ///< what it told of a value then; empty where nothing
};

/// All of it, at one moment.
struct MicroscopeFacts
{
    QList<SharedValue> memory;
    QList<SteppedProcess> processes; ///< in start order
    QList<TakenStep> steps; ///< in the order of time
    /// All processes that there will be have come as far as they do by themselves.
    bool settled = false;
};

/// What the recording says at facts.nowNs(). A value "register of NAME" belongs to the lane NAME.
MicroscopeFacts microscopeFacts(const RunFacts& facts);

} // namespace manyhands::app
