// SPDX-License-Identifier: MIT
// A queue brings results back: a process cannot return anything to the one that started it.
#include <manyhands.hpp>

#include <cereal/types/string.hpp>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// What crosses may be a struct of one's own. One that holds more than plain numbers says what of it
// is to be sent.
struct Answer
{
    int number = 0;
    std::string text;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(number, text);
    }
};

// The queue is made once and handed over: each process has a handle on the same one.
void square(int number, manyhands::Queue<Answer> answers)
{
    answers.put(
        {number, std::to_string(number) + " squared is " + std::to_string(number * number)});
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        manyhands::Queue<Answer> answers(0, {.name = "answers"});
        std::vector<manyhands::Process> workers;
        for (int i = 0; i < 4; ++i)
            workers.emplace_back(manyhands::ProcessOptions{}, square, i, answers);
        for (manyhands::Process& worker : workers)
            worker.start();
        // They come in the order in which they are put. Who wants another one sorts them.
        std::vector<std::string> lines(4);
        for (int i = 0; i < 4; ++i) {
            const Answer answer = answers.get();
            lines[static_cast<std::size_t>(answer.number)] = answer.text;
        }
        for (manyhands::Process& worker : workers)
            worker.join();
        for (const std::string& line : lines)
            manyhands::print(line);
        // Nothing more comes. Who waits all the same should say how long.
        try {
            answers.get(10ms);
        } catch (const manyhands::Empty&) {
            manyhands::print("the queue is empty");
        }
    });
}
