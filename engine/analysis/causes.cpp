// SPDX-License-Identifier: MIT
#include "engine/analysis/causes.hpp"

#include <numeric>

namespace manyhands {
namespace {

/// The indices 0 to size - 1, in the order of `key(index)`.
template <class Key>
std::vector<std::uint32_t> in_order(std::size_t size, Key key)
{
    std::vector<std::uint32_t> order(size);
    std::iota(order.begin(), order.end(), std::uint32_t{0});
    std::stable_sort(order.begin(), order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    return order;
}

} // namespace

Causes::Causes(const Recording& recording)
    : recording_(recording)
    , sent_by_time_(recording.transfers(), false)
    , sent_by_message_(recording.transfers(), false)
    , sent_by_lane_(recording.transfers(), false)
    , received_by_time_(recording.transfers(), true)
    , received_by_message_(recording.transfers(), true)
    , received_by_lane_(recording.transfers(), true)
    , holds_(in_order(recording.holds().size(),
          [&](std::uint32_t index) {
              const LockHold& hold = recording.holds()[index];
              return std::tuple(hold.lock, hold.end_ns);
          }))
    , waits_(in_order(recording.waits().size(),
          [&](std::uint32_t index) {
              const LockWait& wait = recording.waits()[index];
              return std::tuple(wait.lane, wait.time_ns);
          }))
    , ended_(in_order(recording.lanes().size(),
          [&](std::uint32_t index) { return recording.lanes()[index].end_ns; }))
    , known_(recording.lanes().size())
{
    const auto& lanes = recording.lanes();
    const auto main = std::find_if(
        lanes.begin(), lanes.end(), [](const Lane& lane) { return lane.role == Role::main; });
    if (main != lanes.end())
        main_ = static_cast<std::uint32_t>(main - lanes.begin());
}

std::optional<Cause> Causes::of_end(std::uint32_t lane, const Span& wait)
{
    Known& known = known_[lane];
    if (known.wait != &wait)
        known = {&wait,
            wait.end_ns == open_end ? std::nullopt : of(lane, {wait, wait.begin_ns, wait.end_ns})};
    return known.cause;
}

std::optional<Cause> Causes::within(std::uint32_t lane, const LanePiece& piece, std::int64_t time)
{
    // No further than the piece, so that all looking back is linear together.
    return of(lane, {*piece.span, piece.interval.begin_ns, time});
}

std::optional<Cause> Causes::of(std::uint32_t lane, const Look& look)
{
    switch (look.wait.state) {
    case State::waiting_data:
        return of_data(lane, look);
    case State::idle:
        return of_idle(lane, look);
    case State::waiting_space:
        return of_space(lane, look);
    case State::waiting_lock:
        return of_lock(lane, look);
    case State::joining:
        return of_join(lane, look);
    default:
        return std::nullopt;
    }
}

// Whether `lane` got a message, as far as anybody tells: one whose receipt was told only in a sum
// may be anybody's.
bool Causes::may_have_got(std::uint32_t lane, const Transfer& sent)
{
    if (sent.summarised)
        return true;
    const std::size_t found = received_by_message_.at_least({sent.channel, false, sent.message});
    if (found == received_by_message_.size())
        return true;
    const Transfer& received = received_by_message_[found];
    return received.channel != sent.channel || received.summarised
        || received.message != sent.message || received.lane == lane;
}

// The last message sent in the wait is the one that ended it: where several are taken out together,
// the first of them may have come long before.
std::optional<Cause> Causes::of_data(std::uint32_t lane, const Look& look)
{
    const Span& wait = look.wait;
    std::size_t at = sent_by_time_.greater_than({wait.subject, look.end_ns});
    while (at-- > 0) {
        const Transfer& sent = sent_by_time_[at];
        if (sent.channel != wait.subject || sent.time_ns <= look.begin_ns)
            break;
        if (sent.lane != lane && may_have_got(lane, sent))
            return Cause{sent.lane, sent.time_ns, Link::message};
    }
    if (!look.to_the_end())
        return std::nullopt;
    // A sender stamps its message when it has put it in, and the receiver may be quicker.
    at = received_by_lane_.at_least({lane, wait.subject, wait.end_ns});
    if (at == received_by_lane_.size())
        return std::nullopt;
    const Transfer& received = received_by_lane_[at];
    if (received.lane != lane || received.channel != wait.subject || received.summarised)
        return std::nullopt;
    at = sent_by_message_.at_least({received.channel, false, received.message});
    if (at == sent_by_message_.size())
        return std::nullopt;
    const Transfer& sent = sent_by_message_[at];
    if (sent.channel != received.channel || sent.summarised || sent.message != received.message
        || sent.lane == lane || sent.time_ns < wait.end_ns || sent.time_ns > received.time_ns)
        return std::nullopt;
    return Cause{sent.lane, wait.end_ns, Link::message};
}

// A worker without a task goes on when its pool's owner gives it one or closes the pool.
std::optional<Cause> Causes::of_idle(std::uint32_t lane, const Look& look)
{
    const Span& wait = look.wait;
    if (const auto sender = of_data(lane, look))
        return sender;
    if (!look.to_the_end() || !main_)
        return std::nullopt;
    return Cause{*main_, wait.end_ns, Link::pool};
}

std::optional<Cause> Causes::of_space(std::uint32_t lane, const Look& look)
{
    const Span& wait = look.wait;
    const std::size_t next = received_by_time_.greater_than({wait.subject, look.end_ns});
    if (next > 0) {
        const Transfer& received = received_by_time_[next - 1];
        if (received.channel == wait.subject && received.time_ns > look.begin_ns)
            return Cause{received.lane, received.time_ns, Link::space};
    }
    if (!look.to_the_end() || next == received_by_time_.size())
        return std::nullopt;
    // A receiver stamps the message when it has taken it out, and the sender may be quicker: the
    // next one then, before this sender's own message.
    const Transfer& received = received_by_time_[next];
    if (received.channel != wait.subject || received.lane == lane)
        return std::nullopt;
    const std::size_t own = sent_by_lane_.at_least({lane, wait.subject, wait.end_ns});
    if (own == sent_by_lane_.size() || sent_by_lane_[own].lane != lane
        || sent_by_lane_[own].channel != wait.subject
        || sent_by_lane_[own].time_ns < received.time_ns)
        return std::nullopt;
    return Cause{received.lane, wait.end_ns, Link::space};
}

std::optional<Cause> Causes::of_lock(std::uint32_t lane, const Look& look) const
{
    const Span& wait = look.wait;
    const auto& all = recording_.holds();
    auto hold = std::upper_bound(holds_.begin(), holds_.end(),
        std::tuple(wait.subject, look.end_ns), [&](const auto& key, std::uint32_t index) {
            return key < std::tuple(all[index].lock, all[index].end_ns);
        });
    if (hold != holds_.begin()) {
        const LockHold& released = all[*--hold];
        if (released.lock == wait.subject && released.end_ns > look.begin_ns)
            return Cause{released.lane, released.end_ns, Link::lock};
    }
    if (!look.to_the_end())
        return std::nullopt;
    // Short holds are not told, but who held it when the wait began is.
    const auto& waits = recording_.waits();
    const auto known = std::lower_bound(waits_.begin(), waits_.end(),
        std::tuple(lane, wait.begin_ns), [&](std::uint32_t index, const auto& key) {
            return std::tuple(waits[index].lane, waits[index].time_ns) < key;
        });
    if (known == waits_.end() || waits[*known].lane != lane
        || waits[*known].time_ns != wait.begin_ns || waits[*known].lock != wait.subject)
        return std::nullopt;
    return Cause{waits[*known].holder, wait.end_ns, Link::lock};
}

std::optional<Cause> Causes::of_join(std::uint32_t lane, const Look& look) const
{
    const auto& lanes = recording_.lanes();
    auto ended = std::upper_bound(ended_.begin(), ended_.end(), look.end_ns,
        [&](std::int64_t moment, std::uint32_t index) { return moment < lanes[index].end_ns; });
    while (ended != ended_.begin()) {
        const std::uint32_t other = *--ended;
        if (lanes[other].end_ns <= look.begin_ns)
            break;
        if (other != lane)
            return Cause{other, lanes[other].end_ns, Link::join};
    }
    return std::nullopt;
}

} // namespace manyhands
