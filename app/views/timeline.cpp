// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline: a lane for each process as it really starts, and what it does from moment to
// moment.
#include "app/views/timeline.hpp"

#include "app/views/wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double nanosecondsPerSecond = 1e9;
/// An axis that began shorter would race through its steps before the first process is there.
constexpr double shortestLiveAxisS = 0.05;
constexpr double shortestAxisS = 1e-6;

/// Tasks in a row look like bricks, down to this width in pixels.
constexpr double narrowestBrick = 6;

/// What a stretch of a lane is drawn as: a State, or stopped from outside.
using Kind = int;
constexpr Kind stopped = state_count;
constexpr int kindCount = state_count + 1;
using BarsByKind = std::array<QList<QRectF>, kindCount>;

/// Merges what a lane did, given in the order of time, into bars of whole pixels: a stretch
/// narrower than a pixel counts for its pixel, which takes the state that fills most of it.
class PixelMerger
{
public:
    PixelMerger(BarsByKind& bars, const QRectF& row)
        : m_bars(bars)
        , m_row(row)
    {
    }

    /// `begins`: a task of its own, told from the one before it by a gap where it is wide enough.
    void add(double from, double to, Kind kind, bool begins)
    {
        from = std::max(from, m_row.left());
        to = std::min(to, m_row.right());
        if (!(to > from))
            return;
        if (begins && to - from >= narrowestBrick) {
            // The pixel between two tasks stays free, unless something else fills most of it.
            if (dominant() == kind)
                m_filled.fill(0);
            flush(static_cast<int>(std::floor(from)));
            closeRun();
            from = std::floor(from) + 1;
        }
        const auto first = static_cast<int>(std::floor(from));
        const auto last = static_cast<int>(std::floor(to));
        if (first != m_column)
            flush(first);
        if (first == last) {
            m_filled[static_cast<std::size_t>(kind)] += to - from;
            return;
        }
        m_filled[static_cast<std::size_t>(kind)] += first + 1 - from;
        flush(last);
        extend(first + 1, last, kind);
        m_filled[static_cast<std::size_t>(kind)] += to - last;
    }

    void finish()
    {
        flush(m_column + 1);
        closeRun();
    }

private:
    /// What fills most of the current column.
    Kind dominant() const
    {
        return static_cast<Kind>(
            std::max_element(m_filled.begin(), m_filled.end()) - m_filled.begin());
    }

    /// Decides the current column and goes on to `next`.
    void flush(int next)
    {
        const Kind most = dominant();
        if (m_filled[static_cast<std::size_t>(most)] > 0)
            extend(m_column, m_column + 1, most);
        m_filled.fill(0);
        m_column = next;
    }

    void extend(int from, int to, Kind kind)
    {
        if (to <= from)
            return;
        if (kind == m_runKind && from == m_runEnd) {
            m_runEnd = to;
            return;
        }
        closeRun();
        m_runKind = kind;
        m_runBegin = from;
        m_runEnd = to;
    }

    void closeRun()
    {
        if (m_runEnd > m_runBegin) {
            m_bars[static_cast<std::size_t>(m_runKind)].append(
                QRectF(m_runBegin, m_row.top(), m_runEnd - m_runBegin, m_row.height()));
        }
        m_runEnd = m_runBegin;
    }

    BarsByKind& m_bars;
    QRectF m_row;
    std::array<double, kindCount> m_filled = {};
    int m_column = 0;
    Kind m_runKind = 0;
    int m_runBegin = 0;
    int m_runEnd = 0;
};

