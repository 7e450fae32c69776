// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring a lesson again and again with other values of one parameter: what to measure, how far
// it is, what came out.
#pragma once

#include "engine/observe/sweep.hpp"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTableWidget;

namespace manyhands::app {

class RunControl;

/// Non-modal; the window and its charts go on beside it.
class MeasureDialog : public QDialog
{
    Q_OBJECT

public:
    MeasureDialog(RunControl& control, QWidget* parent);

    void setLesson(const LessonDescription& lesson, int usableCpus);
    int repeats() const;
    void setRepeats(int repeats);
    void setParameter(const QString& name);
    void setValues(const QString& list);
    /// What keeps the sweep from starting, in one line; empty for nothing.
    QString problem() const;

    static constexpr int usualRepeats = 5;
    static constexpr int mostRepeats = 1000;

signals:
    void sweepRequested(const std::string& parameter,
        const std::vector<manyhands::ParameterValue>& values, int repeats);
    void repeatsChanged(int repeats);

private:
    void proposeValues();
    void check();
    void start();
    void showProgress();
    void showPoints();
    QString parameter() const;

    RunControl& m_control;
    LessonDescription m_lesson;
    int m_usableCpus = 1;
    std::vector<ParameterValue> m_values;
    QComboBox* m_parameter;
    QLineEdit* m_list;
    QSpinBox* m_repeats;
    QLabel* m_problem;
    QLabel* m_progress;
    QPushButton* m_start;
    QPushButton* m_stop;
    QTableWidget* m_points;
};

} // namespace manyhands::app
