// SPDX-License-Identifier: MIT
#include "engine/observe/sweep.hpp"

#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"

#include <algorithm>
#include <utility>

namespace manyhands {
namespace {

constexpr int schema = 1;

const ParameterDescription& parameter_of(const LessonDescription& lesson, std::string_view name)
{
    if (const ParameterDescription* const known = lesson.parameter(name))
        return *known;
    std::string names;
    for (const ParameterDescription& parameter : lesson.parameters)
        names += (names.empty() ? "" : ", ") + parameter.name;
    throw BadValue({.object = "the sweep of " + lesson.id,
        .problem = "goes over a parameter that the lesson does not have",
        .value = shown(name),
        .limit = names.empty() ? "none" : names});
}

/// Refuses values that are none of the parameter's, and a list without any.
void check_values(const ParameterDescription& parameter, const std::vector<ParameterValue>& values)
{
    if (values.empty())
        throw BadValue({.object = "the sweep over " + parameter.name,
            .problem = "has no values",
            .limit = parameter.allowed(),
            .advice = "give them as " + parameter.name + "=v1,v2,..."});
    for (auto value = values.begin(); value != values.end(); ++value) {
        const std::string text = to_text(*value);
        if (parameter.parse(text) != *value)
            throw BadValue({.object = parameter.name,
                .problem = "is of another type",
                .value = shown(text),
                .limit = parameter.allowed()});
        if (std::find(values.begin(), value, *value) != value)
            throw BadValue({.object = "the sweep over " + parameter.name,
                .problem = "has a value twice",
                .value = shown(text),
                .advice = "give each value once"});
    }
}

bool changes_work(const SessionOptions& options, const std::string& parameter)
{
    const ParameterDescription* const known = options.description.parameter(parameter);
    return known != nullptr && known->work;
}

bool has_mark(const SweepPoint& point, std::string_view mark)
{
    const auto& marks = point.run.at("marks");
    return std::find(marks.begin(), marks.end(), mark) != marks.end();
}

/// Whether its times say nothing of the speed that the lesson has.
bool is_not_for_measuring(const SweepPoint& point)
{
    constexpr std::string_view marks[] = {"partial", "paused", "slowed", "stepped"};
    return std::any_of(std::begin(marks), std::end(marks),
        [&](std::string_view mark) { return has_mark(point, mark); });
}

} // namespace

std::vector<ParameterValue> sweep_values_from(
    const LessonDescription& lesson, std::string_view parameter, std::string_view list)
{
    const ParameterDescription& known = parameter_of(lesson, parameter);
    std::vector<ParameterValue> values;
    for (std::string_view rest = list; !list.empty();) {
        const std::size_t comma = rest.find(',');
        values.push_back(known.parse(rest.substr(0, comma)));
        if (comma == std::string_view::npos)
            break;
        rest.remove_prefix(comma + 1);
    }
    check_values(known, values);
    return values;
}

class Sweep::Implementation
{
public:
    Implementation(SessionOptions options, std::string parameter,
        std::vector<ParameterValue> values, int repeats);

    bool poll();
    void stop(StopReason reason);
    Progress progress() const;

    SessionOptions options;
    std::string parameter;
    std::vector<ParameterValue> values;
    std::unique_ptr<Session> session;
    std::vector<SweepPoint> points;
    RunState state = RunState::running;
    std::string problem;
    int exit = exit_code::done;
    bool finished = false;

private:
    void start_point();
    void end_point();
    void fail(std::string why, int code);
    double repeats_took_s(const SweepPoint& point, bool first) const;

