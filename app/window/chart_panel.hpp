// SPDX-License-Identifier: GPL-3.0-or-later
// A chart in its place in the window, under a head with its title and what it comes to.
#pragma once

#include "app/window/window_icon.hpp"

#include <QFrame>
#include <QList>

class QAction;
class QActionGroup;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace manyhands::app {

class Chart;

/// Title, summary and buttons above a chart.
class ChartPanel : public QFrame
{
    Q_OBJECT

public:
    explicit ChartPanel(Chart* chart, QWidget* parent = nullptr);

    Chart* chart() const { return m_chart; }
    /// Whether the head names the chart; where a tab does, it need not.
    void setTitleShown(bool shown);
    /// Puts a button into the head.
    void addAction(QAction* action);
    /// A word across the chart, for what is no live view; none where empty.
    void setMark(const QString& mark);
    QString mark() const;

signals:
    void tableRequested();
    void maximizeRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void addSwitch(QActionGroup& group);
    QToolButton* addButton(const QString& text, const QString& tip);
    void showSummary();
    void placeMark();
    void drawSigns();

    Chart* m_chart;
    QHBoxLayout* m_head;
    QLabel* m_title;
    QLabel* m_summary;
    QLabel* m_mark;
    QList<std::pair<QToolButton*, Sign>> m_signs;
};

} // namespace manyhands::app
