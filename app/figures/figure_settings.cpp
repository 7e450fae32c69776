// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/figure_settings.hpp"

#include "app/figures/figure_language.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace manyhands::app {
namespace {

constexpr double millimetresPerInch = 25.4;
constexpr double pointsPerInch = 72;
/// Beyond this Qt's rasteriser is not safe; below, there is no room for axes.
constexpr int longestSide = 16'384;
constexpr int shortestSide = 64;
constexpr int leastDpi = 36;
constexpr int mostDpi = 2400;
constexpr double smallestFontPt = 4;
constexpr double largestFontPt = 96;
/// What journals ask for.
constexpr double smallestReadablePt = 7;
/// Of a figure's width, in letters' heights.
constexpr double fewestLetters = 20;
/// Of a figure's sides, in letters' heights: less has no room for axes.
constexpr int leastLettersAcross = 6;
constexpr int leastLettersDown = 4;
/// More than any run has.
constexpr std::uint32_t highestLane = 99'999;

template <typename Value>
struct Named
{
    const char* name;
    Value value;
};

constexpr Named<FigureTheme> themes[] = {{"paper", FigureTheme::paper},
    {"light", FigureTheme::light}, {"dark", FigureTheme::dark}, {"grey", FigureTheme::grey}};
constexpr Named<FigureFormat> formats[] = {{".png", FigureFormat::png}, {".svg", FigureFormat::svg},
    {".pdf", FigureFormat::pdf}, {".gif", FigureFormat::gif}};

template <typename Table>
std::string namesIn(const Table& table)
{
    std::string names;
    for (const auto& entry : table)
        names += (names.empty() ? "" : ", ") + std::string(entry.name);
    return names;
}

std::optional<double> numberAtBegin(std::string_view& text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || !std::isfinite(value))
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

[[noreturn]] void refuse(
    std::string object, std::string problem, std::string value, std::string limit)
{
    throw BadValue({.object = std::move(object),
        .problem = std::move(problem),
        .value = std::move(value),
        .limit = std::move(limit)});
}

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::FigureSettings", text);
}

QString numberText(double value)
{
    return QString::number(value, 'g', 12);
}

} // namespace

QSize FigureSettings::pixels() const
{
    if (size.unit == FigureSize::Unit::pixels)
        return {qRound(size.width), qRound(size.height)};
    const double perMillimetre = dpi / millimetresPerInch;
    return {qRound(size.width * perMillimetre), qRound(size.height * perMillimetre)};
}

QSizeF FigureSettings::points() const
{
    const double perUnit = size.unit == FigureSize::Unit::pixels
        ? pointsPerInch / dpi
        : pointsPerInch / millimetresPerInch;
    return {size.width * perUnit, size.height * perUnit};
}

const std::vector<FigurePreset>& figurePresets()
{
    static const std::vector<FigurePreset> presets = {
        {"one column", {85, 60, FigureSize::Unit::millimetres}, 300, 7},
        {"two columns", {174, 90, FigureSize::Unit::millimetres}, 300, 8},
        {"slide", {1920, 1080, FigureSize::Unit::pixels}, 144, 14},
    };
    return presets;
}

const FigurePreset& figurePresetFrom(const std::string& name)
{
    for (const FigurePreset& preset : figurePresets()) {
        if (name == preset.name)
            return preset;
    }
    refuse("the figure's preset", "is unknown", name.empty() ? "''" : shown(name),
        namesIn(figurePresets()));
}

QStringList warningsOf(const FigureSettings& settings)
{
    QStringList warnings;
    if (settings.fontPt < smallestReadablePt)
        warnings.append(tr("Letters of %1 pt are hard to read in print: choose 7 pt or more.")
                            .arg(numberText(settings.fontPt)));
    if (settings.points().width() < settings.fontPt * fewestLetters)
        warnings.append(tr("The figure is narrow for letters of %1 pt: texts may be cut short.")
                            .arg(numberText(settings.fontPt)));
    return warnings;
}

