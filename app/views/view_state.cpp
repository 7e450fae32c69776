// SPDX-License-Identifier: GPL-3.0-or-later
// What all views of one run share: which part of the time is seen, and what is selected.
#include "app/views/view_state.hpp"

#include "app/views/scales.hpp"

#include <QDeadlineTimer>
#include <QStringList>
#include <QUrl>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace manyhands::app {
namespace {

const QLatin1String scheme("see:");
constexpr std::int64_t shortestViewNs = 10;
/// An axis that began shorter would race through its steps before the first process is there.
constexpr double shortestLiveAxisS = 0.05;
constexpr double shortestAxisS = 1e-6;
/// Turns of a wheel closer than this belong together.
constexpr std::int64_t oneGestureMs = 800;
constexpr std::size_t mostPrevious = 100;
constexpr double zoomStep = 0.8;
constexpr double panShare = 0.15;
constexpr double nanosecondsPerSecond = 1e9;

/// Seconds with nine decimals: exact, and without an exponent.
QString secondsText(std::int64_t ns)
{
    const QString digits = QString::number(ns).rightJustified(10, QLatin1Char('0'));
    return digits.chopped(9) + QLatin1Char('.') + digits.right(9);
}

std::optional<std::int64_t> momentFrom(const QString& text)
{
    bool isNumber = false;
    const double seconds = QLocale::c().toDouble(text, &isNumber);
    constexpr double longestS = 1e9;
    if (!isNumber || !(seconds >= 0) || seconds > longestS)
        return std::nullopt;
    const qsizetype point = text.indexOf(QLatin1Char('.'));
    // What secondsText() wrote is read back without rounding.
    if (point > 0 && text.size() - point == 10) {
        QString digits = text;
        const std::int64_t exact = digits.remove(point, 1).toLongLong(&isNumber);
        if (isNumber)
            return exact;
    }
    return std::llround(seconds * nanosecondsPerSecond);
}

std::optional<std::size_t> numberFrom(const QString& text, std::size_t below)
{
    bool isNumber = false;
    const qulonglong number = text.toULongLong(&isNumber);
    if (!isNumber || number >= below)
        return std::nullopt;
    return static_cast<std::size_t>(number);
}

std::optional<State> stateFrom(const QString& name)
{
    for (int i = 0; i < state_count; ++i) {
        const auto state = static_cast<State>(i);
        const std::string_view known = name_of(state);
        if (name == QLatin1String(known.data(), static_cast<qsizetype>(known.size())))
            return state;
    }
    return std::nullopt;
}

std::optional<Target> longestOf(State state, const Recording& recording)
{
    const Interval shown = recording.shown_interval();
    std::optional<Target> longest;
    std::int64_t longestNs = 0;
    for (std::size_t lane = 0; lane < recording.lanes().size(); ++lane) {
        if (recording.lanes()[lane].role != Role::worker)
            continue;
        const Spans& spans = recording.lanes()[lane].spans;
        std::size_t number = 0;
        for (const Span span : spans) {
            const std::size_t here = number++;
            const Interval interval = {span.begin_ns, std::min(span.end_ns, recording.now_ns())};
            if (span.state != state || interval.end_ns <= shown.begin_ns
                || interval.begin_ns >= shown.end_ns)
                continue;
            const std::int64_t length = recording.run_time_within(interval);
            if (length > longestNs) {
                longestNs = length;
                longest = Target::ofSpan(lane, here);
            }
        }
    }
    return longest;
}

} // namespace

Target Target::ofLane(std::size_t lane)
{
    return {.kind = Kind::lane, .lane = static_cast<std::uint32_t>(lane)};
}

Target Target::ofSpan(std::size_t lane, std::size_t span)
{
    return {.kind = Kind::span,
        .lane = static_cast<std::uint32_t>(lane),
        .number = static_cast<std::uint32_t>(span)};
}

Target Target::ofChannel(std::size_t channel)
{
    return {.kind = Kind::channel, .number = static_cast<std::uint32_t>(channel)};
}

Target Target::ofMoment(std::int64_t time_ns)
{
    return {.kind = Kind::moment, .interval = {time_ns, time_ns}};
}

Target Target::ofInterval(Interval interval)
{
    return {.kind = Kind::interval, .interval = interval};
}

