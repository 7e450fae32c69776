// SPDX-License-Identifier: GPL-3.0-or-later
// The speedup as it grows, S(t) = (work done ÷ all work) × T1 ÷ t, and over numbers of workers.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/scales.hpp"
#include "app/views/scaling_plot.hpp"

#include "engine/analysis/speedup.hpp"

#include <vector>

namespace manyhands::app {

/// S(t) of the repeat under way, against the ideal and the CPUs that may be used; or what was
/// measured with different numbers of workers, as speedup or efficiency. Points are shown once
/// there are two, until a person chooses. Predictions of it stand beside it.
class SpeedupChart : public Chart
{
    Q_OBJECT

public:
    enum class Mode : std::uint8_t { curve, points, efficiency };

    explicit SpeedupChart(QWidget* parent = nullptr);

    void setMode(Mode mode);
    Mode mode() const { return m_mode; }

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void restyle() override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return m_predicted.empty() ? 1 : 2; }
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int series, int index = 0) const override;

private:
    void takePoints();
    void chooseMode();
    bool explainEmpty();
    bool explainNoPoints();
    void showCurve();
    void showPoints();
    void scaleAxes();
    void fillLegend();
    std::optional<double> finalSpeedup() const;
    std::optional<double> lastSpeedup() const;
    void takePredictions();
    /// What a prediction comes to on the y axis.
    double shownPrediction(const PredictedPoint& point) const;
    QPointF predictionPlace(const PredictedPoint& point) const;
    void makeRoomForPredictions();
    void drawPredictions(QCPPainter& painter) const;
    QString predictionWords(const PredictedPoint& point) const;
    LegendEntry predictionEntry() const;

    QCPGraph* m_curve;
    QCPGraph* m_end; ///< its last point, which may be the only one
    QCPGraph* m_ideal;
    QCPGraph* m_usable;
    QCPItemText* m_value; ///< at the end of the curve
    QSharedPointer<UnitTicker> m_timeTicker;
    QSharedPointer<UnitTicker> m_valueTicker;
    ScalingPlot m_scaling;
    Mode m_mode = Mode::curve;
    bool m_modeChosen = false; ///< by a person
    bool m_choosing = false; ///< the chart itself sets its switch
    std::vector<SpeedupPoint> m_points;
    std::vector<PredictedPoint> m_predicted; ///< those of the speedup or efficiency
    double m_endS = 0;
    double m_speedupEnd = 0;
};

} // namespace manyhands::app
