// SPDX-License-Identifier: GPL-3.0-or-later
// The data table of a chart, in a window beside the main one.
#pragma once

#include <QWidget>

namespace manyhands::app {

class Chart;

/// Opens a window with the table of a chart, kept up with it; it belongs to `parent` and goes when
/// it is closed. Esc closes it.
QWidget* openTableWindow(Chart& chart, QWidget* parent);

} // namespace manyhands::app
