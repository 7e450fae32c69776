// SPDX-License-Identifier: MIT
#include "engine/recording/trace_reader.hpp"

#include "engine/os/error.hpp"
#include "engine/recording/json_tree.hpp"
#include "engine/recording/recording_loader.hpp"
#include "engine/recording/trace_event_fields.hpp"
#include "engine/recording/trace_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace manyhands {
namespace {

using nlohmann::json;

/// What the parser of a file calls (the interface is nlohmann::json_sax). Throws TraceDamage.
class TraceParser
{
public:
    TraceParser(TraceText& text, const TraceReading& reading)
        : text_(text)
        , reading_(reading)
    {
    }

    bool null()
    {
        return on_value([&](Key key) { event_.set_null(key); }, [] { return json(); });
    }
    bool boolean(bool flag)
    {
        return on_value([&](Key key) { event_.set_flag(key, flag); }, [&] { return json(flag); });
    }
    bool number_integer(std::int64_t number)
    {
        return on_value(
            [&](Key key) { event_.set_negative(key, number); }, [&] { return json(number); });
    }
    bool number_unsigned(std::uint64_t number)
    {
        return on_value(
            [&](Key key) { event_.set_whole(key, number); }, [&] { return json(number); });
    }
    bool number_float(double number, const std::string& digits)
    {
        return on_value(
            [&](Key key) { event_.set_real(key, number, digits); }, [&] { return json(number); });
    }
    bool string(std::string& text)
    {
        return on_value([&](Key key) { event_.set_text(key, text); }, [&] { return json(text); });
    }
    bool binary(json::binary_t&) { return false; } // no JSON text has any
    bool key(std::string& word);
    bool start_object(std::size_t) { return start(false); }
    bool start_array(std::size_t) { return start(true); }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool parse_error(std::size_t, const std::string&, const json::exception& error)
    {
        constexpr int number_overflow = 406;
        if (error.id == number_overflow)
            throw TraceDamage("there is a number beyond all measure");
        throw TraceDamage("what stands there is no JSON");
    }

    bool head_complete() const noexcept { return head_.has_value(); }
    bool is_trace() const noexcept { return is_trace_; }
    bool is_ours() const noexcept { return is_ours_; }
    bool results_complete() const noexcept { return results_complete_; }
    bool whole() const noexcept { return where_ == Where::behind; }
    const RecordingLoader& loader() const noexcept { return loader_; }
    TraceContents take()
    {
        return {.head = std::move(*head_),
            .results = results_complete_ ? std::move(results_) : json(),
            .recording = std::move(loader_).take(),
            .shortfall = {}};
    }

private:
    enum class Where : std::uint8_t {
        before,
        root,
        other_data,
        events,
        event,
        arguments,
        results,
        tree, ///< a value that is kept
        skipped, ///< a value that is not
        behind,
    };

    template <class Set, class Make>
    bool on_value(Set set, Make make)
    {
        text_.token_done();
        if (where_ == Where::event || where_ == Where::arguments) {
            if (next_is_arguments_)
                throw TraceDamage("\"args\" is no object");
            set(key_);
        } else if (where_ == Where::tree) {
            tree_.value(make());
            end_of_tree();
        } else if (where_ == Where::skipped) {
            end_of_skipped();
        } else {
            throw TraceDamage("a value stands where none belongs");
        }
        return true;
    }

    bool start(bool list);
    bool end();
    void root_key(const std::string& word);
    void begin_tree();
    void begin_skipped();
    void end_of_tree();
    void end_of_skipped();

