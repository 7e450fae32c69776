// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/gif_file.hpp"

#include "engine/observe/lesson_program.hpp"

#include <algorithm>
#include <gif_lib.h>
#include <utility>

namespace manyhands::app {
namespace {

/// The library writes a few bytes at a time.
constexpr std::size_t mostUnwritten = 64 * 1024;

constexpr int colourBits = 8;

/// How far apart two colours are, with the weights that eyes give to red, green and blue.
int distance(QRgb one, QRgb other)
{
    const int red = qRed(one) - qRed(other);
    const int green = qGreen(one) - qGreen(other);
    const int blue = qBlue(one) - qBlue(other);
    return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

} // namespace

GifPalette::GifPalette(const std::vector<QRgb>& exact)
{
    for (const QRgb colour : exact)
        add(colour);
}

void GifPalette::add(QRgb colour)
{
    const QRgb opaque = colour | 0xff000000U;
    if (m_colours.size() < unchanged
        && std::find(m_colours.begin(), m_colours.end(), opaque) == m_colours.end())
        m_colours.push_back(opaque);
}

QRgb GifPalette::nearest(QRgb colour) const
{
    return *std::min_element(m_colours.begin(), m_colours.end(),
        [&](QRgb one, QRgb other) { return distance(one, colour) < distance(other, colour); });
}

void GifPalette::count(const QImage& picture)
{
    const QImage rows = picture.convertToFormat(QImage::Format_RGB32);
    for (int y = 0; y < rows.height(); ++y) {
        const auto* row = reinterpret_cast<const QRgb*>(rows.constScanLine(y));
        // Colours come in runs: one look into the table for each.
        for (int x = 0; x < rows.width();) {
            const int begin = x;
            while (x < rows.width() && row[x] == row[begin])
                ++x;
            m_counts[row[begin] | 0xff000000U] += static_cast<std::uint64_t>(x - begin);
        }
    }
}

void GifPalette::settle()
{
    std::vector<std::pair<std::uint64_t, QRgb>> byCount;
    byCount.reserve(m_counts.size());
    for (const auto& [colour, count] : m_counts)
        byCount.emplace_back(count, colour);
    // By the colour where counts are the same: the table's own order is nobody's.
    std::sort(byCount.begin(), byCount.end(), std::greater<>());
    // First those that are far from all that are in, so that none is met badly; then ever nearer
    // ones, the frequent before the rare.
    for (const int apart : {64, 32, 16, 8, 4, 0}) {
        for (const auto& [count, colour] : byCount) {
            if (m_colours.empty() || distance(nearest(colour), colour) > apart * apart)
                add(colour);
        }
    }
    m_counts.clear();
}

std::uint8_t GifPalette::placeOf(QRgb colour)
{
    const QRgb opaque = colour | 0xff000000U;
    const auto known = m_places.find(opaque);
    if (known != m_places.end())
        return known->second;
    const auto place = static_cast<std::uint8_t>(
        std::find(m_colours.begin(), m_colours.end(), nearest(opaque)) - m_colours.begin());
    m_places.emplace(opaque, place);
    return place;
}

GifFile::GifFile(
    const std::filesystem::path& path, QSize size, GifPalette palette, const std::string& comment)
    : m_path(path)
    , m_file(path)
    , m_size(size)
    , m_palette(std::move(palette))
{
    int error = 0;
    m_gif = EGifOpen(this, writeBytes, &error);
    if (!m_gif)
        throw Error({.object = m_path.string(), .problem = "could not be begun: no memory"});
    EGifSetGifVersion(m_gif, true);
    std::array<GifColorType, GifPalette::size> colours = {};
    for (std::size_t i = 0; i < m_palette.colours().size(); ++i) {
        const QRgb colour = m_palette.colours()[i];
        colours[i] = {static_cast<GifByteType>(qRed(colour)),
            static_cast<GifByteType>(qGreen(colour)), static_cast<GifByteType>(qBlue(colour))};
    }
    ColorMapObject* map = GifMakeMapObject(static_cast<int>(colours.size()), colours.data());
    const int begun = EGifPutScreenDesc(m_gif, size.width(), size.height(), colourBits, 0, map);
    GifFreeMapObject(map);
    check(begun);
    // What every player takes for: again and again.
    constexpr std::array<GifByteType, 3> forEver = {1, 0, 0};
    check(EGifPutExtensionLeader(m_gif, APPLICATION_EXT_FUNC_CODE));
    check(EGifPutExtensionBlock(m_gif, 11, "NETSCAPE2.0"));
    check(EGifPutExtensionBlock(m_gif, static_cast<int>(forEver.size()), forEver.data()));
    check(EGifPutExtensionTrailer(m_gif));
    if (!comment.empty())
        check(EGifPutComment(m_gif, comment.c_str()));
}

GifFile::~GifFile()
{
    int error = 0;
    if (m_gif)
        EGifCloseFile(m_gif, &error);
}

int GifFile::writeBytes(GifFileType* gif, const unsigned char* bytes, int count)
{
    auto* file = static_cast<GifFile*>(gif->UserData);
    // No exception through a C library.
    try {
        file->m_unwritten.append(
            reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
        if (file->m_unwritten.size() >= mostUnwritten)
            file->flush();
        return count;
    } catch (...) {
        if (!file->m_failure)
            file->m_failure = std::current_exception();
        return 0;
    }
}

void GifFile::flush()
{
    m_file.write(m_unwritten);
    m_unwritten.clear();
}

void GifFile::check(int result)
{
    if (m_failure)
        std::rethrow_exception(m_failure);
    if (result == GIF_ERROR)
        throw Error({.object = m_path.string(),
            .problem = "could not be written",
            .value = GifErrorString(m_gif ? m_gif->Error : E_GIF_ERR_CLOSE_FAILED)});
}

void GifFile::add(const QImage& frame, int hundredths)
{
    const QImage rows = frame.convertToFormat(QImage::Format_RGB32);
    const auto width = static_cast<std::size_t>(m_size.width());
    std::vector<std::uint8_t> places(width * static_cast<std::size_t>(m_size.height()));
    QRect changed;
    for (int y = 0; y < m_size.height(); ++y) {
        const auto* row = reinterpret_cast<const QRgb*>(rows.constScanLine(y));
        std::uint8_t* into = places.data() + static_cast<std::size_t>(y) * width;
        QRgb last = ~row[0];
        std::uint8_t place = 0;
        int first = m_size.width();
        int end = 0;
        for (int x = 0; x < m_size.width(); ++x) {
            if (row[x] != last) {
                last = row[x];
                place = m_palette.placeOf(last);
            }
            into[x] = place;
            if (m_shown.empty()
                || m_shown[static_cast<std::size_t>(y) * width + std::size_t(x)] != place) {
                first = std::min(first, x);
                end = x + 1;
            }
        }
        if (first < end)
            changed |= QRect(first, y, end - first, 1);
    }
    // Each frame is one, for whoever counts them, be it of a single pixel.
    writePart(changed.isEmpty() ? QRect(0, 0, 1, 1) : changed, places, hundredths);
    m_shown = std::move(places);
}

void GifFile::writePart(const QRect& part, const std::vector<std::uint8_t>& places, int hundredths)
{
    const GraphicsControlBlock control = {.DisposalMode = DISPOSE_DO_NOT,
        .UserInputFlag = false,
        .DelayTime = hundredths,
        .TransparentColor = m_shown.empty() ? NO_TRANSPARENT_COLOR : int{GifPalette::unchanged}};
    std::array<GifByteType, 4> block = {};
    EGifGCBToExtension(&control, block.data());
    check(EGifPutExtension(
        m_gif, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(block.size()), block.data()));
    check(EGifPutImageDesc(
        m_gif, part.left(), part.top(), part.width(), part.height(), false, nullptr));
    std::vector<GifPixelType> line(static_cast<std::size_t>(part.width()));
    for (int y = part.top(); y <= part.bottom(); ++y) {
        const std::size_t begin
            = static_cast<std::size_t>(y) * static_cast<std::size_t>(m_size.width())
            + static_cast<std::size_t>(part.left());
        for (std::size_t x = 0; x < line.size(); ++x) {
            const bool same = !m_shown.empty() && m_shown[begin + x] == places[begin + x];
            line[x] = same ? GifPalette::unchanged : places[begin + x];
        }
        check(EGifPutLine(m_gif, line.data(), part.width()));
    }
}

void GifFile::commit()
{
    int error = 0;
    const int closed = EGifCloseFile(std::exchange(m_gif, nullptr), &error);
    check(closed);
    flush();
    m_file.commit();
}

} // namespace manyhands::app
