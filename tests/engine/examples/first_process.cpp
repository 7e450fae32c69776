// SPDX-License-Identifier: MIT
// One process starts another, hands it two arguments, and waits for its end.
#include <manyhands.hpp>

#include <string>
#include <unistd.h>

// What the new process does. It is given copies: it has a memory of its own.
void say_hello(std::string name, int times)
{
    for (int i = 0; i < times; ++i)
        manyhands::print("Hello, " + name + "!");
}

// A function that returns ends its process well; std::exit ends it with a code.
void leave_with(int code)
{
    std::exit(code);
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        manyhands::Process greeter({.name = "Greeter"}, say_hello, std::string("Ada"), 2);
        // Made, but not started: there is no process yet, and so no number.
        manyhands::print("before the start: pid " + std::to_string(greeter.pid()));
        greeter.start();
        const bool is_another = greeter.pid() != ::getpid();
        greeter.join();
        manyhands::print(std::string("it was ") + (is_another ? "another process" : "this one"));
        manyhands::print("exit code " + std::to_string(*greeter.exit_code()));

        manyhands::Process quitter({.name = "Quitter"}, leave_with, 3);
        quitter.start();
        quitter.join();
        manyhands::print("exit code " + std::to_string(*quitter.exit_code()));
    });
}
