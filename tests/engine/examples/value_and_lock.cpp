// SPDX-License-Identifier: MIT
// Two processes count up one shared number, without a lock and with one.
#include <manyhands.hpp>

#include <string>

// Fewer might be done before the other process has begun.
constexpr int careless_times = 1'000'000;
constexpr int careful_times = 20'000;

// To add 1 is three steps: read, add, write. Another process may come between the first and the
// last, and what it wrote is overwritten.
void count_carelessly(manyhands::RawValue<int> counter, manyhands::Barrier start)
{
    start.wait();
    for (int i = 0; i < careless_times; ++i)
        counter.store(counter.load() + 1);
}

// Who holds the lock does all three alone. The get() and set() of a Value take its lock, too, but
// each for itself: that alone would not keep another one out between them.
void count_carefully(manyhands::Value<int> counter, manyhands::Barrier start)
{
    start.wait();
    for (int i = 0; i < careful_times; ++i) {
        const auto held = counter.get_lock().hold();
        counter.set(counter.get() + 1);
    }
}

template <class Function, class Counter>
void run_two(Function function, Counter counter)
{
    // Together, or the first might be done before the second has begun.
    manyhands::Barrier start(2);
    manyhands::Process one({}, function, counter, start);
    manyhands::Process other({}, function, counter, start);
    one.start();
    other.start();
    one.join();
    other.join();
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        manyhands::RawValue<int> careless(0, "careless");
        run_two(count_carelessly, careless);
        manyhands::Value<int> careful(0, "careful");
        run_two(count_carefully, careful);
        manyhands::print("without a lock: " + std::to_string(careless.load()) + " of "
            + std::to_string(2 * careless_times));
        manyhands::print("with the lock: " + std::to_string(careful.get()) + " of "
            + std::to_string(2 * careful_times));
    });
}
