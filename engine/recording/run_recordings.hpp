// SPDX-License-Identifier: MIT
// Drains a segment into recordings: one for each group of the run (a baseline and the repeat after
// it), since in the end one of them is shown. Used by whoever observes and by the lesson itself.
#pragma once

#include "engine/recording/phase_record.hpp"
#include "engine/recording/recording_builder.hpp"
#include "engine/trace/reader.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// The recordings of a run. Belongs to one thread.
class RunRecordings
{
public:
    /// Whose run it is.
    enum class Of : std::uint8_t {
        lesson,
        watched_program, ///< nobody announces its phases, and its host ends its main slot
    };

    /// `expected_repeats` bounds what is kept: recordings that can no longer be the one with the
    /// median wall time are let go.
    RunRecordings(
        const Segment& segment, RingReading reading, int expected_repeats, Of of = Of::lesson);

    /// Takes in all that is new.
    void poll();

    /// A part of the run begins or ends, where its main process does not announce that itself.
    void announce(const PhaseRecord& record);

    /// The main process has ended: its lane ends, and with it every lane that nobody ended.
    void end_main(const LaneEnd& end);

    /// The recording under way.
    const Recording& current() const;
    /// The recording of a group; nullptr where it was let go or never began.
    const Recording* of_group(std::uint32_t group) const;
    /// The same two, for whoever reads them when this is gone. Only after the run's end: then
    /// nothing changes them any more.
    std::shared_ptr<const Recording> shared_current() const;
    std::shared_ptr<const Recording> shared_of_group(std::uint32_t group) const;
    /// Parts of the run that are complete, in order.
    const std::vector<PhaseRecord>& phases() const noexcept { return phases_; }
    /// The part under way.
    const std::optional<PhaseRecord>& phase_under_way() const noexcept { return under_way_; }
    /// Complete repeats, in order.
    std::vector<PhaseRecord> repeats() const;
    /// The result document as it came; empty before.
    const std::string& document() const noexcept { return document_; }
    /// Type and text of the exception that ended the main process; empty where none did.
    const std::string& main_exception() const noexcept { return main_exception_; }

    std::uint64_t events_recorded() const noexcept { return events_recorded_; }
    std::uint64_t events_dropped() const noexcept;
    bool summarised() const noexcept { return summarised_; }

    /// A lane that lives, for whoever samples it.
    struct LiveLane
    {
        int pid;
        std::uint32_t group;
        std::uint32_t lane;
        std::uint32_t slot;
    };
    std::vector<LiveLane> live() const;
    /// The group of the recording under way.
    std::uint32_t current_group() const noexcept { return current_group_; }
    /// The gate that `lane` knows as `number`, as an index into its recording's gates(); no_subject
    /// where its name has not come.
    std::uint32_t gate_index(const LiveLane& lane, std::uint32_t number) const;
    void resources(const LiveLane& lane, std::int64_t cpu_ns, std::int64_t run_delay_ns);
    void memory_sample(const LiveLane& lane, std::uint64_t ticks, std::uint64_t rss_bytes,
        std::uint64_t pss_bytes);
    void raw_output(std::string text);

    /// The observer pauses the run at `ticks`, and lets it go on.
    void pause(std::uint64_t ticks);
    void resume(std::uint64_t ticks);

private:
    struct Group
    {
        RecordingBuilder builder;
        std::uint32_t main_lane;
        std::size_t interned_told = 0; ///< of main's
    };
    struct Interned
    {
        TextKind kind;
        std::uint16_t id;
        std::string text;
    };
    struct Open
    {
        bool open = false;
        SlotInfo info;
        std::uint32_t lane = 0;
    };

    Group& group(std::uint32_t number, std::uint64_t begin_ticks);
    void poll_main();
    void poll_slot(std::uint32_t slot);
    void follow_name(std::uint32_t slot);
    void end_lane(std::uint32_t slot, const SlotEnd& end);
    void count_events();
    void take_main_text();
    void begin_group(const PhaseRecord& begin);
    void tell_interned(Group& group);
    void update_figures(std::uint32_t slot);
    void sample_work(std::uint64_t ticks);
    void let_go();

    const Segment& segment_;
    SegmentReader reader_;
    os::Clock clock_;
    int expected_repeats_;
    Of of_;
    std::map<std::uint32_t, std::shared_ptr<Group>> groups_;
    std::uint32_t current_group_ = 0; ///< of the events of main read last
    std::uint32_t announced_group_ = 0; ///< of its texts read last
    SlotInfo main_info_;
    std::array<Open, slot_limit> open_;
    std::vector<TraceEvent> events_;
    std::vector<PhaseRecord> phases_;
    std::optional<PhaseRecord> under_way_;
    std::vector<PhaseRecord> begun_; ///< where main's events are still to be split
    /// Places and gates that main has interned: it tells them once, for all groups.
    std::vector<Interned> main_interned_;
    struct Pause
    {
        std::uint64_t begin_ticks;
        std::uint64_t end_ticks; ///< 0 while it lasts
    };
    std::vector<Pause> pauses_; ///< for groups to come
    std::string document_;
    std::string main_exception_;
    std::uint64_t events_recorded_ = 0;
    std::uint64_t dropped_before_ = 0; ///< by lanes that have ended
    bool summarised_ = false;
};

} // namespace manyhands
