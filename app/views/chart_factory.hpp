// SPDX-License-Identifier: GPL-3.0-or-later
// Every chart by its name, for whoever shows or draws one: the window, figures, reports.
#pragma once

#include "engine/description/lesson_description.hpp"

#include <QString>
#include <QStringList>

#include <memory>

namespace manyhands::app {

class Chart;

/// The charts that every run has: "timeline", "ipc", "matrix", "speedup", "efficiency", "budget",
/// "memory", "durations", "sweep".
const QStringList& commonCharts();

/// Those, then the lesson's own views, and "prediction" where it asks for predictions.
QStringList chartsOf(const LessonDescription& lesson);

/// A new chart; nullptr where the lesson has none of that name.
std::unique_ptr<Chart> makeChart(const QString& name, const LessonDescription& lesson);

} // namespace manyhands::app
