// SPDX-License-Identifier: MIT
#include "engine/recording/trace_event_fields.hpp"

#include "engine/recording/word_table.hpp"

#include <bit>
#include <limits>
#include <utility>

namespace manyhands {
namespace {

// No run is as long; and sums of two such moments do not overflow.
constexpr std::int64_t longest_ns = std::int64_t{3660} * 86'400 * 1'000'000'000;

constexpr WordTable<Key, 16> event_keys({{{"ph", Key::ph}, {"name", Key::name}, {"cat", Key::cat},
    {"ts", Key::ts}, {"pid", Key::pid}, {"tid", Key::tid}, {"id", Key::id}, {"s", Key::s},
    {"bp", Key::bp}, {"task", Key::task}, {"channel", Key::channel}, {"lock", Key::lock},
    {"gate", Key::gate}, {"subject", Key::subject}, {"place", Key::place}, {"open", Key::open}}});

constexpr std::array<std::pair<std::string_view, Key>, 53> argument_words = {{{"task", Key::task},
    {"channel", Key::channel}, {"lock", Key::lock}, {"place", Key::place}, {"open", Key::open},
    {"index", Key::index}, {"name", Key::label}, {"pid", Key::own_pid}, {"role", Key::role},
    {"start_method", Key::start_method}, {"start_ns", Key::start_ns}, {"end_ns", Key::end_ns},
    {"exit", Key::exit}, {"cpu_ns", Key::cpu_ns}, {"run_delay_ns", Key::run_delay_ns},
    {"peak_rss_bytes", Key::peak_rss_bytes}, {"tasks_done", Key::tasks_done},
    {"work_done", Key::work_done}, {"events_recorded", Key::events_recorded},
    {"events_dropped", Key::events_dropped}, {"text_dropped", Key::text_dropped},
    {"damaged", Key::damaged}, {"exception", Key::exception}, {"spans", Key::spans},
    {"kind", Key::kind}, {"messages", Key::messages}, {"bytes", Key::bytes},
    {"messages_received", Key::messages_received}, {"bytes_received", Key::bytes_received},
    {"max_depth", Key::max_depth}, {"file", Key::file}, {"line", Key::line},
    {"function", Key::function}, {"sort_index", Key::sort_index}, {"dur_ns", Key::dur_ns},
    {"time_ns", Key::time_ns}, {"number", Key::number}, {"work", Key::work},
    {"argument", Key::argument}, {"outcome", Key::outcome}, {"abandoned", Key::abandoned},
    {"holder", Key::holder}, {"from", Key::from}, {"value", Key::value}, {"form", Key::form},
    {"now", Key::now}, {"now_bits", Key::now_bits}, {"message", Key::message}, {"done", Key::done},
    {"lane", Key::lane}, {"text", Key::text}, {"origin_ns", Key::origin_ns},
    {"now_ns", Key::now_ns}}};
constexpr WordTable<Key, argument_words.size()> argument_keys(argument_words);

/// The nanoseconds of microseconds with three decimals; nothing where it is not that. The decimal
/// point is whatever the locale has, since the parser puts that there.
std::optional<std::uint64_t> nanoseconds(std::string_view digits)
{
    constexpr std::size_t decimals = 3;
    if (digits.size() < decimals + 2 || digits.size() > 20)
        return std::nullopt;
    std::uint64_t ns = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == digits.size() - decimals - 1)
            continue;
        const auto digit = static_cast<unsigned char>(digits[i] - '0');
        if (digit > 9)
            return std::nullopt;
        ns = ns * 10 + digit;
    }
    const char point = digits[digits.size() - decimals - 1];
    if (point >= '0' && point <= '9')
        return std::nullopt;
    return ns;
}

} // namespace

std::string_view name_of(Key key) noexcept
{
    for (const auto& [word, known] : argument_words) {
        if (known == key)
            return word;
    }
    constexpr std::array<std::string_view, 15> words = {"ph", "name", "cat", "ts", "pid", "tid",
        "id", "s", "bp", "task", "channel", "lock", "gate", "subject", "place"};
    const auto index = static_cast<std::size_t>(key);
    return index < words.size() ? words[index] : "";
}

