// SPDX-License-Identifier: GPL-3.0-or-later
// A run played again, as slowly as a person wants: which moment of it is shown now.
#pragma once

#include "app/views/view_state.hpp"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace manyhands::app {

/// The position in a recording that has ended, and how fast it moves. Positions are run time
/// (Recording::run_time()), so a pause takes none.
class Replay : public QObject
{
    Q_OBJECT

public:
    explicit Replay(ViewState& view, QObject* parent = nullptr);

    /// From the beginning of what is visible; the visible interval takes 10 s. The recording must
    /// stay until end().
    void begin(const Recording& recording);
    void end();
    bool isActive() const { return m_recording != nullptr; }

    void play();
    void pause();
    bool isPlaying() const { return m_timer.isActive(); }

    std::int64_t positionNs() const { return m_positionNs; }
    std::int64_t lengthNs() const { return m_lengthNs; }
    void setPosition(std::int64_t runNs);
    /// The moment of the position, in recorded time: nothing later is to be seen.
    std::int64_t untilNs() const;

    static constexpr double slowest = 1e3; ///< recorded nanoseconds in a second: 1 s = 1 µs
    static constexpr double fastest = 1e9; ///< 1 s = 1 s
    double nsPerSecond() const { return m_nsPerSecond; }
    void setSpeed(double nsPerSecond);
    /// To the next of 1, 2, 5, 10, … above (1) or below (-1).
    void changeSpeed(int direction);

    /// To the next (1) or previous (-1) moment at which a lane's state changes; stops playing.
    void step(int direction);
    /// Moves on as playing for so long does.
    void advance(double seconds);

signals:
    void moved();
    void changed(); ///< playing, speed, active

private:
    void tick();

    ViewState& m_view;
    const Recording* m_recording = nullptr;
    std::int64_t m_lengthNs = 0;
    std::int64_t m_positionNs = 0;
    double m_remainder = 0; ///< of a nanosecond
    double m_nsPerSecond = fastest;
    QTimer m_timer;
    QElapsedTimer m_sinceTick;
};

} // namespace manyhands::app
