// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/observing.hpp"

#include "app/command_line/plain_text.hpp"

#include <algorithm>

namespace manyhands::app {

SessionOptions sessionOptionsFrom(const RunOptions& options)
{
    SessionOptions session;
    session.lesson = find_lesson(options.lesson);
    session.description = describe_lesson(session.lesson);
    session.parameters = session.description.parse(options.parameters);
    session.seed = options.seed;
    session.repeats = options.repeats;
    session.traced = options.traced;
    return session;
}

std::string progressText(const Session::Progress& progress)
{
    std::string text;
    if (progress.phase) {
        std::string phase(name_of(*progress.phase));
        std::replace(phase.begin(), phase.end(), '_', '-');
        text += phase + ' ' + std::to_string(progress.number + 1) + " of "
            + std::to_string(progress.phase == PhaseKind::warm_up ? 1 : progress.repeats) + ", ";
    }
    text += fixedText(progress.elapsed_s, 1) + " s, "
        + countText(static_cast<std::size_t>(progress.alive), "process", "processes") + ", "
        + countText(progress.events, "event", "events");
    if (progress.dropped > 0)
        text += ", " + std::to_string(progress.dropped) + " dropped";
    return text;
}

} // namespace manyhands::app
