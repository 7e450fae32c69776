// SPDX-License-Identifier: MIT
// A pipe joins two processes: each holds one end, and both may send and receive.
#include <manyhands.hpp>

#include <string>
#include <utility>

// Answers until the other end is closed: that is the end of the file.
void double_numbers(manyhands::Connection<int> end)
{
    try {
        while (true)
            end.send(2 * end.recv());
    } catch (const manyhands::EndOfFile&) {
        manyhands::print("nobody is there any more");
    }
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        auto [here, there] = manyhands::pipe<int>();
        // An end belongs to one process: this one is given away, and cannot be used here any more.
        manyhands::Process doubler({.name = "Doubler"}, double_numbers, std::move(there));
        doubler.start();
        for (const int number : {1, 20, 300}) {
            here.send(number);
            manyhands::print(std::to_string(number) + " doubled is " + std::to_string(here.recv()));
        }
        // Nothing was sent, so nothing is to be expected.
        manyhands::print(std::string("more to receive: ") + (here.poll() ? "yes" : "no"));
        here.close();
        doubler.join();
        manyhands::print("exit code " + std::to_string(*doubler.exit_code()));
    });
}
