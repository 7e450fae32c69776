// SPDX-License-Identifier: GPL-3.0-or-later
// The program's sign, drawn.
#pragma once

#include <QIcon>

namespace manyhands::app {

/// Lanes of processes, in the colours of their states.
QIcon drawnIcon();

} // namespace manyhands::app
