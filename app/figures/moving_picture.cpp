// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/moving_picture.hpp"

#include "app/figures/figure_language.hpp"
#include "app/figures/figure_layout.hpp"
#include "app/views/time_axis.hpp"
#include "app/views/wording.hpp"
#include "engine/observe/lesson_program.hpp"

#include <qcustomplot.h>

#include <QCoreApplication>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace manyhands::app {
namespace {

constexpr double pointsPerInch = 72;
constexpr int mostFrames = 3600;
/// Browsers play what is to be shorter than 1/50 s at a tenth of the speed.
constexpr int mostFps = 50;
/// Of a side, in pixels: beyond the largest projector, and a GIF of it plays nowhere.
constexpr int longestSide = 4096;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::MovingPicture", text);
}

std::string textOf(double value)
{
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

int letterPixels(const FigureSettings& settings)
{
    return std::max(1, qRound(settings.fontPt * settings.dpi / pointsPerInch));
}

} // namespace

const QStringList& movingViews()
{
    static const QStringList names = {QStringLiteral("timeline"), QStringLiteral("ipc")};
    return names;
}

int frameCount(const MovingPictureSettings& settings)
{
    return std::max(1, static_cast<int>(std::lround(settings.seconds * settings.fps))) + 1;
}

void checkMovingPicture(const MovingPictureSettings& settings)
{
    checkFigure(settings.figure);
    if (!movingViews().contains(settings.figure.view))
        throw BadValue({.object = "the moving picture's view",
            .problem = "does not show time",
            .value = settings.figure.view.toStdString(),
            .limit = movingViews().join(QStringLiteral(", ")).toStdString()});
    if (settings.fps < 1 || settings.fps > mostFps)
        throw BadValue({.object = "the frames a second",
            .problem = "are out of range",
            .value = std::to_string(settings.fps),
            .limit = "1 to " + std::to_string(mostFps)});
    // Before anything is counted: infinite seconds are no number of frames.
    if (!(settings.seconds > 0 && settings.seconds * settings.fps < mostFrames))
        throw BadValue({.object = "the moving picture's seconds",
            .problem = "are out of range",
            .value = textOf(settings.seconds),
            .limit = "more than 0, and up to " + std::to_string(mostFrames)
                + " frames: " + textOf(std::floor(double(mostFrames - 1) / settings.fps)) + " s at "
                + std::to_string(settings.fps) + " frames a second"});
    const QSize pixels = settings.figure.pixels();
    if (std::max(pixels.width(), pixels.height()) > longestSide)
        throw BadValue({.object = "the moving picture's size",
            .problem = "is too large",
            .value = std::to_string(pixels.width()) + "x" + std::to_string(pixels.height()) + "px",
            .limit = std::to_string(longestSide) + " pixels a side",
            .advice = "choose fewer dpi"});
}

MovingPicture::MovingPicture(FigureSubject subject, MovingPictureSettings settings)
    : m_settings((checkMovingPicture(settings), std::move(settings)))
    , m_figure(subject, m_settings.figure)
{
    const Recording& recording = *subject.run.recording;
    const std::int64_t length = std::max<std::int64_t>(1, recording.run_time(recording.now_ns()));
    const FigureSettings& figure = m_settings.figure;
    m_interval.begin_ns = figure.fromS ? nanosecondsOf(*figure.fromS) : 0;
    m_interval.end_ns = figure.toS ? std::min(nanosecondsOf(*figure.toS), length) : length;
    if (m_interval.begin_ns < 0 || m_interval.length_ns() <= 0)
        throw BadValue({.object = "the moving picture's interval",
            .problem = "holds nothing of the run",
            .value = "from " + textOf(secondsOf(m_interval.begin_ns)) + " s",
            .limit = "0 to " + textOf(secondsOf(length)) + " s"});
    // Once as a whole, which says how much room the legend needs in the end.
    drawFrame(momentNs(frames() - 1), false);
}

std::int64_t MovingPicture::momentNs(int frame) const
{
    const double share = static_cast<double>(frame) / (frames() - 1);
    return m_interval.begin_ns
        + std::llround(static_cast<double>(m_interval.length_ns()) * std::min(share, 1.0));
}

QString MovingPicture::scale() const
{
    return speedText(static_cast<double>(m_interval.length_ns()) / m_settings.seconds);
}

void MovingPicture::drawStrip(QPainter& painter, const QRect& strip, std::int64_t moment) const
{
    const FigureLanguage language(m_settings.figure.language);
    QFont font = figureFont();
    font.setPixelSize(letterPixels(m_settings.figure));
    const int margin = font.pixelSize() / 2;
    const QRect words = strip.adjusted(margin, 0, -margin, 0);
    if (!m_settings.figure.transparent)
        painter.fillRect(strip, m_figure.theme().background);
    painter.setFont(font);
    painter.setPen(m_figure.theme().text);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, tr("REPLAY  ·  %1").arg(scale()));
    painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, durationText(secondsOf(moment)));
}

QImage MovingPicture::frame(int number)
{
    return drawFrame(momentNs(number), true);
}

QImage MovingPicture::drawFrame(std::int64_t moment, bool replay)
{
    const FigureSettings& settings = m_settings.figure;
    const QSize pixels = settings.pixels();
    QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QCPPainter painter(&image);
    // A strip of its own below: nothing of the figure is covered.
    const int height = letterPixels(settings) * 2;
    if (replay)
        m_figure.showUntil(moment);
    m_figure.draw(painter, {pixels.width(), std::max(1, pixels.height() - height)}, settings.dpi);
    drawStrip(painter, QRect(0, pixels.height() - height, pixels.width(), height), moment);
    painter.end();
    return image;
}

} // namespace manyhands::app