/// Hands out, in the order of time, the stretches in which one state was the innermost, and whether
/// a task begins with it; stops are cut out of what they interrupt.
template <typename Receiver>
void forEachStretch(const Lane& lane, std::int64_t now_ns, Receiver receive)
{
    const std::int64_t laneEnd = lane.ended() ? lane.end_ns : now_ns;
    std::size_t nextStop = 0;
    const auto emitCut = [&](std::int64_t from, std::int64_t to, const Span& span) {
        const auto kind = static_cast<Kind>(span.state);
        const auto begins = [&](std::int64_t time) {
            return time == span.begin_ns && span.state == State::computing
                && span.subject != no_subject;
        };
        while (nextStop < lane.stops.size() && from < to) {
            const Interval& stop = lane.stops[nextStop];
            const std::int64_t stopEnd = std::min(stop.end_ns, laneEnd);
            if (stopEnd <= from) {
                ++nextStop;
                continue;
            }
            if (stop.begin_ns >= to)
                break;
            if (stop.begin_ns > from)
                receive(from, stop.begin_ns, kind, begins(from));
            receive(std::max(from, stop.begin_ns), std::min(to, stopEnd), stopped, false);
            if (stopEnd > to)
                return;
            from = std::max(from, stopEnd);
            ++nextStop;
        }
        if (from < to)
            receive(from, to, kind, begins(from));
    };

    std::vector<Span> open;
    std::int64_t time = lane.start_ns;
    const auto closeUntil = [&](std::int64_t until) {
        while (!open.empty()) {
            const std::int64_t end = std::min(open.back().end_ns, laneEnd);
            if (end > until)
                break;
            emitCut(time, end, open.back());
            time = std::max(time, end);
            open.pop_back();
        }
    };
    for (const Span& span : lane.spans) {
        closeUntil(span.begin_ns);
        if (!open.empty())
            emitCut(time, span.begin_ns, open.back());
        time = std::max(time, span.begin_ns);
        open.push_back(span);
    }
    closeUntil(laneEnd);
}

/// Seconds as the lanes show them. Being ready without a CPU is no stretch of its own: it hides
/// within computing, and is drawn there.
double drawnSeconds(const Budget& budget, BudgetCategory category)
{
    return category == BudgetCategory::computing ? budget[category] + budget[BudgetCategory::ready]
                                                 : budget[category];
}

/// Ended by a signal or with a code that says failure.
bool failed(const Lane& lane)
{
    return lane.exit.has_value() && *lane.exit != 0;
}

} // namespace

Timeline::Timeline(QWidget* parent)
    : LaneChart(tr("Timeline"), tr("Process timeline chart"), parent)
    , m_ticker(new UnitTicker)
{
    xAxis->setTicker(m_ticker);
    xAxis->setRange(0, 1);
    applyStyle();
    setEmpty(tr("No run yet"), tr("Run the lesson (F5) to see its processes start, work and end."));
}

double Timeline::timeToPixel(qint64 ns) const
{
    return xAxis->coordToPixel(static_cast<double>(ns) / nanosecondsPerSecond);
}

void Timeline::refresh(bool afresh)
{
    const Recording* recording = facts().recording;
    if (afresh || !recording) {
        m_endS = 0;
        m_met = {};
        m_spansNoted.clear();
    }
    if (!recording) {
        setRows({}, {});
        setEmpty(
            tr("No run yet"), tr("Run the lesson (F5) to see its processes start, work and end."));
        return;
    }
    if (recording->lanes().empty()) {
        setEmpty(tr("No process yet"),
            facts().running ? tr("The lesson's main process is being started.")
                            : tr("The run ended before a process reported."));
        return;
    }
    setEmpty({});
    m_endS = grownEnd(m_endS, static_cast<double>(recording->now_ns()) / nanosecondsPerSecond,
        facts().running ? shortestLiveAxisS : shortestAxisS, facts().running);
    const Unit unit = timeUnit(m_endS);
    m_ticker->setUnit(unit);
    xAxis->setRange(0, m_endS);
    xAxis->setLabel(tr("Time since start (%1)").arg(unit.symbol));

    QStringList names;
    QStringList shortNames;
    for (std::size_t i = 0; i < recording->lanes().size(); ++i) {
        names.append(laneName(*recording, i));
        shortNames.append(laneName(*recording, i, false));
    }
    setRows(names, shortNames);
    setHeader(recording->phases().empty() ? 0 : QFontMetrics(font()).height() + 2);
    noteStates(*recording);
    fillLegend();
}

