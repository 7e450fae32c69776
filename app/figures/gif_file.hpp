// SPDX-License-Identifier: GPL-3.0-or-later
// An animated GIF, written frame by frame: one palette for all, and of each frame what changed.
#pragma once

#include "engine/observe/output_file.hpp"

#include <QColor>
#include <QImage>

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

struct GifFileType;

namespace manyhands::app {

/// Up to 255 colours: those that must be met exactly, then such of the pictures that were counted
/// that each of theirs has one near it. The same pictures make the same palette.
class GifPalette
{
public:
    static constexpr std::size_t size = 256;
    /// The last place is that of "as before".
    static constexpr std::uint8_t unchanged = 255;

    explicit GifPalette(const std::vector<QRgb>& exact);

    void count(const QImage& picture);
    /// Takes in what was counted.
    void settle();
    /// The place of the nearest colour.
    std::uint8_t placeOf(QRgb colour);
    const std::vector<QRgb>& colours() const { return m_colours; }

private:
    void add(QRgb colour);
    QRgb nearest(QRgb colour) const;

    std::vector<QRgb> m_colours;
    std::unordered_map<QRgb, std::uint64_t> m_counts;
    std::unordered_map<QRgb, std::uint8_t> m_places;
};

/// A GIF that is played for ever. Written like an OutputFile: nothing is there before commit().
/// Holds one frame. All errors are Errors naming the path.
class GifFile
{
public:
    GifFile(const std::filesystem::path& path, QSize size, GifPalette palette,
        const std::string& comment);
    ~GifFile();
    GifFile(const GifFile&) = delete;
    GifFile& operator=(const GifFile&) = delete;

    /// A frame of the GIF's size, shown for so many hundredths of a second.
    void add(const QImage& frame, int hundredths);
    void commit();

private:
    static int writeBytes(GifFileType* gif, const unsigned char* bytes, int count);
    void flush();
    void check(int result);
    void writePart(const QRect& part, const std::vector<std::uint8_t>& places, int hundredths);

    std::filesystem::path m_path;
    OutputFile m_file;
    std::string m_unwritten;
    QSize m_size;
    GifPalette m_palette;
    std::vector<std::uint8_t> m_shown; ///< the places of the frame before; empty before the first
    std::exception_ptr m_failure; ///< of the file, behind giflib's back
    GifFileType* m_gif = nullptr;
};

} // namespace manyhands::app
