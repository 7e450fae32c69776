// SPDX-License-Identifier: MIT
// A pool that works while its owner does something else.
#include <manyhands.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

int slow_double(int number)
{
    manyhands::sleep_for(std::chrono::milliseconds(5 * number));
    return 2 * number;
}

// A task that is not done before somebody says so.
int answer_after(manyhands::Event event)
{
    event.wait();
    return 120;
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        manyhands::Pool pool(2);

        // Returns at once. get() waits for the result, wait() only for the end.
        auto answer = pool.apply_async(slow_double, 21);
        manyhands::print("submitted");
        manyhands::print("apply_async: " + std::to_string(answer.get()));

        // A callback is called by the main process while that waits for something.
        auto called = pool.apply_async(slow_double, 4).callback([](int result) {
            manyhands::print("callback: " + std::to_string(result));
        });
        called.wait();

        // Who does not want to wait for ever says how long.
        manyhands::Event event;
        auto late = pool.apply_async(answer_after, event);
        try {
            late.get(1ms);
        } catch (const manyhands::TimeoutError&) {
            manyhands::print("not there yet");
        }
        event.set();
        manyhands::print("but now: " + std::to_string(late.get()));

        // Each result as soon as it is there, whichever comes first.
        std::vector<int> arrived;
        for (const int result : pool.imap_unordered(slow_double, std::vector<int>{8, 1, 2}))
            arrived.push_back(result);
        std::sort(arrived.begin(), arrived.end());
        for (const int result : arrived)
            manyhands::print("imap_unordered: " + std::to_string(result));
        // The same in their order: the second is there first, and waits for its turn.
        for (const int result : pool.imap(slow_double, std::vector<int>{9, 1}))
            manyhands::print("imap: " + std::to_string(result));
        pool.close();
        pool.join();
    });
}
