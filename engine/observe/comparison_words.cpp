// SPDX-License-Identifier: MIT
#include "engine/observe/comparison_words.hpp"

#include "engine/analysis/finding_rules.hpp"
#include "engine/description/shown_text.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

namespace manyhands {
namespace {

/// Of all processes' time: less in a category is not worth a word.
constexpr double share_worth_a_word = 0.02;
constexpr std::size_t most_categories = 3;
/// Baselines of the same work that differ by less say nothing of the machine.
constexpr double baseline_share = 0.1;

bool has_mark(const FinishedRun& run, const char* mark)
{
    return std::find(run.marks.begin(), run.marks.end(), mark) != run.marks.end();
}

/// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            text += i + 1 == words.size() ? " and " : ", ";
        text += words[i];
    }
    return text;
}

/// How long, or fast, one is against the other, as a factor above 1.
std::string times_words(double ratio)
{
    return ratio_words(ratio) + " ×";
}

/// Says what can be said; one object for one comparison.
class Writer
{
public:
    Writer(const std::vector<ComparedRun>& runs, const Comparison& comparison)
        : runs_(runs)
        , comparison_(comparison)
    {
    }

    std::vector<ComparisonSentence> write()
    {
        for (std::size_t run = 0; run < runs_.size(); ++run) {
            if (run > 0)
                settings(run);
            limits_of(run);
            if (run == 0)
                continue;
            limits_against_first(run);
            wall(run);
            budget(run);
            speedups(run);
            bytes(run);
        }
        return std::move(sentences_);
    }

private:
    const FinishedRun& run(std::size_t number) const { return *runs_[number].run; }
    const FinishedRun& first() const { return run(0); }
    const std::string& name(std::size_t number) const { return comparison_.labels[number]; }

    void say(const char* id, std::size_t about, std::string text, bool limit = false)
    {
        sentences_.push_back({id, about, limit, std::move(text)});
    }
    void limit(const char* id, std::size_t about, std::string text)
    {
        say(id, about, std::move(text), true);
    }

    bool differs(const ComparedSetting& setting, std::size_t number) const
    {
        return setting.values[number] != setting.values.front();
    }
    bool differs(const char* setting, std::size_t number) const
    {
        const auto found = std::find_if(comparison_.settings.begin(), comparison_.settings.end(),
            [&](const ComparedSetting& one) { return one.name == setting; });
        return found != comparison_.settings.end() && differs(*found, number);
    }
    bool same_lesson(std::size_t number) const { return !differs("lesson", number); }
    /// The same lesson, seed and values of the parameters that make the work.
    bool same_work(std::size_t number) const
    {
        return std::none_of(comparison_.settings.begin(), comparison_.settings.end(),
            [&](const ComparedSetting& one) { return one.work && differs(one, number); });
    }

    /// Whether its times are for measuring.
    bool timed(std::size_t number) const
    {
        return stopping_marks(number).empty() && !run(number).repeats.empty();
    }
    std::vector<std::string> stopping_marks(std::size_t number) const
    {
        std::vector<std::string> words;
        for (const auto& [mark, word] : std::initializer_list<std::pair<const char*, const char*>>{
                 {"partial", "stopped before its end"}, {"paused", "paused"},
                 {"slowed", "slowed down"}, {"stepped", "run step by step"}}) {
            if (has_mark(run(number), mark))
                words.emplace_back(word);
        }
        return words;
    }
    bool timed_alike(std::size_t number) const
    {
        return timed(0) && timed(number) && same_work(number);
    }

    std::optional<Measured> value(std::string_view quantity, std::size_t number) const
    {
        const ComparedQuantity* const found = comparison_.quantity(quantity);
        return found == nullptr ? std::nullopt : found->values[number];
    }
    std::optional<Difference> difference(std::string_view quantity, std::size_t number) const
    {
        const ComparedQuantity* const found = comparison_.quantity(quantity);
        return found == nullptr ? std::nullopt : found->differences[number];
    }

    void settings(std::size_t number);
    void limits_of(std::size_t number);
    void limits_against_first(std::size_t number);
    void wall(std::size_t number);
    void budget(std::size_t number);
    void speedups(std::size_t number);
    void bytes(std::size_t number);
    std::string unclear_words(const char* what, std::size_t number, const Measured& one,
        const Measured& other, std::string (*words)(double)) const;

    const std::vector<ComparedRun>& runs_;
    const Comparison& comparison_;
    std::vector<ComparisonSentence> sentences_;
};

void Writer::settings(std::size_t number)
{
    if (!same_lesson(number))
        return;
    std::vector<std::string> changed;
    for (const ComparedSetting& setting : comparison_.settings) {
        const bool own = setting.name == "seed"
            || std::any_of(first().description.parameters.begin(),
                first().description.parameters.end(),
                [&](const ParameterDescription& one) { return one.name == setting.name; });
        if (own && differs(setting, number))
            changed.push_back(setting.name + " (" + setting.values[number] + ", not "
                + setting.values.front() + ')');
    }
    const std::string text = name(number) + " differs from " + name(0) + " in " + listed(changed);
    if (changed.empty())
        say("settings", number,
            name(0) + " and " + name(number)
                + " were asked for the same: what differs is the machine's doing, or chance.");
    else if (changed.size() == 1)
        say("settings", number, text + '.');
    else
        say("settings", number,
            text
                + ": where several things were changed at once, none of them alone explains a "
                  "difference.");
}