void Timeline::noteStates(const Recording& recording)
{
    m_spansNoted.resize(recording.lanes().size());
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        const Spans& spans = recording.lanes()[i].spans;
        for (; m_spansNoted[i] < spans.size(); ++m_spansNoted[i])
            m_met[static_cast<std::size_t>(spans[m_spansNoted[i]].state)] = true;
    }
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
        {State::tearing_down, BudgetCategory::tear_down}};
    const Budget& all = facts().budget.all;
    const auto share = [&](BudgetCategory category) {
        return all.total_s > 0
            ? QLatin1Char(' ') + shareText(drawnSeconds(all, category) / all.total_s)
            : QString();
    };
    QList<LegendEntry> entries;
    for (const auto& [state, category] : shown) {
        if (!m_met[static_cast<std::size_t>(state)])
            continue;
        QString text = wordFor(state);
        if (state == State::receiving)
            text = tr("%1, both%2").arg(text, share(category));
        else if (state != State::sending)
            text += share(category);
        entries.append({.text = text, .look = theme().look(state)});
    }
    const auto& lanes = facts().recording->lanes();
    if (all[BudgetCategory::stopped] > 0) {
        entries.append({.text = wordFor(BudgetCategory::stopped) + share(BudgetCategory::stopped),
            .look = theme().stoppedLook()});
    }
    if (std::any_of(lanes.begin(), lanes.end(), failed))
        entries.append({.text = tr("Failed or killed"), .sample = LegendEntry::Sample::cross});
    legendStrip()->setEntries(entries);
}

void Timeline::drawPhases(QCPPainter& painter) const
{
    const QRect area = axisRect()->rect();
    painter.setFont(font());
    const QFontMetrics metrics(font());
    for (const Phase& phase : facts().recording->phases()) {
        const std::int64_t end
            = phase.end_ns == open_end ? facts().recording->now_ns() : phase.end_ns;
        const double left = std::max<double>(area.left(), std::round(timeToPixel(phase.begin_ns)));
        const double right = std::min<double>(area.right(), std::round(timeToPixel(end)));
        if (right - left < 1)
            continue;
        // What does not count is shaded, between and above the lanes: upon the bars a shade would
        // change the states' colours.
        if (phase.kind != PhaseKind::repeat) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(QBrush(theme().grid, Qt::BDiagPattern));
            painter.drawRect(QRectF(left, area.top(), right - left, area.height()));
        }
        const QRectF head(left, area.top(), right - left, header() - 1);
        painter.setPen(Qt::NoPen);
        painter.setBrush(phase.kind == PhaseKind::repeat ? theme().background : theme().grid);
        painter.drawRect(head);
        painter.setPen(QPen(theme().frame, 1));
        painter.drawLine(QLineF(left, area.top(), left, area.bottom()));
        painter.drawLine(QLineF(right, area.top(), right, area.bottom()));
        painter.drawLine(head.bottomLeft(), head.bottomRight());
        painter.setPen(theme().text);
        if (head.width() > metrics.averageCharWidth() * 4) {
            painter.drawText(head.adjusted(4, 0, -2, 0), Qt::AlignLeft | Qt::AlignVCenter,
                metrics.elidedText(
                    wordFor(phase.kind), Qt::ElideRight, static_cast<int>(head.width()) - 6));
        }
    }
}

void Timeline::drawRows(QCPPainter& painter)
{
    const Recording* recording = facts().recording;
    if (!recording)
        return;
    drawPhases(painter);
    BarsByKind bars;
    QList<QPointF> crosses;
    const auto [first, last] = rowsInSight();
    for (int row = first; row < last; ++row) {
        const Lane& lane = recording->lanes()[static_cast<std::size_t>(row)];
        const QRectF place = laneRect(row);
        const std::int64_t end = lane.ended() ? lane.end_ns : recording->now_ns();
        painter.setPen(QPen(theme().grid, 1));
        painter.drawLine(
            QLineF(timeToPixel(lane.start_ns), place.bottom(), timeToPixel(end), place.bottom()));
        PixelMerger merger(bars, place);
        forEachStretch(lane, recording->now_ns(),
            [&](std::int64_t from, std::int64_t to, Kind kind, bool begins) {
                merger.add(timeToPixel(from), timeToPixel(to), kind, begins);
            });
        merger.finish();
        if (failed(lane) && lane.ended())
            crosses.append(QPointF(timeToPixel(lane.end_ns), place.center().y()));
    }
    painter.setFont(font());
    for (Kind kind = 0; kind < kindCount; ++kind) {
        const Look look
            = kind == stopped ? theme().stoppedLook() : theme().look(static_cast<State>(kind));
        paintBars(painter, look, bars[static_cast<std::size_t>(kind)]);
        paintLetters(painter, look, bars[static_cast<std::size_t>(kind)]);
    }
    // A cross with a rim of the background, readable upon any bar.
    constexpr double arm = 5;
    painter.setAntialiasing(true);
    for (const bool rim : {true, false}) {
        painter.setPen(QPen(rim ? theme().background : theme().failedColour(), rim ? 5 : 2.5,
            Qt::SolidLine, Qt::RoundCap));
        for (QPointF cross : crosses) {
            cross.setX(std::min<double>(cross.x(), axisRect()->rect().right() - arm));
            painter.drawLine(cross + QPointF(-arm, -arm), cross + QPointF(arm, arm));
            painter.drawLine(cross + QPointF(-arm, arm), cross + QPointF(arm, -arm));
        }
    }
    painter.setAntialiasing(false);
}

