// SPDX-License-Identifier: MIT
// The host of a watched program: starts it, follows its processes from outside, lets those in that
// trace themselves, stops them all, and leaves nothing behind.
#pragma once

#include "engine/description/watch_report.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/trace/segment.hpp"
#include "engine/watch/watch_arguments.hpp"
#include "engine/watch/watched_lane.hpp"
#include "engine/watch/watched_slots.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace manyhands {

/// Of the segment it is the one writer of what a lesson's main process writes of others, and of the
/// rings of those that do not trace themselves. Belongs to the process's only thread.
class WatchHost
{
public:
    explicit WatchHost(const WatchArguments& arguments);

    /// Starts the program and stays until it and all that it started has ended. Returns the exit
    /// code: 0 where the program ended with 0.
    int run();

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Watched
    {
        std::unique_ptr<WatchedLane> lane;
        int python_looks = 0; ///< at its words
        bool hidden_told = false;
        bool orphan_told = false;
    };

    void set_environment() const;
    bool start();
    void wait();
    void take_requests();
    void take_request(std::string_view line);
    void find_processes();
    bool add(int pid);
    void look(bool thorough);
    void look_at(Watched& watched, bool thorough);
    void check_python(Watched& watched);
    void drop_ended();
    void signal_all(int number) const;
    void obey();
    void end_orphans();
    void end_everything();
    void note(std::string text);
    void tell(bool at_once);
    void finish_report();
    std::chrono::microseconds interval() const;
    Watched* find(int pid);

    const WatchArguments& arguments_;
    Segment segment_;
    WatchedSlots slots_;
    os::Descriptor lifeline_;
    os::Descriptor reports_;
    os::PipeEnds requests_;
    std::string request_text_;
    std::vector<Watched> living_; ///< in the order in which they were found
    std::unordered_set<int> known_; ///< their pids
    std::set<int> zombies_; ///< have ended, and nobody has reaped them
    std::vector<int> found_;
    int root_ = 0;
    std::optional<int> root_exit_;
    bool root_ended_ = false;
    bool option_told_ = false;
    std::uint16_t calls_channel_ = 0;
    WatchReport report_;
    bool python_seen_ = false;
    bool python_registered_ = false;
    bool lifeline_gone_ = false;
    bool paused_ = false;
    Time started_;
    Time next_look_;
    Time next_thorough_;
    Time next_report_;
    Time last_change_;
    Time root_end_time_;
    std::optional<Time> stop_time_;
    int stop_signals_ = 0;
    int orphan_signals_ = 0;
    std::int64_t last_find_ns_ = 0;
    std::int64_t look_cost_ns_ = 0;
    std::uint64_t looks_ = 0;
};

} // namespace manyhands
