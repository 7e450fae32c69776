// SPDX-License-Identifier: MIT
// A sweep: Measure for each of several values of one parameter, one run after the other.
#pragma once

#include "engine/analysis/scaling.hpp"
#include "engine/observe/session.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// A point of a sweep whose run has ended, by itself or not.
struct SweepPoint
{
    ParameterValue value; ///< of the parameter that the sweep goes over
    nlohmann::json run; ///< run_object()
    RunState state = RunState::done;
    std::vector<Repeat> repeats;
    std::optional<double> sequential_s; ///< T1, measured at this point or before it
    double elapsed_s = 0; ///< what it took in all, less pauses
};

/// The values that a list as a person types it stands for: "1,2,4". Throws BadValue where the
/// lesson has no such parameter, the list is empty, or a value is not allowed or stands twice.
std::vector<ParameterValue> sweep_values_from(
    const LessonDescription& lesson, std::string_view parameter, std::string_view list);

/// A sweep. Belongs to the thread that made it, as a Session does, and is polled like one. The
/// baseline is measured with the first point alone where the parameter does not change the work.
class Sweep
{
public:
    /// Starts the first point. `options` are those of all points but for the parameter's value;
    /// their own repeats do not count. Throws BadValue for what sweep_values_from() refuses and for
    /// repeats below 1, before anything has started; else what Session throws.
    Sweep(SessionOptions options, std::string parameter, std::vector<ParameterValue> values,
        int repeats = 5);
    ~Sweep();
    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;

    /// Session::poll() of the run under way; where that has ended, keeps the point and starts the
    /// next one. Returns false once the sweep has ended: the last point was measured, it was
    /// stopped, or a point failed.
    bool poll();
    /// Session::wait() of the run under way.
    void wait(std::chrono::milliseconds timeout);
    /// Stops the run under way and starts no other. A second call kills at once. The points that
    /// are complete stay, and of this one the repeats that are.
    void stop(StopReason reason);

    bool finished() const noexcept;
    /// `running` until the end, or `stopping`; `done` where every point is complete.
    RunState state() const noexcept;
    /// What ended the sweep before its last point, one line; empty where nothing did.
    const std::string& problem() const noexcept;
    /// How a program that showed the sweep is to end: exit_code_of() of the run that ended it. Only
    /// once it has finished.
    int exit_code() const noexcept;

    const std::string& parameter() const noexcept;
    const std::vector<ParameterValue>& values() const noexcept; ///< in the order of the points
    int repeats() const noexcept; ///< of each point

    /// The run under way, or the last one. A reference stays valid until the next poll().
    Session& session() noexcept;
    const Session& session() const noexcept;

    /// The points whose runs have ended, in order; the last one may be partial.
    const std::vector<SweepPoint>& points() const noexcept;

    /// Where the sweep is, for a status line.
    struct Progress
    {
        std::size_t point = 0; ///< under way, from 0
        std::size_t points = 0; ///< in all
        double elapsed_s = 0; ///< since the sweep's start, less pauses
        /// What is left, if the points to come take as long as those that are complete, without
        /// the baselines that are not measured again; nothing before the first is complete.
        std::optional<double> left_s;
        Session::Progress run; ///< of the point under way
    };
    Progress progress() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// Measured points over workers: of those with a baseline that are for measuring (not partial,
/// paused, slowed or stepped). Empty where the parameter changes the work, so that the points are
/// not of the same.
std::vector<ScalingPoint> scaling_points(const Sweep& sweep);

/// The sweep as one JSON object, as `--json` prints it: `schema`, `lesson`, `over` (the parameter),
/// `values` (asked for), `state` and `runs` (run objects, one for each point that has ended).
nlohmann::json sweep_object(const Sweep& sweep);

} // namespace manyhands
