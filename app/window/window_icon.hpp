// SPDX-License-Identifier: GPL-3.0-or-later
// The program's sign, drawn.
#pragma once

#include <QIcon>
#include <QPalette>

namespace manyhands::app {

/// Lanes of processes, in the colours of their states.
QIcon drawnIcon();

/// A sign for a button, in a colour of the present palette: icons of the system keep theirs.
enum class Sign : std::uint8_t { play, pause, stop, table, large };
QIcon drawnSign(Sign sign, const QPalette& palette);

} // namespace manyhands::app
