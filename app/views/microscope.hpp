// SPDX-License-Identifier: GPL-3.0-or-later
// The microscope: memory and processes of a run that is held at gates, and who goes next.
#pragma once

#include "app/views/step_chooser.hpp"
#include "engine/description/lesson_description.hpp"
#include "engine/description/result_document.hpp"

#include <QFrame>
#include <QTimer>

#include <optional>

class QBoxLayout;
class QComboBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QRadioButton;
class QSpinBox;

namespace manyhands::app {

/// To be read from the back of a room: letters grow with the space. The keys 1 to 9 let a process
/// go; Space takes the step that a seed or an order has chosen.
class Microscope : public QFrame
{
    Q_OBJECT

public:
    explicit Microscope(QWidget* parent = nullptr);

    /// A run begins, or is opened.
    void begin(const ParameterValues& values, std::uint64_t seed);
    /// What is known by now. `canStep`: the run is under way and held at its gates.
    void showRun(const RunFacts& facts, bool canStep);
    /// What came out of it.
    void showResult(const LessonDescription& lesson, const ResultDocument& document);
    /// No run.
    void clear();

    const MicroscopeFacts& facts() const { return m_now; }
    StepChooser& chooser() { return m_chooser; }
    void choose(StepChooser::Kind kind);
    bool isPlaying() const { return m_timer.isActive(); }
    void setPlaying(bool playing);
    /// Takes the step whose turn it is.
    void stepNext();
    /// Lets one process go (index into facts().processes).
    void letGo(qsizetype process);
    /// "P1 load → 0 · P2 load → 0".
    QString history() const;
    /// How it stands, or what came out.
    QString conclusion() const;

signals:
    void stepRequested(std::uint32_t lane);
    void letRunRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    QSize sizeHint() const override;

private:
    class Box;

    QWidget* makeChoice();
    QWidget* makeControls();
    void showMemory();
    void showProcesses();
    void showHistory();
    void showControls();
    void takeFonts();
    /// Whether a step that was asked for is still to be seen.
    bool isPending();

    StepChooser m_chooser;
    MicroscopeFacts m_now;
    bool m_canStep = false;
    QString m_result;
    /// A step that was asked for: the lane and how many gates it had passed.
    std::optional<std::pair<std::uint32_t, int>> m_pending;
    QTimer m_timer;

    QRadioButton* m_person;
    QRadioButton* m_bySeed;
    QRadioButton* m_losing;
    QSpinBox* m_seed;
    QComboBox* m_speed;
    QPushButton* m_play;
    QPushButton* m_step;
    QPushButton* m_letRun;
    QBoxLayout* m_memoryRow;
    QBoxLayout* m_processRow;
    QList<Box*> m_memory;
    QList<Box*> m_processes;
    QPlainTextEdit* m_history;
    QLabel* m_conclusion;
};

} // namespace manyhands::app