QString linkTo(const Target& target, const Recording& recording)
{
    switch (target.kind) {
    case Target::Kind::lane:
        return scheme + QStringLiteral("lane/%1").arg(target.lane);
    case Target::Kind::span:
        return scheme + QStringLiteral("span/%1/%2").arg(target.lane).arg(target.number);
    case Target::Kind::channel:
        if (target.number < recording.channels().size()) {
            const QString name = QString::fromStdString(recording.channels()[target.number].name);
            return scheme + QStringLiteral("channel/")
                + QString::fromLatin1(QUrl::toPercentEncoding(name));
        }
        break;
    case Target::Kind::moment:
        return scheme + QStringLiteral("moment/") + secondsText(target.interval.begin_ns);
    case Target::Kind::interval:
        return scheme
            + QStringLiteral("interval/%1/%2")
                  .arg(secondsText(target.interval.begin_ns), secondsText(target.interval.end_ns));
    case Target::Kind::nothing:
        break;
    }
    return {};
}

std::optional<Target> targetOf(const QString& link, const Recording& recording)
{
    if (!link.startsWith(scheme))
        return std::nullopt;
    const QStringList parts = link.mid(scheme.size()).split(QLatin1Char('/'));
    const QString& kind = parts.front();
    const std::vector<Lane>& lanes = recording.lanes();
    if (kind == QLatin1String("lane") && parts.size() == 2) {
        if (const auto lane = numberFrom(parts[1], lanes.size()))
            return Target::ofLane(*lane);
    } else if (kind == QLatin1String("span") && parts.size() == 3) {
        if (const auto lane = numberFrom(parts[1], lanes.size())) {
            if (const auto span = numberFrom(parts[2], lanes[*lane].spans.size()))
                return Target::ofSpan(*lane, *span);
        }
    } else if (kind == QLatin1String("channel") && parts.size() == 2) {
        const std::string name = QUrl::fromPercentEncoding(parts[1].toUtf8()).toStdString();
        for (std::size_t i = 0; i < recording.channels().size(); ++i) {
            if (recording.channels()[i].name == name)
                return Target::ofChannel(i);
        }
    } else if (kind == QLatin1String("moment") && parts.size() == 2) {
        if (const auto time = momentFrom(parts[1]))
            return Target::ofMoment(*time);
    } else if (kind == QLatin1String("longest") && parts.size() == 2) {
        if (const auto state = stateFrom(parts[1]))
            return longestOf(*state, recording);
    } else if (kind == QLatin1String("at") && parts.size() == 3) {
        const auto lane = numberFrom(parts[1], lanes.size());
        const auto time = momentFrom(parts[2]);
        if (lane && time) {
            const std::size_t span = lanes[*lane].spans.innermost(*time);
            if (span < lanes[*lane].spans.size())
                return Target::ofSpan(*lane, span);
        }
    } else if (kind == QLatin1String("interval") && parts.size() == 3) {
        const auto begin = momentFrom(parts[1]);
        const auto end = momentFrom(parts[2]);
        if (begin && end && *begin < *end)
            return Target::ofInterval({*begin, *end});
    }
    return std::nullopt;
}

std::optional<Interval> intervalOf(const Target& target, const Recording& recording)
{
    switch (target.kind) {
    case Target::Kind::span:
        if (target.lane < recording.lanes().size()
            && target.number < recording.lanes()[target.lane].spans.size()) {
            const Span span = recording.lanes()[target.lane].spans[target.number];
            return Interval{span.begin_ns, std::min(span.end_ns, recording.now_ns())};
        }
        break;
    case Target::Kind::moment:
    case Target::Kind::interval:
        return target.interval;
    case Target::Kind::lane:
    case Target::Kind::channel:
    case Target::Kind::nothing:
        break;
    }
    return std::nullopt;
}

ViewState::ViewState(QObject* parent)
    : QObject(parent)
{
}

void ViewState::reset()
{
    m_previous.clear();
    m_extentNs = 0;
    m_grownNs = 0;
    m_live = false;
    m_bounds.reset();
    m_origin.reset();
    select({});
    change(Mode::all, whole());
}

void ViewState::setExtent(std::int64_t endNs, bool live)
{
    m_extentNs = endNs;
    m_live = live;
    m_grownNs = std::llround(grownEnd(static_cast<double>(m_grownNs) / nanosecondsPerSecond,
                                 static_cast<double>(endNs) / nanosecondsPerSecond,
                                 live ? shortestLiveAxisS : shortestAxisS, live)
        * nanosecondsPerSecond);
    if (m_mode == Mode::all)
        change(m_mode, whole());
    else if (m_mode == Mode::following)
        change(m_mode, {std::max<std::int64_t>(0, endNs - m_visible.length_ns()), endNs});
}

