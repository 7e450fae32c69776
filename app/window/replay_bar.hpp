// SPDX-License-Identifier: GPL-3.0-or-later
// The bar under the timeline that plays a run again.
#pragma once

#include <QFrame>

class QLabel;
class QSlider;
class QToolButton;

namespace manyhands::app {

class Replay;

/// Play and pause, position, speed, by event. Only to be seen while the replay is active.
class ReplayBar : public QFrame
{
    Q_OBJECT

public:
    explicit ReplayBar(Replay& replay, QWidget* parent = nullptr);

    /// Puts the focus on the button that plays.
    void focusPlay();

private:
    void showState();
    void showPosition();
    QToolButton* addButton(const QString& text, const QString& tip);

    Replay& m_replay;
    QToolButton* m_play;
    QSlider* m_position;
    QLabel* m_time;
    QLabel* m_speed;
};

} // namespace manyhands::app
