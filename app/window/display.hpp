// SPDX-License-Identifier: GPL-3.0-or-later
// Whether there is a display for a window; Qt would abort where there is none.
#pragma once

#include <string>

namespace manyhands::app {

/// Connects to the display as Qt will, and stays connected while it lives: an X server without any
/// other client resets when its last one goes, and refuses the next one meanwhile.
class DisplayProbe
{
public:
    DisplayProbe();
    ~DisplayProbe();
    DisplayProbe(const DisplayProbe&) = delete;
    DisplayProbe& operator=(const DisplayProbe&) = delete;

    /// Empty where a window can be shown, else why not, in one line.
    const std::string& problem() const { return m_problem; }

private:
    bool xAnswers();

    std::string m_problem;
    void* m_library = nullptr; ///< libxcb
    void* m_connection = nullptr; ///< to the X server
};

} // namespace manyhands::app
