// SPDX-License-Identifier: MIT
// Producers make items and put them into a queue; consumers take them out and use them. The queue
// says nothing of its end: how do consumers learn that no item will come any more?
#include "lessons/producer_consumer/program.hpp"

#include "engine/arena/arena.hpp"
#include "engine/ipc/array.hpp"
#include "engine/ipc/queue.hpp"
#include "engine/sync/gate.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace manyhands::lessons::producer_consumer {
namespace {

using namespace std::chrono_literals;

// An item: its number in the first bytes, and as many more as it is to have. One without any byte
// is a sentinel: it says that nothing comes behind it.
using Item = std::vector<std::byte>;

Item make_item(std::uint32_t number, std::size_t bytes)
{
    Item item(bytes, static_cast<std::byte>(number));
    std::memcpy(item.data(), &number, sizeof number);
    return item;
}

std::uint32_t number_of(const Item& item)
{
    std::uint32_t number = 0;
    std::memcpy(&number, item.data(), sizeof number);
    return number;
}

enum class Side : std::uint8_t { producing, consuming };

// What all processes are told.
struct Plan
{
    std::uint32_t items;
    std::uint32_t producers;
    std::uint32_t consumers;
    std::uint32_t places; // 0: not bounded
    std::uint64_t item_bytes;
    std::uint32_t cost_us[2]; // of an item, by Side
    bool waits; // instead of working
    bool random_cost;
    bool producers_send_sentinels;
    bool main_sends_sentinels;
    std::chrono::nanoseconds patience; // of a consumer
    std::uint64_t seed;
};

// Refuses before anything is measured what would find the shared memory full half-way.
void check_memory(const Plan& plan)
{
    const std::uint64_t most_items
        = plan.places == 0 ? plan.items : std::min(plan.items, plan.places + plan.producers);
    const std::uint64_t bytes = most_items * plan.item_bytes;
    const std::uint64_t free = this_process.arena->bytes_free() / 4 * 3;
    if (bytes > free)
        throw MachineLacks({.object = "items",
            .problem = "need more shared memory than there is while they are in the queue",
            .value = std::to_string(bytes >> 20) + " MiB",
            .limit = "up to " + std::to_string(free >> 20) + " MiB",
            .advice = "choose smaller items, or fewer"});
}

Plan plan_of(const LessonRun& run)
{
    const auto whole
        = [&](const char* name) { return static_cast<std::uint32_t>(run.whole(name)); };
    const auto variant = run.parameter<std::string>("variant");
    const Plan plan = {.items = whole("items"),
        .producers = whole("producers"),
        .consumers = whole("consumers"),
        .places = variant == "unbounded" ? 0 : whole("queue_size"),
        .item_bytes = whole("item_bytes"),
        .cost_us = {whole("produce_us"), whole("consume_us")},
        .waits = run.parameter<std::string>("work") == "waiting",
        .random_cost = run.parameter<std::string>("cost") == "random",
        .producers_send_sentinels = variant == "too_many_sentinels",
        .main_sends_sentinels = variant != "timeout",
        .patience
        = variant == "timeout" ? std::chrono::milliseconds(run.whole("timeout_ms")) : forever,
        .seed = run.seed()};
    check_memory(plan);
    return plan;
}

// What an item costs on one side: the same in every run with the same seed, whoever works on it.
std::uint32_t cost_us(const Plan& plan, Side side, std::uint32_t item)
{
    const std::uint32_t mean = plan.cost_us[static_cast<int>(side)];
    if (!plan.random_cost)
        return mean;
    // SplitMix64 (G. Steele, D. Lea, C. Flood, 2014): any two items' costs look unrelated.
    std::uint64_t bits = plan.seed
        + (2 * std::uint64_t{item} + static_cast<std::uint64_t>(side)) * 0x9e37'79b9'7f4a'7c15;
    bits = (bits ^ bits >> 30) * 0xbf58'476d'1ce4'e5b9;
    bits = (bits ^ bits >> 27) * 0x94d0'49bb'1331'11eb;
    bits ^= bits >> 31;
    return static_cast<std::uint32_t>(bits % (2 * std::uint64_t{mean} + 1));
}

// Each step needs the result of the one before, which takes a CPU 4 cycles: about 1 µs at 3 GHz.
// A fixed number, not one measured at the start of each run, so that all runs do the same work.
constexpr std::uint64_t steps_a_us = 750;

void compute(std::uint64_t steps)
{
    const StateSpan computing(State::computing);
    std::uint64_t number = steps;
    for (std::uint64_t i = 0; i < steps; ++i)
        number = number * 6'364'136'223'846'793'005 + 1;
    asm volatile("" : : "r"(number)); // somebody needs it, or so the compiler believes
}

void wait(std::uint32_t us)
{
    const StateSpan sleeping(State::sleeping);
    std::this_thread::sleep_for(std::chrono::microseconds(us));
}

// Makes or uses an item.
void spend(const Plan& plan, Side side, std::uint32_t item)
{
    const std::uint32_t us = cost_us(plan, side, item);
    if (us > 0 && plan.waits)
        wait(us);
    else if (us > 0)
        compute(us * steps_a_us);
    this_process.work_done(us);
}

// Who did what, in memory that all share. Each element has one writer, but for `consumed`.
struct Ledger
{
    explicit Ledger(const Plan& plan)
        : produced(plan.items)
        , consumed(plan.items)
        , sentinels_sent(plan.producers + 1)
        , sentinels_taken(plan.consumers)
    {
    }

