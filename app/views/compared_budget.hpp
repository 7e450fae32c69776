// SPDX-License-Identifier: GPL-3.0-or-later
// The time budgets of several runs: for each category a bar for each run.
#pragma once

#include "app/views/compared_runs.hpp"
#include "app/views/lane_chart.hpp"
#include "app/views/scales.hpp"

namespace manyhands::app {

/// Rows of categories, in each the runs from top to bottom, on one scale: seconds of all processes
/// together, or their share.
class ComparedBudget : public LaneChart
{
    Q_OBJECT

public:
    explicit ComparedBudget(QWidget* parent = nullptr);

    void setRuns(std::shared_ptr<const ComparedRuns> runs);
    void setPercent(bool percent);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void drawRows(QCPPainter& painter) override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return static_cast<int>(m_categories.size()); }
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int, int index) const override { return index; }
    void seriesFocused(int series) override { ensureRowVisible(series); }
    void keyPressEvent(QKeyEvent* event) override;

private:
    bool hasBudget(std::size_t run) const;
    /// Seconds, or a share of the run's total where that is switched on.
    double valueOf(std::size_t run, BudgetCategory category) const;
    QString valueWords(std::size_t run, BudgetCategory category) const;
    QRectF barOf(int row, std::size_t run) const;
    QString textOf(int row, std::size_t run) const;
    void fillLegend();

    std::shared_ptr<const ComparedRuns> m_runs;
    std::vector<BudgetCategory> m_categories; ///< that any run spent time on, the most first
    QSharedPointer<UnitTicker> m_ticker;
    bool m_percent = false;
};

} // namespace manyhands::app
