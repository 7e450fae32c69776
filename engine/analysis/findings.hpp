// SPDX-License-Identifier: MIT
// What a run says to a belief: rules over the recording, the lesson's quantities and what somebody
// predicted. No rule knows a lesson; it knows kinds of quantities and what every recording has.
#pragma once

#include "engine/description/lesson_description.hpp"
#include "engine/description/result_document.hpp"
#include "engine/recording/recording.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// A belief that this run speaks to, with the evidence.
struct Finding
{
    std::string id; ///< of the rule: "idle_tail"
    std::string belief; ///< what the run answers, as somebody who holds it would say it
    std::string sentence; ///< what happened here, with the run's numbers
    std::string question; ///< to think about
    std::optional<std::uint32_t> lane; ///< that the sentence points at: index into lanes()
    std::optional<Interval> interval; ///< recorded time
    std::optional<Attempt> attempt; ///< of parameters that the lesson has
};

/// What the rules look at. Of quantities they know these kinds: "lost_updates" (lost in a round of
/// a race) and "lost_share" (of all its updates), "lost_items" (that nobody got), "depth" (messages
/// in a channel), "imbalance", "predicted_best".
struct FindingFacts
{
    const LessonDescription& description;
    const ParameterValues& parameters; ///< all of them
    const Recording& recording; ///< of the shown repeat
    const ResultDocument* document = nullptr; ///< null where there is none
    std::optional<double> sequential_s = {};
    std::optional<double> wall_s = {};
    std::optional<double> speedup = {};
    int usable_cpus = 1;
    bool stopped = false; ///< by a person or a time-out: what is unfinished says nothing
    bool partial = false; ///< not every repeat came to its end, for whatever reason
    bool timed = true; ///< false where it was partial, paused, slowed or stepped: times say nothing
    std::vector<Prediction> predictions = {}; ///< rules that need one are silent without
};

/// At most five, the most telling first. Takes time in the number of spans, tasks and transfers,
/// and n log n in their number where lanes hardly ever computed at the same time.
std::vector<Finding> findings(const FindingFacts& facts);

} // namespace manyhands
