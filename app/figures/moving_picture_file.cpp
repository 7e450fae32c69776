// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/moving_picture_file.hpp"

#include "app/views/theme.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QBuffer>
#include <QImageWriter>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

constexpr int hundredthsPerSecond = 100;
/// At the end, before it begins again.
constexpr int pauseHundredths = 200;
/// Looked at for the palette.
constexpr int sampledFrames = 8;
constexpr std::string_view framePrefix = "frame_";
constexpr std::string_view frameSuffix = ".png";
constexpr std::size_t frameDigits = 4;
constexpr double inchesPerMetre = 1 / 0.0254;

std::string frameName(int number)
{
    std::string digits = std::to_string(number);
    digits.insert(0, frameDigits - std::min(frameDigits, digits.size()), '0');
    return std::string(framePrefix) + digits + std::string(frameSuffix);
}

/// What must not shift by a shade: the theme's own colours.
std::vector<QRgb> exactColours(const Theme& theme)
{
    std::vector<QRgb> colours = {theme.background.rgb(), theme.text.rgb(),
        theme.secondaryText.rgb(), theme.grid.rgb(), theme.frame.rgb(), theme.failedColour().rgb()};
    for (int i = 0; i < state_count; ++i) {
        const Look look = theme.look(static_cast<State>(i));
        colours.push_back(look.colour.rgb());
        colours.push_back(look.letterColour.rgb());
    }
    constexpr int seriesColours = 4;
    for (int i = 0; i < seriesColours; ++i)
        colours.push_back(theme.series(i).colour.rgb());
    return colours;
}

GifPalette paletteOf(MovingPicture& picture)
{
    GifPalette palette(exactColours(picture.figure().theme()));
    const int last = picture.frames() - 1;
    for (int i = 0; i < sampledFrames; ++i)
        palette.count(picture.frame(last * i / (sampledFrames - 1)));
    palette.settle();
    return palette;
}

/// What makes the same again: the settings, and the figure's caption.
std::string commentOf(const MovingPicture& picture)
{
    nlohmann::json object = figureObject(picture.settings().figure);
    object["seconds"] = picture.settings().seconds;
    object["fps"] = picture.settings().fps;
    return nlohmann::json(
        {{"manyhands_figure", object}, {"caption", picture.figure().caption().toStdString()}})
        .dump();
}

} // namespace

bool isFrameName(std::string_view name)
{
    if (name.size() != framePrefix.size() + frameDigits + frameSuffix.size()
        || !name.starts_with(framePrefix) || !name.ends_with(frameSuffix))
        return false;
    const std::string_view digits = name.substr(framePrefix.size(), frameDigits);
    return std::all_of(
        digits.begin(), digits.end(), [](char one) { return one >= '0' && one <= '9'; });
}

void checkMovingPath(const std::filesystem::path& path, MovingFormat format)
{
    if (format == MovingFormat::frames)
        check_output_folder(path, isFrameName);
    else
        check_output_path(path);
}

MovingPictureFile::MovingPictureFile(
    MovingPicture& picture, const std::filesystem::path& path, MovingFormat format)
    : m_picture(picture)
    , m_path(path)
    , m_format(format)
{
    checkMovingPath(path, format);
    if (format == MovingFormat::gif && picture.settings().figure.transparent)
        throw BadValue({.object = "an animated GIF",
            .problem = "has no transparent background: each frame is drawn over the one before",
            .advice = "leave it opaque, or write frames"});
}

int MovingPictureFile::delayOf(int frame) const
{
    if (frame == frames() - 1)
        return pauseHundredths;
    // Rounded at the moments, not the steps: together they are the seconds that were asked for.
    const double step = m_picture.settings().seconds * hundredthsPerSecond / (frames() - 1);
    return static_cast<int>(std::lround(step * (frame + 1)) - std::lround(step * frame));
}

void MovingPictureFile::begin()
{
    if (m_format == MovingFormat::frames)
        m_folder = std::make_unique<OutputFolder>(m_path, isFrameName);
    else
        m_gif = std::make_unique<GifFile>(m_path, m_picture.settings().figure.pixels(),
            paletteOf(m_picture), commentOf(m_picture));
}

bool MovingPictureFile::writeNext()
{
    if (m_written == 0)
        begin();
    QImage image = m_picture.frame(m_written);
    if (m_gif) {
        m_gif->add(image, delayOf(m_written));
    } else {
        const int perMetre = qRound(m_picture.settings().figure.dpi * inchesPerMetre);
        image.setDotsPerMeterX(perMetre);
        image.setDotsPerMeterY(perMetre);
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        QImageWriter(&buffer, "png").write(image);
        m_folder->write(
            frameName(m_written + 1), {bytes.constData(), static_cast<std::size_t>(bytes.size())});
    }
    ++m_written;
    if (m_written < frames())
        return true;
    if (m_gif)
        m_gif->commit();
    else
        m_folder->commit();
    m_gif.reset();
    m_folder.reset();
    return false;
}

} // namespace manyhands::app
