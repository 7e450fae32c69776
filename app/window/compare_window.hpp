// SPDX-License-Identifier: GPL-3.0-or-later
// Two to four runs beside each other, in a window beside the main one.
#pragma once

#include "app/views/compared_runs.hpp"
#include "app/views/linked_views.hpp"

#include <QList>
#include <QPointer>
#include <QWidget>

class QTabWidget;
class QTextBrowser;

namespace manyhands::app {

class Chart;
class ChartPanel;
class ComparisonTable;

/// Timelines, budgets, speedups and bytes of runs on shared axes; what is to be said of them, and
/// the table of their differences. Esc leaves a large chart, then closes.
class CompareWindow : public QWidget
{
    Q_OBJECT

public:
    explicit CompareWindow(std::shared_ptr<const ComparedRuns> runs, QWidget* parent = nullptr);

    const QList<Chart*>& charts() const { return m_charts; }
    const LinkedViews& views() const { return m_views; }
    QTabWidget& tabs() { return *m_tabs; }
    QTextBrowser& words() { return *m_words; }
    ComparisonTable& table() { return *m_table; }
    std::shared_ptr<const ComparedRuns> runs() const { return m_runs; }

signals:
    void reportRequested();

private:
    QWidget* makeTimelines();
    /// `chart` under a head of its own.
    ChartPanel* makePanel(Chart* chart);
    QWidget* makeButtons();
    void fillWords();
    void toggleMaximized(ChartPanel* panel);
    void leave();
    void openTable(Chart* chart);
    void copy(Chart* chart);

    std::shared_ptr<const ComparedRuns> m_runs;
    LinkedViews m_views;
    QList<Chart*> m_charts;
    QList<ChartPanel*> m_panels;
    QHash<Chart*, QPointer<QWidget>> m_tables;
    QTabWidget* m_tabs;
    QWidget* m_side; ///< words and table
    QTextBrowser* m_words;
    ComparisonTable* m_table;
    ChartPanel* m_maximized = nullptr;
};

/// Opens a window that belongs to `parent` and goes when it is closed.
CompareWindow* openCompareWindow(std::shared_ptr<const ComparedRuns> runs, QWidget* parent);

} // namespace manyhands::app