FigureSize figureSizeFrom(const std::string& text)
{
    std::string_view rest = text;
    FigureSize size;
    const auto width = numberAtBegin(rest);
    bool understood = width && !rest.empty() && rest.front() == 'x';
    if (understood) {
        rest.remove_prefix(1);
        const auto height = numberAtBegin(rest);
        understood = height && (rest == "mm" || rest == "px");
        if (understood)
            size = {*width, *height,
                rest == "mm" ? FigureSize::Unit::millimetres : FigureSize::Unit::pixels};
    }
    if (!understood)
        refuse("the figure's size", "is not understood", text.empty() ? "''" : shown(text),
            "WIDTHxHEIGHTmm or WIDTHxHEIGHTpx, such as 85x60mm or 1920x1080px");
    return size;
}

QString textOf(const FigureSize& size)
{
    return numberText(size.width) + QLatin1Char('x') + numberText(size.height)
        + (size.unit == FigureSize::Unit::millimetres ? QLatin1String("mm") : QLatin1String("px"));
}

FigureTheme figureThemeFrom(const std::string& text)
{
    for (const auto& theme : themes) {
        if (text == theme.name)
            return theme.value;
    }
    refuse("the figure's theme", "is unknown", text.empty() ? "''" : shown(text), namesIn(themes));
}

QString textOf(FigureTheme theme)
{
    for (const auto& entry : themes) {
        if (theme == entry.value)
            return QLatin1String(entry.name);
    }
    return {};
}

double fontSizeFrom(const std::string& text)
{
    std::string_view rest = text;
    const auto points = numberAtBegin(rest);
    if (!points || (!rest.empty() && rest != "pt"))
        refuse("the figure's font size", "is not understood", text.empty() ? "''" : shown(text),
            "points, such as 8pt");
    return *points;
}

std::vector<std::uint32_t> lanesFrom(const std::string& text)
{
    std::vector<std::uint32_t> lanes;
    std::string_view rest = text;
    const auto whole = [&]() -> std::optional<std::uint32_t> {
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        if (error != std::errc() || value > highestLane)
            return std::nullopt;
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        return value;
    };
    bool understood = true;
    while (understood && !rest.empty()) {
        const auto first = whole();
        auto last = first;
        if (first && rest.starts_with('-')) {
            rest.remove_prefix(1);
            last = whole();
        }
        understood = first && last && *first <= *last
            && (rest.empty() || (rest.front() == ',' && rest.size() > 1))
            && lanes.size() <= highestLane;
        for (auto lane = understood ? *first : 1; understood && lane <= *last; ++lane)
            lanes.push_back(lane);
        rest.remove_prefix(understood && !rest.empty() ? 1 : 0);
    }
    if (!understood)
        refuse("the figure's lanes", "are not understood", shown(text),
            "numbers as the timeline shows them, such as 1-4,7");
    std::sort(lanes.begin(), lanes.end());
    lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
    return lanes;
}

FigureFormat figureFormatOf(const std::string& path)
{
    for (const auto& format : formats) {
        if (path.ends_with(format.name))
            return format.value;
    }
    refuse("the figure " + shown(path), "has another suffix", {}, namesIn(formats));
}

void checkFigure(const FigureSettings& settings)
{
    if (settings.dpi < leastDpi || settings.dpi > mostDpi)
        refuse("the figure's dpi", "is out of range", std::to_string(settings.dpi),
            std::to_string(leastDpi) + " to " + std::to_string(mostDpi));
    const QSize pixels = settings.pixels();
    const auto drawable
        = [](double side, int px) { return side > 0 && px >= shortestSide && px <= longestSide; };
    if (!drawable(settings.size.width, pixels.width())
        || !drawable(settings.size.height, pixels.height()))
        refuse("the figure's size", "cannot be drawn",
            textOf(settings.size).toStdString() + " at " + std::to_string(settings.dpi) + " dpi",
            std::to_string(shortestSide) + " to " + std::to_string(longestSide) + " pixels a side");
    if (!(settings.fontPt >= smallestFontPt && settings.fontPt <= largestFontPt))
        refuse("the figure's font size", "is out of range",
            numberText(settings.fontPt).toStdString() + "pt", "4pt to 96pt");
    lanesFrom(settings.lanes.toStdString());
    if (!settings.language.isEmpty() && !figureLanguages().contains(settings.language))
        refuse("the figure's language", "is not there", shown(settings.language.toStdString()),
            figureLanguages().join(QStringLiteral(", ")).toStdString());
    const QSizeF letters = settings.points() / settings.fontPt;
    if (letters.width() < leastLettersAcross || letters.height() < leastLettersDown)
        refuse("the figure's letters", "are too large for its size",
            numberText(settings.fontPt).toStdString() + "pt upon "
                + textOf(settings.size).toStdString() + " at " + std::to_string(settings.dpi)
                + " dpi",
            "a " + std::to_string(leastLettersDown) + "th of its height, and a "
                + std::to_string(leastLettersAcross) + "th of its width");
    if (settings.fromS && settings.toS && !(*settings.fromS < *settings.toS))
        refuse("the figure's interval", "is empty",
            numberText(*settings.fromS).toStdString() + " to "
                + numberText(*settings.toS).toStdString() + " s",
            "a beginning before its end");
}

