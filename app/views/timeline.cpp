// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline: what it shows and says. What stands upon the bars is in timeline_marks.cpp, what
// keys and mouse do in timeline_input.cpp.
#include "app/views/timeline.hpp"

#include "app/views/explain.hpp"
#include "app/views/lane_bars.hpp"
#include "app/views/wording.hpp"

#include <QActionGroup>
#include <QElapsedTimer>
#include <QPaintEngine>

#include <algorithm>
#include <cmath>
#include <limits>

namespace manyhands::app {
namespace {

/// More arrows than these are a grey area.
constexpr std::size_t mostArrows = 400;
constexpr int arrowsOfAll = 1;
constexpr int pathShown = 1;

/// Seconds as the lanes show them. Being ready without a CPU is no stretch of its own: it hides
/// within computing, and is drawn there.
double drawnSeconds(const Budget& budget, BudgetCategory category)
{
    return category == BudgetCategory::computing ? budget[category] + budget[BudgetCategory::ready]
                                                 : budget[category];
}

/// Run time within an interval, less the lane's stops.
std::int64_t ranWithin(const Recording& recording, const Lane& lane, Interval interval)
{
    std::int64_t sum = interval.length_ns();
    for (const auto& [cut, pause] : recording.cuts_of(lane)) {
        sum -= std::max<std::int64_t>(
            std::min(cut.end_ns, interval.end_ns) - std::max(cut.begin_ns, interval.begin_ns), 0);
    }
    return sum;
}

/// What stands in a cell that does not apply: an empty one is not read out.
QVariant nothing()
{
    return QStringLiteral("–");
}

QVariant stopCell(
    const Recording& recording, const Lane& lane, std::size_t number, int column, std::int64_t now)
{
    if (number >= lane.stops.size())
        return {};
    const Interval& stop = lane.stops[number];
    const std::int64_t begin = recording.run_time(stop.begin_ns);
    switch (column) {
    case 1:
        return wordFor(BudgetCategory::stopped);
    case 2:
        return secondsOf(begin);
    case 3:
        return secondsOf(recording.run_time(std::min(stop.end_ns, now)) - begin);
    default:
        return nothing();
    }
}

/// As fine as the picture's own pixels; on paper, as fine as it is worth.
double columnsPerPixel(const QPainter& painter)
{
    constexpr double onPaper = 2;
    return painter.paintEngine()->type() == QPaintEngine::Raster ? painter.transform().m11()
                                                                 : onPaper;
}

int chosenOption(const QActionGroup& group)
{
    return static_cast<int>(group.actions().indexOf(group.checkedAction()));
}

} // namespace

Timeline::Timeline(QWidget* parent)
    : LaneChart(tr("Timeline"), tr("Process timeline chart"), parent)
    , m_time({xAxis})
{
    xAxis->setRange(0, 1);
    m_arrowSwitch
        = addSwitch(tr("Message arrows"), {tr("Arrows: selected"), tr("Arrows: all")}, [this](int) {
              updateMessages();
              replot(QCustomPlot::rpQueuedReplot);
          });
    m_pathSwitch = addSwitch(
        tr("Critical path"), {tr("Critical path: off"), tr("Critical path: on")}, [this](int) {
            updatePath();
            refreshSoon();
        });
    applyStyle();
    setEmpty(tr("No run yet"), tr("Run the lesson (F5) to see its processes start, work and end."),
        EmptyAction::run, tr("Run"));
}

double Timeline::timeToPixel(std::int64_t ns) const
{
    const std::int64_t run = facts().recording ? facts().recording->run_time(ns) : ns;
    return m_time.pixelAt(secondsOf(run));
}

std::int64_t Timeline::pixelToTime(double x) const
{
    const std::int64_t run = nanosecondsOf(m_time.runSAt(x));
    return facts().recording ? facts().recording->recorded_time(run) : run;
}

void Timeline::refresh(bool afresh)
{
    const Recording* recording = facts().recording;
    if (afresh || !recording) {
        m_time.reset();
        m_path.reset();
        m_waits.reset();
        m_messages = {};
    }
    if (!recording) {
        setRows({}, {});
        setEmpty(tr("No run yet"),
            tr("Run the lesson (F5) to see its processes start, work and end."), EmptyAction::run,
            tr("Run"));
        return;
    }
    if (recording->lanes().empty()) {
        setRows({}, {});
        setEmpty(tr("No process yet"),
            facts().running ? tr("The lesson's main process is being started.")
                            : tr("The run ended before a process reported."));
        return;
    }
    setEmpty({});
    showVisible();

    QStringList names;
    QStringList shortNames;
    for (std::size_t i = 0; i < recording->lanes().size(); ++i) {
        names.append(laneName(*recording, i));
        shortNames.append(laneName(*recording, i, false));
    }
    setRows(names, shortNames);
    setShownRows([this](int row) { return facts().shows(static_cast<std::size_t>(row)); });
    setHeader(recording->phases().empty() ? 0 : QFontMetrics(font()).height() + 2);
    updatePath();
    updateWaits();
    fillLegend();
}

void Timeline::showVisible()
{
    m_time.fit(facts(), viewState());
    if (m_timeLabelled)
        labelAxis(xAxis, m_time.label(), m_time.briefLabel());
}

void Timeline::setTimeLabelled(bool labelled)
{
    m_timeLabelled = labelled;
    xAxis->setTickLabels(labelled);
    labelAxis(xAxis, {}, {});
    refreshSoon();
}

void Timeline::visibleIntervalChanged()
{
    if (!facts().recording || isEmpty())
        return;
    showVisible();
    if (chosenOption(*m_arrowSwitch) == arrowsOfAll)
        updateMessages();
    replot(QCustomPlot::rpQueuedReplot);
}

void Timeline::selectionChanged()
{
    updateMessages();
    replot(QCustomPlot::rpQueuedReplot);
    announceFocus();
}

void Timeline::updateMessages()
{
    m_messages = {};
    if (!facts().recording)
        return;
    const Recording& recording = *facts().recording;
    if (chosenOption(*m_arrowSwitch) == arrowsOfAll) {
        const Interval seen = visible();
        m_messages = messages_of(recording, no_subject,
            {recording.recorded_time(seen.begin_ns), recording.recorded_time(seen.end_ns)},
            mostArrows);
    } else if (viewState() && viewState()->selection().kind == Target::Kind::span) {
        const Target& target = viewState()->selection();
        if (const auto interval = intervalOf(target, recording))
            m_messages = messages_of(recording, target.lane, *interval, mostArrows);
    }
}

// Of a run that has ended: while it lasts, who decides it is not known.
void Timeline::updatePath()
{
    if (chosenOption(*m_pathSwitch) != pathShown || !facts().recording || facts().running
        || facts().foreign) {
        m_path.reset();
        return;
    }
    if (!m_path || m_pathRevision != facts().recording->revision()) {
        m_path = critical_path(*facts().recording, facts().recording->shown_interval());
        m_pathRevision = facts().recording->revision();
    }
}

void Timeline::updateWaits()
{
    // Looking at all that was held and sent takes too long for every picture of a run that goes on:
    // it is done once a second, and takes a hundredth of the time at the most.
    constexpr std::int64_t oftenest_ns = 1'000'000'000;
    constexpr std::int64_t share = 100;
    const Recording& recording = *facts().recording;
    if (facts().foreign || (m_waits && m_waitsRevision == recording.revision())
        || (m_waits && facts().running && recording.now_ns() < m_waits->moment_ns + m_waitsRestNs))
        return;
    QElapsedTimer timer;
    timer.start();
    m_waits = facts().running ? wait_for_graph(recording, recording.now_ns())
                              : wait_for_graph(recording);
    m_waitsRevision = recording.revision();
    m_waitsRestNs = std::max<std::int64_t>(oftenest_ns, share * timer.nsecsElapsed());
}

// Who wait for each other at the shown moment; null where nobody does.
const WaitForGraph* Timeline::deadlock() const
{
    const bool shown = m_waits && !m_waits->cycle.empty() && m_waits->moment_ns <= facts().nowNs();
    return shown ? &*m_waits : nullptr;
}

void Timeline::fillLegend()
{
    struct Shown
    {
        State state;
        BudgetCategory category;
    };
    // Sending and receiving are one category: its share stands at the second.
    constexpr Shown shown[] = {{State::starting, BudgetCategory::starting},
        {State::computing, BudgetCategory::computing},
        {State::serialising, BudgetCategory::serialising},
        {State::sending, BudgetCategory::transfer}, {State::receiving, BudgetCategory::transfer},
        {State::waiting_data, BudgetCategory::waiting_data},
        {State::waiting_space, BudgetCategory::waiting_space},
        {State::waiting_lock, BudgetCategory::waiting_lock},
        {State::joining, BudgetCategory::joining}, {State::idle, BudgetCategory::idle},
        {State::sleeping, BudgetCategory::sleeping}, {State::held, BudgetCategory::held},
        {State::tearing_down, BudgetCategory::tear_down},
        {State::foreign, BudgetCategory::unexplained}};
    const Recording& recording = *facts().recording;
    StateTimes met = {};
    for (std::size_t lane = 0; lane < recording.lanes().size(); ++lane) {
        if (!facts().shows(lane))
            continue;
        const StateTimes times = recording.lanes()[lane].spans.times_until(facts().nowNs());
        for (std::size_t i = 0; i < met.size(); ++i)
            met[i] += times[i];
    }
    const Budget& all = facts().budget.all;
    const auto share = [&](BudgetCategory category) {
        return all.total_s > 0
            ? QLatin1Char(' ') + shareText(drawnSeconds(all, category) / all.total_s)
            : QString();
    };
    QList<LegendEntry> entries;
    for (const auto& [state, category] : shown) {
        if (met[static_cast<std::size_t>(state)] == 0)
            continue;
        QString text = wordFor(state);
        if (state == State::receiving)
            text = tr("%1, both%2").arg(text, share(category));
        else if (state != State::sending && state != State::foreign)
            text += share(category);
        entries.append({.text = text,
            .look = theme().look(state),
            .id = static_cast<int>(state),
            .name = wordFor(state)});
    }
    const auto& lanes = recording.lanes();
    if (all[BudgetCategory::stopped] > 0) {
        entries.append({.text = wordFor(BudgetCategory::stopped) + share(BudgetCategory::stopped),
            .look = theme().stoppedLook(),
            .id = fill_stopped,
            .name = wordFor(BudgetCategory::stopped)});
    }
    if (std::any_of(lanes.begin(), lanes.end(), failed))
        entries.append({.text = tr("Failed or killed"), .sample = LegendEntry::Sample::cross});
    if (m_path && m_path->total_ns > 0) {
        entries.append({.text = tr("Critical path: %1 computing")
                                    .arg(shareText(m_path->share(BudgetCategory::computing))),
            .sample = LegendEntry::Sample::line,
            .series = {theme().text, Qt::SolidLine}});
    }
    if (const WaitForGraph* const graph = deadlock()) {
        const bool certain
            = std::all_of(graph->cycle.begin(), graph->cycle.end(), [&](std::uint32_t lane) {
                  return graph->edge_of(lane)->evidence == WaitEdge::Evidence::certain;
              });
        entries.append({.text = certain ? tr("Waits for the other: none can go on")
                                        : tr("Waits for the other: none seems able to go on"),
            .sample = LegendEntry::Sample::line,
            .series = {theme().failedColour(), Qt::SolidLine}});
    }
    legendStrip()->setEntries(entries);
}

void Timeline::drawRows(QCPPainter& painter)
{
    const Recording* recording = facts().recording;
    if (!recording)
        return;
    drawPhases(painter);
    QSet<int> hidden;
    for (int fill = 0; fill < fill_nothing; ++fill) {
        if (isHidden(fill))
            hidden.insert(fill);
    }
    const auto [first, last] = rowsInSight();
    const QRect area = axisRect()->rect();
    LaneBars bars(theme(), hidden, *recording, visible(), facts().nowNs(), area.width(),
        columnsPerPixel(painter));
    painter.setPen(QPen(theme().grid, 1));
    for (int row = first; row < last; ++row) {
        if (!isRowShown(row))
            continue;
        const Lane& lane = recording->lanes()[static_cast<std::size_t>(row)];
        const QRectF place = laneRect(row);
        const std::int64_t end
            = std::min(lane.ended() ? lane.end_ns : facts().nowNs(), facts().nowNs());
        const double from = std::max<double>(area.left(), timeToPixel(lane.start_ns));
        const double to = std::min<double>(area.right(), timeToPixel(end));
        if (from < to && lane.start_ns < facts().nowNs())
            painter.drawLine(QLineF(from, place.bottom(), to, place.bottom()));
        bars.addLane(lane, place);
    }
    painter.setFont(font());
    painter.setClipRect(area, Qt::IntersectClip);
    bars.paint(painter);
    if (facts().foreign)
        drawNames(painter);
    drawHolds(painter);
    drawPath(painter);
    drawPauses(painter);
    drawFailures(painter);
    drawMessages(painter);
    drawWaits(painter);
    drawSelection(painter);
    drawFollowing(painter);
}

Target Timeline::targetAt(const QPointF& position) const
{
    const int row = laneAt(position.y());
    if (row < 0 || !facts().recording)
        return {};
    const auto lane = static_cast<std::size_t>(row);
    const QRect area = axisRect()->rect();
    if (position.x() < area.left() || position.x() > area.right())
        return Target::ofLane(lane);
    const std::int64_t time = pixelToTime(position.x());
    const Spans& spans = facts().recording->lanes()[lane].spans;
    const std::size_t span = spans.innermost(time);
    if (span >= spans.size() || time > facts().nowNs())
        return Target::ofLane(lane);
    return Target::ofSpan(lane, span);
}

QString Timeline::hoverText(const QPointF& position) const
{
    const Target target = targetAt(position);
    if (target.kind == Target::Kind::nothing)
        return {};
    const Explanation words = explain(target, facts());
    constexpr qsizetype mostRows = 6;
    QString text = words.sentence;
    for (const auto& [name, value] : words.rows.mid(0, mostRows))
        text += QStringLiteral("\n%1: %2").arg(name, value);
    return text;
}

QString Timeline::focusedText() const
{
    if (!viewState() || viewState()->selection().kind == Target::Kind::nothing)
        return {};
    return explain(viewState()->selection(), facts()).sentence;
}

int Timeline::partCount() const
{
    const bool selected = viewState() && viewState()->selection().kind != Target::Kind::nothing;
    return rowCount() + (selected ? 1 : 0);
}

QString Timeline::partName(int part) const
{
    if (part >= rowCount())
        return focusedText();
    return explain(Target::ofLane(static_cast<std::size_t>(part)), facts()).sentence;
}

QRect Timeline::partRect(int part) const
{
    if (part < rowCount())
        return laneRect(part).toRect();
    return viewState() && viewState()->selection().kind == Target::Kind::span
        ? spanRect(viewState()->selection()).toRect()
        : axisRect()->rect();
}

bool Timeline::isMarked(int row) const
{
    if (!viewState())
        return false;
    const Target& target = viewState()->selection();
    return (target.kind == Target::Kind::lane || target.kind == Target::Kind::span)
        && target.lane == static_cast<std::uint32_t>(row);
}

QString Timeline::summary() const
{
    if (!facts().recording)
        return {};
    const Recording& recording = *facts().recording;
    const Budget& all = facts().budget.all;
    const QString time = durationText(secondsOf(recording.run_time(facts().nowNs())));
    const auto started = std::count_if(recording.lanes().begin(), recording.lanes().end(),
        [&](const Lane& lane) { return lane.start_ns <= facts().nowNs(); });
    const auto count = static_cast<std::uint64_t>(started);
    if (facts().foreign)
        return tr("%1 of a trace of another program, %2").arg(threadsText(count), time);
    QString text = tr("%1, %2").arg(processesText(count), time);
    // Before there is a repeat, the budget is that of the baseline, which waits for nothing.
    if (all.total_s > 0 && recording.last_phase(PhaseKind::repeat) != nullptr) {
        text += tr("; of the repeat %1 computing, %2 waiting for data")
                    .arg(shareText(drawnSeconds(all, BudgetCategory::computing) / all.total_s),
                        shareText(all[BudgetCategory::waiting_data] / all.total_s));
    }
    return text;
}

ChartTable Timeline::table() const
{
    ChartTable table;
    table.header = {tr("process"), tr("state"), tr("start (s)"), tr("duration (s)"), tr("depth"),
        tr("subject")};
    if (!facts().recording)
        return table;
    const Recording& recording = *facts().recording;
    const Interval part = facts().part
        ? Interval{recording.recorded_time(facts().part->begin_ns),
            recording.recorded_time(facts().part->end_ns)}
        : Interval{std::numeric_limits<std::int64_t>::min(), open_end};
    const auto within = [&](Interval interval) {
        return interval.begin_ns < part.end_ns && interval.end_ns > part.begin_ns;
    };
    // A lane's spans, then its stops.
    struct Rows
    {
        std::size_t first; ///< among all rows
        std::size_t lane;
        std::vector<std::size_t> numbers; ///< of spans and stops; empty: all of them
    };
    std::vector<Rows> lanes;
    std::size_t count = 0;
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        if (!facts().shows(i))
            continue;
        const Lane& lane = recording.lanes()[i];
        const std::size_t spans = lane.spans.size();
        Rows rows = {count, i, {}};
        std::size_t all = spans + lane.stops.size();
        if (facts().part) {
            for (std::size_t at = 0; at < all; ++at) {
                if (within(at < spans ? Interval{lane.spans[at].begin_ns, lane.spans[at].end_ns}
                                      : lane.stops[at - spans]))
                    rows.numbers.push_back(at);
            }
            all = rows.numbers.size();
        }
        if (all > 0)
            lanes.push_back(std::move(rows));
        count += all;
    }
    table.setLazy(static_cast<qsizetype>(count),
        [&recording, lanes = std::move(lanes), now = facts().nowNs()](
            qsizetype row, int column) -> QVariant {
            const auto number = static_cast<std::size_t>(row);
            const auto behind = std::upper_bound(lanes.begin(), lanes.end(), number,
                [](std::size_t wanted, const Rows& rows) { return wanted < rows.first; });
            const Rows& rows = behind[-1];
            const Lane& lane = recording.lanes()[rows.lane];
            const std::size_t at
                = rows.numbers.empty() ? number - rows.first : rows.numbers[number - rows.first];
            if (column == 0)
                return laneName(recording, rows.lane);
            if (at >= lane.spans.size())
                return stopCell(recording, lane, at - lane.spans.size(), column, now);
            const Span span = lane.spans[at];
            const std::int64_t end = std::min(span.end_ns, now);
            switch (column) {
            case 1:
                return wordFor(recording, span);
            case 2:
                return secondsOf(recording.run_time(span.begin_ns));
            case 3:
                return secondsOf(ranWithin(recording, lane, {span.begin_ns, end}));
            case 4:
                return static_cast<int>(span.depth);
            default:
                return span.subject == no_subject || span.state == State::foreign
                    ? nothing()
                    : QVariant(span.subject);
            }
        });
    return table;
}

} // namespace manyhands::app
