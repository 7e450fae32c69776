// SPDX-License-Identifier: GPL-3.0-or-later
// Moving pictures as files: an animated GIF, or a folder of PNG frames.
#pragma once

#include "app/figures/gif_file.hpp"
#include "app/figures/moving_picture.hpp"
#include "engine/observe/output_folder.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace manyhands::app {

/// Whether a file is called as a frame of ours: "frame_0001.png".
bool isFrameName(std::string_view name);

/// In which form a moving picture is written.
enum class MovingFormat : std::uint8_t { gif, frames };

/// Throws BadValue if it can be seen now that nothing can be written there.
void checkMovingPath(const std::filesystem::path& path, MovingFormat format);

/// Writes a moving picture one frame at a time; nothing is at its place before the last. Errors
/// are Errors that name the path.
class MovingPictureFile
{
public:
    MovingPictureFile(
        MovingPicture& picture, const std::filesystem::path& path, MovingFormat format);

    int written() const { return m_written; }
    int frames() const { return m_picture.frames(); }
    /// Writes the next frame. False once the file, or folder, is whole and in its place.
    bool writeNext();

private:
    /// For so many hundredths of a second a frame of a GIF is shown.
    int delayOf(int frame) const;
    void begin();

    MovingPicture& m_picture;
    std::filesystem::path m_path;
    MovingFormat m_format;
    std::unique_ptr<GifFile> m_gif;
    std::unique_ptr<OutputFolder> m_folder;
    int m_written = 0;
};

} // namespace manyhands::app