nlohmann::json figureObject(const FigureSettings& settings)
{
    nlohmann::json object = {
        {"view", settings.view.toStdString()},
        {"size", textOf(settings.size).toStdString()},
        {"dpi", settings.dpi},
        {"theme", textOf(settings.theme).toStdString()},
        {"font_pt", settings.fontPt},
        {"caption", settings.caption},
        {"transparent", settings.transparent},
    };
    if (settings.fromS)
        object["from_s"] = *settings.fromS;
    if (settings.toS)
        object["to_s"] = *settings.toS;
    if (!settings.lanes.isEmpty())
        object["lanes"] = settings.lanes.toStdString();
    if (!settings.title.isNull())
        object["title"] = settings.title.toStdString();
    if (!settings.language.isEmpty())
        object["language"] = settings.language.toStdString();
    return object;
}

FigureSettings figureSettingsFrom(const nlohmann::json& object)
{
    FigureSettings settings;
    try {
        const auto text = [&](const char* name, QString usual) {
            return object.contains(name)
                ? QString::fromStdString(object.at(name).get<std::string>())
                : usual;
        };
        settings.view = text("view", settings.view);
        if (object.contains("size"))
            settings.size = figureSizeFrom(object.at("size").get<std::string>());
        if (object.contains("theme"))
            settings.theme = figureThemeFrom(object.at("theme").get<std::string>());
        settings.dpi = object.value("dpi", settings.dpi);
        settings.fontPt = object.value("font_pt", settings.fontPt);
        settings.caption = object.value("caption", settings.caption);
        settings.transparent = object.value("transparent", settings.transparent);
        if (object.contains("from_s"))
            settings.fromS = object.at("from_s").get<double>();
        if (object.contains("to_s"))
            settings.toS = object.at("to_s").get<double>();
        settings.lanes = text("lanes", {});
        // An empty title says that there is none.
        if (object.contains("title"))
            settings.title = text("title", {}) + QLatin1String("");
        settings.language = text("language", {});
    } catch (const nlohmann::json::exception& error) {
        refuse("the figure's settings", "cannot be read", error.what(),
            "those that a figure of Manyhands holds");
    }
    return settings;
}

QStringList figureOptions(const FigureSettings& settings)
{
    const FigureSettings usual;
    QStringList options;
    const auto add
        = [&](const char* name, const QString& value) { options << QLatin1String(name) << value; };
    const QString size = textOf(settings.size);
    if (size != textOf(usual.size))
        add("--size", size);
    if (settings.dpi != usual.dpi)
        add("--dpi", QString::number(settings.dpi));
    if (settings.theme != usual.theme)
        add("--theme", textOf(settings.theme));
    if (settings.fromS)
        add("--from", numberText(*settings.fromS));
    if (settings.toS)
        add("--to", numberText(*settings.toS));
    if (!settings.lanes.isEmpty())
        add("--lanes", settings.lanes);
    if (settings.fontPt != usual.fontPt)
        add("--font-size", numberText(settings.fontPt) + QLatin1String("pt"));
    if (!settings.title.isNull())
        add("--title", settings.title);
    if (!settings.caption)
        options << QStringLiteral("--no-caption");
    if (settings.transparent)
        options << QStringLiteral("--transparent");
    if (!settings.language.isEmpty())
        add("--language", settings.language);
    return options;
}

} // namespace manyhands::app
