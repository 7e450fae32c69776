// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of a comparison of runs, as files.
#pragma once

#include "app/views/compared_runs.hpp"

#include <QFont>
#include <QSize>
#include <QString>
#include <QStringList>

#include <memory>

class QPainter;

namespace manyhands::app {

/// The views that a comparison can be drawn in, as the command line names them: timeline, budget,
/// speedup, ipc.
QStringList comparisonViews();

/// Paints one view of a comparison, with a title above and what each run is below, upon the
/// rectangle of that size at the painter's origin. `view` is one of comparisonViews().
void paintComparison(QPainter& painter, QSize size, const QString& view,
    std::shared_ptr<const ComparedRuns> runs, const Theme& theme, const QFont& font);

/// Writes a view as PNG to `path`, `size` pixels large. Needs a QApplication (the offscreen
/// platform is enough). Returns an empty text, or what went wrong in one line; an existing file is
/// left as it was then.
QString writeComparisonFigure(const QString& view, std::shared_ptr<const ComparedRuns> runs,
    const QString& path, QSize size = QSize(1600, 900));

} // namespace manyhands::app
