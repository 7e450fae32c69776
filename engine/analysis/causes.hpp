// SPDX-License-Identifier: MIT
// Who ended a wait: what the critical path jumps by.
#pragma once

#include "engine/analysis/critical_path.hpp"
#include "engine/analysis/lane_pieces.hpp"
#include "engine/recording/recording.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

namespace manyhands {

/// The lane that ended a wait, and when it did.
struct Cause
{
    std::uint32_t lane;
    std::int64_t time_ns;
    Link link;
};

/// Transfers in an order, for looking them up: made when first used, since a run without a kind of
/// wait needs no order for it. The order is that of `Key::of(transfer)`, a tuple.
template <class Key>
class TransferOrder
{
public:
    TransferOrder(const std::vector<Transfer>& transfers, bool received)
        : transfers_(transfers)
        , received_(received)
    {
    }

    /// The first whose key is at least, or greater than, `key`; size() where there is none.
    std::size_t at_least(const typename Key::Tuple& key)
    {
        make();
        return index(std::lower_bound(
            order_.begin(), order_.end(), key, [this](std::uint32_t one, const auto& other) {
                return Key::of(transfers_[one]) < other;
            }));
    }
    std::size_t greater_than(const typename Key::Tuple& key)
    {
        make();
        return index(std::upper_bound(
            order_.begin(), order_.end(), key, [this](const auto& other, std::uint32_t one) {
                return other < Key::of(transfers_[one]);
            }));
    }
    std::size_t size() const noexcept { return order_.size(); }
    const Transfer& operator[](std::size_t index) const { return transfers_[order_[index]]; }

private:
    std::size_t index(std::vector<std::uint32_t>::const_iterator at) const
    {
        return static_cast<std::size_t>(at - order_.begin());
    }
    void make()
    {
        if (made_)
            return;
        made_ = true;
        for (std::uint32_t i = 0; i < transfers_.size(); ++i) {
            if (transfers_[i].received == received_)
                order_.push_back(i);
        }
        std::stable_sort(order_.begin(), order_.end(), [this](std::uint32_t a, std::uint32_t b) {
            return Key::of(transfers_[a]) < Key::of(transfers_[b]);
        });
    }

    const std::vector<Transfer>& transfers_;
    bool received_;
    bool made_ = false;
    std::vector<std::uint32_t> order_;
};

/// Answers who ended the waits of a recording, which must outlive it.
class Causes
{
public:
    explicit Causes(const Recording& recording);

    /// Who ended `wait` of `lane`, which may be after a time that is looked at; the same answer for
    /// all its pieces. Nothing where it is no wait, lasts, or nothing tells.
    std::optional<Cause> of_end(std::uint32_t lane, const Span& wait);

    /// Who was the last to do in `piece` of a wait, before `time`, what ends such waits.
    std::optional<Cause> within(std::uint32_t lane, const LanePiece& piece, std::int64_t time);

private:
    struct ByTime
    {
        using Tuple = std::tuple<std::uint32_t, std::int64_t>;
        static Tuple of(const Transfer& one) { return {one.channel, one.time_ns}; }
    };
    struct ByMessage
    {
        using Tuple = std::tuple<std::uint32_t, bool, std::uint32_t>;
        static Tuple of(const Transfer& one) { return {one.channel, one.summarised, one.message}; }
    };
    struct ByLane
    {
        using Tuple = std::tuple<std::uint32_t, std::uint32_t, std::int64_t>;
        static Tuple of(const Transfer& one) { return {one.lane, one.channel, one.time_ns}; }
    };

    /// A wait, or a piece of it, as far as it is looked through.
    struct Look
    {
        const Span& wait;
        std::int64_t begin_ns;
        std::int64_t end_ns;

        bool to_the_end() const noexcept { return end_ns == wait.end_ns; }
    };

    std::optional<Cause> of(std::uint32_t lane, const Look& look);
    std::optional<Cause> of_data(std::uint32_t lane, const Look& look);
    std::optional<Cause> of_space(std::uint32_t lane, const Look& look);
    std::optional<Cause> of_lock(std::uint32_t lane, const Look& look) const;
    std::optional<Cause> of_join(std::uint32_t lane, const Look& look) const;
    std::optional<Cause> of_idle(std::uint32_t lane, const Look& look);
    bool may_have_got(std::uint32_t lane, const Transfer& sent);

    const Recording& recording_;
    TransferOrder<ByTime> sent_by_time_;
    TransferOrder<ByMessage> sent_by_message_;
    TransferOrder<ByLane> sent_by_lane_;
    TransferOrder<ByTime> received_by_time_;
    TransferOrder<ByMessage> received_by_message_;
    TransferOrder<ByLane> received_by_lane_;
    std::vector<std::uint32_t> holds_; ///< that have ended, by lock and end
    std::vector<std::uint32_t> waits_; ///< by lane and begin
    std::vector<std::uint32_t> ended_; ///< lanes by end
    std::optional<std::uint32_t> main_;
    /// Of each lane, the wait that was asked for last, since its pieces ask one after the other.
    struct Known
    {
        const Span* wait = nullptr;
        std::optional<Cause> cause;
    };
    std::vector<Known> known_;
};

} // namespace manyhands
