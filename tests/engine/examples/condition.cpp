// SPDX-License-Identifier: MIT
// A condition: processes wait until what a lock guards has become what they need.
#include <manyhands.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// Each traveller goes on board when enough of them are there. To look and to wait is one step: who
// would look first and wait then might miss the notification between the two.
void travel(manyhands::Condition condition, manyhands::RawValue<int> waiting, int seats)
{
    const auto held = condition.hold();
    waiting.store(waiting.load() + 1);
    condition.notify_all();
    // Lets go of the lock while it waits, and has it again when it returns.
    condition.wait_for([&] { return waiting.load() >= seats; });
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        constexpr int seats = 3;
        manyhands::Condition condition("boarding");
        manyhands::RawValue<int> waiting(0, "waiting");
        std::vector<manyhands::Process> travellers;
        for (int i = 1; i <= seats; ++i) {
            travellers.emplace_back(
                manyhands::ProcessOptions{.name = "Traveller-" + std::to_string(i)}, travel,
                condition, waiting, seats);
            travellers.back().start();
        }
        {
            const auto held = condition.hold();
            condition.wait_for([&] { return waiting.load() >= seats; });
            manyhands::print("all " + std::to_string(waiting.load()) + " are there");
            // For a fourth one nobody should wait for ever.
            try {
                condition.wait_for([&] { return waiting.load() > seats; }, 10ms);
            } catch (const manyhands::TimeoutError&) {
                manyhands::print("a fourth one does not come");
            }
        }
        for (manyhands::Process& traveller : travellers)
            traveller.join();
    });
}
