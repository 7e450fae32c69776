// SPDX-License-Identifier: GPL-3.0-or-later
// Moving pictures on the command line: their options, and writing them with progress.
#pragma once

#include "app/command_line/arguments.hpp"
#include "app/command_line/interruption.hpp"
#include "app/figures/moving_picture_file.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace manyhands::app {

/// What --frames, --fps and --seconds said.
struct MovingOptions
{
    std::optional<std::filesystem::path> frames; ///< the folder
    std::string framesView = "timeline";
    std::optional<int> fps;
    std::optional<double> seconds;

    /// Those settings, for a figure.
    MovingPictureSettings with(FigureSettings figure) const;
};

/// --frames, --fps and --seconds, for a command's help.
const std::vector<OptionDescription>& movingOptions();

/// Throws BadValue naming the option, its value and what is allowed. Whether the picture can be
/// drawn is for checkMovingPicture() to say.
MovingOptions movingOptionsFrom(const Arguments& given);

/// Writes a moving picture, with progress on standard error where that is a terminal, unless
/// `quiet`. Needs a QApplication, and no display. Returns false, and has said why, if it could not
/// be written or a signal came; nothing half-written is left then.
bool writeMovingPicture(const FigureSubject& subject, const MovingPictureSettings& settings,
    const std::filesystem::path& path, MovingFormat format, const Interruption& interruption,
    bool quiet = false);

} // namespace manyhands::app
