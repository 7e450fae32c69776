// SPDX-License-Identifier: GPL-3.0-or-later
// The options about figures, which several commands share.
#pragma once

#include "app/command_line/arguments.hpp"
#include "app/figures/figure_settings.hpp"
#include "engine/description/lesson_description.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace manyhands::app {

/// A figure to draw.
struct FigureRequest
{
    std::string view;
    std::filesystem::path path;
    bool ifAny = false; ///< one of all: left out where it has nothing to show
};

/// What --figure and the options around it say.
struct FigureOptions
{
    std::vector<FigureRequest> figures;
    FigureSettings settings; ///< of all of them but for the view
    bool withData = false; ///< the numbers beside each
};

/// How figures are to look: --size, --theme and so on.
const std::vector<OptionDescription>& figureLooks();

/// Throws BadValue naming the option, its value and what is allowed, where a file is named twice or
/// seen to be unwritable, and for options that do not go together. `moving`: the command can also
/// write .gif files, and --frames.
FigureOptions figureOptionsFrom(const Arguments& given, bool moving = false);

/// Puts the lesson's views in the place of "all". Throws BadValue for views that it does not have.
void resolveViews(FigureOptions& options, const LessonDescription& lesson);

/// "timeline, ipc, …": the views that every lesson has.
std::string commonViews();

} // namespace manyhands::app
