// SPDX-License-Identifier: GPL-3.0-or-later
// What the guide asks of the window: runs, attempts, and what its links lead to.
#include "app/guide/guide_pane.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/views/chart.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/main_window.hpp"
#include "app/window/measure_dialog.hpp"

#include <algorithm>
#include <array>

namespace manyhands::app {
namespace {

/// Of what is seen, when a link leads to something smaller: 1 part in so many is too small to see.
constexpr std::int64_t smallestShare = 50;
/// What a link leads to then takes a third of the room.
constexpr std::int64_t partsBeside = 1;

struct ChartName
{
    const char* view; ///< in links and on the command line
    const char* accessibleName;
};

constexpr std::array chartNames = {ChartName{"timeline", "Process timeline chart"},
    ChartName{"ipc", "IPC volume chart"}, ChartName{"matrix", "Channel matrix chart"},
    ChartName{"speedup", "Speedup chart"}, ChartName{"efficiency", "Speedup chart"},
    ChartName{"sweep", "Speedup chart"}, ChartName{"budget", "Time budget chart"},
    ChartName{"memory", "Memory chart"}, ChartName{"durations", "Task durations chart"}};

} // namespace

void MainWindow::connectGuide()
{
    connect(m_guide, &GuidePane::runRequested, this, &MainWindow::askOrRun);
    connect(m_guide, &GuidePane::attemptRequested, this, &MainWindow::attempt);
    connect(m_guide, &GuidePane::targetRequested, this, &MainWindow::showTarget);
    connect(m_guide, &GuidePane::viewRequested, this, &MainWindow::showView);
}

void MainWindow::askOrRun()
{
    QString problem;
    // Who has put the guide away is not called back to it.
    if (order(problem) && m_guide->isVisible() && m_guide->wantsToAsk())
        m_guide->ask();
    else
        run();
}

void MainWindow::attempt(const Attempt& attempt)
{
    for (const std::string& word : attempt.words) {
        const std::size_t sign = std::min(word.find('='), word.size());
        m_form->setText(QString::fromStdString(word.substr(0, sign)),
            QString::fromStdString(word.substr(std::min(sign + 1, word.size()))));
    }
    if (attempt.sweep.empty())
        return run();
    QString problem;
    std::optional<RunOrder> wanted = order(problem);
    if (!wanted)
        return say(problem);
    const std::size_t sign = std::min(attempt.sweep.find('='), attempt.sweep.size());
    const std::string parameter = attempt.sweep.substr(0, sign);
    const std::string list = attempt.sweep.substr(std::min(sign + 1, attempt.sweep.size()));
    try {
        std::vector<ParameterValue> values = sweep_values_from(m_description, parameter, list);
        m_problem.clear();
        wanted->repeats = m_measureDialog->repeats();
        m_control.startSweep(*wanted, parameter, std::move(values));
    } catch (const Error& error) {
        say(QString::fromUtf8(error.what()));
    }
}

void MainWindow::showTarget(const Target& target)
{
    if (!m_shown)
        return;
    if (m_area->isMaximized() && m_area->currentChart() != m_area->charts().first())
        m_area->restore();
    ViewState& view = m_area->view();
    view.select(target);
    const Recording& recording = *m_shown->recording;
    const std::optional<Interval> recorded = intervalOf(target, recording);
    if (!recorded)
        return;
    const Interval place
        = {recording.run_time(recorded->begin_ns), recording.run_time(recorded->end_ns)};
    const Interval seen = view.visible();
    const bool inside = place.begin_ns >= seen.begin_ns && place.end_ns <= seen.end_ns;
    const std::int64_t length = place.length_ns();
    if (inside
        && (target.kind == Target::Kind::moment || length * smallestShare >= seen.length_ns()))
        return;
    if (length > 0)
        view.show({place.begin_ns - partsBeside * length, place.end_ns + partsBeside * length});
    else
        view.show({place.begin_ns - seen.length_ns() / 2, place.begin_ns + seen.length_ns() / 2});
}

void MainWindow::showView(const QString& view)
{
    QString accessibleName;
    for (const ChartName& known : chartNames) {
        if (view == QLatin1String(known.view))
            accessibleName = QLatin1String(known.accessibleName);
    }
    for (Chart* chart : m_area->charts()) {
        if (!accessibleName.isEmpty() && chart->accessibleName() == accessibleName)
            return m_area->showChart(chart);
        if (chart->objectName() == view && !view.isEmpty())
            return m_area->showChart(chart);
    }
    m_guide->say(tr("This window has no chart “%1”.").arg(view));
}

} // namespace manyhands::app
