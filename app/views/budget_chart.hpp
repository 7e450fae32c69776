// SPDX-License-Identifier: GPL-3.0-or-later
// The time budget: what each process spent its seconds on, adding up to its lifetime.
#pragma once

#include "app/views/lane_chart.hpp"
#include "app/views/scales.hpp"

namespace manyhands::app {

/// A stacked bar for all workers together (scale above) and one for each process (scale below).
class BudgetChart : public LaneChart
{
    Q_OBJECT

public:
    explicit BudgetChart(QWidget* parent = nullptr);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void drawRows(QCPPainter& painter) override;
    QString hoverText(const QPointF& position) const override;

private:
    /// A row's budget: the workers' sum, then the lanes that lived in the interval.
    struct Row
    {
        QString name;
        QString shortName;
        Budget budget;
    };
    struct Part
    {
        BudgetCategory category;
        double begin;
        double end;
    };

    void addUp();
    void fillLegend();
    QCPAxis* axisOf(int row) const { return row == 0 ? xAxis2 : xAxis; }
    static QList<Part> parts(const Budget& budget);

    QList<Row> m_rows;
    QSharedPointer<UnitTicker> m_lanesTicker;
    QSharedPointer<UnitTicker> m_allTicker;
    double m_lanesEnd = 0;
    double m_allEnd = 0;
};

} // namespace manyhands::app
