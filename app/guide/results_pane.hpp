// SPDX-License-Identifier: GPL-3.0-or-later
// What a run came to, in words: failures, the lesson's quantities, its checks.
#pragma once

#include "engine/observe/finished_run.hpp"

#include <QTextBrowser>

namespace manyhands::app {

/// The results of a run that has ended.
class ResultsPane : public QTextBrowser
{
    Q_OBJECT

public:
    explicit ResultsPane(QWidget* parent = nullptr);

    void showResults(const FinishedRun& run);
    /// Before a run, and while one lasts.
    void showNothing(bool running);
};

/// A failure in one line: "✕ Worker-2 (pid 812), task 17 (argument 5000): no such file".
QString failureText(const Failure& failure);

} // namespace manyhands::app
