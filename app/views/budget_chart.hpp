// SPDX-License-Identifier: GPL-3.0-or-later
// The time budget: what each process spent its seconds on, adding up to its lifetime.
#pragma once

#include "app/views/lane_chart.hpp"
#include "app/views/scales.hpp"

namespace manyhands::app {

/// A stacked bar for all workers together (scale above) and one for each process (scale below), in
/// seconds or in per cent of its lifetime.
class BudgetChart : public LaneChart
{
    Q_OBJECT

public:
    explicit BudgetChart(QWidget* parent = nullptr);

    void setPercent(bool percent);
    /// The processes in the order of what they spent on a category, most first; byLifetime; or as
    /// they started.
    static constexpr int byStart = -2;
    static constexpr int byLifetime = -1;
    void setSorting(int category);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void drawRows(QCPPainter& painter) override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return static_cast<int>(m_rows.size()); }
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int series, int index) const override;
    void seriesFocused(int series) override { ensureRowVisible(series); }
    void keyPressEvent(QKeyEvent* event) override;

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
    void sortRows();
    void scaleAxes();
    void fillLegend();
    void drawTotal(QCPPainter& painter, int row) const;
    /// Coordinates for a second of a row.
    double scaleOf(const Row& row) const;
    QString partText(const Row& row, const Part& part) const;
    QCPAxis* axisOf(int row) const { return row == 0 ? xAxis2 : xAxis; }
    /// What a row's bar consists of, in seconds; without what is hidden.
    QList<Part> parts(const Budget& budget) const;

    QList<Row> m_rows;
    QSharedPointer<UnitTicker> m_lanesTicker;
    QSharedPointer<UnitTicker> m_allTicker;
    double m_lanesEnd = 0;
    double m_allEnd = 0;
    bool m_percent = false;
    int m_sorting = byStart;
};

} // namespace manyhands::app
