// SPDX-License-Identifier: GPL-3.0-or-later
// How much the processes tell each other: bytes a second by channel, and below it queue depths.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/scales.hpp"

#include <vector>

namespace manyhands::app {

/// Bytes sent a second, stacked by channel, and the messages waiting in each, against time.
class IpcVolume : public Chart
{
    Q_OBJECT

public:
    explicit IpcVolume(QWidget* parent = nullptr);

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void restyle() override;
    QString hoverText(const QPointF& position) const override;

private:
    void reset();
    void binTransfers(const Recording& recording);
    void addDepths(const Recording& recording);
    void makeSeries(std::size_t channels);
    void styleSeries();
    void scaleAxes(const Recording& recording);
    void fillLegend(const Recording& recording);

    QCPAxisRect* m_depthRect;
    QCPAxis* m_depthTime;
    QCPAxis* m_depth;
    QSharedPointer<UnitTicker> m_timeTicker;
    QSharedPointer<UnitTicker> m_rateTicker;
    QList<QCPBars*> m_bars; ///< a channel each, stacked
    QList<QCPGraph*> m_depths; ///< a channel each

    std::vector<std::vector<double>> m_bytes; ///< by channel and bin
    double m_binS = 0;
    std::size_t m_binned = 0; ///< transfers that are in m_bytes
    std::size_t m_depthsTaken = 0; ///< depth samples that are in m_depths
    double m_endS = 0;
    double m_rateEnd = 0;
    double m_depthEnd = 0;
};

} // namespace manyhands::app