void Writer::limits_of(std::size_t number)
{
    const FinishedRun& one = run(number);
    const std::string& label = name(number);
    if (!one.shortfall.empty())
        limit("cut", number,
            "The file of " + label + " is incomplete (" + shown(one.shortfall)
                + "): what is missing there is missing here.");
    if (const auto marks = stopping_marks(number); !marks.empty())
        limit("marks", number,
            label + " was " + listed(marks)
                + ": its times are not for measuring, and are not judged here.");
    else if (one.repeats.empty())
        limit("no_repeat", number, label + " has no complete repeat, so no times to compare.");
    else if (one.repeats.size() == 1)
        limit("single", number,
            label
                + " was measured once (n = 1): how far chance alone moves its times, nobody "
                  "knows. Measure it several times to know.");
    if (!one.traced)
        limit("no_trace", number,
            label
                + " was run without a trace: it has no timeline, no budget and no bytes, and where "
                  "its "
                  "parallel part began is not known, so it is aligned at its begin.");
    if (has_mark(one, "dropped"))
        limit("dropped", number,
            "Of " + label + ' ' + count_words(static_cast<double>(one.dropped), "event", "events")
                + " were lost: its budget and bytes are incomplete.");
    if (has_mark(one, "busy_machine"))
        limit("busy", number,
            "The machine did other work beside " + label
                + ": it may have taken longer than it "
                  "would have alone.");
    if (has_mark(one, "oversubscribed"))
        limit("oversubscribed", number,
            label + " had more workers than usable CPUs (" + std::to_string(one.machine.usable_cpus)
                + "): they took turns.");
}

void Writer::limits_against_first(std::size_t number)
{
    const FinishedRun& one = run(number);
    const std::string& label = name(number);
    if (!runs_[number].path.empty() && runs_[number].path == runs_.front().path)
        limit("same_file", number, name(0) + " and " + label + " are the same file.");
    if (!same_lesson(number)) {
        limit("lesson", number,
            name(0) + " is a run of “" + shown(first().description.title) + "” and " + label
                + " one of “" + shown(one.description.title)
                + "”: different lessons, so their times are not of comparable work.");
    } else if (!same_work(number)) {
        std::vector<std::string> work;
        for (const ComparedSetting& setting : comparison_.settings) {
            if (setting.work && differs(setting, number))
                work.push_back(setting.name);
        }
        limit("work", number,
            label + " did other work than " + name(0) + " (another " + listed(work)
                + "): their times are not compared; speedups are, each against its own serial "
                  "run.");
    }
    if (differs("cpu", number) || differs("usable_cpus", number))
        limit("machine", number,
            label + " ran on another machine (" + shown(one.machine.cpu) + " with "
                + count_words(one.machine.usable_cpus, "usable CPU", "usable CPUs") + ") than "
                + name(0) + " (" + shown(first().machine.cpu) + " with "
                + count_words(first().machine.usable_cpus, "usable CPU", "usable CPUs")
                + "): a difference in time may be the machines'.");
    else if (differs("kernel", number) || differs("version", number))
        limit("version", number,
            label + " and " + name(0)
                + " were made by another kernel or another version of this program: a difference "
                  "may be theirs.");
    const auto serial = difference("sequential_s", number);
    if (serial && serial->clear && serial->ratio && same_work(number)
        && std::abs(*serial->ratio - 1) >= baseline_share)
        limit("baseline", number,
            "Serially, the same work took " + seconds_words(value("sequential_s", number)->value)
                + " in " + label + " and " + seconds_words(value("sequential_s", 0)->value) + " in "
                + name(0)
                + ": the machine, its load or its clock differed, and the wall times share that.");
}

std::string Writer::unclear_words(const char* what, std::size_t number, const Measured& one,
    const Measured& other, std::string (*words)(double)) const
{
    std::string text = std::string("Between the ") + what + " of " + name(0) + " ("
        + words(one.value) + ") and " + name(number) + " (" + words(other.value)
        + ") there is no clear difference: ";
    if (one.low && other.low)
        return text + "their quartiles overlap (" + words(*one.low) + " to " + words(*one.high)
            + " and " + words(*other.low) + " to " + words(*other.high) + ").";
    return text + "a single measurement is taken for good to 5 %.";
}

void Writer::wall(std::size_t number)
{
    const auto one = value("wall_s", 0);
    const auto other = value("wall_s", number);
    if (!timed_alike(number) || !one || !other || !(one->value > 0) || !(other->value > 0))
        return;
    if (!clearly_differ(*one, *other)) {
        say("wall", number, unclear_words("wall times", number, *one, *other, seconds_words));
        return;
    }
    const std::string times
        = seconds_words(other->value) + ", and " + name(0) + ' ' + seconds_words(one->value) + '.';
    if (other->value > one->value)
        say("wall", number,
            name(number) + " took " + times_words(other->value / one->value) + " as long as "
                + name(0) + ": " + times);
    else
        say("wall", number,
            name(number) + " was " + times_words(one->value / other->value) + " as fast as "
                + name(0) + ": it took " + times);
}

