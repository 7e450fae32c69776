// SPDX-License-Identifier: GPL-3.0-or-later
// A curve of each of several runs over their common time, in one plot or each in its own.
#pragma once

#include "app/views/channel_index.hpp"
#include "app/views/chart.hpp"
#include "app/views/compared_runs.hpp"
#include "app/views/scales.hpp"
#include "app/views/time_axis.hpp"

#include <array>

namespace manyhands::app {

/// S(t), or what was sent, of each run; side by side the axes are the same. Shows the stretch of
/// the common time that its view state does.
class ComparedCurves : public Chart
{
    Q_OBJECT

public:
    enum class Subject : std::uint8_t { speedup, ipc };
    enum class Shape : std::uint8_t { rate, cumulative };

    explicit ComparedCurves(Subject subject, QWidget* parent = nullptr);

    void setRuns(std::shared_ptr<const ComparedRuns> runs);
    void setSideBySide(bool sideBySide);
    /// Of what was sent.
    void setShape(Shape shape);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void restyle() override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override;
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    bool showsTime() const override { return true; }
    void visibleIntervalChanged() override { refreshSoon(); }

private:
    struct Point
    {
        double timeS; ///< common time
        double value;
    };

    void takeIn();
    std::vector<Point> speedupsOf(const AlignedRun& run) const;
    std::vector<Point> sentOf(std::size_t run) const;
    void arrange();
    void scaleAxes();
    void fillLegend();
    bool explainEmpty();
    QString valueWords(double value) const;
    QString pointText(std::size_t run, const Point& point) const;
    std::size_t plotOf(std::size_t run) const { return m_sideBySide ? run : 0; }
    std::uint64_t sentBefore(std::size_t run, std::int64_t recorded_ns) const;

    Subject m_subject;
    Shape m_shape = Shape::rate;
    bool m_sideBySide = false;
    std::array<QCPAxisRect*, most_compared> m_plots;
    std::array<QCPGraph*, most_compared> m_graphs = {};
    TimeAxis m_time;
    QSharedPointer<UnitTicker> m_ticker;
    std::shared_ptr<const ComparedRuns> m_runs;
    std::array<ChannelIndex, most_compared> m_sent;
    std::array<std::vector<Point>, most_compared> m_points;
};

} // namespace manyhands::app
