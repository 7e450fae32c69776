// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline: a lane for each process as it really starts, and what it does from moment to
// moment.
#pragma once

#include "app/views/lane_chart.hpp"
#include "app/views/scales.hpp"

#include <array>
#include <vector>

namespace manyhands::app {

/// States of all processes against the time since the start.
class Timeline : public LaneChart
{
    Q_OBJECT

public:
    explicit Timeline(QWidget* parent = nullptr);

    /// The pixel column of a moment.
    double timeToPixel(qint64 ns) const;
    QColor stateColour(State state) const { return theme().stateColour(state); }

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    void drawRows(QCPPainter& painter) override;
    QString hoverText(const QPointF& position) const override;

private:
    void drawPhases(QCPPainter& painter) const;
    void noteStates(const Recording& recording);
    void fillLegend();

    QSharedPointer<UnitTicker> m_ticker;
    double m_endS = 0;
    std::array<bool, state_count> m_met = {}; ///< states that some lane was in
    std::vector<std::size_t> m_spansNoted; ///< by lane
};

} // namespace manyhands::app
