// SPDX-License-Identifier: MIT
// The lesson's main process's hold on its children: gives out slots, notices deaths and stops,
// reaps, and writes what the kernel says of each into its slot.
#pragma once

#include "engine/os/descriptor.hpp"
#include "engine/trace/segment.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

class ForkServer;

/// How a child ended.
struct ChildEnd
{
    int pid = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    int exit = 0; ///< as in Python: exit code, or the negative number of the signal
    std::string name;
    std::string exception = {}; ///< "TYPE\nTEXT" of what ended it; empty where nothing was thrown
    bool asked = false; ///< somebody had sent it a signal by terminate() or kill()
};

/// Watches over the children of the lesson's main process. There is one, made by
/// manyhands::run(). It takes no lock and waits for nobody but for what has ended.
class Supervisor
{
public:
    /// `program_name` is argv[0] of this program, and becomes its workers'.
    explicit Supervisor(std::string program_name);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// A free slot, backed and cleared, in SlotState::free. Throws MachineLacks when 256 processes
    /// are alive, Error where memory lacks.
    std::uint32_t take_slot();
    /// Gives memory to the slots of `processes` processes ahead of their start, so that backing
    /// what only the trace needs is no part of what is measured. Throws Error where memory lacks.
    void prepare_slots(std::uint32_t processes);
    /// Gives back a slot whose process did not start.
    void give_back_slot(std::uint32_t slot) noexcept;

    /// Watches over a child that was started in `slot`; the run does not wait for a daemon.
    void adopt(int pid, os::Descriptor process, std::uint32_t slot, bool daemon = false);

    /// While it lives, a process is being started, and look() takes notice of nothing: the slot of
    /// one that has ended must not be given out before whoever listens has dealt with its end.
    class Starting
    {
    public:
        explicit Starting(Supervisor& supervisor) noexcept
            : supervisor_(supervisor)
        {
            ++supervisor_.starting_;
        }
        ~Starting() { --supervisor_.starting_; }
        Starting(const Starting&) = delete;
        Starting& operator=(const Starting&) = delete;

    private:
        Supervisor& supervisor_;
    };
    /// Whether this one child has ended; takes notice of that, even while another is being started.
    bool has_ended(std::uint32_t slot, std::uint32_t generation);
    /// Kills this one child, likewise, and waits for it.
    void end_one(std::uint32_t slot, std::uint32_t generation);

    /// The same as adopt() for a thread of this process.
    void adopt_thread(std::uint32_t slot);
    /// Tells this process's supervisor, from any thread, that one has ended.
    static void tell_of_thread_end() noexcept;
    /// How many threads live.
    std::size_t threads();

    /// This thread's. Throws Error where it is not the main one of the lesson's main process.
    static Supervisor& of_this_thread();

    /// Takes notice of all that happened to children since: ends and stops. Quick where nothing
    /// did. Called by whatever waits in the main process.
    void look();

    /// The end of the child that had (slot, generation), once it is known.
    std::optional<ChildEnd> end_of(std::uint32_t slot, std::uint32_t generation) const;

    /// Calls `listener` with every end from now on, from within look(), before what the dead
    /// process owned is given back; returns a number for stop_listening().
    int listen(std::function<void(const ChildEnd&)> listener);
    void stop_listening(int number);

    /// Calls `duty` from now on whenever this process waits, and may throw nothing; returns a
    /// number for forget_duty().
    int add_duty(std::function<void()> duty);
    void forget_duty(int number);

    /// Sends a signal to a child that lives; its end is not reported as a failure then.
    void signal(std::uint32_t slot, std::uint32_t generation, int number);

    /// All ends so far, in the order in which they were noticed.
    const std::vector<ChildEnd>& ends() const noexcept { return ends_; }
    /// The children that live, but the fork server: slot and generation.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> living() const;

    /// What the lesson's main process does whenever it waits: looks after its children, drains, and
    /// fulfils its duties.
    void attend();

    /// In a forked child, first of all: lets go of what is its parent's alone.
    void let_go_in_child() noexcept;

    /// Work done by children that have ended, since the last call with `true`.
    std::uint64_t work_of_ended(bool start_anew);
    /// Work done so far by children that live.
    std::uint64_t work_of_living() const;

    /// The group (a baseline and its repeat) that new children belong to.
    void set_group(std::uint32_t group) noexcept { group_ = group; }
    std::uint32_t group() const noexcept { return group_; }

    /// How many children and threads live, the fork server not counted.
    std::size_t alive() const noexcept;
    /// The pids of all children.
    std::vector<int> pids() const;
    /// This run's fork server, which need not live yet.
    ForkServer& fork_server();
    /// The end of the lesson's function, as that of a Python program: waits for the children that
    /// are no daemons, then terminates the daemons, and kills what ignores that. Where the run is
    /// asked to stop, it waits for nobody.
    void end_run();
    /// Kills and reaps every child; the fork server may end by itself, where the run is not asked
    /// to stop.
    void end_all() noexcept;

    /// What drain() calls: the reader of the program itself.
    void set_drain(std::function<void(bool)> drain) { drain_ = std::move(drain); }
    /// Lets the program's own reader take in what is new, at once or when it next thinks it worth
    /// the while. Called by whatever waits in the main process, and at once before a slot is used
    /// again.
    void drain(bool at_once = false);

    const std::string& program_name() const noexcept { return program_name_; }
    /// The reading end of a pipe whose writing end this process alone holds.
    int lifeline() const noexcept { return lifeline_.read.get(); }
    /// A reading end of that pipe for one forked child (os::tie_to_lifeline). The next one is
    /// opened when a child is adopted: a start does not wait for it.
    os::Descriptor take_lifeline();

private:
    struct Child
    {
        int pid;
        os::Descriptor process;
        std::uint32_t slot;
        std::uint32_t generation;
        bool daemon;
        bool asked = false; // to end, by terminate() or kill()
    };
    struct Listener
    {
        int number;
        std::function<void(const ChildEnd&)> call;
    };

    struct Duty
    {
        int number;
        std::function<void()> call;
    };

    struct ThreadLane
    {
        std::uint32_t slot;
        std::uint32_t generation;
    };

    bool is_free(std::uint32_t slot) const noexcept;
    bool is_fork_server(std::uint32_t slot) const noexcept;
    void reap(Child& child);
    bool look_at_threads();
    void note_end(std::uint32_t slot, ChildEnd end);
    void log_death(const ChildEnd& end) const noexcept;
    bool any_but_daemons() const noexcept;
    void tell_of_ends() noexcept;
    void tell_arena() const noexcept;
    void look_at_stops(const Child& child);

    std::vector<Child> children_;
    std::vector<ThreadLane> threads_;
    std::vector<ChildEnd> ends_;
    std::vector<Listener> listeners_;
    std::vector<Duty> duties_;
    std::vector<bool> backed_;
    std::function<void(bool)> drain_;
    std::unique_ptr<ForkServer> fork_server_;
    std::string program_name_;
    os::PipeEnds lifeline_;
    os::Descriptor next_lifeline_;
    std::uint64_t work_of_ended_ = 0;
    std::uint32_t group_ = 0;
    int next_listener_ = 0;
    int next_duty_ = 0;
    int starting_ = 0;
    bool on_duty_ = false;
};

/// Fills in what a slot lacks whose lane has begun, and so shows it to the observer. Returns its
/// generation.
std::uint32_t publish_slot(std::uint32_t slot, int pid) noexcept;

} // namespace manyhands
