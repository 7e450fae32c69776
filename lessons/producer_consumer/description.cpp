// SPDX-License-Identifier: MIT
// What the lesson producer_consumer says of itself.
#include "lessons/producer_consumer/program.hpp"

namespace manyhands::lessons::producer_consumer {
namespace {

using namespace std::string_literals;

ParameterDescription number(const char* name, const char* label, const char* help, const char* unit,
    std::int64_t usual, double minimum, double maximum)
{
    return {.name = name,
        .label = label,
        .help = help,
        .unit = unit,
        .type = ParameterType::integer,
        .default_value = usual,
        .minimum = minimum,
        .maximum = maximum,
        .choices = {}};
}

ParameterDescription choice(
    const char* name, const char* label, const char* help, std::vector<std::string> choices)
{
    return {.name = name,
        .label = label,
        .help = help,
        .unit = "",
        .type = ParameterType::choice,
        .default_value = choices.front(),
        .minimum = 0,
        .maximum = 0,
        .choices = std::move(choices)};
}

ParameterDescription part_of_the_work(ParameterDescription parameter)
{
    parameter.work = true;
    parameter.folded = true;
    return parameter;
}

ParameterDescription processes(ParameterDescription parameter)
{
    parameter.workers = true;
    return parameter;
}

std::vector<ParameterDescription> parameters()
{
    ParameterDescription timeout = number("timeout_ms", "Time-out",
        "How long a consumer waits with variant=timeout.", "ms", 100, 1, 5000);
    timeout.folded = true;
    return {
        choice("variant", "How it ends",
            "How consumers learn that no item will come any more; or a queue without bound.",
            {"sentinel", "too_many_sentinels", "timeout", "unbounded"}),
        processes(number("producers", "Producers", "Processes that make items.", "", 2, 1, 8)),
        processes(number("consumers", "Consumers", "Processes that use them.", "", 2, 1, 8)),
        number("queue_size", "Places in the queue",
            "So many items fit into the queue; put() waits for space where it is full. "
            "variant=unbounded has no limit.",
            "", 10, 1, 1000),
        part_of_the_work(number("items", "Items", "How many are made in all.", "", 600, 1, 50'000)),
        part_of_the_work(number("produce_us", "Cost to make an item",
            "Work: about so long on a CPU of 3 GHz, always the same number of steps. Waiting: "
            "exactly so long, at least.",
            "µs", 500, 0, 100'000)),
        part_of_the_work(number("consume_us", "Cost to use an item", "The same for consumers.",
            "µs", 1500, 0, 100'000)),
        part_of_the_work(choice("work", "Kind of cost",
            "Computing needs a CPU. Waiting, as for a disk or a network, needs none.",
            {"computing", "waiting"})),
        part_of_the_work(choice("cost", "Costs are",
            "The same for each item, or drawn for each from the seed: from nothing to twice as "
            "much.",
            {"fixed", "random"})),
        part_of_the_work(number(
            "item_bytes", "Size of an item", "Bytes that cross the queue.", "B", 8192, 8, 1 << 20)),
        timeout,
    };
}

std::vector<QuantityDescription> quantities()
{
    return {
        {"consumed", "Items used", "", "count"},
        {"lost", "Items that nobody used", "", "lost_items"},
        {"sentinels_left", "Sentinels that nobody took", "", "count"},
        {"throughput", "Items used a second", "items/s", "throughput"},
        {"slower_side", "Items a second that the slower side can handle", "items/s", "bound"},
        {"throughput_share", "Throughput over the slower side", "%", "share"},
        {"mean_depth", "Mean depth of the queue", "", "depth"},
        {"depth_share", "Mean depth, of all places", "%", "share"},
        {"peak_depth", "Most items in the queue", "", "count"},
        {"mean_wait", "Mean time in the queue", "ms", "latency"},
        {"little", "Mean depth over flow × time in the queue", "×", "ratio"},
        {"producers_waited", "Producers waited for space, together", "s", "time"},
        {"consumers_waited", "Consumers waited for items, together", "s", "time"},
        {"peak_bytes", "Most bytes in the queue", "B", "bytes"},
    };
}

std::vector<PredictionDescription> predictions()
{
    PredictionDescription depth;
    depth.name = "depth";
    depth.question = "Where will the queue stand, most of the time?";
    depth.quantity = "depth_share";
    depth.kind = PredictionKind::choice;
    depth.unit = "%";
    depth.choices = {{"Nearly empty: below a quarter of its places", 0, 24.999},
        {"In between", 25, 75}, {"Nearly full: above three quarters", 75.001, 100}};
    depth.when = {"variant=sentinel,timeout"};

    PredictionDescription throughput;
    throughput.name = "throughput";
    throughput.question = "Processes on both sides work at the same time. How many items a second "
                          "will be used, compared with what the slower side can handle?";
    throughput.quantity = "throughput_share";
    throughput.kind = PredictionKind::choice;
    throughput.unit = "%";
    throughput.choices = {{"Less than three quarters: both sides wait for each other", 0, 74.999},
        {"Nearly as many, three quarters or more", 75, 101},
        {"More: the two sides add up", 101.001, 1000}};
    throughput.when = {"variant=sentinel"};

    PredictionDescription lost;
    lost.name = "lost";
    lost.question = "How many items will nobody use?";
    lost.quantity = "lost";
    lost.kind = PredictionKind::number;
    lost.minimum = 0;
    lost.maximum = 1000;
    lost.tolerance = 0.5;
    lost.when = {"variant=too_many_sentinels,timeout"};

    PredictionDescription peak;
    peak.name = "peak";
    peak.question = "How many items will be in the queue when it is longest?";
    peak.quantity = "peak_depth";
    peak.kind = PredictionKind::number;
    peak.minimum = 1;
    peak.maximum = 100'000;
    peak.logarithmic = true;
    peak.tolerance = 0.2;
    peak.when = {"variant=unbounded"};
    return {depth, throughput, lost, peak};
}

std::vector<QuizQuestion> quiz()
{
    return {
        {.name = "how_many_sentinels",
            .question = "Three producers, two consumers. Who has to send how many sentinels?",
            .choices = {
                {"Two: the main process, when all producers have ended", true,
                    "One for each consumer, behind the last item.", {}},
                {"Three: each producer one, when it is done", false,
                    "It mistakes what a sentinel is for: it ends a consumer, not a producer. The "
                    "first two to be done would end both consumers. Run it with too many and look "
                    "which items are lost.",
                    Attempt{"Sentinels from every producer",
                        {"variant=too_many_sentinels", "producers=3", "consumers=2"}, ""}},
                {"Six: each producer one for each consumer, to be on the safe side", false,
                    "Sentinels are no warnings that can be repeated: each ends a consumer, also "
                    "while another producer is still at work. Run it and look which items are "
                    "lost.",
                    Attempt{"Sentinels from every producer",
                        {"variant=too_many_sentinels", "producers=3", "consumers=2"}, ""}},
            }},
        {.name = "what_put_waits_for",
            .question = "A producer calls put(). What does it wait for?",
            .choices = {
                {"For a free place in the queue, if there is none", true,
                    "The item lies in the queue then; whoever comes first takes it.", {}},
                {"For a consumer to take this item", false,
                    "That is the belief that a message holds sender and receiver together. With "
                    "many places put() returns long before get(): compare the two ends of a "
                    "message on the timeline.",
                    Attempt{"A queue with 1000 places", {"queue_size=1000"}, ""}},
                {"For nothing, ever", false,
                    "That holds without a bound, and then memory grows. Here the queue has a "
                    "limit: look for the producers' waits on the timeline.",
                    Attempt{"A queue with one place", {"queue_size=1"}, ""}},
            }},
        {.name = "longer_queue",
            .question = "Consumers are the slower side. The queue gets ten times as many places. "
                        "What changes in a long run?",
            .choices = {
                {"Each item waits longer in the queue; as many a second are used as before", true,
                    "The slower side decides how many. More places only let more items wait.", {}},
                {"About ten times as many items a second are used", false,
                    "That takes the queue for the work. No consumer gets faster by it: run both "
                    "and compare the throughput.",
                    Attempt{"Compare queue sizes", {"variant=sentinel"}, "queue_size=1,10,100"}},
                {"Consumers wait less", false,
                    "That takes any buffer for a help to both sides. These consumers found an item "
                    "nearly always; it is the producers who wait.",
                    Attempt{"Compare queue sizes", {"variant=sentinel"}, "queue_size=1,10,100"}},
            }},
    };
}

} // namespace

LessonDescription describe()
{
    LessonDescription description;
    description.id = "producer_consumer";
    description.title = "Producer and consumer";
    description.objectives = {
        "See a full queue pass the pace of the slower side back to the faster one.",
        "End consumers so that no item is lost: one sentinel for each, once all producers are "
        "done.",
        "Relate the depth of a queue, its flow and the time spent in it: Little's law.",
    };
    description.parameters = parameters();
    description.quantities = quantities();
    description.work_unit = "µs of making and using items";
    description.memory = true;
    description.guide = {.predictions = predictions(),
        .quiz = quiz(),
        .next = {
            {"Send sentinels from every producer, too", {"variant=too_many_sentinels"}, ""},
            {"Guess the end, with a time-out that is too short",
                {"variant=timeout", "timeout_ms=1", "produce_us=3000"}, ""},
            {"Take the bound away, from larger items",
                {"variant=unbounded", "consumers=1", "item_bytes=65536"}, ""},
        },
        .views = {
            {"depth", "Depth of the queue", "time (s)", "items in the queue", false, false,
                "A line that lies along its upper edge is back-pressure: producers wait."},
            {"waiting", "Who waits for whom", "time (s)", "processes that wait", false, false,
                "Only one side waits at a time, if one is clearly faster."},
        },
        .gates = true,
        .held_when = {}};
    return description;
}

} // namespace manyhands::lessons::producer_consumer
