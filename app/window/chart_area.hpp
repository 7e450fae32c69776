// SPDX-License-Identifier: GPL-3.0-or-later
// The charts of a window: the timeline above, the others on their shelf, one of them large if
// wanted; what they ask for is done here.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/view_state.hpp"

#include <QHash>
#include <QList>
#include <QPointer>
#include <QWidget>

#include <vector>

class QSplitter;
class QVBoxLayout;

namespace manyhands::app {

class ChartPanel;
class ChartShelf;
class DetailsPane;
class OverviewStrip;
class WindowActions;

/// All charts over one ViewState.
class ChartArea : public QWidget
{
    Q_OBJECT

public:
    explicit ChartArea(const WindowActions& actions, QWidget* parent = nullptr);

    const QList<Chart*>& charts() const { return m_charts; }
    ViewState& view() { return m_view; }
    /// What is selected, in words; for the window to put where it wants it.
    DetailsPane* details() const { return m_details; }

    /// Puts the lesson's own charts on the shelf, in place of those of the lesson before.
    void setLesson(const LessonDescription& lesson);
    /// The predictions that the lesson asks for with the present settings, made or not, and what
    /// was measured of them; charts show them until they are set again, run or no run.
    void setPredictions(std::vector<PredictedPoint> predictions);
    /// The chart of that name: "timeline", "ipc", "matrix", "speedup", "budget", "memory",
    /// "durations", "sweep", "prediction", or a view of the lesson's; nullptr where it has none.
    Chart* chartNamed(const QString& view) const;

    /// Shows a run; a new one from its beginning, with nothing selected. While an interval is
    /// selected, the budget is that of the interval.
    void showRun(const RunFacts& facts);
    void clear();
    /// A word across every chart; none where empty.
    void setMark(const QString& mark);
    /// Puts a widget between the timeline and the shelf.
    void addBelowTimeline(QWidget* widget);
    /// The timeline alone, so that another view has room, until one of the other charts is asked
    /// for.
    void setShelfAway(bool away);

    /// Brings a chart to the front of those that it shares its place with.
    void bringForward(Chart* chart);
    /// The same, and gives it the focus.
    void showChart(Chart* chart);
    bool isMaximized() const { return m_large != nullptr; }
    /// The chart alone, or all again.
    void toggleMaximized(Chart* chart);
    void restore();
    /// The chart that has the focus; else the timeline.
    Chart* currentChart() const;
    /// The charts that are to be seen, from top to bottom and left to right.
    QList<QWidget*> shownCharts() const;

    /// Opens the chart's table in a window beside this one.
    void openTable(Chart* chart);
    const Predictions& predictions() const { return m_predictions; }

signals:
    void maximizedChanged();
    /// Others are there than before: charts().
    void chartsChanged();
    /// A person has moved a prediction in a chart; comes at each step.
    void predictionDragged(const QString& name, double value);
    /// The chart is to go on the clipboard, or into a file.
    void copyRequested(manyhands::app::Chart* chart);
    void exportRequested(manyhands::app::Chart* chart);
    /// A chart that has nothing to show offers a button, and it was pressed.
    void emptyActionRequested(manyhands::app::Chart::EmptyAction action);

private:
    ChartPanel* addChart(Chart* chart, const QString& name, qsizetype place);
    void removeLessonsCharts();
    void takePrediction(const QString& name, double value);
    void selectionChanged();
    void showEverywhere();
    ChartPanel* panelOf(const Chart* chart) const;

    ViewState m_view;
    RunFacts m_facts; ///< as they were given
    bool m_intervalShown = false;
    QSplitter* m_split;
    QVBoxLayout* m_above;
    OverviewStrip* m_strip;
    DetailsPane* m_details;
    ChartShelf* m_shelf;
    QList<Chart*> m_charts;
    qsizetype m_lessonsCharts = 0; ///< so many behind the timeline belong to the lesson
    Predictions m_predictions;
    QList<ChartPanel*> m_panels; ///< in the charts' order
    ChartPanel* m_large = nullptr;
    bool m_shelfAway = false;
    QHash<const Chart*, QPointer<QWidget>> m_tables;
};

} // namespace manyhands::app