    RawArray<std::uint8_t> produced; // how often, by item
    RawArray<std::uint8_t> consumed;
    RawArray<std::uint32_t> sentinels_sent; // by producer, and main
    RawArray<std::uint32_t> sentinels_taken; // by consumer
};

// Producer number `number` makes every so-manieth item.
void produce(Plan plan, std::uint32_t number, Queue<Item> queue, RawArray<std::uint8_t> produced,
    RawArray<std::uint32_t> sentinels_sent)
{
    for (std::uint32_t item = number; item < plan.items; item += plan.producers) {
        spend(plan, Side::producing, item);
        produced.span()[item] = 1;
        gate("before put");
        queue.put(make_item(item, plan.item_bytes));
    }
    if (!plan.producers_send_sentinels)
        return;
    for (std::uint32_t i = 0; i < plan.consumers; ++i) {
        gate("before put");
        queue.put(Item());
        ++sentinels_sent.span()[number];
    }
}

// A consumer goes on until it takes a sentinel, or has waited in vain for longer than it cares.
void consume(Plan plan, std::uint32_t number, Queue<Item> queue, RawArray<std::uint8_t> consumed,
    RawArray<std::uint32_t> sentinels_taken)
{
    while (true) {
        gate("before get");
        Item item;
        try {
            item = queue.get(plan.patience);
        } catch (const Empty&) {
            return;
        }
        if (item.empty()) {
            ++sentinels_taken.span()[number];
            return;
        }
        spend(plan, Side::consuming, number_of(item));
        // Atomic: were an item delivered twice, two would count it.
        std::atomic_ref(consumed.span()[number_of(item)]).fetch_add(1, std::memory_order_relaxed);
    }
}

// What was in the queue when all consumers had gone.
struct Leftovers
{
    std::vector<std::uint32_t> items;
    std::uint32_t sentinels = 0;
};

// How long the main process waits for something before it looks around.
constexpr auto glance = 20ms;

// The main process of the run with processes.
class Conductor
{
public:
    explicit Conductor(const Plan& plan)
        : plan_(plan)
        , queue_(plan.places, {.name = "items"})
        , ledger_(plan)
    {
        for (std::uint32_t i = 0; i < plan.producers; ++i)
            producers_.emplace_back(ProcessOptions{.name = "Producer-" + std::to_string(i + 1)},
                &produce, plan, i, queue_, ledger_.produced, ledger_.sentinels_sent);
        for (std::uint32_t i = 0; i < plan.consumers; ++i)
            consumers_.emplace_back(ProcessOptions{.name = "Consumer-" + std::to_string(i + 1)},
                &consume, plan, i, queue_, ledger_.consumed, ledger_.sentinels_taken);
    }

    void run()
    {
        for (Process& producer : producers_)
            producer.start();
        for (Process& consumer : consumers_)
            consumer.start();
        // Only when all producers are done is no item on its way any more.
        join(producers_);
        if (plan_.main_sends_sentinels) {
            for (std::uint32_t i = 0; i < plan_.consumers; ++i)
                put_sentinel();
        }
        join(consumers_);
        clear_queue(0ms);
    }