std::optional<Key> event_key(std::string_view word) noexcept
{
    return event_keys.find(word);
}

std::optional<Key> argument_key(std::string_view word) noexcept
{
    return argument_keys.find(word);
}

void TraceEventFields::refuse(Key key, const std::string& problem)
{
    throw TraceDamage('"' + std::string(name_of(key)) + "\" " + problem);
}

void TraceEventFields::add(Key key, Type type, std::uint64_t bits)
{
    if (has(key))
        refuse(key, "stands there twice");
    set_ |= bit(key);
    values_[static_cast<std::size_t>(key)] = {bits, type};
}

void TraceEventFields::set_negative(Key key, std::int64_t number)
{
    // The parser gives "-0" so.
    add(key, number < 0 ? Type::negative : Type::whole, static_cast<std::uint64_t>(number));
}

void TraceEventFields::set_real(Key key, double number, std::string_view digits)
{
    if (key != Key::ts) {
        add(key, Type::real, std::bit_cast<std::uint64_t>(number));
        return;
    }
    // A double would not hold the nanoseconds of a long run.
    const auto ns = nanoseconds(digits);
    if (!ns)
        refuse(key, "is no time in microseconds with three decimals");
    add(key, Type::microseconds, *ns);
}

void TraceEventFields::set_text(Key key, std::string_view text)
{
    add(key, Type::text, 0);
    texts_[static_cast<std::size_t>(key)].assign(text);
}

const TraceEventFields::Value& TraceEventFields::get(Key key)
{
    if (!has(key))
        refuse(key, "is missing");
    used_ |= bit(key);
    return values_[static_cast<std::size_t>(key)];
}

bool TraceEventFields::is_null(Key key)
{
    return get(key).type == Type::null;
}

bool TraceEventFields::flag(Key key)
{
    const Value& value = get(key);
    if (value.type != Type::flag)
        refuse(key, "is neither true nor false");
    return value.bits != 0;
}

std::uint64_t TraceEventFields::whole(Key key, std::uint64_t most)
{
    const Value& value = get(key);
    if (value.type != Type::whole || value.bits > most)
        refuse(key, "is no whole number from 0 to " + std::to_string(most));
    return value.bits;
}

std::int64_t TraceEventFields::integer(Key key, std::int64_t least, std::int64_t most)
{
    const Value& value = get(key);
    const auto number = static_cast<std::int64_t>(value.bits);
    const bool is_integer
        = value.type == Type::negative || (value.type == Type::whole && number >= 0);
    if (!is_integer || number < least || number > most) {
        refuse(key,
            "is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

double TraceEventFields::real(Key key)
{
    const Value& value = get(key);
    switch (value.type) {
    case Type::real:
        return std::bit_cast<double>(value.bits);
    case Type::whole:
        return static_cast<double>(value.bits);
    case Type::negative:
        return static_cast<double>(static_cast<std::int64_t>(value.bits));
    default:
        refuse(key, "is no number");
    }
}

const std::string& TraceEventFields::text(Key key)
{
    if (get(key).type != Type::text)
        refuse(key, "is no text");
    return texts_[static_cast<std::size_t>(key)];
}

std::int64_t TraceEventFields::moment(Key key)
{
    const Value& value = get(key);
    if (value.type != (key == Key::ts ? Type::microseconds : Type::whole)
        || value.bits > static_cast<std::uint64_t>(longest_ns))
        refuse(key, "is no moment of a run");
    return static_cast<std::int64_t>(value.bits);
}

std::uint32_t TraceEventFields::index(Key key, std::size_t count, std::string_view what)
{
    const std::uint64_t index = whole(key, std::numeric_limits<std::uint32_t>::max());
    if (index >= count) {
        refuse(key,
            "is " + std::to_string(index) + ", and there are " + std::to_string(count) + " "
                + std::string(what) + " before it");
    }
    return static_cast<std::uint32_t>(index);
}

void TraceEventFields::check_all_used() const
{
    const std::uint64_t unused = set_ & ~used_;
    if (unused != 0)
        refuse(static_cast<Key>(std::countr_zero(unused)), "does not belong there");
}

} // namespace manyhands
