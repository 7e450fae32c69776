// SPDX-License-Identifier: GPL-3.0-or-later
// The speedup as it grows: S(t) = (work done ÷ all work) × T1 ÷ t.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/scales.hpp"

#include "engine/analysis/speedup.hpp"

#include <vector>

namespace manyhands::app {

/// S(t) of the repeat under way, against the ideal and the CPUs that may be used.
class SpeedupChart : public Chart
{
    Q_OBJECT

public:
    explicit SpeedupChart(QWidget* parent = nullptr);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void restyle() override;
    QString hoverText(const QPointF& position) const override;

private:
    void takePoints();
    bool explainEmpty();
    void scaleAxes();
    void fillLegend();
    std::optional<double> lastSpeedup() const;

    QCPGraph* m_curve;
    QCPGraph* m_end; ///< its last point, which may be the only one
    QCPGraph* m_ideal;
    QCPGraph* m_usable;
    QCPItemText* m_value; ///< at the end of the curve
    QSharedPointer<UnitTicker> m_timeTicker;
    std::vector<SpeedupPoint> m_points;
    double m_endS = 0;
    double m_speedupEnd = 0;
};

} // namespace manyhands::app