QString Timeline::hoverText(const QPointF& position) const
{
    const int row = laneAt(position.y());
    if (row < 0 || !facts().recording || position.x() < axisRect()->left()
        || position.x() > axisRect()->right())
        return {};
    const Recording& recording = *facts().recording;
    const Lane& lane = recording.lanes()[static_cast<std::size_t>(row)];
    const QString name = laneName(recording, static_cast<std::size_t>(row));
    const auto time
        = static_cast<std::int64_t>(xAxis->pixelToCoord(position.x()) * nanosecondsPerSecond);
    std::optional<Span> innermost;
    if (const std::size_t index = lane.spans.innermost(time); index < lane.spans.size())
        innermost = lane.spans[index];
    if (lane.ended() && time >= lane.end_ns) {
        return lane.exit ? tr("%1\nended with %2 after %3")
                               .arg(name, exitText(*lane.exit),
                                   durationText(static_cast<double>(lane.end_ns - lane.start_ns)
                                       / nanosecondsPerSecond))
                         : name;
    }
    if (!innermost)
        return name;
    const std::int64_t end = std::min(innermost->end_ns, recording.now_ns());
    QString text
        = tr("%1\n%2 for %3, from %4")
              .arg(name, wordFor(innermost->state),
                  durationText(
                      static_cast<double>(end - innermost->begin_ns) / nanosecondsPerSecond),
                  durationText(static_cast<double>(innermost->begin_ns) / nanosecondsPerSecond));
    if (innermost->subject != no_subject) {
        const std::size_t subject = innermost->subject;
        const SubjectKind kind = subject_of(innermost->state);
        if (kind == SubjectKind::task)
            text += tr("\ntask %1").arg(subject);
        else if (kind == SubjectKind::channel && subject < recording.channels().size())
            text += tr("\nchannel %1")
                        .arg(QString::fromStdString(recording.channels()[subject].name));
    }
    return text;
}

QString Timeline::summary() const
{
    if (!facts().recording)
        return {};
    const Recording& recording = *facts().recording;
    const Budget& all = facts().budget.all;
    const QString time
        = durationText(static_cast<double>(recording.now_ns()) / nanosecondsPerSecond);
    QString text = tr("%1, %2").arg(processesText(recording.lanes().size()), time);
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
    table.header = {tr("process"), tr("state"), tr("start (s)"), tr("duration (s)")};
    if (!facts().recording)
        return table;
    const Recording& recording = *facts().recording;
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        forEachStretch(recording.lanes()[i], recording.now_ns(),
            [&](std::int64_t from, std::int64_t to, Kind kind, bool) {
                table.rows.append({laneName(recording, i),
                    kind == stopped ? wordFor(BudgetCategory::stopped)
                                    : wordFor(static_cast<State>(kind)),
                    QString::number(static_cast<double>(from) / nanosecondsPerSecond, 'f', 9),
                    QString::number(
                        static_cast<double>(to - from) / nanosecondsPerSecond, 'f', 9)});
            });
    }
    return table;
}

} // namespace manyhands::app
