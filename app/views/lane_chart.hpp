// SPDX-License-Identifier: GPL-3.0-or-later
// Charts with a row for each process: names at the left, rows that scroll when they are many.
#pragma once

#include "app/views/chart.hpp"

#include <functional>

class QScrollBar;

namespace manyhands::app {

/// A chart of lanes from top to bottom.
class LaneChart : public Chart
{
    Q_OBJECT

public:
    LaneChart(const QString& title, const QString& accessibleName, QWidget* parent = nullptr);

    /// Where the bar of a row stands, in pixels; outside the chart for one scrolled away.
    QRectF laneRect(int row) const;
    /// False for a row that is left out.
    bool isRowShown(int row) const { return m_places.empty() || m_places[row] >= 0; }
    /// The row at a height, or -1.
    int laneAt(double y) const;
    int rowCount() const { return static_cast<int>(m_names.size()); }
    /// The names take the room of so many letters, whatever they are: so charts above each other
    /// begin at the same place. 0: as much as they need.
    void setNameRoom(int letters);
    /// The rows that are in sight: first and one past the last.
    std::pair<int, int> rowsInSight() const;

protected:
    /// Names of the rows, in full and for little room.
    void setRows(const QStringList& names, const QStringList& shortNames);
    /// Leaves out all rows that `shown` does not say; of a chart that does not scroll.
    void setShownRows(const std::function<bool(int)>& shown);
    /// Pixels above the first row, for what belongs to no lane.
    void setHeader(int pixels) { m_header = pixels; }
    int header() const { return m_header; }
    virtual void drawRows(QCPPainter& painter) = 0;
    /// Whether the row's name stands out.
    virtual bool isMarked(int) const { return false; }
    /// Scrolls as little as it must.
    void ensureRowVisible(int row);

    void restyle() override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    double rowHeight() const;
    int rowsThatFit() const;
    void fitNames();
    void fitScrollBar();
    void drawNames(QCPPainter& painter) const;

    QStringList m_names;
    QStringList m_shortNames;
    QList<int> m_places; ///< of the rows, from the top; -1: left out; empty: all are shown
    int m_shownRows = 0;
    QScrollBar* m_scrollBar;
    int m_header = 0;
    int m_nameWidth = 0;
    int m_nameRoom = 0; ///< in letters
    bool m_useShortNames = false;
    bool m_namesFit = true; ///< none of them needs to be cut
};

} // namespace manyhands::app
