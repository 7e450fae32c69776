// SPDX-License-Identifier: GPL-3.0-or-later
// How much the processes tell each other: bytes or messages by channel, and below it queue depths.
#pragma once

#include "app/views/channel_index.hpp"
#include "app/views/chart.hpp"
#include "app/views/time_axis.hpp"

#include <vector>

namespace manyhands::app {

/// What was sent, stacked by channel, and the messages waiting in each, against run time.
class IpcVolume : public Chart
{
    Q_OBJECT

public:
    enum class Measure : std::uint8_t { bytes, messages };
    enum class Shape : std::uint8_t { rate, cumulative };

    explicit IpcVolume(QWidget* parent = nullptr);

    void setMeasure(Measure measure);
    void setShape(Shape shape);

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
    int legendIdOf(int series, int index = 0) const override;
    void seriesFocused(int series) override;
    void pressedAt(const QPointF& position) override;
    bool showsTime() const override { return true; }
    void visibleIntervalChanged() override { refreshSoon(); }
    void selectionChanged() override { refreshSoon(); }

private:
    /// A channel, or all that have no place of their own.
    struct Series
    {
        QString name;
        std::vector<std::size_t> channels;
        SeriesLook look;
        QCPGraph* depth = nullptr;
    };
    /// A bar: what was sent by a series within it.
    struct Bin
    {
        double beginS; ///< run time
        double endS;
        std::int64_t begin_ns; ///< recorded time
        std::int64_t end_ns;
        std::vector<ChannelIndex::Sum> sent; ///< by series
        std::vector<ChannelIndex::Sum> inAll; ///< until its end
    };

    void reset();
    bool explainEmpty();
    void makeSeries(const Recording& recording);
    void styleSeries();
    void makeBins(const Recording& recording);
    void makeDepths(const Recording& recording);
    void scaleAxes();
    void scaleDepths();
    void fillLegend(const Recording& recording);
    void drawBars(QCPPainter& painter);
    ChannelIndex::Sum sentBefore(const Series& series, std::int64_t time_ns) const;
    /// The height of a series in a bin, as it is switched; 0 where it is hidden.
    double heightOf(const Bin& bin, int series) const;
    double shownValue(const Bin& bin, int series) const;
    QString textOf(const Bin& bin, int series) const;
    /// Which bin and series are at a position; -1 where there is none.
    std::pair<int, int> at(const QPointF& position) const;
    int selectedSeries() const;
    void select(int series);

    QCPAxisRect* m_depthRect;
    QCPAxis* m_depthTime;
    QCPAxis* m_depth;
    TimeAxis m_time;
    QSharedPointer<UnitTicker> m_valueTicker;
    Measure m_measure = Measure::bytes;
    Shape m_shape = Shape::rate;
    ChannelIndex m_index;
    std::vector<Series> m_series;
    std::vector<std::size_t> m_channelsShown;
    std::vector<Bin> m_bins;
    double m_valueEnd = 0;
    double m_depthEnd = 0;
};

} // namespace manyhands::app
