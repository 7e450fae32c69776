// SPDX-License-Identifier: GPL-3.0-or-later
// How a command without a window takes a run, or a sweep of runs, to its end.
#pragma once

#include "app/command_line/console.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/run_options.hpp"
#include "engine/observe/session.hpp"

#include <chrono>
#include <string>

namespace manyhands::app {

/// What to run, of the lesson that `options` name. Throws BadValue for parameters it does not have.
SessionOptions sessionOptionsFrom(const RunOptions& options);

/// "repeat 2 of 5, 1.3 s, 3 processes, 812 events".
std::string progressText(const Session::Progress& progress);

/// Takes `observed`, a Session or a Sweep, to its end: stops it at a signal, a second one kills it,
/// or when the time of `options` is over. `text` says how far it is.
template <typename Observed, typename Text>
void observe(
    Observed& observed, const RunOptions& options, const Interruption& interruption, Text text)
{
    using Clock = std::chrono::steady_clock;
    /// What is recorded must be taken in at least this often.
    constexpr std::chrono::milliseconds longestWait{33};
    /// Often enough to look alive, and no load.
    constexpr std::chrono::milliseconds progressInterval{100};

    const Clock::time_point begin = Clock::now();
    ProgressLine progressLine(!options.quiet);
    Clock::time_point nextProgress = begin;
    bool timeIsOver = false;
    int signalsHandled = 0;
    while (observed.poll()) {
        for (const int seen = interruption.count(); signalsHandled < seen; ++signalsHandled)
            observed.stop(StopReason::person);
        const Clock::time_point now = Clock::now();
        const std::chrono::duration<double> elapsed = now - begin;
        auto wait = longestWait;
        if (options.timeoutSeconds && !timeIsOver) {
            const double left = *options.timeoutSeconds - elapsed.count();
            timeIsOver = left <= 0;
            // A run that is being stopped already is not killed by its time-out, too.
            if (timeIsOver && signalsHandled == 0)
                observed.stop(StopReason::timeout);
            if (left > 0 && left < 0.033)
                wait = std::chrono::milliseconds(static_cast<int>(left * 1000) + 1);
        }
        if (progressLine.shown() && now >= nextProgress) {
            progressLine.show(
                observed.state() == RunState::stopping ? std::string("stopping ...") : text());
            nextProgress = now + progressInterval;
        }
        observed.wait(wait);
    }
}

} // namespace manyhands::app
