// SPDX-License-Identifier: MIT
// Several processes at the same time: all are started before the first one is waited for.
#include <manyhands.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// Sleeping stands for work of some length.
void work(int number)
{
    manyhands::sleep_for(50ms);
    manyhands::print("worker " + std::to_string(number) + " is done");
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        std::vector<manyhands::Process> workers;
        for (int i = 1; i <= 4; ++i)
            workers.emplace_back(manyhands::ProcessOptions{}, work, i);
        // A join() within this loop would let them run one after the other: on the timeline, stairs
        // instead of bars side by side.
        for (manyhands::Process& worker : workers)
            worker.start();
        manyhands::print("all are started");
        for (manyhands::Process& worker : workers)
            worker.join();
        manyhands::print("children alive: " + std::to_string(manyhands::active_children().size()));
    });
}
