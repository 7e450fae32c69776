// SPDX-License-Identifier: MIT
#include "engine/recording/foreign_trace.hpp"

#include "engine/recording/foreign_loader.hpp"
#include "engine/recording/trace_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace manyhands {
namespace {

using nlohmann::json;

constexpr std::size_t most_levels = 1000;
/// Times beyond about 146 years from 0 are none; sums of two do not overflow.
constexpr std::int64_t most_ns = std::numeric_limits<std::int64_t>::max() / 2;
constexpr std::int64_t ns_per_us = 1000;

std::optional<std::int64_t> nanoseconds(double microseconds)
{
    const double ns = microseconds * static_cast<double>(ns_per_us);
    if (!(std::abs(ns) <= static_cast<double>(most_ns)))
        return std::nullopt;
    return std::llround(ns);
}

std::optional<std::int64_t> nanoseconds(std::int64_t microseconds)
{
    if (microseconds > most_ns / ns_per_us || microseconds < -most_ns / ns_per_us)
        return std::nullopt;
    return microseconds * ns_per_us;
}

/// The nanoseconds of microseconds as they are written: a double would not hold those of a time
/// since 1970. The decimal point is whatever the locale has, since the parser puts that there.
std::optional<std::int64_t> nanoseconds(double rounded, std::string_view digits)
{
    const bool negative = digits.starts_with('-');
    std::int64_t whole = 0;
    const char* const end = digits.data() + digits.size();
    const auto [point, error] = std::from_chars(digits.data() + (negative ? 1 : 0), end, whole);
    if (error != std::errc() || digits.find_first_of("eE") != std::string_view::npos)
        return nanoseconds(rounded);
    const auto known = nanoseconds(whole);
    if (!known || point == end)
        return known;
    std::int64_t fraction = 0;
    std::int64_t scale = ns_per_us;
    const char* at = point + 1;
    for (; at != end && scale > 1; ++at) {
        scale /= 10;
        fraction += (*at - '0') * scale;
    }
    if (at != end && *at >= '5')
        ++fraction;
    return negative ? -(*known + fraction) : *known + fraction;
}

/// What the parser of a file calls (the interface is nlohmann::json_sax). Throws TraceDamage.
class ForeignParser
{
public:
    explicit ForeignParser(TraceText& text)
        : text_(text)
    {
    }

    bool null() { return on_value(); }
    bool boolean(bool) { return on_value(); }
    bool number_integer(std::int64_t number) { return on_whole(number); }
    bool number_unsigned(std::uint64_t number)
    {
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
        if (number <= most)
            return on_whole(static_cast<std::int64_t>(number));
        if (key_ == Key::pid || key_ == Key::tid)
            id() = std::to_string(number);
        return on_value();
    }
    bool number_float(double number, const std::string& digits)
    {
        if (const auto time = time_of_key())
            *time = nanoseconds(number, digits);
        return on_value();
    }
    bool string(std::string& text);
    bool binary(json::binary_t&) { return false; } // no JSON text has any
    bool key(std::string& word);
    bool start_object(std::size_t) { return start(false); }
    bool start_array(std::size_t) { return start(true); }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool parse_error(std::size_t, const std::string& read, const json::exception&)
    {
        // "[{…}, {…}," and "[{…}, {…},]" are whole lists in this format.
        if (where_ == Where::events
            && ((text_.read_past_end() && list_alone_) || read.ends_with(']')))
            return false;
        throw TraceDamage("what stands there is no JSON");
    }

    ForeignLoader& loader() noexcept { return loader_; }
    const std::string& writer() const noexcept { return writer_; }

private:
    enum class Where : std::uint8_t { before, root, events, event, arguments, skipped, behind };
    enum class Key : std::uint8_t {
        other,
        events,
        phase,
        name,
        category,
        time,
        length,
        pid,
        tid,
        arguments,
        label,
        sort_index,
    };

    bool on_value();
    bool on_whole(std::int64_t number);
    bool start(bool list);
    bool end();
    void skip(Where after);
    std::optional<std::int64_t>* time_of_key() noexcept
    {
        return key_ == Key::time  ? &event_.time_ns
            : key_ == Key::length ? &event_.length_ns
                                  : nullptr;
    }
    std::optional<std::string>& id() noexcept { return key_ == Key::pid ? event_.pid : event_.tid; }

