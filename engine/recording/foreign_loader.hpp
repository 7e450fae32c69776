// SPDX-License-Identifier: MIT
// Builds a Recording from the events of another program's trace. Trusts none of them.
#pragma once

#include "engine/recording/recording.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace manyhands {

/// One event as it stands in the file: of its members those that we use.
struct ForeignEvent
{
    std::string phase; ///< "ph": what kind of event it is; empty where there is none
    std::string name;
    std::string category;
    std::optional<std::int64_t> time_ns; ///< "ts"
    std::optional<std::int64_t> length_ns; ///< "dur"
    std::optional<std::string> pid; ///< a number's digits where it is one
    std::optional<std::string> tid;
    std::optional<std::string> label; ///< "name" in "args": of a process or thread
    std::optional<std::int64_t> sort_index; ///< in "args"

    void clear();
};

/// What is not drawn.
enum class LeftOut : std::uint8_t {
    counter,
    async_event,
    flow,
    instant,
    sample,
    object_event,
    memory_dump,
    other_kind,
    no_event, ///< an entry that is none
    no_time,
    no_process,
    no_duration,
    negative_duration,
    end_alone, ///< an end without a begin
    overlap, ///< a span that overlaps another one of its thread, and does not lie within it
    too_deep, ///< within more spans than we draw
    too_far, ///< more than ten days from the others
    too_many_threads,
};
inline constexpr std::size_t left_out_count = 18;

/// Takes events in any order, and makes lanes of processes' threads and their spans. Belongs to one
/// thread.
class ForeignLoader
{
public:
    /// Takes one event. Throws TraceDamage where there is more than we can show.
    void apply(const ForeignEvent& event);
    /// Takes an entry that is no event at all.
    void apply_no_event();

    /// Entries taken, and what of them was left out: "12 counters, 3 flows"; whole after take().
    std::uint64_t entries() const noexcept { return entries_; }
    std::string left_out() const;
    /// Spans that never ended, and so are drawn to the last moment of their thread.
    std::uint64_t without_end() const noexcept { return without_end_; }
    /// Whether there was anything that says what kind of event it is.
    bool is_trace() const noexcept { return is_trace_; }

    /// The recording; no two calls.
    Recording take() &&;

private:
    enum class Kind : std::uint8_t { begin, end, complete };
    struct Part
    {
        std::int64_t time_ns;
        std::int64_t length_ns; ///< of `complete`
        std::uint32_t name; ///< index into Recording::names()
        std::uint16_t place; ///< index into Recording::places()
        Kind kind;
    };
    struct Stay
    {
        std::int64_t begin_ns;
        std::int64_t end_ns;
        std::uint32_t name;
        std::uint16_t place;
    };
    struct Thread
    {
        std::size_t process; ///< index into processes_
        std::string id;
        std::vector<Part> parts; ///< in the file's order
    };
    struct Named
    {
        std::string name;
        std::int64_t sort_index = 0;
    };
    struct Process
    {
        std::string id;
        Named named;
        std::unordered_map<std::string, Named> threads; ///< by id
    };

    void leave_out(LeftOut what) noexcept { ++left_out_[static_cast<std::size_t>(what)]; }
    void add_part(const ForeignEvent& event, Kind kind);
    void metadata(const ForeignEvent& event);
    std::size_t process_of(const std::string& pid);
    Thread* thread_of(const ForeignEvent& event);
    std::pair<std::uint32_t, std::uint16_t> name_of(const ForeignEvent& event);
    void count_text(std::size_t bytes);

    void drop_far_parts();
    std::vector<Stay> stays_of(const Thread& thread);
    void add_lane(const Thread& thread, std::string name, std::int64_t origin_ns);
    std::vector<std::size_t> order_of_threads() const;
    std::string name_of(const Thread& thread, std::size_t threads_of_process) const;

    Recording recording_;
    std::vector<Process> processes_; ///< in the order of their first event
    std::unordered_map<std::string, std::size_t> process_indices_;
    std::vector<Thread> threads_; ///< likewise
    std::map<std::pair<std::string, std::string>, std::size_t> thread_indices_;
    std::size_t last_thread_ = 0; ///< most events come from the same as the one before
    std::unordered_map<std::string, std::uint32_t> name_indices_; ///< by name and category
    std::unordered_map<std::string, std::uint16_t> place_indices_;
    std::array<std::uint64_t, left_out_count> left_out_ = {};
    std::uint64_t entries_ = 0;
    std::uint64_t parts_ = 0;
    std::uint64_t without_end_ = 0;
    std::size_t text_bytes_ = 0;
    bool is_trace_ = false;
};

} // namespace manyhands
