// SPDX-License-Identifier: GPL-3.0-or-later
// The charts of a window: the timeline above, the others on their shelf, one of them large if
// wanted; what they ask for is done here.
#include "app/window/chart_area.hpp"

#include "app/views/chart_factory.hpp"
#include "app/views/details_pane.hpp"
#include "app/views/lesson_view.hpp"
#include "app/views/overview_strip.hpp"
#include "app/views/prediction_chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/sweep_chart.hpp"
#include "app/window/chart_panel.hpp"
#include "app/window/chart_shelf.hpp"
#include "app/window/table_window.hpp"
#include "app/window/window_actions.hpp"

#include <QApplication>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

bool showsPredictions(const Chart* chart)
{
    return qobject_cast<const PredictionChart*>(chart) || qobject_cast<const LessonView*>(chart)
        || qobject_cast<const SpeedupChart*>(chart) || qobject_cast<const SweepChart*>(chart);
}

} // namespace

ChartArea::ChartArea(const WindowActions& actions, QWidget* parent)
    : QWidget(parent)
    , m_split(new QSplitter(Qt::Vertical, this))
    , m_above(new QVBoxLayout)
    , m_strip(new OverviewStrip(&m_view, this))
    , m_details(new DetailsPane(&m_view, this))
    , m_shelf(new ChartShelf)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_split);
    m_split->setChildrenCollapsible(false);
    auto* above = new QWidget(m_split);
    above->setLayout(m_above);
    m_above->setContentsMargins(0, 0, 0, 0);
    m_above->setSpacing(2);
    ChartPanel* timeline = addChart(
        makeChart(QStringLiteral("timeline"), {}).release(), QStringLiteral("timeline"), 0);
    timeline->addAction(actions.previousView);
    timeline->addAction(actions.fit);
    m_above->addWidget(timeline, 1);
    m_above->addWidget(m_strip);
    m_strip->hide();
    m_split->addWidget(above);
    // The first ones get a column of their own.
    for (const char* const chart :
        {"ipc", "speedup", "budget", "matrix", "durations", "memory", "sweep"}) {
        const QString name = QLatin1String(chart);
        m_shelf->addPanel(addChart(makeChart(name, {}).release(), name, m_charts.size()));
    }
    m_split->addWidget(m_shelf);
    m_split->setStretchFactor(0, 5);
    m_split->setStretchFactor(1, 5);
    connect(&m_view, &ViewState::selectionChanged, this, &ChartArea::selectionChanged);
}

ChartPanel* ChartArea::addChart(Chart* chart, const QString& name, qsizetype place)
{
    auto* panel = new ChartPanel(chart);
    chart->setObjectName(name);
    m_charts.insert(place, chart);
    m_panels.insert(place, panel);
    chart->setViewState(&m_view);
    connect(panel, &ChartPanel::tableRequested, this, [this, chart] { openTable(chart); });
    connect(panel, &ChartPanel::maximizeRequested, this, [this, chart] { toggleMaximized(chart); });
    connect(chart, &Chart::tableRequested, this, [this, chart] { openTable(chart); });
    connect(chart, &Chart::maximizeRequested, this, [this, chart] { toggleMaximized(chart); });
    connect(chart, &Chart::copyRequested, this, [this, chart] { emit copyRequested(chart); });
    connect(chart, &Chart::exportRequested, this, [this, chart] { emit exportRequested(chart); });
    connect(chart, &Chart::emptyActionRequested, this, &ChartArea::emptyActionRequested);
    connect(chart, &Chart::predictionDragged, this, &ChartArea::takePrediction);
    return panel;
}

void ChartArea::setLesson(const LessonDescription& lesson)
{
    removeLessonsCharts();
    QList<ChartPanel*> panels;
    const QStringList own = chartsOf(lesson).mid(commonCharts().size());
    for (const QString& name : own) {
        Chart* const chart = makeChart(name, lesson).release();
        panels.append(addChart(chart, name, 1 + panels.size()));
        chart->showRun(m_facts);
    }
    m_lessonsCharts = panels.size();
    m_shelf->prependPanels(panels);
    emit chartsChanged();
}

void ChartArea::removeLessonsCharts()
{
    setPredictions({});
    QList<ChartPanel*> panels;
    for (; m_lessonsCharts > 0; --m_lessonsCharts) {
        if (m_large == m_panels[1])
            restore();
        Chart* chart = m_charts.takeAt(1);
        ChartPanel* panel = m_panels.takeAt(1);
        if (QWidget* table = m_tables.take(chart))
            table->close();
        chart->clear();
        panels.append(panel);
    }
    m_shelf->removePanels(panels);
    // Later: the lesson may have been chosen by something that one of them has sent.
    for (ChartPanel* panel : std::as_const(panels))
        panel->deleteLater();
}

void ChartArea::setPredictions(std::vector<PredictedPoint> predictions)
{
    if (predictions.empty() && !m_predictions)
        return;
    m_predictions = predictions.empty()
        ? nullptr
        : std::make_shared<const std::vector<PredictedPoint>>(std::move(predictions));
    m_facts.predictions = m_predictions;
    // The others need not draw again at each step of a drag.
    for (Chart* chart : std::as_const(m_charts)) {
        if (showsPredictions(chart))
            chart->showRun(m_facts);
    }
}

