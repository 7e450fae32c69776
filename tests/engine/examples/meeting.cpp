// SPDX-License-Identifier: MIT
// Three ways to wait for each other: an event, a barrier, a semaphore.
#include <manyhands.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// At most two at a time come in; the most that were ever inside is kept under the lock of a value.
void visit(manyhands::Event open, manyhands::Semaphore seats, manyhands::Value<int> inside,
    manyhands::Value<int> most, manyhands::Barrier leaving)
{
    open.wait();
    {
        const auto seat = seats.hold();
        {
            const auto held = inside.get_lock().hold();
            inside.set(inside.get() + 1);
            if (inside.get() > most.get())
                most.set(inside.get());
        }
        manyhands::sleep_for(5ms);
        const auto held = inside.get_lock().hold();
        inside.set(inside.get() - 1);
    }
    // All leave together, and so does the main process.
    leaving.wait();
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        constexpr int visitors = 5;
        manyhands::Event open("open");
        manyhands::Semaphore seats(2, "seats");
        manyhands::Barrier leaving(visitors + 1, {.name = "leaving"});
        manyhands::Value<int> inside(0, "inside");
        manyhands::Value<int> most(0, "most");
        std::vector<manyhands::Process> guests;
        for (int i = 1; i <= visitors; ++i) {
            guests.emplace_back(manyhands::ProcessOptions{.name = "Guest-" + std::to_string(i)},
                visit, open, seats, inside, most, leaving);
            guests.back().start();
        }
        manyhands::print("inside before it opens: " + std::to_string(inside.get()));
        open.set();
        leaving.wait();
        for (manyhands::Process& guest : guests)
            guest.join();
        manyhands::print("never more than two: " + std::string(most.get() <= 2 ? "true" : "false"));
        manyhands::print("inside at the end: " + std::to_string(inside.get()));
    });
}