    nlohmann::json result() const;

private:
    void join(std::vector<Process>& processes)
    {
        for (Process& process : processes) {
            while (!process.join(glance))
                help_out();
        }
    }

    void put_sentinel()
    {
        while (true) {
            try {
                queue_.put(Item(), glance);
                ++ledger_.sentinels_sent.span()[plan_.producers];
                return;
            } catch (const Full&) {
                help_out();
            }
        }
    }

    // Where no consumer is left, producers that find the queue full would wait for ever.
    void help_out()
    {
        if (std::none_of(consumers_.begin(), consumers_.end(),
                [](Process& consumer) { return consumer.is_alive(); }))
            clear_queue(glance);
    }

    void clear_queue(std::chrono::milliseconds patience)
    {
        try {
            while (true) {
                const Item item = queue_.get(patience);
                if (item.empty())
                    ++leftovers_.sentinels;
                else
                    leftovers_.items.push_back(number_of(item));
            }
        } catch (const Empty&) {
            return;
        }
    }

    Plan plan_;
    Queue<Item> queue_;
    Ledger ledger_;
    std::vector<Process> producers_;
    std::vector<Process> consumers_;
    Leftovers leftovers_;
};

nlohmann::json Conductor::result() const
{
    // So many numbers of lost items are told; of more, how many they are.
    constexpr std::size_t most_told = 1000;
    std::vector<std::uint8_t> left(plan_.items, 0);
    for (const std::uint32_t item : leftovers_.items)
        ++left[item];
    std::uint32_t produced = 0;
    std::uint32_t consumed = 0;
    std::uint32_t vanished = 0;
    std::uint32_t repeated = 0;
    nlohmann::json lost = nlohmann::json::array();
    for (std::uint32_t item = 0; item < plan_.items; ++item) {
        const int made = ledger_.produced.span()[item];
        const int used = ledger_.consumed.span()[item];
        produced += made > 0 ? 1 : 0;
        consumed += used > 0 ? 1 : 0;
        vanished += made > used + left[item] ? 1 : 0;
        repeated += made < used + left[item] ? 1 : 0;
        if (left[item] > 0 && lost.size() < most_told)
            lost.push_back(item);
    }
    const auto sum = [](std::span<const std::uint32_t> counts) {
        std::uint32_t all = 0;
        for (const std::uint32_t count : counts)
            all += count;
        return all;
    };
    return {{"items", plan_.items}, {"produced", produced}, {"consumed", consumed},
        {"left", leftovers_.items.size()}, {"lost_items", lost}, {"vanished", vanished},
        {"repeated", repeated}, {"sentinels_sent", sum(ledger_.sentinels_sent.span())},
        {"sentinels_taken", sum(ledger_.sentinels_taken.span())},
        {"sentinels_left", leftovers_.sentinels}};
}

void run_with_processes(LessonRun& run)
{
    const Plan plan = plan_of(run);
    Conductor conductor(plan);
    conductor.run();
    run.result = conductor.result();
}

// The baseline: one process makes each item and uses it, and needs no queue.
void run_alone(LessonRun& run)
{
    const Plan plan = plan_of(run);
    for (std::uint32_t number = 0; number < plan.items; ++number) {
        spend(plan, Side::producing, number);
        const Item item = make_item(number, plan.item_bytes);
        spend(plan, Side::consuming, number_of(item));
    }
    run.result = {{"items", plan.items}};
}

} // namespace

const Lesson lesson = {
    .describe = describe,
    .text = "lessons/producer_consumer/lesson.md",
    .sources = {"lessons/producer_consumer/program.cpp", "lessons/producer_consumer/program.py"},
    .baseline = run_alone,
    .run = run_with_processes,
    .evaluate = evaluate,
    .check_runs = {
        "items=40 produce_us=100 consume_us=300 queue_size=1",
        "items=90 producers=3 consumers=5 produce_us=50 consume_us=100 cost=random work=waiting",
        "variant=too_many_sentinels items=90 producers=3 produce_us=100 consume_us=100",
        "variant=timeout items=40 producers=1 consumers=2 timeout_ms=50",
        "variant=unbounded items=100 producers=2 consumers=1 produce_us=50 consume_us=200",
    },
};

} // namespace manyhands::lessons::producer_consumer