    TraceText& text_;
    Where where_ = Where::before;
    Where after_ = Where::root; ///< what is skipped
    Key key_ = Key::other; ///< what the value that comes next is
    bool list_alone_ = false; ///< the file is the list of events
    std::size_t skipped_levels_ = 0;
    ForeignEvent event_;
    ForeignLoader loader_;
    std::string writer_;
};

bool ForeignParser::on_value()
{
    text_.token_done();
    key_ = Key::other;
    if (where_ == Where::events)
        loader_.apply_no_event();
    return true;
}

bool ForeignParser::on_whole(std::int64_t number)
{
    if (const auto time = time_of_key())
        *time = nanoseconds(number);
    else if (key_ == Key::pid || key_ == Key::tid)
        id() = std::to_string(number);
    else if (key_ == Key::sort_index)
        event_.sort_index = number;
    return on_value();
}

bool ForeignParser::string(std::string& text)
{
    switch (key_) {
    case Key::phase:
        event_.phase.swap(text);
        break;
    case Key::name:
        event_.name.swap(text);
        break;
    case Key::category:
        event_.category.swap(text);
        break;
    case Key::pid:
    case Key::tid:
        id() = std::move(text);
        break;
    case Key::label:
        event_.label = std::move(text);
        break;
    default:
        break;
    }
    return on_value();
}

bool ForeignParser::key(std::string& word)
{
    text_.token_done();
    using Word = std::pair<std::string_view, Key>;
    static constexpr Word event_words[]
        = {{"ph", Key::phase}, {"name", Key::name}, {"cat", Key::category}, {"ts", Key::time},
            {"dur", Key::length}, {"pid", Key::pid}, {"tid", Key::tid}, {"args", Key::arguments}};
    static constexpr Word argument_words[]
        = {{"name", Key::label}, {"sort_index", Key::sort_index}};
    static constexpr Word root_words[] = {{"traceEvents", Key::events}};
    const auto find = [&](const auto& words) {
        const auto found = std::find_if(std::begin(words), std::end(words),
            [&](const Word& known) { return known.first == word; });
        return found == std::end(words) ? Key::other : found->second;
    };
    if (where_ == Where::event) {
        key_ = find(event_words);
    } else if (where_ == Where::arguments) {
        key_ = find(argument_words);
    } else if (where_ == Where::root) {
        key_ = find(root_words);
        if (word == "viztracer_metadata")
            writer_ = "VizTracer";
    }
    return true;
}

void ForeignParser::skip(Where after)
{
    after_ = after;
    where_ = Where::skipped;
    skipped_levels_ = 1;
}

bool ForeignParser::start(bool list)
{
    text_.token_done();
    const Key key = std::exchange(key_, Key::other);
    switch (where_) {
    case Where::before:
        where_ = list ? Where::events : Where::root;
        list_alone_ = list;
        break;
    case Where::root:
        if (key == Key::events && list)
            where_ = Where::events;
        else
            skip(Where::root);
        break;
    case Where::events:
        event_.clear();
        if (list) {
            loader_.apply_no_event();
            skip(Where::events);
        } else {
            where_ = Where::event;
        }
        break;
    case Where::event:
        if (key == Key::arguments && !list)
            where_ = Where::arguments;
        else
            skip(Where::event);
        break;
    case Where::arguments:
        skip(Where::arguments);
        break;
    case Where::skipped:
        if (++skipped_levels_ > most_levels)
            throw TraceDamage("it is nested too deeply");
        break;
    case Where::behind:
        break;
    }
    return true;
}

bool ForeignParser::end()
{
    text_.token_done();
    switch (where_) {
    case Where::skipped:
        if (--skipped_levels_ == 0)
            where_ = after_;
        break;
    case Where::arguments:
        where_ = Where::event;
        break;
    case Where::event:
        loader_.apply(event_);
        where_ = Where::events;
        break;
    case Where::events:
        where_ = list_alone_ ? Where::behind : Where::root;
        break;
    default:
        where_ = Where::behind;
        break;
    }
    return true;
}

} // namespace

std::optional<ForeignTrace> read_foreign_trace(const TraceSource& source)
{
    TraceText text(source);
    ForeignParser parser(text);
    std::string shortfall;
    try {
        text.start();
        json::sax_parse(TraceText::Iterator(&text), TraceText::Iterator(&text), &parser);
    } catch (const TraceDamage& damage) {
        const TextPlace at = text.place();
        shortfall = (text.read_past_end() ? "is cut off in line " : "is damaged in line ")
            + std::to_string(at.line) + " (byte " + std::to_string(at.byte) + ')'
            + (text.read_past_end() ? "" : std::string(", ") + damage.what())
            + ": what stands behind is not shown";
    }
    ForeignLoader& loader = parser.loader();
    if (!loader.is_trace())
        return std::nullopt;
    ForeignTrace trace;
    trace.recording = std::move(loader).take();
    trace.writer = parser.writer();
    trace.entries = loader.entries();
    trace.left_out = loader.left_out();
    trace.without_end = loader.without_end();
    trace.shortfall = std::move(shortfall);
    return trace;
}

} // namespace manyhands
