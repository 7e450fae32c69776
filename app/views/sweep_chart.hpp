// SPDX-License-Identifier: GPL-3.0-or-later
// What was measured over the values of one parameter: where it is fastest, and where a model says
// so.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/scales.hpp"

#include <vector>

namespace manyhands::app {

/// Wall time or speedup over any parameter: numbers on an axis, linear or logarithmic by their
/// span, choices side by side.
class SweepChart : public Chart
{
    Q_OBJECT

public:
    enum class Mode : std::uint8_t { wallTime, speedup };

    explicit SweepChart(QWidget* parent = nullptr);

    void setMode(Mode mode);
    Mode mode() const { return m_mode; }
    /// The place of the best value among those measured; -1 where none is.
    int best() const { return m_best; }

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void restyle() override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return 1; }
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int series, int index) const override;

private:
    struct Spread
    {
        double low = 0;
        double median = 0;
        double high = 0;
    };
    struct Point
    {
        double place; ///< on the x axis
        QString name;
        std::size_t n;
        Spread wall_s;
        std::optional<double> sequentialS;
        std::optional<Spread> speedup;
        bool oversubscribed;
    };
    /// A value that something says is the best one.
    struct Vertical
    {
        double place;
        bool byPerson; ///< else by the lesson
        QString text;
    };

    void takePoints();
    void takeVerticals();
    bool explainEmpty();
    void findBest();
    void scaleX();
    void nameChoices();
    void scaleY();
    void fill();
    void fillLegend();
    void drawMarks(QCPPainter& painter) const;
    /// With its words in that row; without them below 0.
    void drawVertical(QCPPainter& painter, const Vertical& vertical, int row) const;
    void drawWords(QCPPainter& painter, const QString& words, QRectF box) const;
    bool isShown(const Point& point) const;
    const Spread& shown(const Point& point) const;
    std::optional<double> reference() const;
    bool hasNumbers() const;
    QString label() const;
    QString valueText(double value) const;
    QString pointText(const Point& point) const;
    QPointF pointPlace(const Point& point) const;

    QCPGraph* m_reference; ///< the serial run
    QCPGraph* m_line;
    QCPGraph* m_medians;
    QCPErrorBars* m_quartiles;
    QSharedPointer<WholeTicker> m_wholeTicker;
    QSharedPointer<UnitTicker> m_xTicker;
    QSharedPointer<LogTicker> m_xLogTicker;
    QSharedPointer<QCPAxisTickerText> m_choiceTicker;
    QSharedPointer<UnitTicker> m_yTicker;
    QSharedPointer<LogTicker> m_yLogTicker;
    Mode m_mode = Mode::wallTime;
    std::vector<Point> m_points;
    std::vector<Vertical> m_verticals;
    int m_best = -1;
};

} // namespace manyhands::app
