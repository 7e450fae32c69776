// SPDX-License-Identifier: MIT
// What is made of a run: who waited for whom, how full the queue was and for how long an item was
// in it, and whether every item is accounted for.
#include "lessons/producer_consumer/program.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace manyhands::lessons::producer_consumer {
namespace {

double seconds(std::int64_t ns)
{
    return static_cast<double>(ns) / 1e9;
}

// About three digits of it.
std::string text(double value)
{
    char words[64];
    const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
    const auto end
        = std::to_chars(words, words + sizeof words, value, std::chars_format::fixed, decimals);
    return {words, end.ptr};
}

// What the processes of one side did. All times are run time: a pause has no length.
struct SideTimes
{
    int processes = 0;
    std::int64_t cost_ns = 0; // making or using items
    std::int64_t at_work_ns = 0; // from each one's first item to its last, but for waits
    std::int64_t waited_ns = 0; // for the queue
    std::vector<Interval> waits;
    std::int64_t begin_ns = open_end; // of the first item
    std::int64_t end_ns = 0; // of the last one

    // Time at work that was neither making nor using: putting and taking, interruptions included.
    std::int64_t handing_ns() const { return at_work_ns - cost_ns; }

    // Items a second that this side could handle if it never waited; nothing where it costs none.
    std::optional<double> capacity(double items) const
    {
        if (at_work_ns == 0 || items == 0)
            return std::nullopt;
        return processes * items / seconds(at_work_ns);
    }
};

void add_lane(const Recording& recording, const Lane& lane, State waiting, SideTimes& times)
{
    ++times.processes;
    const std::int64_t last = lane.ended() ? lane.end_ns : recording.now_ns();
    Interval work = {open_end, 0};
    std::int64_t waited = 0; // since the first item
    std::int64_t waited_until_last = 0;
    for (const Span& span : lane.spans) {
        const Interval interval
            = {recording.run_time(span.begin_ns), recording.run_time(std::min(span.end_ns, last))};
        if (span.state == State::computing || span.state == State::sleeping) {
            times.cost_ns += interval.length_ns();
            work = {std::min(work.begin_ns, interval.begin_ns), interval.end_ns};
            waited_until_last = waited;
        } else if (span.state == waiting || span.state == State::held) {
            waited += work.begin_ns < open_end ? interval.length_ns() : 0;
            if (span.state == waiting) {
                times.waited_ns += interval.length_ns();
                times.waits.push_back(interval);
            }
        }
    }
    if (work.begin_ns == open_end)
        return;
    times.at_work_ns += work.length_ns() - waited_until_last;
    times.begin_ns = std::min(times.begin_ns, work.begin_ns);
    times.end_ns = std::max(times.end_ns, work.end_ns);
}

SideTimes times_of(const Recording& recording, std::string_view name, State waiting)
{
    SideTimes times;
    for (const Lane& lane : recording.lanes()) {
        if (lane.name.starts_with(name))
            add_lane(recording, lane, waiting, times);
    }
    return times;
}

struct Moment
{
    std::int64_t time_ns;
    double value;
};

void sort(std::vector<Moment>& moments)
{
    std::stable_sort(moments.begin(), moments.end(),
        [](const Moment& a, const Moment& b) { return a.time_ns < b.time_ns; });
}

// What went through the queue.
struct Flow
{
    bool all_told = true; // each message for itself, both ends of it
    std::size_t received = 0;
    std::int64_t first_sent_ns = open_end;
    std::int64_t last_received_ns = 0;
    std::int64_t last_used_ns = 0; // received by a consumer
    std::int64_t in_queue_ns = 0; // of all messages together
    std::vector<Moment> depths;
    double mean_depth = 0; // from `depths`, over the time from the first message to the last
    double peak_depth = 0;

