// SPDX-License-Identifier: MIT
// The observer's side of a watched program: what its host says, and how it is told to pause and to
// end.
#pragma once

#include "engine/description/result_document.hpp"
#include "engine/description/watch_report.hpp"
#include "engine/observe/watched_command.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/recording/recording.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace manyhands {

/// Belongs to the session.
class WatchedRun
{
public:
    explicit WatchedRun(WatchedCommand command);

    /// The words for the lesson program that become its host, and the descriptor that it must
    /// inherit besides those named.
    std::vector<std::string> arguments(int segment, int lifeline) const;
    int inherited() const noexcept { return reports_.write.get(); }
    /// The host has been started: its end is ours no more.
    void started();

    /// Takes in what the host has said; never blocks.
    void poll();
    const WatchReport& report() const noexcept { return report_; }

    void pause() const noexcept;
    void resume() const noexcept;
    /// Waits until the host and all that it watched have gone, of which the closed lifeline has
    /// told it; kills it after a while.
    void wait_for_end(int guard, int guard_descriptor) const noexcept;

    /// What came out. `judged`: children that a signal ended are failures.
    ResultDocument document(const Recording& recording, bool judged) const;
    /// What went wrong with the program itself, one line; empty where nothing did.
    std::string problem(const Recording& recording) const;

private:
    WatchedCommand command_;
    os::PipeEnds reports_;
    std::string text_;
    WatchReport report_;
};

} // namespace manyhands
