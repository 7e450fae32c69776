// SPDX-License-Identifier: GPL-3.0-or-later
// How a figure is to look: what the dialog sets, the command line says and a figure's metadata
// keep.
#pragma once

#include <QSize>
#include <QSizeF>
#include <QString>
#include <QStringList>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands::app {

/// By the file's suffix.
enum class FigureFormat : std::uint8_t { png, svg, pdf, gif };

/// White, without what a person points at; the window's light and dark; shades of grey for print.
enum class FigureTheme : std::uint8_t { paper, light, dark, grey };

/// In millimetres, or in pixels.
struct FigureSize
{
    enum class Unit : std::uint8_t { millimetres, pixels };

    double width = 0;
    double height = 0;
    Unit unit = Unit::millimetres;
};

/// Everything but what the figure is of.
struct FigureSettings
{
    QString view = QStringLiteral("timeline"); ///< see chartsOf()
    FigureSize size = {174, 90, FigureSize::Unit::millimetres};
    /// Pixels of a PNG per inch, where the size is in millimetres; of a size in pixels, how large
    /// it is.
    int dpi = 300;
    FigureTheme theme = FigureTheme::paper;
    std::optional<double> fromS; ///< of the time axis, in its seconds; nothing: from its beginning
    std::optional<double> toS;
    QString lanes; ///< "1-4,7", by the numbers that the timeline shows; empty: all
    double fontPt = 8;
    QString title; ///< null: the chart's own and the lesson's; empty: none
    bool caption = true; ///< the line that says what ran where
    bool transparent = false;
    QString language; ///< "de"; empty: English

    /// In the pixels that a PNG has.
    QSize pixels() const;
    /// On paper, in points of 1/72 inch.
    QSizeF points() const;
};

/// What is better done otherwise, in a sentence each: letters too small to be read in print.
QStringList warningsOf(const FigureSettings& settings);

/// A size, font and dpi by name: "one column", "two columns", "slide".
struct FigurePreset
{
    const char* name;
    FigureSize size;
    int dpi;
    double fontPt;
};
const std::vector<FigurePreset>& figurePresets();
/// Throws BadValue naming those that there are.
const FigurePreset& figurePresetFrom(const std::string& name);

/// "85x60mm", "1920x1080px"; throws BadValue for what is none or cannot be drawn.
FigureSize figureSizeFrom(const std::string& text);
QString textOf(const FigureSize& size);
FigureTheme figureThemeFrom(const std::string& text);
QString textOf(FigureTheme theme);
/// "8pt", "8"; throws BadValue.
double fontSizeFrom(const std::string& text);
/// "1-4,7", ascending and without doubles; empty for an empty text. Throws BadValue.
std::vector<std::uint32_t> lanesFrom(const std::string& text);
/// Of the file's suffix; throws BadValue naming those that there are.
FigureFormat figureFormatOf(const std::string& path);

/// Throws BadValue for what does not go together or cannot be drawn: an empty interval, a size of
/// nothing or beyond what can be painted, letters that do not fit.
void checkFigure(const FigureSettings& settings);

/// For metadata, and back from it; unknown members are left aside, wrong ones throw BadValue.
nlohmann::json figureObject(const FigureSettings& settings);
FigureSettings figureSettingsFrom(const nlohmann::json& object);

/// The options of `manyhands export` that say the same; those that are as usual are left out.
QStringList figureOptions(const FigureSettings& settings);

} // namespace manyhands::app
