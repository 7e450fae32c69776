// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a run goes where its lesson has gates: the choice, and the bar of who is held.
#pragma once

#include "app/window/run_control.hpp"

#include <QComboBox>
#include <QFrame>

class QAction;
class QLabel;
class QToolButton;

namespace manyhands::app {

/// At full speed, so many steps a second, or step by step.
class PaceChoice : public QComboBox
{
    Q_OBJECT

public:
    explicit PaceChoice(RunControl& control, QWidget* parent = nullptr);

    /// Enabled where `reason` is empty; else the tooltip says it.
    void allow(const QString& reason);
    /// Takes on what the control has.
    void showPace();

private:
    RunControl& m_control;
};

/// Which processes are held, each with a button that lets it take one step. Only to be seen while a
/// run is slowed or stepped. The keys 1 to 9 let a process go.
class PaceBar : public QFrame
{
    Q_OBJECT

public:
    PaceBar(RunControl& control, QAction* stepAll, QAction* letRun, QWidget* parent = nullptr);

    /// `elsewhere`: another view shows who is held.
    void showRun(bool elsewhere);
    /// Lets the n-th process of the bar go, from 0.
    void step(qsizetype number);
    /// What stands on the button of the n-th process: "P1 load (1)".
    QString textOf(qsizetype number) const;
    qsizetype count() const { return m_steps.size(); }

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Step
    {
        std::uint32_t lane = no_subject;
        QToolButton* button = nullptr;
    };

    void forget();
    QToolButton* buttonOf(std::uint32_t lane);

    RunControl& m_control;
    QLabel* m_word;
    QWidget* m_row;
    QList<Step> m_steps; ///< of the processes that were held in this run, in start order
};

} // namespace manyhands::app
