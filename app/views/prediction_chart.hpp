// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions and what came of them, one under the other, each on its own scale.
#pragma once

#include "app/views/chart.hpp"

#include <vector>

namespace manyhands::app {

/// A row for each prediction: of a number the scale, with the prediction as a hollow diamond that
/// can be moved until the run has answered it; of a choice its ranges; upon it the measurement with
/// its spread, and in words whether the prediction is inside.
class PredictionChart : public Chart
{
    Q_OBJECT

public:
    explicit PredictionChart(QWidget* parent = nullptr);

    QString summary() const override;
    ChartTable table() const override;

    /// Where the diamond and the measurement of a row stand, in pixels. Only where they are.
    QPointF predictedPlace(int row) const;
    QPointF measuredPlace(int row) const;

protected:
    void refresh(bool afresh) override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override;
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int, int) const override { return -1; }
    QRect partRect(int part) const override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    /// The parts of a row, from top to bottom.
    struct Places
    {
        QRectF all;
        QRectF question; ///< empty where there is no room
        QRectF scale;
        QRectF ends;
        QRectF words;
    };

    void fillLegend();
    Places placesOf(int row) const;
    const PredictedPoint& at(int row) const;
    int rowAt(const QPointF& position) const;
    double pixelOf(int row, double value) const;
    double valueOf(int row, double pixel) const;
    void drawRows(QCPPainter& painter) const;
    void drawScale(QCPPainter& painter, int row) const;
    void drawRanges(QCPPainter& painter, int row) const;
    void drawAnswer(QCPPainter& painter, int row) const;

    int m_moved = -1; ///< row that the mouse holds
};

} // namespace manyhands::app
