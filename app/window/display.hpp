// SPDX-License-Identifier: GPL-3.0-or-later
// Whether there is a display for a window; Qt would abort where there is none.
#pragma once

#include <string>

namespace manyhands::app {

/// Empty where a window can be shown, else why not, in one line.
std::string displayProblem();

} // namespace manyhands::app
