// SPDX-License-Identifier: MIT
// Three ways to make a process, and what each one finds in its memory.
#include <manyhands.hpp>

#include <string>

// A variable of the program. Each process has one of its own.
int number = 1;

void show(std::string how)
{
    manyhands::print(how + ": number is " + std::to_string(number));
    number = 100; // in this process alone
}

void start_one(const std::string& how, manyhands::StartMethod method)
{
    manyhands::Process process({.name = how, .start_method = method}, show, how);
    process.start();
    process.join();
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        number = 2;
        // spawn executes the program afresh: the variable is as it was at the program's begin. It
        // takes longest, and nothing of this process comes along but the arguments.
        start_one("spawn", manyhands::StartMethod::spawn);
        // fork copies this process: the variable is as it is now.
        start_one("fork", manyhands::StartMethod::fork);
        // forkserver copies another one, which was spawned for that and has done nothing since.
        start_one("forkserver", manyhands::StartMethod::forkserver);
        manyhands::print("here: number is " + std::to_string(number));
    });
}
