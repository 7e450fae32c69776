// SPDX-License-Identifier: MIT
// What a program sees of processes and tasks that fail: nothing hangs, and each tells why.
#include <manyhands.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

void throw_up()
{
    throw std::invalid_argument("this cannot be done");
}

void sleep_long()
{
    manyhands::sleep_for(1h);
}

int divide_hundred(int divisor)
{
    if (divisor == 0)
        throw std::domain_error("division by zero");
    if (divisor < 0)
        std::raise(SIGKILL); // as if the system had killed the worker
    return 100 / divisor;
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        // An exception in a process: exit code 1, and its words.
        manyhands::Process thrower({.name = "Thrower"}, throw_up);
        thrower.start();
        thrower.join();
        manyhands::print("exit code " + std::to_string(*thrower.exit_code()) + ", "
            + thrower.exception().value_or("no exception"));

        // One that takes too long is asked to end: the negative number of the signal.
        manyhands::Process sleeper({.name = "Sleeper"}, sleep_long);
        sleeper.start();
        if (!sleeper.join(20ms))
            sleeper.terminate();
        sleeper.join();
        manyhands::print("exit code " + std::to_string(*sleeper.exit_code()));

        // In a pool, the other tasks are done all the same.
        manyhands::Pool pool(2);
        try {
            pool.map(divide_hundred, std::vector<int>{5, 0, 20}, 1);
        } catch (const manyhands::RemoteError& error) {
            manyhands::print(std::string("task failed: ") + error.what());
        }
        // A worker that is killed is replaced. Only what it was at work on is lost.
        try {
            pool.apply(divide_hundred, -1);
        } catch (const manyhands::WorkerDied& error) {
            manyhands::print(std::string("worker died: ") + error.what());
        }
        manyhands::print("the pool goes on: " + std::to_string(pool.apply(divide_hundred, 4)));
        pool.close();
        pool.join();
    });
}
