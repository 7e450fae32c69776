// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory each process had, where the lesson wants it sampled.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/time_axis.hpp"

#include <vector>

namespace manyhands::app {

/// Resident memory (RSS), or the proportional share of it (PSS), of each process against run time:
/// a point for each sample, joined by lines.
class MemoryChart : public Chart
{
    Q_OBJECT

public:
    enum class Measure : std::uint8_t { resident, proportional };

    explicit MemoryChart(QWidget* parent = nullptr);

    void setMeasure(Measure measure);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void restyle() override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return static_cast<int>(m_series.size()); }
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int series, int index) const override;
    void seriesFocused(int series) override;
    bool showsTime() const override { return true; }
    void visibleIntervalChanged() override { refreshSoon(); }
    void selectionChanged() override { refreshSoon(); }

private:
    /// A lane that was sampled.
    struct Series
    {
        std::uint32_t lane;
        QCPGraph* graph;
    };

    bool explainEmpty();
    void reset();
    void takeSamples(const Recording& recording);
    Series& seriesOf(std::uint32_t lane);
    void styleSeries();
    void scaleAxes();
    void fillLegend();
    double valueOf(const MemorySample& sample) const;
    QString pointText(const Series& series, const QCPGraphData& point) const;
    QString measureText() const;

    TimeAxis m_time;
    QSharedPointer<UnitTicker> m_valueTicker;
    Measure m_measure = Measure::resident;
    std::vector<Series> m_series; ///< in the order of their lanes
    std::size_t m_taken = 0;
    std::int64_t m_takenUntil_ns = 0; ///< of a replay, which may go back
    double m_valueEnd = 0;
};

} // namespace manyhands::app