    bool baseline_once_;
    double elapsed_before_s_ = 0; ///< in the points that have ended
    std::optional<StopReason> stop_reason_;
};

Sweep::Implementation::Implementation(
    SessionOptions given, std::string over, std::vector<ParameterValue> over_values, int repeats)
    : options(std::move(given))
    , parameter(std::move(over))
    , values(std::move(over_values))
    , baseline_once_(!changes_work(options, parameter))
{
    check_values(parameter_of(options.description, parameter), values);
    if (repeats < 1)
        throw BadValue({.object = "the repeats of a sweep",
            .problem = "are too few",
            .value = std::to_string(repeats),
            .limit = "1 or more"});
    options.repeats = repeats;
    // It was measured with one value of the parameter, and would be wrong with the others.
    if (!baseline_once_)
        options.baseline.reset();
    start_point();
}

void Sweep::Implementation::start_point()
{
    options.parameters[parameter] = values[points.size()];
    session = std::make_unique<Session>(options);
}

bool Sweep::Implementation::poll()
{
    if (finished)
        return false;
    if (session->poll())
        return true;
    end_point();
    return !finished;
}

void Sweep::Implementation::end_point()
{
    SweepPoint point = {.value = values[points.size()],
        .run = run_object(*session),
        .state = session->state(),
        .repeats = session->repeats(),
        .sequential_s = session->sequential_s(),
        .elapsed_s = session->progress().elapsed_s};
    elapsed_before_s_ += point.elapsed_s;
    points.push_back(std::move(point));

    exit = exit_code_of(*session);
    if (session->state() != RunState::done || exit != exit_code::done) {
        const bool stopped
            = session->state() == RunState::stopped || session->state() == RunState::timed_out;
        state = stopped ? session->state() : RunState::failed;
        problem = session->problem();
        finished = true;
        return;
    }
    if (points.size() == values.size()) {
        state = RunState::done;
        finished = true;
        return;
    }
    // Asked to stop when the point was as good as complete.
    if (stop_reason_) {
        state = *stop_reason_ == StopReason::person ? RunState::stopped : RunState::timed_out;
        exit = exit_code::failed;
        finished = true;
        return;
    }
    const auto sequential_s = session->sequential_s();
    const auto work = session->all_work();
    if (baseline_once_ && sequential_s && work)
        options.baseline = KnownBaseline{*sequential_s, *work};
    try {
        start_point();
    } catch (const MachineLacks& error) {
        fail(error.what(), exit_code::machine_lacks);
    } catch (const std::exception& error) {
        fail(error.what(), exit_code::failed);
    }
}

void Sweep::Implementation::fail(std::string why, int code)
{
    state = RunState::failed;
    problem = std::move(why);
    exit = code;
    finished = true;
}

void Sweep::Implementation::stop(StopReason reason)
{
    if (finished)
        return;
    if (!stop_reason_)
        stop_reason_ = reason;
    state = RunState::stopping;
    session->stop(reason);
}

// What a point took without a baseline that those to come do not measure.
double Sweep::Implementation::repeats_took_s(const SweepPoint& point, bool first) const
{
    double took_s = point.elapsed_s;
    if (first && baseline_once_) {
        for (const Repeat& repeat : point.repeats)
            took_s -= repeat.sequential_s.value_or(0);
    }
    return std::max(took_s, 0.0);
}

Sweep::Progress Sweep::Implementation::progress() const
{
    Progress progress;
    progress.points = values.size();
    progress.point = std::min(points.size(), values.size() - 1);
    progress.elapsed_s = elapsed_before_s_;
    progress.run = session->progress();
    if (finished) {
        progress.point = points.empty() ? 0 : points.size() - 1;
        return progress;
    }
    progress.elapsed_s += progress.run.elapsed_s;
    if (points.empty())
        return progress;
    double took_s = 0;
    for (std::size_t i = 0; i < points.size(); ++i)
        took_s += repeats_took_s(points[i], i == 0);
    const double one_s = took_s / static_cast<double>(points.size());
    const auto after_this = static_cast<double>(values.size() - points.size() - 1);
    progress.left_s = one_s * after_this + std::max(one_s - progress.run.elapsed_s, 0.0);
    return progress;
}

Sweep::Sweep(
    SessionOptions options, std::string parameter, std::vector<ParameterValue> values, int repeats)
    : implementation_(std::make_unique<Implementation>(
        std::move(options), std::move(parameter), std::move(values), repeats))
{
}
Sweep::~Sweep() = default;

bool Sweep::poll()
{
    return implementation_->poll();
}
void Sweep::wait(std::chrono::milliseconds timeout)
{
    if (!implementation_->finished)
        implementation_->session->wait(timeout);
}
void Sweep::stop(StopReason reason)
{
    implementation_->stop(reason);
}
bool Sweep::finished() const noexcept
{
    return implementation_->finished;
}
RunState Sweep::state() const noexcept
{
    return implementation_->state;
}
const std::string& Sweep::problem() const noexcept
{
    return implementation_->problem;
}
int Sweep::exit_code() const noexcept
{
    return implementation_->exit;
}
const std::string& Sweep::parameter() const noexcept
{
    return implementation_->parameter;
}
const std::vector<ParameterValue>& Sweep::values() const noexcept
{
    return implementation_->values;
}
int Sweep::repeats() const noexcept
{
    return *implementation_->options.repeats;
}
Session& Sweep::session() noexcept
{
    return *implementation_->session;
}
const Session& Sweep::session() const noexcept
{
    return *implementation_->session;
}
const std::vector<SweepPoint>& Sweep::points() const noexcept
{
    return implementation_->points;
}
Sweep::Progress Sweep::progress() const
{
    return implementation_->progress();
}

std::vector<ScalingPoint> scaling_points(const Sweep& sweep)
{
    if (changes_work(sweep.session().options(), sweep.parameter()))
        return {};
    std::vector<ScalingPoint> points;
    for (const SweepPoint& point : sweep.points()) {
        const int workers = point.run.at("workers").get<int>();
        if (!point.sequential_s || workers < 1 || is_not_for_measuring(point))
            continue;
        ScalingPoint to = {.workers = workers,
            .wall_s = {},
            .sequential_s = *point.sequential_s,
            .oversubscribed = has_mark(point, "oversubscribed")};
        for (const Repeat& repeat : point.repeats)
            to.wall_s.push_back(repeat.wall_s);
        points.push_back(std::move(to));
    }
    return points;
}

nlohmann::json sweep_object(const Sweep& sweep)
{
    nlohmann::json values = nlohmann::json::array();
    for (const ParameterValue& value : sweep.values())
        values.push_back(std::visit([](const auto& held) { return nlohmann::json(held); }, value));
    nlohmann::json runs = nlohmann::json::array();
    for (const SweepPoint& point : sweep.points())
        runs.push_back(point.run);
    return {{"schema", schema}, {"lesson", sweep.session().options().lesson.id},
        {"over", sweep.parameter()}, {"values", values}, {"state", name_of(sweep.state())},
        {"runs", runs}};
}

} // namespace manyhands
