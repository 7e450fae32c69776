// SPDX-License-Identifier: GPL-3.0-or-later
// Draws what --figure asked for.
#pragma once

#include "app/command_line/figure_options.hpp"
#include "app/command_line/interruption.hpp"
#include "app/figures/figure.hpp"

#include <functional>
#include <memory>

namespace manyhands::app {

/// Draws the figures of a run, and what was measured beside it. Needs no display. Returns the exit
/// code that what could not be drawn or written asks for, and has said why; a signal that comes
/// meanwhile leaves out those to come.
int drawFigures(
    const FigureSubject& subject, const FigureOptions& options, const Interruption& interruption);
/// The same of anything: `make` is called when there is a QApplication.
using FigureOf = std::function<std::unique_ptr<FigureDrawing>(const FigureSettings& settings)>;
int drawFigures(
    const FigureOf& make, const FigureOptions& options, const Interruption& interruption);

} // namespace manyhands::app