    double length_s() const { return seconds(last_received_ns - first_sent_ns); }
};

void add_messages(const Recording& recording, std::uint32_t channel, Flow& flow)
{
    std::size_t sent = 0;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.channel != channel)
            continue;
        const std::int64_t time = recording.run_time(transfer.time_ns);
        flow.all_told = flow.all_told && !transfer.summarised;
        // The sum over all messages of the time between their ends.
        flow.in_queue_ns += transfer.received ? time : -time;
        if (transfer.received) {
            ++flow.received;
            flow.last_received_ns = std::max(flow.last_received_ns, time);
            if (recording.lanes()[transfer.lane].role == Role::worker)
                flow.last_used_ns = std::max(flow.last_used_ns, time);
        } else {
            ++sent;
            flow.first_sent_ns = std::min(flow.first_sent_ns, time);
        }
    }
    flow.all_told = flow.all_told && sent == flow.received && sent > 0;
}

// A depth is what was put less what was taken, read one after the other: whoever is interrupted in
// between reads more than there was place for.
void add_depths(const Recording& recording, std::uint32_t channel, double places, Flow& flow)
{
    for (const DepthSample& sample : recording.depths()) {
        if (sample.channel == channel)
            flow.depths.push_back(
                {recording.run_time(sample.time_ns), std::min<double>(sample.depth, places)});
    }
    sort(flow.depths);
    double area = 0;
    for (std::size_t i = 0; i < flow.depths.size(); ++i) {
        flow.peak_depth = std::max(flow.peak_depth, flow.depths[i].value);
        if (i > 0)
            area += flow.depths[i - 1].value
                * seconds(flow.depths[i].time_ns - flow.depths[i - 1].time_ns);
    }
    if (flow.depths.size() > 1)
        flow.mean_depth = area / seconds(flow.depths.back().time_ns - flow.depths.front().time_ns);
}

std::optional<Flow> flow_of(const Recording& recording, double places)
{
    const auto& channels = recording.channels();
    const auto items = std::find_if(channels.begin(), channels.end(),
        [](const Channel& channel) { return channel.name == "items"; });
    if (items == channels.end())
        return std::nullopt;
    const auto index = static_cast<std::uint32_t>(items - channels.begin());
    Flow flow;
    add_messages(recording, index, flow);
    add_depths(recording, index, places, flow);
    if (flow.received == 0 || flow.last_received_ns <= flow.first_sent_ns)
        return std::nullopt;
    return flow;
}

// Places of the queue; nothing where it has no bound.
std::optional<double> places_of(const Evaluation& evaluation)
{
    if (std::get<std::string>(evaluation.parameters.at("variant")) == "unbounded")
        return std::nullopt;
    return static_cast<double>(std::get<std::int64_t>(evaluation.parameters.at("queue_size")));
}

// What a traced run showed.
struct Observed
{
    SideTimes producers;
    SideTimes consumers;
    Flow flow;
    double throughput; // items a second
    std::optional<double> bound; // what the slower side can handle
};

std::optional<Observed> observed(const Evaluation& evaluation)
{
    constexpr double infinite = std::numeric_limits<double>::infinity();
    std::optional<Flow> flow = evaluation.traced
        ? flow_of(evaluation.recording, places_of(evaluation).value_or(infinite))
        : std::nullopt;
    if (!flow)
        return std::nullopt;
    Observed seen = {.producers = times_of(evaluation.recording, "Producer-", State::waiting_space),
        .consumers = times_of(evaluation.recording, "Consumer-", State::waiting_data),
        .flow = *std::move(flow),
        .throughput = 0,
        .bound = {}};
    const std::int64_t begin = std::min(seen.producers.begin_ns, seen.flow.first_sent_ns);
    const std::int64_t end = std::max(seen.consumers.end_ns, seen.flow.last_used_ns);
    const auto consumed = evaluation.result.at("consumed").get<double>();
    if (end > begin)
        seen.throughput = consumed / seconds(end - begin);
    const auto making = seen.producers.capacity(evaluation.result.at("produced").get<double>());
    const auto using_up = seen.consumers.capacity(consumed);
    seen.bound = making && using_up ? std::min(*making, *using_up) : making ? making : using_up;
    return seen;
}