void ViewState::align(Interval bounds, std::int64_t origin)
{
    m_bounds = bounds;
    m_origin = origin;
    change(Mode::all, whole());
}

void ViewState::show(Interval interval, Gesture gesture)
{
    remember(gesture);
    const Interval all = whole();
    const std::int64_t length = std::clamp(
        interval.length_ns(), shortestViewNs, std::max(all.length_ns(), shortestViewNs));
    const std::int64_t begin = std::clamp<std::int64_t>(
        interval.begin_ns, all.begin_ns, std::max(all.begin_ns, all.end_ns - length));
    change(Mode::chosen, {begin, begin + length});
}

void ViewState::zoom(double factor, std::int64_t around)
{
    const double length = std::clamp(static_cast<double>(m_visible.length_ns()) * factor,
        static_cast<double>(shortestViewNs), static_cast<double>(whole().length_ns()));
    if (m_live && m_mode != Mode::chosen && factor < 1) {
        remember(Gesture::zoom);
        const auto kept = static_cast<std::int64_t>(length);
        change(Mode::following, {std::max<std::int64_t>(0, m_extentNs - kept), m_extentNs});
        return;
    }
    const double share = static_cast<double>(around - m_visible.begin_ns)
        / static_cast<double>(std::max<std::int64_t>(1, m_visible.length_ns()));
    const auto begin
        = static_cast<std::int64_t>(std::llround(static_cast<double>(around) - share * length));
    show({begin, begin + std::llround(length)}, Gesture::zoom);
}

void ViewState::pan(std::int64_t byNs)
{
    show({m_visible.begin_ns + byNs, m_visible.end_ns + byNs}, Gesture::pan);
}

void ViewState::zoomBySteps(double steps, std::int64_t around)
{
    zoom(std::pow(zoomStep, steps), around);
}

void ViewState::panBySteps(double steps)
{
    const double by = steps * panShare * static_cast<double>(m_visible.length_ns());
    // However closely it is seen, a step is one.
    pan(static_cast<std::int64_t>(by < 0 ? std::floor(by) : std::ceil(by)));
}

void ViewState::fit()
{
    remember(Gesture::jump);
    change(Mode::all, whole());
}

void ViewState::follow()
{
    remember(Gesture::jump);
    change(Mode::following,
        {std::max<std::int64_t>(0, m_extentNs - m_visible.length_ns()), m_extentNs});
}

void ViewState::back()
{
    if (m_previous.empty())
        return;
    const Previous last = m_previous.back();
    m_previous.pop_back();
    m_lastChangeMs = 0;
    change(last.mode, last.mode == Mode::all ? whole() : last.visible);
}

std::optional<Interval> ViewState::selectedInterval() const
{
    return m_selection.kind == Target::Kind::interval ? std::optional(m_selection.interval)
                                                      : std::nullopt;
}

void ViewState::select(const Target& target)
{
    if (target == m_selection)
        return;
    m_selection = target;
    emit selectionChanged();
}

void ViewState::remember(Gesture gesture)
{
    const std::int64_t now = QDeadlineTimer::current().deadline();
    const bool continued = gesture != Gesture::jump && gesture == m_lastGesture
        && now - m_lastChangeMs < oneGestureMs && !m_previous.empty();
    m_lastGesture = gesture;
    m_lastChangeMs = now;
    if (continued)
        return;
    if (m_previous.size() == mostPrevious)
        m_previous.erase(m_previous.begin());
    m_previous.push_back({m_mode, m_visible});
}

void ViewState::change(Mode mode, Interval visible)
{
    const bool same = mode == m_mode && visible.begin_ns == m_visible.begin_ns
        && visible.end_ns == m_visible.end_ns;
    m_mode = mode;
    m_visible = visible;
    if (!same)
        emit visibleChanged();
}

Interval ViewState::whole() const
{
    if (m_bounds)
        return *m_bounds;
    const std::int64_t end = std::max(m_grownNs, m_extentNs);
    return {0, end > 0 ? end : 1'000'000'000};
}

} // namespace manyhands::app
