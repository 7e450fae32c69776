// SPDX-License-Identifier: GPL-3.0-or-later
// How long tasks took: a histogram with median and quartiles.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/scales.hpp"
#include "engine/analysis/durations.hpp"

namespace manyhands::app {

/// The durations of the tasks of the shown repeat, or of the selected interval. Where they differ
/// by a hundred times and more the axis is logarithmic.
class DurationsChart : public Chart
{
    Q_OBJECT

public:
    explicit DurationsChart(QWidget* parent = nullptr);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return 1; }
    QString seriesName(int) const override { return tr("tasks by duration"); }
    int datumCount(int) const override { return static_cast<int>(m_histogram.bins.size()); }
    Datum datum(int series, int index) const override;
    int legendIdOf(int, int) const override { return -1; }
    void selectionChanged() override { refreshSoon(); }

private:
    void count();
    bool explainEmpty();
    void scaleAxes();
    void fillLegend();
    void drawBars(QCPPainter& painter) const;
    void drawMarks(QCPPainter& painter) const;
    QString binText(const DurationBin& bin) const;
    double pixelOf(double ns) const;

    QSharedPointer<UnitTicker> m_ticker;
    QSharedPointer<QCPAxisTickerLog> m_logTicker;
    DurationHistogram m_histogram;
    bool m_cut = false; ///< of a selected interval
    std::uint64_t m_revision = 0; ///< that m_histogram is of
    Interval m_interval;
    double m_countEnd = 0;
};

} // namespace manyhands::app
