// SPDX-License-Identifier: GPL-3.0-or-later
// Every key of the window and what it does, made from the actions themselves.
#pragma once

#include <QWidget>

namespace manyhands::app {

class WindowActions;

/// Opens the overview over `parent`; it goes with Esc, or when it is closed.
QWidget* showKeys(const WindowActions& actions, QWidget* parent);

} // namespace manyhands::app
