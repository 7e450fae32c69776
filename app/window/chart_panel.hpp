// SPDX-License-Identifier: GPL-3.0-or-later
// A chart in its place in the window, under a head with its title and what it comes to.
#pragma once

#include <QFrame>

class QLabel;

namespace manyhands::app {

class Chart;

/// Title and summary above a chart.
class ChartPanel : public QFrame
{
    Q_OBJECT

public:
    explicit ChartPanel(Chart* chart, QWidget* parent = nullptr);

    Chart* chart() const { return m_chart; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showSummary();

    Chart* m_chart;
    QLabel* m_title;
    QLabel* m_summary;
};

} // namespace manyhands::app
