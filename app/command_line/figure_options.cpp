// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/figure_options.hpp"

#include "app/command_line/option_values.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/figures/figure_file.hpp"
#include "app/figures/figure_language.hpp"
#include "app/views/chart_factory.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/output_file.hpp"

#include <cmath>
#include <system_error>

namespace manyhands::app {
namespace {

const std::string allViews = "all";
/// In the path of --figure all=PATH: where the view's name goes.
const std::string placeOfView = "VIEW";

std::vector<std::string> textsOf(const QStringList& names)
{
    std::vector<std::string> texts;
    for (const QString& name : names)
        texts.push_back(name.toStdString());
    return texts;
}

double secondsFrom(const std::string& option, const std::string& text)
{
    const auto value = numberFrom<double>(text);
    if (!value || !std::isfinite(*value) || *value < 0)
        refuseValue(option, text, "seconds since the run's start, such as 0.25");
    return *value;
}

int dpiFrom(const std::string& text)
{
    const auto value = numberFrom<int>(text);
    if (!value)
        refuseValue("--dpi", text, "pixels an inch, such as 300");
    return *value;
}

/// The path of a view's figure where all of them are asked for.
std::filesystem::path pathOfView(const std::string& pattern, const std::string& view)
{
    if (pattern.ends_with('/'))
        return pattern + view + ".png";
    std::string path = pattern;
    return path.replace(path.rfind(placeOfView), placeOfView.size(), view);
}

FigureRequest requestFrom(const std::string& text, bool moving)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos)
        refuseValue("--figure", text, "VIEW=FILE, VIEW one of " + commonViews());
    FigureRequest figure
        = {.view = text.substr(0, equals), .path = text.substr(equals + 1), .ifAny = false};
    std::filesystem::path written = figure.path;
    if (figure.view == allViews) {
        const std::string pattern = figure.path.string();
        if (!pattern.ends_with('/') && pattern.rfind(placeOfView) == std::string::npos)
            refuseValue(
                "--figure all", pattern, "FOLDER/ for .png, or FOLDER/VIEW.pdf and the like");
        written = pathOfView(pattern, commonCharts().first().toStdString());
    }
    if (!written.empty()) {
        const bool moves = figureFormatOf(written.string()) == FigureFormat::gif;
        if (moves && (!moving || figure.view == allViews))
            refuseValue("--figure", written.string(), ".png, .svg or .pdf: a .gif moves");
    }
    // One folder for all of them is made if need be.
    const std::filesystem::path folder = written.parent_path();
    std::error_code ignored;
    check_output_path(
        figure.view == allViews && !folder.empty() && !std::filesystem::exists(folder, ignored)
            ? folder
            : written);
    return figure;
}

FigureSettings settingsFrom(const Arguments& given)
{
    FigureSettings settings;
    if (const auto path = given.value("--like"))
        settings = settingsOfFigure(*path);
    if (const auto name = given.value("--preset")) {
        if (given.has("--size"))
            throw BadValue({.object = "--preset and --size",
                .problem = "do not go together",
                .limit = "one of them"});
        const FigurePreset& preset = figurePresetFrom(*name);
        settings.size = preset.size;
        settings.dpi = preset.dpi;
        settings.fontPt = preset.fontPt;
    }
    if (const auto text = given.value("--size"))
        settings.size = figureSizeFrom(*text);
    if (const auto text = given.value("--dpi"))
        settings.dpi = dpiFrom(*text);
    if (const auto text = given.value("--theme"))
        settings.theme = figureThemeFrom(*text);
    if (const auto text = given.value("--from"))
        settings.fromS = secondsFrom("--from", *text);
    if (const auto text = given.value("--to"))
        settings.toS = secondsFrom("--to", *text);
    if (const auto text = given.value("--lanes"))
        settings.lanes = QString::fromStdString(*text);
    if (const auto text = given.value("--font-size"))
        settings.fontPt = fontSizeFrom(*text);
    // An empty title is none, and not the usual one.
    if (const auto text = given.value("--title"))
        settings.title = QString::fromStdString(*text) + QLatin1String("");
    if (given.has("--no-caption"))
        settings.caption = false;
    if (given.has("--transparent"))
        settings.transparent = true;
    if (const auto text = given.value("--language"))
        settings.language = QString::fromStdString(*text);
    checkFigure(settings);
    return settings;
}

std::string presetNames()
{
    std::vector<std::string> names;
    for (const FigurePreset& preset : figurePresets())
        names.push_back(std::string("\"") + preset.name + '"');
    return joined(names);
}

void refuseTwice(const FigureOptions& options)
{
    OutputPaths paths;
    for (const FigureRequest& figure : options.figures) {
        paths.take(figure.path);
        if (options.withData)
            paths.take(std::filesystem::path(figure.path).replace_extension(".csv"));
    }
}

} // namespace

const std::vector<OptionDescription>& figureLooks()
{
    static const std::vector<OptionDescription> options = {
        {"--size", "WxHmm|WxHpx", "of a figure: 85x60mm, 1920x1080px; 174x90mm unless given"},
        {"--preset", "NAME", "size, dpi and letters by name: " + presetNames()},
        {"--dpi", "N", "pixels of a .png per inch; 300 unless given"},
        {"--theme", "T", "paper, light, dark or grey"},
        {"--from", "T", "show the run from this second on"},
        {"--to", "T", "show it up to this second"},
        {"--lanes", "1-4,7", "only these processes, by the numbers of the timeline"},
        {"--font-size", "8pt", "of all letters, at the size that is printed"},
        {"--title", "TEXT", "in place of the chart's own; '' for none"},
        {"--no-caption", "", "without the lines that say what ran where"},
        {"--transparent", "", "without a background"},
        {"--language", "L",
            "of the figure's own words: "
                + figureLanguages().join(QStringLiteral(", ")).toStdString()},
        {"--like", "FIGURE", "as that figure was drawn, but for what else is given"},
        {"--with-data", "", "write the numbers of each figure beside it, as .csv"},
    };
    return options;
}

FigureOptions figureOptionsFrom(const Arguments& given, bool moving)
{
    FigureOptions options;
    for (const std::string& text : given.values("--figure"))
        options.figures.push_back(requestFrom(text, moving));
    options.settings = settingsFrom(given);
    options.withData = given.has("--with-data");
    for (const OptionDescription& option : figureLooks()) {
        if (options.figures.empty() && !(moving && given.has("--frames")) && given.has(option.name))
            throw BadValue({.object = option.name,
                .problem = "is about figures, and there is none",
                .limit = "with --figure VIEW=FILE"});
    }
    refuseTwice(options);
    return options;
}

void resolveViews(FigureOptions& options, const LessonDescription& lesson)
{
    const QStringList views = chartsOf(lesson);
    std::vector<FigureRequest> figures;
    for (const FigureRequest& figure : options.figures) {
        if (figure.view == allViews) {
            for (const QString& view : views)
                figures.push_back({.view = view.toStdString(),
                    .path = pathOfView(figure.path.string(), view.toStdString()),
                    .ifAny = true});
        } else if (!views.contains(QString::fromStdString(figure.view))) {
            throw BadValue({.object = "--figure",
                .problem = "names an unknown view",
                .value = figure.view.empty() ? "''" : shown(figure.view),
                .limit = joined(textsOf(views))});
        } else {
            figures.push_back(figure);
        }
    }
    options.figures = std::move(figures);
    refuseTwice(options);
}

std::string commonViews()
{
    return joined(textsOf(commonCharts()));
}

} // namespace manyhands::app
