// SPDX-License-Identifier: GPL-3.0-or-later
// Measured points over the number of workers, between the ideal and Amdahl's law.
#pragma once

#include "app/views/chart_table.hpp"
#include "app/views/legend_strip.hpp"
#include "app/views/scales.hpp"
#include "engine/analysis/scaling.hpp"

#include <qcustomplot.h>

#include <optional>
#include <vector>

namespace manyhands::app {

/// Hatches what lies beyond the usable CPUs on an axis of workers, and says so.
void drawOversubscribed(QCPPainter& painter, const QCPAxis& workers, double usableCpus,
    const Theme& theme, const QFont& font, double lineScale);

/// The plottables of a speedup chart that stand over workers. Shows speedups or efficiencies.
class ScalingPlot
{
public:
    ScalingPlot(QCPAxis* x, QCPAxis* y);

    /// One point for each number of workers, in their order.
    void setPoints(const std::vector<ScalingPoint>& points, int usableCpus);
    /// How many different numbers of workers were measured.
    int workerCounts() const { return static_cast<int>(m_points.size()); }

    void show(bool shown, bool efficiency);
    void setHidden(bool measured, bool ideal, bool model);
    void style(const Theme& theme, const QFont& font, double lineScale);
    /// Sets the ranges of the axes.
    void scaleAxes() const;
    QSharedPointer<QCPAxisTicker> workersTicker() const { return m_ticker; }

    enum Entry : int { measured, ideal, model };
    QList<LegendEntry> legendEntries(const Theme& theme) const;
    QString pointText(int point) const;
    QPointF pointPlace(int point) const;
    /// The point that is nearest to a position, or -1.
    int pointAt(const QPointF& position) const;
    QString summary() const;
    ChartTable table() const;

private:
    struct Point
    {
        int workers;
        bool oversubscribed;
        ScalingFigures figures;
    };

    double shown(const Point& point, double speedup) const;
    double highest() const;
    void fillModel();

    QCPAxis* m_x;
    QCPAxis* m_y;
    QCPAbstractPlottable* m_beyond; ///< more workers than usable CPUs
    QCPGraph* m_ideal;
    QCPGraph* m_model;
    QCPGraph* m_median;
    QCPErrorBars* m_quartiles;
    QSharedPointer<QCPAxisTicker> m_ticker;
    std::vector<Point> m_points;
    std::variant<ScalingModel, std::string> m_fit;
    int m_usable = 1;
    bool m_efficiency = false;
    const Theme* m_theme;
    QFont m_font;
    double m_lineScale = 1;
};

} // namespace manyhands::app
