// SPDX-License-Identifier: MIT
// A thread works in its process's memory, a process in one of its own.
#include <manyhands.hpp>

#include <functional>
#include <string>
#include <vector>

void append(std::vector<int>& numbers, int number)
{
    numbers.push_back(number);
}

// A process is given a copy: what it appends to that is gone with it.
void append_to_copy(std::vector<int> numbers, int number)
{
    append(numbers, number);
    manyhands::print("in the process: " + std::to_string(numbers.size()) + " numbers");
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        std::vector<int> numbers = {1, 2, 3};

        // std::ref says that the thread is to work on this very vector.
        manyhands::Thread thread({.name = "Thread"}, append, std::ref(numbers), 4);
        thread.start();
        thread.join();
        manyhands::print("after the thread: " + std::to_string(numbers.size()) + " numbers");

        manyhands::Process process({.name = "Process"}, append_to_copy, numbers, 5);
        process.start();
        process.join();
        manyhands::print("after the process: " + std::to_string(numbers.size()) + " numbers");
    });
}
