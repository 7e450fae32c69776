// SPDX-License-Identifier: MIT
// Two producers and three consumers around one queue, and how the consumers learn that it is over.
#include <manyhands.hpp>

#include <optional>
#include <string>
#include <vector>

using Order = std::optional<int>; // nothing: there are no more

void produce(int first, int count, manyhands::Queue<Order> orders)
{
    // The queue holds a few only. If the consumers are slower, put() waits: the producers cannot
    // run away from them, and memory stays bounded.
    for (int i = 0; i < count; ++i)
        orders.put(first + i);
}

void consume(manyhands::Queue<Order> orders, manyhands::Queue<long> sums)
{
    long sum = 0;
    while (const Order order = orders.get())
        sum += *order;
    sums.put(sum);
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        constexpr int consumers = 3;
        manyhands::Queue<Order> orders(8, {.name = "orders"});
        manyhands::Queue<long> sums(0, {.name = "sums"});
        manyhands::Process north({.name = "North"}, produce, 1, 500, orders);
        manyhands::Process south({.name = "South"}, produce, 501, 500, orders);
        std::vector<manyhands::Process> workers;
        for (int i = 0; i < consumers; ++i) {
            workers.emplace_back(manyhands::ProcessOptions{.name = "Consumer-" + std::to_string(i)},
                consume, orders, sums);
            workers.back().start();
        }
        north.start();
        south.start();
        north.join();
        south.join();
        // Behind everything else, and one for each consumer: who has taken it takes no more.
        for (int i = 0; i < consumers; ++i)
            orders.put(std::nullopt);
        long sum = 0;
        for (int i = 0; i < consumers; ++i)
            sum += sums.get();
        for (manyhands::Process& worker : workers)
            worker.join();
        manyhands::print("sum of all orders: " + std::to_string(sum));
    });
}
