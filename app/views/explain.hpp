// SPDX-License-Identifier: GPL-3.0-or-later
// What is selected, in words: one plain sentence and a table.
#pragma once

#include "app/views/run_facts.hpp"
#include "app/views/view_state.hpp"

#include <QList>
#include <QString>

#include <utility>

namespace manyhands::app {

/// Of one thing in a run.
struct Explanation
{
    QString title; ///< "P1 Worker-1: Waiting for data"
    QString sentence;
    QList<std::pair<QString, QString>> rows; ///< name and value
    QList<std::pair<QString, Target>> links; ///< to what has to do with it
};

/// Explains a target; an empty title for nothing, or what the recording does not have.
Explanation explain(const Target& target, const RunFacts& facts);

} // namespace manyhands::app