// Little's law: the mean depth, seen at each message, over what the flow and the time in the queue
// make it. Nothing where not every message was told.
std::optional<double> littles_ratio(const Flow& flow)
{
    if (!flow.all_told || flow.in_queue_ns <= 0)
        return std::nullopt;
    const double rate = static_cast<double>(flow.received) / flow.length_s();
    const double in_queue_s = seconds(flow.in_queue_ns) / static_cast<double>(flow.received);
    return flow.mean_depth / (rate * in_queue_s);
}

// Between putting or taking a message and telling of it a process may be interrupted; as long is
// the message's time in the queue in doubt. Nothing where that is too much of it.
std::optional<bool> littles_law_held(const Observed& seen)
{
    constexpr std::size_t least_messages = 100;
    constexpr double most_doubt = 0.05;
    constexpr double tolerance = 0.1;
    const std::optional<double> ratio = littles_ratio(seen.flow);
    if (!ratio || seen.flow.received < least_messages || !seen.bound)
        return std::nullopt;
    const std::int64_t in_doubt_ns = seen.producers.handing_ns() + seen.consumers.handing_ns();
    if (static_cast<double>(in_doubt_ns) > most_doubt * static_cast<double>(seen.flow.in_queue_ns))
        return std::nullopt;
    return std::abs(*ratio - 1) <= tolerance;
}

void add_quantities(
    const Evaluation& evaluation, const std::optional<Observed>& seen, ResultDocument& document)
{
    const auto count = [&](const char* name) { return evaluation.result.at(name).get<double>(); };
    document.quantities = {
        {"consumed", count("consumed")},
        {"lost", count("left")},
        {"sentinels_left", count("sentinels_left")},
    };
    const auto add = [&](const char* name, std::optional<double> value) {
        document.quantities.push_back({name, seen ? value : std::nullopt});
    };
    const std::optional<double> places = places_of(evaluation);
    const Observed none = {};
    const Observed& run = seen ? *seen : none;
    const auto percent = [](double part, double whole) { return 100 * part / whole; };
    add("throughput", run.throughput);
    add("slower_side", run.bound);
    add("throughput_share",
        run.bound ? std::optional(percent(run.throughput, *run.bound)) : std::nullopt);
    add("mean_depth", run.flow.mean_depth);
    add("depth_share",
        places ? std::optional(percent(run.flow.mean_depth, *places)) : std::nullopt);
    add("peak_depth", run.flow.peak_depth);
    add("mean_wait",
        run.flow.all_told ? std::optional(1e3 * seconds(run.flow.in_queue_ns)
            / std::max(1.0, static_cast<double>(run.flow.received)))
                          : std::nullopt);
    add("little", littles_ratio(run.flow));
    add("producers_waited", seconds(run.producers.waited_ns));
    add("consumers_waited", seconds(run.consumers.waited_ns));
    add("peak_bytes",
        run.flow.peak_depth
            * static_cast<double>(std::get<std::int64_t>(evaluation.parameters.at("item_bytes"))));
}

void add_checks(
    const Evaluation& evaluation, const std::optional<Observed>& seen, ResultDocument& document)
{
    const auto count
        = [&](const char* name) { return evaluation.result.at(name).get<std::uint64_t>(); };
    const auto variant = std::get<std::string>(evaluation.parameters.at("variant"));
    const auto consumers
        = static_cast<std::uint64_t>(std::get<std::int64_t>(evaluation.parameters.at("consumers")));
    const bool right = variant == "sentinel" || variant == "unbounded";
    // More than the bound is impossible; of both a little is lost in the arithmetic.
    constexpr double rounding = 1.000'001;
    document.checks = {
        {"every item produced was consumed or was left in the queue",
            count("vanished") == 0 && count("produced") == count("consumed") + count("left")},
        {"no item was delivered twice", count("repeated") == 0},
        {"no item is lost: as many items out as in",
            right ? std::optional(count("consumed") == count("items")) : std::nullopt},
        {"each consumer took one sentinel, and none was left",
            right ? std::optional(
                count("sentinels_taken") == consumers && count("sentinels_left") == 0)
                  : std::nullopt},
        {"the processes did the same work as one process alone",
            right && evaluation.baseline_work
                ? std::optional(evaluation.work == *evaluation.baseline_work)
                : std::nullopt},
        {"no more items a second than the slower side can handle",
            seen && seen->bound ? std::optional(seen->throughput <= *seen->bound * rounding)
                                : std::nullopt},
        {"Little's law: mean depth = messages a second × mean time in the queue (judged where "
         "interruptions leave little in doubt)",
            seen ? littles_law_held(*seen) : std::nullopt},
    };
}

