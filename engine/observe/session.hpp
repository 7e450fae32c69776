// SPDX-License-Identifier: MIT
// One run of a lesson, observed: starts the lesson program, drains its segment, samples its
// processes, stops it, and holds what is known of it.
#pragma once

#include "engine/description/lesson_description.hpp"
#include "engine/description/result_document.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/watched_command.hpp"
#include "engine/os/machine.hpp"
#include "engine/recording/recording.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// A serial baseline measured before.
struct KnownBaseline
{
    double sequential_s;
    std::uint64_t work;
};

/// What to run.
struct SessionOptions
{
    LessonReference lesson;
    LessonDescription description;
    ParameterValues parameters; ///< all of them, checked: LessonDescription::parse()
    std::uint64_t seed = 1;
    /// Nothing: Run (the baseline once, then one repeat). A number: Measure (one warm-up, then that
    /// many baselines and repeats in turn).
    std::optional<int> repeats;
    /// The baseline that is already known for the same work: it is not measured again.
    std::optional<KnownBaseline> baseline;
    bool traced = true; ///< false: no rings; only wall times, statuses and the result document
    /// A program of a person's own, to be watched: then `lesson` is ours (its program becomes the
    /// host), `description` is describe_command()'s, and what stands between means nothing.
    std::optional<WatchedCommand> command;
    /// Of a watched program: it reads what we read, and belongs to the terminal as we do; else it
    /// reads nothing.
    bool in_terminal = false;
    /// Gets what a watched program writes, as it comes; `error`: to its descriptor 2.
    std::function<void(std::string_view text, bool error)> output;
    bool hold_gates = false; ///< from the first instruction on: Session::hold_gates()
};

/// Where a run is. `done` and below are ends.
enum class RunState : std::uint8_t {
    running,
    stopping, ///< asked to stop, not gone yet
    done,
    stopped, ///< by a person
    timed_out, ///< by --timeout
    failed, ///< a task, a check or the lesson program itself
};
std::string_view name_of(RunState state);

/// Why a run is to stop.
enum class StopReason : std::uint8_t { person, timeout };

/// Wall times of one repeat.
struct Repeat
{
    double wall_s = 0;
    std::optional<double> sequential_s; ///< nothing without a baseline
    std::optional<double> speedup;
};

/// A run. Belongs to the thread that made it, which must live as long as the run (the lesson
/// program dies with its starter's *thread*) and must call poll() at least every 33 ms.
/// Destroying a running one kills the lesson's processes and waits for the main one.
class Session
{
public:
    /// Makes the segment and starts the lesson program. Throws MachineLacks or Error.
    explicit Session(SessionOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Takes in what is new: events, texts, statuses, samples; escalates a stop; never blocks.
    /// Returns false once the run has ended and everything of it has been taken in.
    bool poll();

    /// Sleeps until something other than events happened (output, the end) or `timeout` is over.
    void wait(std::chrono::milliseconds timeout);

    /// Asks the lesson to stop: the flag at once, SIGTERM after 0.5 s, SIGKILL after 1.5 s, by
    /// poll(). A second call kills at once. What was measured stays.
    void stop(StopReason reason);

    /// Stops every process of the lesson where it is (SIGSTOP), and lets them go on. What lies
    /// between is a pause of the recording; the lesson's time-outs and wall times do not count it.
    /// Once the run was asked to stop it is not paused any more, and stop() ends a pause.
    void pause();
    void resume();
    bool paused() const noexcept;

    /// What gates (engine/sync/gate.hpp) do from now on with a process that comes to one: hold it
    /// until a step lets it go; let it go `steps_per_second` a second after it was let go the last
    /// time; let it pass, as at the beginning. Throws BadValue for a pace that is not positive.
    void hold_gates();
    void pace_gates(double steps_per_second);
    void open_gates();

    /// A process that a gate holds.
    struct HeldLane
    {
        std::uint32_t lane; ///< index into recording().lanes()
        std::uint32_t gate; ///< index into recording().gates(); no_subject until its name has come
    };
    /// Who is held at this moment and has no step to take.
    std::vector<HeldLane> held() const;
    /// Lets a held process pass its gate, up to the next one; all that are held. Returns whether
    /// (how many) there were. Only after hold_gates().
    bool step(std::uint32_t lane);
    int step_all();

    bool finished() const noexcept;
    RunState state() const noexcept;
    const SessionOptions& options() const noexcept;
    const Machine& machine() const noexcept;

    /// The repeat under way, with its baseline; once the run has ended, the shown repeat: that with
    /// the median wall time. A reference stays valid until the next poll().
    const Recording& recording() const noexcept;
    /// The same for whoever reads it when the session is gone. Only of a session that has finished.
    std::shared_ptr<const Recording> shared_recording() const;

    /// The phase under way and the progress in it, for a status line.
    struct Progress
    {
        std::optional<PhaseKind> phase;
        int number = 0; ///< of the repeat, from 0
        int repeats = 1; ///< in all
        double elapsed_s = 0; ///< since the start of the run, less pauses
        int alive = 0; ///< processes
        std::uint64_t events = 0;
        std::uint64_t dropped = 0;
    };
    Progress progress() const;

    /// Wall times of the repeats that are complete.
    const std::vector<Repeat>& repeats() const noexcept;
    /// Index into repeats() of the one that recording() shows once the run has ended.
    std::size_t shown_repeat() const noexcept;
    /// T1, the median of the baselines measured or known so far; nothing before the first.
    std::optional<double> sequential_s() const;
    /// All work, as the baseline counted it.
    std::optional<std::uint64_t> all_work() const;
    /// The lesson's own figures, once they came.
    const std::optional<ResultDocument>& document() const noexcept;
    /// What went wrong with the lesson program as a whole, one line; empty where nothing did.
    const std::string& problem() const noexcept;
    /// How the lesson's main process ended, as in Python; nothing while it lives. The exit codes of
    /// description/exit_codes.hpp hold for it.
    std::optional<int> exit() const noexcept;
    /// Of a watched program: what is to be known of how it is seen, one line each.
    std::vector<std::string> notes() const;
    /// What processes wrote to descriptors 1 and 2 past manyhands::print, the last 1 MiB of it.
    const std::string& raw_output() const noexcept;
    /// Marks of the run: partial, paused, slowed, stepped, oversubscribed, summarised, dropped,
    /// busy_machine, …
    std::vector<std::string> marks() const;
    /// pid of the lesson's main process.
    int main_pid() const noexcept;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// How a program that showed the run is to end (description/exit_codes.hpp): done where the run was
/// and every check held that applies; what the lesson says of the machine and its parameters; else
/// failed. Only of a session that has finished.
int exit_code_of(const Session& session);

/// The run as one JSON object, as `--json` prints it and a run file keeps it. Only of a session
/// that has finished.
nlohmann::json run_object(const Session& session);

} // namespace manyhands
