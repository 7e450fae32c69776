// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl-C and its like, noticed rather than died of, so that a run can be stopped and kept.
#pragma once

namespace manyhands::app {

/// While it lives, SIGINT, SIGTERM and SIGHUP are counted instead of ending the program; those that
/// were ignored (nohup, a script's background job) stay ignored. One at a time.
class Interruption
{
public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    /// How many signals came.
    int count() const;
    /// The number of the first of them; 0 where none came.
    int signal() const;
};

} // namespace manyhands::app
