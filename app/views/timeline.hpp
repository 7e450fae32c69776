// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline: a lane for each process as it really starts, and what it does from moment to
// moment.
#pragma once

#include "app/views/lane_chart.hpp"
#include "app/views/time_axis.hpp"
#include "engine/analysis/critical_path.hpp"
#include "engine/analysis/messages.hpp"
#include "engine/analysis/wait_for_graph.hpp"

#include <array>
#include <optional>
#include <vector>

class QActionGroup;

namespace manyhands::app {

/// States of all processes against the time that the run ran: pauses have no width.
class Timeline : public LaneChart
{
    Q_OBJECT

public:
    explicit Timeline(QWidget* parent = nullptr);

    /// The pixel column of a recorded moment, and the recorded moment of a column.
    double timeToPixel(std::int64_t ns) const;
    std::int64_t pixelToTime(double x) const;
    QColor stateColour(State state) const { return theme().stateColour(state); }
    /// Without it the chart is one of several above each other, whose lowest has the time's labels.
    void setTimeLabelled(bool labelled);
    /// The span drawn at a position, the lane where there is none, or nothing.
    Target targetAt(const QPointF& position) const;

    QString summary() const override;
    ChartTable table() const override;
    QString focusedText() const override;
    /// The lanes, and what is selected.
    int partCount() const override;
    QString partName(int part) const override;
    QRect partRect(int part) const override;

protected:
    bool showsForeign() const override { return true; }
    void refresh(bool afresh) override;
    void drawRows(QCPPainter& painter) override;
    bool isMarked(int row) const override;
    QString hoverText(const QPointF& position) const override;
    bool showsTime() const override { return true; }
    std::int64_t zoomCentre() const override;
    void visibleIntervalChanged() override;
    void selectionChanged() override;

    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    enum class Drag : std::uint8_t { none, select, pan };

    Interval visible() const { return m_time.visible(); }
    void showVisible();
    void fillLegend();
    void updatePath();
    void updateWaits();
    const WaitForGraph* deadlock() const;
    void updateMessages();
    bool walkKey(int key);
    bool timeKey(int key);
    void selectLane(int step);
    void selectSpan(int step);
    void followMessage(bool forwards);
    void focusSelection();
    void bringIntoView(const Target& target);
    QRectF spanRect(const Target& target) const;

    void drawPhases(QCPPainter& painter) const;
    void drawNames(QCPPainter& painter) const;
    void drawPauses(QCPPainter& painter) const;
    void drawHolds(QCPPainter& painter) const;
    void drawFailures(QCPPainter& painter) const;
    void drawPath(QCPPainter& painter) const;
    void drawMessages(QCPPainter& painter) const;
    void drawWaits(QCPPainter& painter) const;
    void drawSelection(QCPPainter& painter) const;
    void drawFollowing(QCPPainter& painter);

    TimeAxis m_time;
    bool m_timeLabelled = true;
    QActionGroup* m_arrowSwitch;
    QActionGroup* m_pathSwitch;
    LaneMessages m_messages; ///< whose arrows are drawn
    std::optional<CriticalPath> m_path;
    std::uint64_t m_pathRevision = 0;
    std::optional<WaitForGraph> m_waits;
    std::uint64_t m_waitsRevision = 0;
    std::int64_t m_waitsRestNs = 0; ///< before a run that goes on is looked at again
    QRectF m_followChip; ///< where a click follows the run again; empty while it is followed
    Drag m_drag = Drag::none;
    QPointF m_dragFrom;
    Interval m_dragVisible;
    bool m_dragged = false;
};

} // namespace manyhands::app
