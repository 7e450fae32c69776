// SPDX-License-Identifier: GPL-3.0-or-later
// The replay of a run's interval as a series of pictures.
#pragma once

#include "app/figures/figure.hpp"

#include <QStringList>

namespace manyhands::app {

struct MovingPictureSettings
{
    FigureSettings figure;
    double seconds = 10; ///< that the interval takes
    int fps = 20; ///< frames a second
};

/// The views that move: their x axis is time.
const QStringList& movingViews();

/// How many pictures that makes; one more than there are steps, since the last shows the end.
int frameCount(const MovingPictureSettings& settings);

/// Throws BadValue for what cannot be a moving picture: a view without time, too many or too large
/// frames, and what checkFigure() refuses.
void checkMovingPicture(const MovingPictureSettings& settings);

/// Draws one frame at a time, in any order. The first shows the beginning of the interval and
/// nothing of it, the last all of it. Needs a QApplication.
class MovingPicture
{
public:
    /// Throws BadValue like checkMovingPicture() and Figure's, and for an interval outside the run.
    MovingPicture(FigureSubject subject, MovingPictureSettings settings);

    const MovingPictureSettings& settings() const { return m_settings; }
    const Figure& figure() const { return m_figure; }
    int frames() const { return frameCount(m_settings); }
    /// The moment of a frame, in nanoseconds of run time.
    std::int64_t momentNs(int frame) const;
    /// "1 s = 40 µs".
    QString scale() const;
    QImage frame(int number);

private:
    QImage drawFrame(std::int64_t moment, bool replay);
    void drawStrip(QPainter& painter, const QRect& strip, std::int64_t moment) const;

    MovingPictureSettings m_settings;
    Figure m_figure;
    Interval m_interval; ///< in run time
};

} // namespace manyhands::app
