// SPDX-License-Identifier: GPL-3.0-or-later
// What all views of one run share: which part of the time is seen, and what is selected. Text and
// panes point at things in a run with the same words.
#pragma once

#include "engine/recording/recording.hpp"

#include <QObject>
#include <QString>

#include <optional>
#include <vector>

namespace manyhands::app {

/// A thing in a run that a chart can select, a link can name and the details can explain.
struct Target
{
    enum class Kind : std::uint8_t { nothing, lane, span, channel, moment, interval };

    Kind kind = Kind::nothing;
    std::uint32_t lane = no_subject; ///< of a lane and a span: index into Recording::lanes()
    std::uint32_t number = 0; ///< of a span: index into Lane::spans; of a channel: into channels()
    Interval interval = {}; ///< of a moment (its begin) and an interval, in recorded time

    bool operator==(const Target& other) const noexcept
    {
        return kind == other.kind && lane == other.lane && number == other.number
            && interval.begin_ns == other.interval.begin_ns
            && interval.end_ns == other.interval.end_ns;
    }

    static Target ofLane(std::size_t lane);
    static Target ofSpan(std::size_t lane, std::size_t span);
    static Target ofChannel(std::size_t channel);
    static Target ofMoment(std::int64_t time_ns);
    static Target ofInterval(Interval interval);
};

/// The link that names `target`: "see:lane/2", "see:span/2/15", "see:channel/tasks",
/// "see:moment/0.0125", "see:interval/0.01/0.02" (seconds of recorded time, exact). Lanes and spans
/// by their numbers, channels by their names.
QString linkTo(const Target& target, const Recording& recording);
/// What a link names; nothing where it is none, or `recording` has no such thing. Besides those of
/// linkTo(): "see:longest/waiting_lock", the longest span of a state among the workers of the shown
/// repeat, and "see:at/2/0.0125", the innermost span of a lane at a moment.
std::optional<Target> targetOf(const QString& link, const Recording& recording);

/// The interval that a target covers, in recorded time; nothing for a lane or a channel.
std::optional<Interval> intervalOf(const Target& target, const Recording& recording);

/// Of one window. Times of what is seen are *run time*: Recording::run_time(), without pauses.
class ViewState : public QObject
{
    Q_OBJECT

public:
    /// All of the run, in steps that grow while it lasts; the latest part of it; or what the person
    /// has chosen, whatever happens beyond it.
    enum class Mode : std::uint8_t { all, following, chosen };

    explicit ViewState(QObject* parent = nullptr);

    Mode mode() const { return m_mode; }
    Interval visible() const { return m_visible; }
    /// The end of what there is to see.
    std::int64_t extentNs() const { return m_extentNs; }
    const Target& selection() const { return m_selection; }
    /// The interval that is selected, in recorded time; nothing where something else is.
    std::optional<Interval> selectedInterval() const;

    /// Another run: all of it, nothing selected, no previous views.
    void reset();
    /// There is so much to see; `live`: and it grows.
    void setExtent(std::int64_t endNs, bool live);
    /// Of a run beside others: what there is to see are `bounds`, which may begin before the run
    /// and end after it, and its axes label `origin` 0. All is shown, until reset().
    void align(Interval bounds, std::int64_t origin);
    /// Where the axes' labels count from; nothing: from the run's start.
    std::optional<std::int64_t> origin() const { return m_origin; }

    /// Shows an interval; within a short time after the last change of the same `gesture` (wheel,
    /// drag) it is part of that, for back(). Cut to the extent, at least 10 ns long.
    enum class Gesture : std::uint8_t { jump, zoom, pan };
    void show(Interval interval, Gesture gesture = Gesture::jump);
    /// Makes the visible interval `factor` times as long around `around` (run time). While a run is
    /// live and nothing was panned, the view goes on following its end.
    void zoom(double factor, std::int64_t around);
    void pan(std::int64_t byNs);
    /// As much as one press of a key or one notch of the wheel does: closer for steps above 0, and
    /// to the right.
    void zoomBySteps(double steps, std::int64_t around);
    void panBySteps(double steps);
    void fit();
    void follow();
    bool canGoBack() const { return !m_previous.empty(); }
    void back();

    void select(const Target& target);

signals:
    void visibleChanged();
    void selectionChanged();

private:
    struct Previous
    {
        Mode mode;
        Interval visible;
    };

    void remember(Gesture gesture);
    void change(Mode mode, Interval visible);
    Interval whole() const;

    Mode m_mode = Mode::all;
    Interval m_visible = {0, 1'000'000'000};
    std::int64_t m_extentNs = 0;
    std::int64_t m_grownNs = 0;
    bool m_live = false;
    std::optional<Interval> m_bounds; ///< of align()
    std::optional<std::int64_t> m_origin;
    Target m_selection;
    std::vector<Previous> m_previous;
    Gesture m_lastGesture = Gesture::jump;
    std::int64_t m_lastChangeMs = 0;
};

} // namespace manyhands::app