QuizQuestion who_waited(const Observed& seen)
{
    const double space_s = seconds(seen.producers.waited_ns);
    const double data_s = seconds(seen.consumers.waited_ns);
    const bool producers = space_s > 2 * data_s;
    const bool consumers = data_s > 2 * space_s;
    const std::string measured = "Together, the producers waited " + text(space_s)
        + " s for space, and the consumers " + text(data_s) + " s for items.";
    const std::string belief = " Who is slower never waits: the other side does. ";
    return {.name = "who_waited",
        .question = "In your run, who waited longer for the other side?",
        .choices = {
            {.text = "The producers, for space in the queue",
                .right = producers,
                .reply = measured
                    + (producers ? " The queue passes the consumers' pace back to them."
                                 : belief + "Give the consumers more to do."),
                .attempt = producers ? std::nullopt
                                     : std::optional(Attempt{"Slow consumers",
                                         {"produce_us=500", "consume_us=3000"}, ""})},
            {.text = "The consumers, for items",
                .right = consumers,
                .reply = measured
                    + (consumers ? " They take items faster than these are made."
                                 : belief + "Give the producers more to do."),
                .attempt = consumers ? std::nullopt
                                     : std::optional(Attempt{"Slow producers",
                                         {"produce_us=3000", "consume_us=500"}, ""})},
            {.text = "Both about equally: neither more than twice as long",
                .right = !producers && !consumers,
                .reply = measured
                    + (!producers && !consumers
                            ? " The two sides are about equally fast."
                            : " That a queue balances the work by itself is a wish: it only makes "
                              "the faster side wait. Give both the same to do."),
                .attempt = !producers && !consumers
                    ? std::nullopt
                    : std::optional(
                        Attempt{"Equal costs", {"produce_us=1000", "consume_us=1000"}, ""})},
        }};
}

// Where the answers lie too close to each other, there is no question.
std::optional<QuizQuestion> time_in_queue(const Observed& seen, double consumed)
{
    const Flow& flow = seen.flow;
    if (!flow.all_told || consumed == 0 || seen.consumers.cost_ns == 0)
        return std::nullopt;
    const double rate = static_cast<double>(flow.received) / flow.length_s();
    const double right_ms = 1e3 * flow.mean_depth / rate;
    const double gap_ms = 1e3 / rate;
    const double use_ms = 1e3 * seconds(seen.consumers.cost_ns) / consumed;
    const auto close = [](double a, double b) { return a < 1.5 * b && b < 1.5 * a; };
    if (close(right_ms, gap_ms) || close(right_ms, use_ms) || close(gap_ms, use_ms))
        return std::nullopt;
    const Attempt longer = {"Ten times the places", {"queue_size=100"}, ""};
    return QuizQuestion{.name = "time_in_queue",
        .question = "In your run " + text(flow.mean_depth)
            + " messages were in the queue on average, and " + text(rate)
            + " a second went through it. How long was one in the queue on average?",
        .choices = {
            {.text = text(right_ms) + " ms",
                .right = true,
                .reply = "Little's law: what is in the queue, over what leaves it a second.",
                .attempt = {}},
            {.text = text(gap_ms) + " ms",
                .right = false,
                .reply = "That is the time from one message to the next. It would be the answer "
                         "if there was only ever one in the queue: each waits for all before it.",
                .attempt = longer},
            {.text = text(use_ms) + " ms",
                .right = false,
                .reply = "That is how long a consumer took to use an item, once it had it. The "
                         "time in the queue comes before that, and depends on how many are there.",
                .attempt = longer},
        }};
}

