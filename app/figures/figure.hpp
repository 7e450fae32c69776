// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of a finished run, as files.
#pragma once

#include "engine/analysis/scaling.hpp"
#include "engine/observe/finished_run.hpp"

#include <QSize>
#include <QString>
#include <QStringList>

#include <vector>

namespace manyhands::app {

/// The views that a figure can show, as the command line names them: timeline, ipc, speedup,
/// budget.
QStringList figureViews();

/// Draws `view` of a finished run, with `points` measured for the same work over numbers of
/// workers, and writes it as PNG to `path`, `size` pixels large. Needs a QApplication (the
/// offscreen platform is enough). Returns an empty text, or what went wrong in one line; an
/// existing file is left as it was then. Refuses sides over 16 384 px.
QString writeFigure(const QString& view, const FinishedRun& run, const QString& path,
    const std::vector<ScalingPoint>& points = {}, QSize size = QSize(1600, 900));

} // namespace manyhands::app
