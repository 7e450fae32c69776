// SPDX-License-Identifier: GPL-3.0-or-later
// A chart of the lesson's own: what it describes, filled with the series of its runs.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/scales.hpp"

#include <vector>

namespace manyhands::app {

/// Draws any series of a view, and the predictions that are made on it: a diamond that can be moved
/// up and down by mouse and by keys until the run has answered it.
class LessonView : public Chart
{
    Q_OBJECT

public:
    explicit LessonView(const ViewDescription& view, QWidget* parent = nullptr);

    const ViewDescription& view() const { return m_view; }

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override;
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int series, int index) const override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    struct Point
    {
        double x;
        double y;
        double low; ///< the same as y where there is no spread
        double high;
    };
    /// Of the run, without what the axes cannot show.
    struct Drawing
    {
        QString name;
        SeriesStyle style;
        bool reference;
        std::vector<Point> points;
    };

    void takeSeries();
    /// Places among predictions() of those that are made in this view. Not kept: while the chart is
    /// hidden there may be others before it is drawn again.
    std::vector<std::size_t> predictedHere() const;
    bool explainEmpty();
    /// Bars stand at whole numbers alone.
    bool countsAcross() const;
    void scaleAxes();
    void fillLegend();
    SeriesLook lookOf(std::size_t series) const;
    bool canShow(double x, double y) const;
    QPointF place(double x, double y) const;
    QPointF diamondPlace(const PredictedPoint& point) const;
    double barWidth() const;
    QRectF barOf(std::size_t series, const Point& point, double width) const;
    void drawSeries(QCPPainter& painter) const;
    void drawLine(QCPPainter& painter, std::size_t series) const;
    void drawBars(QCPPainter& painter, std::size_t series) const;
    void drawMarkers(QCPPainter& painter, std::size_t series) const;
    void drawSpreads(QCPPainter& painter, std::size_t series) const;
    void drawPredictions(QCPPainter& painter) const;
    QString pointText(const Drawing& drawing, const Point& point) const;
    /// Of the diamond under the pointer that may be moved, among predictedHere(); -1 where none is.
    int movableAt(const QPointF& position) const;
    bool focusesPrediction() const;

    ViewDescription m_view;
    std::vector<Drawing> m_drawings;
    int m_moved = -1; ///< that the mouse holds, among predictedHere()
};

} // namespace manyhands::app