void ChartArea::takePrediction(const QString& name, double value)
{
    if (m_predictions) {
        std::vector<PredictedPoint> predictions = *m_predictions;
        for (PredictedPoint& point : predictions) {
            if (point.description.name == name.toStdString())
                point.prediction.value = value;
        }
        setPredictions(std::move(predictions));
    }
    emit predictionDragged(name, value);
}

Chart* ChartArea::chartNamed(const QString& view) const
{
    const auto found = std::find_if(m_charts.begin(), m_charts.end(),
        [&](const Chart* chart) { return chart->objectName() == view; });
    return found == m_charts.end() ? nullptr : *found;
}

ChartPanel* ChartArea::panelOf(const Chart* chart) const
{
    return m_panels[m_charts.indexOf(chart)];
}

void ChartArea::showRun(const RunFacts& facts)
{
    const bool started = facts.running && !m_facts.running;
    // The recording before may be gone: nobody is to look at it once more, not even to draw that
    // another part of the time is seen.
    if (facts.recording != m_facts.recording || started)
        clear();
    m_facts = facts;
    m_facts.predictions = m_predictions;
    if (facts.recording)
        m_view.setExtent(facts.recording->run_time(facts.recording->now_ns()), facts.running);
    showEverywhere();
}

void ChartArea::selectionChanged()
{
    if (m_facts.recording && (m_view.selectedInterval() || m_intervalShown))
        showEverywhere();
}

void ChartArea::showEverywhere()
{
    RunFacts facts = m_facts;
    const std::optional<Interval> selected = m_view.selectedInterval();
    m_intervalShown = facts.recording && selected;
    if (m_intervalShown)
        facts.budget = time_budget(*facts.recording, *selected);
    for (Chart* chart : std::as_const(m_charts))
        chart->showRun(facts);
    m_strip->showRun(facts);
    m_strip->setVisible(facts.recording != nullptr);
    m_details->showRun(facts);
}

void ChartArea::clear()
{
    m_facts = RunFacts{};
    m_facts.predictions = m_predictions;
    for (Chart* chart : std::as_const(m_charts)) {
        chart->clear();
        chart->showRun(m_facts); // predictions stay
    }
    m_strip->clear();
    m_strip->hide(); // of no run there is no overview
    m_details->clear();
    m_view.reset();
}

void ChartArea::setMark(const QString& mark)
{
    for (ChartPanel* panel : std::as_const(m_panels))
        panel->setMark(mark);
}

void ChartArea::addBelowTimeline(QWidget* widget)
{
    m_above->addWidget(widget);
}

void ChartArea::setShelfAway(bool away)
{
    m_shelfAway = away;
    if (!m_large)
        m_shelf->setVisible(!away);
}

void ChartArea::bringForward(Chart* chart)
{
    if (m_shelfAway && m_charts.indexOf(chart) > 0)
        setShelfAway(false);
    if (m_large && m_large != panelOf(chart))
        restore();
    if (m_charts.indexOf(chart) > 0)
        m_shelf->bringForward(panelOf(chart));
}

void ChartArea::showChart(Chart* chart)
{
    bringForward(chart);
    chart->setFocus(Qt::OtherFocusReason);
}

void ChartArea::toggleMaximized(Chart* chart)
{
    if (m_large == panelOf(chart)) {
        restore();
        return;
    }
    m_large = panelOf(chart);
    const bool isTimeline = m_large == m_panels.first();
    m_panels.first()->setVisible(isTimeline);
    m_split->widget(0)->setVisible(isTimeline);
    m_shelf->setVisible(!isTimeline);
    m_shelf->showOnly(isTimeline ? nullptr : m_large);
    chart->setFocus(Qt::OtherFocusReason);
    emit maximizedChanged();
}

void ChartArea::restore()
{
    if (!m_large)
        return;
    Chart* chart = m_large->chart();
    m_large = nullptr;
    m_panels.first()->show();
    m_split->widget(0)->show();
    m_shelf->setVisible(!m_shelfAway);
    m_shelf->showOnly(nullptr);
    chart->setFocus(Qt::OtherFocusReason);
    emit maximizedChanged();
}

Chart* ChartArea::currentChart() const
{
    for (int i = 0; i < m_panels.size(); ++i) {
        const QWidget* focus = QApplication::focusWidget();
        if (focus && (focus == m_panels[i] || m_panels[i]->isAncestorOf(focus)))
            return m_charts[i];
    }
    return m_large ? m_large->chart() : m_charts.first();
}

QList<QWidget*> ChartArea::shownCharts() const
{
    QList<QWidget*> result;
    if (!m_large || m_large == m_panels.first())
        result.append(m_charts.first());
    if (!m_shelf->isHidden()) {
        for (const ChartPanel* panel : m_shelf->shown())
            result.append(panel->chart());
    }
    return result;
}

void ChartArea::openTable(Chart* chart)
{
    QPointer<QWidget>& window = m_tables[chart];
    if (window)
        window->close();
    window = openTableWindow(*chart, this->window());
}

} // namespace manyhands::app