void Writer::budget(std::size_t number)
{
    const auto one = value("budget.total", 0);
    const auto other = value("budget.total", number);
    if (!timed_alike(number) || !one || !other || !(std::max(one->value, other->value) > 0))
        return;
    std::vector<std::pair<double, std::string>> changes;
    for (const ComparedQuantity& quantity : comparison_.quantities) {
        const auto& change = quantity.differences[number];
        if (quantity.name.starts_with(budget_prefix) && quantity.name != "budget.total" && change
            && std::abs(change->absolute)
                >= share_worth_a_word * std::max(one->value, other->value))
            changes.emplace_back(change->absolute, quantity.label);
    }
    std::string where = "All processes together";
    if (first().repeats.size() > 1 || run(number).repeats.size() > 1)
        where += " (in the repeats shown)";
    if (changes.empty()) {
        say("budget", number,
            where + ", " + name(0) + " and " + name(number)
                + " spent their time alike: no category differs by more than "
                + percent_words(share_worth_a_word) + " of the whole.");
        return;
    }
    std::stable_sort(changes.begin(), changes.end(), [](const auto& left, const auto& right) {
        return std::abs(left.first) > std::abs(right.first);
    });
    changes.resize(std::min(changes.size(), most_categories));
    std::vector<std::string> words;
    for (const auto& [seconds, label] : changes)
        words.push_back(
            seconds_words(std::abs(seconds)) + (seconds > 0 ? " more " : " less ") + label);
    say("budget", number,
        where + ", " + name(number) + " spent " + listed(words) + " than " + name(0) + '.');
}

void Writer::speedups(std::size_t number)
{
    const auto one = value("speedup", 0);
    const auto other = value("speedup", number);
    if (!same_lesson(number) || !timed(0) || !timed(number) || !one || !other)
        return;
    const int workers = workers_of(first());
    const int others = workers_of(run(number));
    if (!clearly_differ(*one, *other)) {
        say("speedup", number, unclear_words("speedups", number, *one, *other, ratio_words));
    } else {
        say("speedup", number,
            "With " + count_words(others, "worker", "workers") + ' ' + name(number) + " is "
                + times_words(other->value) + " as fast as its serial run, " + name(0) + " with "
                + count_words(workers, "worker", "workers") + ' ' + times_words(one->value) + '.');
    }
    const auto efficiency = difference("efficiency", number);
    if (workers != others && efficiency && efficiency->clear)
        say("efficiency", number,
            "A worker of " + name(number) + " does "
                + percent_words(value("efficiency", number)->value)
                + " of what the serial run does in its time, one of " + name(0) + ' '
                + percent_words(value("efficiency", 0)->value) + '.');
}

void Writer::bytes(std::size_t number)
{
    const auto one = value("bytes", 0);
    const auto other = value("bytes", number);
    const auto messages = value("messages", 0);
    const auto others = value("messages", number);
    if (!same_lesson(number) || !one || !other || !messages || !others)
        return;
    const auto amount = [](const Measured& sent, const Measured& in) {
        return bytes_words(sent.value) + " in " + count_words(in.value, "message", "messages");
    };
    if (messages->value == 0 && others->value == 0)
        return;
    if (one->value == other->value && messages->value == others->value) {
        say("bytes", number,
            name(0) + " and " + name(number) + " sent the same amount: " + amount(*one, *messages)
                + '.');
        return;
    }
    if (messages->value == 0 || others->value == 0) {
        const bool only_first = others->value == 0;
        say("bytes", number,
            name(only_first ? 0 : number) + " sent "
                + (only_first ? amount(*one, *messages) : amount(*other, *others)) + ", "
                + name(only_first ? number : 0) + " nothing.");
        return;
    }
    const ComparedQuantity* most = nullptr;
    std::size_t channels = 0;
    for (const ComparedQuantity& quantity : comparison_.quantities) {
        const auto& change = quantity.differences[number];
        if (!quantity.name.starts_with(bytes_prefix) || !change)
            continue;
        ++channels;
        if (most == nullptr
            || std::abs(change->absolute) > std::abs(most->differences[number]->absolute))
            most = &quantity;
    }
    std::string text = name(number) + " sent " + amount(*other, *others) + ", " + name(0) + ' '
        + amount(*one, *messages);
    if (channels > 1 && most->differences[number]->absolute != 0)
        text += "; the greatest difference is what went " + most->label;
    say("bytes", number, text + '.');
}

} // namespace

std::vector<ComparisonSentence> comparison_sentences(
    const std::vector<ComparedRun>& runs, const Comparison& comparison)
{
    return Writer(runs, comparison).write();
}

} // namespace manyhands
