// SPDX-License-Identifier: MIT
// What is known of a span beside its state and time: what it carried, with whom, and for what.
#pragma once

#include "engine/recording/recording.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace manyhands {

/// Finds it for one span after the other. Takes time and memory for the messages once, then little
/// a span. The recording must outlive it and not change.
class SpanFacts
{
public:
    /// Views into the recording; empty where it does not apply or is not known.
    struct Facts
    {
        std::optional<std::uint64_t> bytes; ///< sent or received in it
        std::string_view channel;
        /// The process at the other end of its message, of all of them where they are several; of
        /// a wait for a lock the one that held it.
        std::string_view partner;
        std::optional<std::uint32_t> task;
        std::string_view name; ///< of its lock or gate; its own in another program's trace
        std::string place; ///< "file:line"
    };

    explicit SpanFacts(const Recording& recording);

    /// Goes through the spans of a lane, in their order, from the first on.
    class Walk
    {
    public:
        Walk(const SpanFacts& facts, std::size_t lane);
        Facts next(const Span& span);

    private:
        void take_transfers(const Span& span, Facts& facts);

        const SpanFacts& facts_;
        std::uint32_t lane_;
        std::array<std::size_t, 2> next_ = {}; ///< of the lane's own, sent and received
    };

private:
    struct End
    {
        std::uint64_t message; ///< channel and number
        std::uint32_t lane;

        auto operator<=>(const End&) const = default;
    };

    std::uint32_t partner_of(const Transfer& transfer) const;
    std::uint32_t holder_of(std::uint32_t lane, const Span& span) const;

    const Recording& recording_;
    /// Sent and received ones by lane, in order of time.
    std::array<std::vector<std::vector<std::uint32_t>>, 2> transfers_;
    std::vector<End> sent_; ///< sorted
    std::vector<End> received_; ///< sorted
    std::vector<std::uint32_t> waits_; ///< sorted by lane and time
};

} // namespace manyhands
