// SPDX-License-Identifier: MIT
// One event of a trace file as it was read: its fields by key, and what they have to be.
#pragma once

#include "engine/recording/trace_stream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace manyhands {

/// What an event may tell. Those from `index` on stand in its "args" alone.
enum class Key : std::uint8_t {
    ph,
    name,
    cat,
    ts,
    pid,
    tid,
    id,
    s,
    bp,
    task,
    channel,
    lock,
    gate,
    subject,
    place,
    open,
    index,
    label, ///< "name" in "args"
    own_pid, ///< "pid" in "args"
    role,
    start_method,
    start_ns,
    end_ns,
    exit,
    cpu_ns,
    run_delay_ns,
    peak_rss_bytes,
    tasks_done,
    work_done,
    events_recorded,
    events_dropped,
    text_dropped,
    damaged,
    exception,
    spans,
    kind,
    messages,
    bytes,
    messages_received,
    bytes_received,
    max_depth,
    file,
    line,
    function,
    sort_index,
    dur_ns,
    time_ns,
    number,
    work,
    argument,
    outcome,
    abandoned,
    holder,
    from,
    value,
    form,
    now,
    now_bits,
    message,
    done,
    lane,
    text,
    origin_ns,
    now_ns,
};
inline constexpr std::size_t key_count = 64;

std::string_view name_of(Key key) noexcept;
/// The key of an event's own members, or of its "args"; nothing for any other word.
std::optional<Key> event_key(std::string_view word) noexcept;
std::optional<Key> argument_key(std::string_view word) noexcept;

/// The fields of one event. Whatever is asked of it and is missing, of another type or out of
/// range is a TraceDamage that names the key. Kept from event to event, so that no memory is asked
/// for.
class TraceEventFields
{
public:
    void clear() noexcept { set_ = used_ = 0; }

    // What the parser finds. Each throws TraceDamage for a key that came before.
    void set_null(Key key) { add(key, Type::null, 0); }
    void set_flag(Key key, bool flag) { add(key, Type::flag, flag ? 1 : 0); }
    void set_whole(Key key, std::uint64_t number) { add(key, Type::whole, number); }
    void set_negative(Key key, std::int64_t number);
    void set_real(Key key, double number, std::string_view digits);
    void set_text(Key key, std::string_view text);

    bool has(Key key) const noexcept { return (set_ & bit(key)) != 0; }
    bool is_null(Key key);
    /// true where the key stands there: it is left out where it would be false.
    bool mark(Key key) { return has(key) && flag(key); }
    bool flag(Key key);
    std::uint64_t whole(Key key, std::uint64_t most);
    std::int64_t integer(Key key, std::int64_t least, std::int64_t most);
    double real(Key key);
    /// Valid until clear().
    const std::string& text(Key key);
    /// Nanoseconds, since 0 and within 10 years: as a whole number, or of "ts" as it is written.
    std::int64_t moment(Key key);
    /// An index below `count`, of what `what` is the plural of: "locks".
    std::uint32_t index(Key key, std::size_t count, std::string_view what);

    /// Throws TraceDamage where there is a field that nobody asked for.
    void check_all_used() const;

private:
    enum class Type : std::uint8_t { null, flag, whole, negative, real, microseconds, text };
    struct Value
    {
        std::uint64_t bits;
        Type type;
    };

    static constexpr std::uint64_t bit(Key key) noexcept
    {
        return std::uint64_t{1} << static_cast<unsigned>(key);
    }
    void add(Key key, Type type, std::uint64_t bits);
    const Value& get(Key key);
    [[noreturn]] static void refuse(Key key, const std::string& problem);

    std::uint64_t set_ = 0;
    std::uint64_t used_ = 0;
    std::array<Value, key_count> values_ = {};
    std::array<std::string, key_count> texts_;
};

} // namespace manyhands
