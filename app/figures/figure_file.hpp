// SPDX-License-Identifier: GPL-3.0-or-later
// Figures as files: PNG, SVG and PDF, with their settings inside and their data beside them.
#pragma once

#include "app/figures/figure_drawing.hpp"

#include <QByteArray>

#include <filesystem>

namespace manyhands::app {

/// The figure in a format; sizes are exact, texts stay texts in SVG and PDF, and nothing is drawn
/// outside of the axes. The metadata hold figureObject(), the title and the caption; a PDF holds
/// its data too, up to 20 000 rows. Throws Error where it cannot be encoded.
QByteArray encoded(FigureDrawing& figure, FigureFormat format);

/// Draws the figure and writes it in the format of the path's suffix; `withData`: and its numbers
/// beside it, NAME.csv. Throws Error for what cannot be written or has nothing to show; an old file
/// is left as it was.
void writeFigure(FigureDrawing& figure, const std::filesystem::path& path, bool withData = false);

/// The settings that a figure of ours was made with, read from its metadata. Throws BadValue where
/// it is none.
FigureSettings settingsOfFigure(const std::filesystem::path& path);

} // namespace manyhands::app
