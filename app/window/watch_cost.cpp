// SPDX-License-Identifier: GPL-3.0-or-later
// What watching costs: the same run in the window, without it, and without any record, in turn.
#include "app/window/watch_cost.hpp"

#include "engine/analysis/speedup.hpp"

#include <QLocale>

#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

constexpr int pollMs = 50;

/// "manyhands run LESSON name=value … --repeat 1 --json --quiet".
std::vector<std::string> commandFor(const RunOrder& order, bool traced)
{
    std::vector<std::string> words = {"run"};
    const bool ours = order.lesson.program == own_lesson_program();
    words.push_back(ours ? order.lesson.id : order.lesson.program.string() + ':' + order.lesson.id);
    for (const auto& [name, value] : order.parameters)
        words.push_back(name + '=' + to_text(value));
    words.insert(
        words.end(), {"--repeat", "1", "--seed", std::to_string(order.seed), "--json", "--quiet"});
    if (!traced)
        words.emplace_back("--no-trace");
    return words;
}

/// The wall time that a run printed; nothing where it printed none.
std::optional<double> wallIn(const std::string& output)
{
    const auto run = nlohmann::json::parse(output, nullptr, false);
    if (!run.is_object() || !run.contains("wall_s") || !run["wall_s"].is_number())
        return std::nullopt;
    return run["wall_s"].get<double>();
}

} // namespace

WatchCost::WatchCost(RunControl& control, QObject* parent)
    : QObject(parent)
    , m_control(control)
{
    m_poll.setInterval(pollMs);
    connect(&m_poll, &QTimer::timeout, this, &WatchCost::pollHeadless);
    // Queued: the window shows the run's end first.
    connect(&m_control, &RunControl::finished, this, &WatchCost::runFinished, Qt::QueuedConnection);
    connect(
        &m_control, &RunControl::failed, this,
        [this](const QString& problem) {
            if (m_running && !m_headless)
                end(problem);
        },
        Qt::QueuedConnection);
}

void WatchCost::start(const RunOrder& order, int rounds)
{
    if (m_running || m_control.isRunning())
        return;
    m_order = order;
    m_order.repeats = 1;
    m_rounds = rounds;
    m_done = 0;
    m_times = {};
    m_running = true;
    emit changed();
    next();
}

void WatchCost::stop()
{
    if (!m_running)
        return;
    end({});
    m_control.stop();
}

WatchCost::Way WatchCost::wayOf(int number) const
{
    // Another one begins each round: what grows warm or slow on the way falls on all alike.
    const int round = number / wayCount;
    return static_cast<Way>((number + round) % wayCount);
}

void WatchCost::next()
{
    if (m_done == m_rounds * wayCount) {
        end({});
        return;
    }
    const Way way = wayOf(m_done);
    if (way == Way::window) {
        m_control.start(m_order);
        return;
    }
    try {
        m_headless
            = std::make_unique<OwnProgram>(commandFor(m_order, way == Way::headless), m_program);
        m_poll.start();
    } catch (const std::exception& error) {
        end(QString::fromUtf8(error.what()));
    }
}

void WatchCost::runFinished()
{
    if (!m_running || m_headless)
        return;
    const auto run = m_control.finishedRun();
    if (!run || run->state != RunState::done || run->repeats.empty()) {
        end(tr("The run in the window did not come to its end"));
        return;
    }
    keep(run->repeats.front().wall_s);
}

void WatchCost::pollHeadless()
{
    if (m_headless->poll())
        return;
    m_poll.stop();
    const std::optional<double> wall = wallIn(m_headless->output());
    const QString said
        = QString::fromStdString(m_headless->error_output()).section(QLatin1Char('\n'), 0, 0);
    m_headless.reset();
    if (!wall)
        end(said.isEmpty() ? tr("The run without a window told no wall time") : said);
    else
        keep(*wall);
}

void WatchCost::keep(double wallS)
{
    m_times[static_cast<std::size_t>(wayOf(m_done))].push_back(wallS);
    ++m_done;
    emit changed();
    next();
}

void WatchCost::end(const QString& problem)
{
    m_poll.stop();
    m_headless.reset();
    m_running = false;
    emit changed();
    if (!problem.isEmpty())
        emit failed(problem);
}

std::optional<double> WatchCost::ratio(Way way) const
{
    const auto watched = median(times(Way::window));
    const auto other = median(times(way));
    if (!watched || !other || *other <= 0)
        return std::nullopt;
    return *watched / *other;
}

QString WatchCost::sentence() const
{
    const auto headless = ratio(Way::headless);
    const auto untraced = ratio(Way::untraced);
    if (!headless || !untraced)
        return tr("Not measured yet.");
    const auto text = [](double ratio) { return QLocale().toString(ratio, 'f', 3); };
    return tr("Watched in this window the run took %1 times as long as without a window, and %2 "
              "times as long as without any record (medians of %3).")
        .arg(text(*headless), text(*untraced))
        .arg(times(Way::untraced).size());
}

} // namespace manyhands::app
