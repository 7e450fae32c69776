// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/moving.hpp"

#include "app/command_line/console.hpp"
#include "app/command_line/option_values.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace manyhands::app {
namespace {

template <typename Number>
Number numberOf(const char* option, const std::string& text, const char* allowed)
{
    const auto value = numberFrom<Number>(text);
    if (!value)
        refuseValue(option, text, allowed);
    return *value;
}

} // namespace

MovingPictureSettings MovingOptions::with(FigureSettings figure) const
{
    MovingPictureSettings settings;
    settings.figure = std::move(figure);
    settings.fps = fps.value_or(settings.fps);
    settings.seconds = seconds.value_or(settings.seconds);
    return settings;
}

const std::vector<OptionDescription>& movingOptions()
{
    static const std::vector<OptionDescription> options = {
        {"--frames", "[VIEW=]FOLDER", "write the replay as PNG frames; of the timeline, or of ipc"},
        {"--fps", "N", "frames a second of frames and animated GIFs; 20 unless given"},
        {"--seconds", "S", "that the interval takes in frames and animated GIFs; 10 unless given"},
    };
    return options;
}

MovingOptions movingOptionsFrom(const Arguments& given)
{
    MovingOptions options;
    if (const auto text = given.value("--frames")) {
        const auto equals = text->find('=');
        const std::string before = text->substr(0, std::min(equals, text->size()));
        // Any other name with a sign in it is a folder's.
        const bool named
            = equals != std::string::npos && movingViews().contains(QString::fromStdString(before));
        if (named)
            options.framesView = before;
        options.frames = named ? text->substr(equals + 1) : *text;
        checkMovingPath(*options.frames, MovingFormat::frames);
    }
    if (const auto text = given.value("--fps"))
        options.fps = numberOf<int>("--fps", *text, "a whole number from 1 to 50");
    if (const auto text = given.value("--seconds"))
        options.seconds = numberOf<double>("--seconds", *text, "seconds, more than 0");
    return options;
}

bool writeMovingPicture(const FigureSubject& subject, const MovingPictureSettings& settings,
    const std::filesystem::path& path, MovingFormat format, const Interruption& interruption,
    bool quiet)
{
    const int signalsBefore = interruption.count();
    ProgressLine line(!quiet);
    try {
        MovingPicture picture(subject, settings);
        MovingPictureFile file(picture, path, format);
        bool more = true;
        while (more) {
            if (interruption.count() > signalsBefore)
                throw Error({.object = path.string(), .problem = "was not written: interrupted"});
            line.show("frame " + std::to_string(file.written() + 1) + " of "
                + std::to_string(file.frames()));
            more = file.writeNext();
        }
        return true;
    } catch (const Error& error) {
        line.show({});
        printError(error.what());
        return false;
    }
}

} // namespace manyhands::app
