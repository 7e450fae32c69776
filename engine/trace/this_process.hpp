// SPDX-License-Identifier: MIT
// What this process, or this thread of it, is in the run: its slot and its recorder.
#pragma once

#include "engine/trace/recorder.hpp"
#include "engine/trace/segment.hpp"

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>

namespace manyhands {

class Arena;
class Supervisor;

/// The name of a lane, cut to 127 bytes; a string wherever one is wanted.
class LaneName
{
public:
    constexpr LaneName(std::string_view name) noexcept { set(name); }
    LaneName& operator=(std::string_view name) noexcept
    {
        set(name);
        return *this;
    }
    operator std::string() const { return text_; }
    const char* c_str() const noexcept { return text_; }
    friend std::string operator+(std::string_view before, const LaneName& name)
    {
        return std::string(before) + name.text_;
    }
    friend std::string operator+(const LaneName& name, std::string_view behind)
    {
        return std::string(name.text_) + std::string(behind);
    }

private:
    constexpr void set(std::string_view name) noexcept
    {
        std::size_t length = 0;
        for (; length < name.size() && length < sizeof text_ - 1; ++length)
            text_[length] = name[length];
        text_[length] = '\0';
    }

    char text_[128] = {};
};

/// What this thread is in the run: its lane, and what its process shares. Set up for a process's
/// main thread by manyhands::run(), for others by Thread; a thread that neither knows about may use
/// nothing of the engine.
struct ThisProcess
{
    static Segment segment; ///< the process's
    static Arena* arena; ///< shared memory of the run; null before there is one
    /// What a process's function does outside of all other states is told as computing. (Lessons
    /// tell it themselves, with the line of code.)
    static bool functions_compute;

    std::uint32_t slot_number = main_slot;
    std::uint32_t generation = 1; ///< of the slot
    Recorder recorder;
    Supervisor* supervisor = nullptr; ///< in the lesson's main process, on its main thread
    /// What the lane does whenever it waits; on the lesson's main one: look after its children and
    /// drain. Null where there is nothing to do.
    void (*while_waiting)() = nullptr;
    /// Tells what has been counted and not yet told; called before the lane goes to sleep and at
    /// its end. Null where there is nothing.
    void (*before_sleeping)() noexcept = nullptr;
    LaneName name = std::string_view("main");
    Role role = Role::main;

    Slot& slot() const noexcept { return segment.slot(slot_number); }

    /// Adds to the work that this lane has done, in the lesson's unit. A relaxed store.
    void work_done(std::uint64_t amount) noexcept
    {
        std::atomic<std::uint64_t>& total = slot().work_done;
        total.store(total.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    /// Whether the observer has asked the run to end.
    bool stop_requested() const noexcept
    {
        return segment && segment.header().control.stop.load(std::memory_order_relaxed) != 0;
    }
};

/// A lane's own, though it is called by what most lanes are. Constant at first and never destroyed,
/// an access costs no more than one to a plain variable.
extern constinit thread_local ThisProcess this_process;
static_assert(std::is_trivially_destructible_v<ThisProcess>);

/// Prints one whole line: into the lane's text area and, where nobody observes, to standard
/// output in one call. `line` has no newline at its end.
void print(std::string_view line);

/// Holds the lane in a state for as long as it lives. States nest.
class StateSpan
{
public:
    explicit StateSpan(State state, std::uint32_t subject = event_without_subject,
        const std::source_location& where = std::source_location::current()) noexcept
        : state_(state)
    {
        this_process.recorder.begin(state, subject, this_process.recorder.place(where));
    }
    ~StateSpan() { this_process.recorder.end(state_); }
    StateSpan(const StateSpan&) = delete;
    StateSpan& operator=(const StateSpan&) = delete;

private:
    State state_;
};

} // namespace manyhands