QuizQuestion where_lost(std::uint64_t lost)
{
    const Attempt watch = {"One place only", {"queue_size=1"}, ""};
    return {.name = "where_lost",
        .question = "Nobody used " + std::to_string(lost)
            + " of the items of your run. Where were they when the last consumer had ended?",
        .choices = {
            {.text = "In the queue, or with a producer that was still to put them",
                .right = true,
                .reply = "They came behind what made the last consumer go. Nothing failed, nobody "
                         "was told: the main process found them afterwards.",
                .attempt = {}},
            {.text = "In the memory of a consumer that ended too early",
                .right = false,
                .reply = "A consumer ends between two items: it uses each that it takes. Look for "
                         "its last span before the end.",
                .attempt = watch},
            {.text = "Nowhere: a full queue drops what does not fit",
                .right = false,
                .reply = "A full queue makes put() wait and drops nothing. With one place it is "
                         "full most of the time: look for what is lost then.",
                .attempt = watch},
        }};
}

// At most two points for each of so many columns: a chart shows no more.
Series thinned(const std::vector<Moment>& moments, const char* view, const char* name)
{
    constexpr std::size_t columns = 500;
    Series series = {.view = view,
        .name = name,
        .style = SeriesStyle::steps,
        .reference = false,
        .x = {},
        .y = {},
        .low = {},
        .high = {}};
    const auto add = [&](const Moment& moment) {
        series.x.push_back(seconds(moment.time_ns));
        series.y.push_back(moment.value);
    };
    const std::size_t length = moments.size() / columns + 1;
    const auto less = [](const Moment& a, const Moment& b) { return a.value < b.value; };
    for (std::size_t first = 0; first < moments.size(); first += length) {
        const auto begin = moments.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end
            = begin + static_cast<std::ptrdiff_t>(std::min(length, moments.size() - first));
        const auto [low, high] = std::minmax_element(begin, end, less);
        add(*std::min(low, high));
        if (low != high)
            add(*std::max(low, high));
    }
    return series;
}

// How many processes waited, moment by moment.
Series waiting(const std::vector<Interval>& waits, const Flow& flow, const char* name)
{
    std::vector<Moment> moments = {{flow.first_sent_ns, 0}, {flow.last_received_ns, 0}};
    for (const Interval& wait : waits) {
        moments.push_back({wait.begin_ns, 1});
        moments.push_back({wait.end_ns, -1});
    }
    sort(moments);
    double now = 0;
    for (Moment& moment : moments)
        moment.value = now += moment.value;
    return thinned(moments, "waiting", name);
}

void add_series(const Evaluation& evaluation, const Observed& seen, ResultDocument& document)
{
    document.series.push_back(thinned(seen.flow.depths, "depth", "items in the queue"));
    if (const std::optional<double> places = places_of(evaluation)) {
        document.series.push_back({.view = "depth",
            .name = "places",
            .style = SeriesStyle::line,
            .reference = true,
            .x = {seconds(seen.flow.first_sent_ns), seconds(seen.flow.last_received_ns)},
            .y = {*places, *places},
            .low = {},
            .high = {}});
    }
    document.series.push_back(waiting(seen.producers.waits, seen.flow, "producers, for space"));
    document.series.push_back(waiting(seen.consumers.waits, seen.flow, "consumers, for items"));
}

std::string summary(const nlohmann::json& result)
{
    return std::to_string(result.at("produced").get<std::uint64_t>()) + " items in, "
        + std::to_string(result.at("consumed").get<std::uint64_t>()) + " items out";
}

} // namespace

void evaluate(const Evaluation& evaluation, ResultDocument& document)
{
    const std::optional<Observed> seen = observed(evaluation);
    add_quantities(evaluation, seen, document);
    add_checks(evaluation, seen, document);
    document.summary = summary(evaluation.result);
    if (!seen)
        return;
    document.quiz.push_back(who_waited(*seen));
    if (const auto lost = evaluation.result.at("left").get<std::uint64_t>(); lost > 0)
        document.quiz.push_back(where_lost(lost));
    else if (auto question = time_in_queue(*seen, evaluation.result.at("consumed").get<double>()))
        document.quiz.push_back(*std::move(question));
    add_series(evaluation, *seen, document);
}

} // namespace manyhands::lessons::producer_consumer