    TraceText& text_;
    const TraceReading& reading_;
    Where where_ = Where::before;
    Where where_after_ = Where::root; ///< a kept or skipped value
    Where expected_ = Where::root; ///< what the object or list that comes next is
    Key key_ = Key::ph;
    bool next_is_arguments_ = false;
    bool arguments_seen_ = false;
    TraceEventFields event_;
    RecordingLoader loader_;
    JsonTree tree_;
    std::size_t skipped_levels_ = 0;
    std::string result_key_;
    std::optional<json> head_;
    json results_ = json::object();
    bool is_trace_ = false;
    bool is_ours_ = false;
    bool events_begun_ = false;
    bool results_begun_ = false;
    bool results_complete_ = false;
};

void TraceParser::begin_tree()
{
    where_after_ = where_;
    where_ = Where::tree;
    tree_.begin();
}

void TraceParser::begin_skipped()
{
    where_after_ = where_;
    where_ = Where::skipped;
    skipped_levels_ = 0;
}

void TraceParser::end_of_tree()
{
    if (!tree_.complete())
        return;
    where_ = where_after_;
    if (where_ == Where::results) {
        results_[result_key_] = tree_.take();
        return;
    }
    head_ = tree_.take();
    if (reading_.check_head)
        reading_.check_head(*head_);
}

void TraceParser::end_of_skipped()
{
    if (skipped_levels_ == 0)
        where_ = where_after_;
}

void TraceParser::root_key(const std::string& word)
{
    if (word == "displayTimeUnit") {
        begin_skipped();
        return;
    }
    if (word == "otherData") {
        if (head_)
            throw TraceDamage("\"otherData\" stands there twice");
        expected_ = Where::other_data;
        return;
    }
    is_trace_ = is_trace_ || word == "traceEvents";
    if (!head_)
        throw TraceDamage("the head of a run is missing");
    if (word == "traceEvents" && !std::exchange(events_begun_, true)) {
        expected_ = Where::events;
    } else if (word == "manyhandsResults" && events_begun_
        && !std::exchange(results_begun_, true)) {
        expected_ = Where::results;
    } else {
        throw TraceDamage("a part of the file stands where it does not belong");
    }
}

bool TraceParser::key(std::string& word)
{
    text_.token_done();
    switch (where_) {
    case Where::root:
        root_key(word);
        break;
    case Where::other_data:
        if (head_ || word != "manyhands")
            throw TraceDamage("\"otherData\" is not that of a run");
        is_ours_ = true;
        begin_tree();
        break;
    case Where::event:
    case Where::arguments: {
        const bool in_event = where_ == Where::event;
        next_is_arguments_ = in_event && word == "args";
        if (next_is_arguments_) {
            if (std::exchange(arguments_seen_, true))
                throw TraceDamage("\"args\" stands there twice");
            break;
        }
        const std::optional<Key> known = in_event ? event_key(word) : argument_key(word);
        if (!known)
            throw TraceDamage("an event has a member that is not known");
        key_ = *known;
        break;
    }
    case Where::results:
        if (results_.contains(word))
            throw TraceDamage("a result stands there twice");
        if (reading_.keep_result && reading_.keep_result(word)) {
            result_key_ = word;
            begin_tree();
        } else {
            begin_skipped();
        }
        break;
    case Where::tree:
        tree_.key(word);
        break;
    default:
        break;
    }
    return true;
}

bool TraceParser::start(bool list)
{
    text_.token_done();
    switch (where_) {
    case Where::tree:
        tree_.start(list ? json::array() : json::object());
        return true;
    case Where::skipped:
        if (++skipped_levels_ > 64)
            throw TraceDamage("it is nested too deeply");
        return true;
    case Where::event:
        if (list || !std::exchange(next_is_arguments_, false))
            throw TraceDamage("an event has a member that is not known");
        where_ = Where::arguments;
        return true;
    case Where::events:
        if (list)
            throw TraceDamage("there is a list where an event belongs");
        event_.clear();
        next_is_arguments_ = arguments_seen_ = false;
        where_ = Where::event;
        return true;
    case Where::before:
    case Where::root:
        if (list != (expected_ == Where::events))
            throw TraceDamage("a part of the file is of another kind than in a run");
        where_ = std::exchange(expected_, Where::behind);
        return true;
    default:
        throw TraceDamage("a value stands where none belongs");
    }
}

bool TraceParser::end()
{
    text_.token_done();
    switch (where_) {
    case Where::tree:
        tree_.end();
        end_of_tree();
        break;
    case Where::skipped:
        --skipped_levels_;
        end_of_skipped();
        break;
    case Where::arguments:
        where_ = Where::event;
        key_ = Key::ph;
        break;
    case Where::event:
        loader_.apply(event_);
        where_ = Where::events;
        break;
    case Where::results:
        results_complete_ = true;
        where_ = Where::root;
        break;
    case Where::events:
    case Where::other_data:
        where_ = Where::root;
        break;
    case Where::root:
        where_ = Where::behind;
        break;
    default:
        break;
    }
    return true;
}

std::string at(TextPlace place)
{
    return "in line " + std::to_string(place.line) + " (byte " + std::to_string(place.byte) + ")";
}

/// Why nothing of the file can be used.
[[noreturn]] void refuse(const TraceReading& reading, const TraceText& text,
    const TraceParser& parser, const std::string& reason, bool cut)
{
    ErrorDetails details
        = {.object = reading.object, .limit = "a run that Manyhands saved, .json or .json.gz"};
    if (text.empty())
        details.problem = "is empty";
    else if (parser.is_trace())
        details.problem = "is a trace of another program, not a run of Manyhands";
    else if (cut)
        details.problem = "is cut off " + at(text.place()) + ", before its head is complete";
    else
        details.problem = "is no run of Manyhands: " + at(text.place()) + ", " + reason;
    if (parser.is_ours())
        throw BadValue(std::move(details));
    throw NoRun(std::move(details));
}

std::string shortfall_of(const TraceParser& parser, const std::string& where)
{
    const RecordingLoader& loader = parser.loader();
    return where + ": " + std::to_string(loader.spans_read()) + " of "
        + std::to_string(loader.spans_announced()) + " spans are there, and "
        + (parser.results_complete() ? "the results"
                                     : "neither the results nor all that follows the spans");
}

} // namespace

TraceContents read_trace(const TraceSource& source, const TraceReading& reading)
{
    TraceText text(source);
    TraceParser parser(text, reading);
    std::string reason;
    bool cut = false; ///< the text came to its end before what stands in it
    try {
        text.start();
        json::sax_parse(TraceText::Iterator(&text), TraceText::Iterator(&text), &parser);
    } catch (const TraceDamage& damage) {
        reason = damage.what();
    }
    if (reason.empty() && !parser.head_complete())
        reason = "the head of a run is missing";
    else
        cut = !reason.empty() && text.read_past_end();
    if (!parser.head_complete())
        refuse(reading, text, parser, reason, cut);
    std::string shortfall;
    if (!reason.empty() || !parser.results_complete()) {
        cut = cut || reason.empty(); // a whole JSON value, but without all that a run has
        const std::string where
            = (cut ? "is cut off " : "is damaged ") + at(text.place()) + (cut ? "" : ", " + reason);
        shortfall = shortfall_of(parser, where);
    }
    TraceContents contents = parser.take();
    contents.shortfall = std::move(shortfall);
    return contents;
}

} // namespace manyhands
