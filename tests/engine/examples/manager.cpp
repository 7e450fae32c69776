// SPDX-License-Identifier: MIT
// A manager keeps dictionaries and lists in a process of its own; the others ask it.
#include <manyhands.hpp>

#include <algorithm>
#include <string>
#include <vector>

// A proxy stands for what the manager has. Each call is a question to its process and an answer:
// much slower than a value in shared memory, but what is kept may grow.
void count_letters(
    std::string word, manyhands::DictProxy<std::string, int> lengths, manyhands::ListProxy<int> all)
{
    lengths.set(word, static_cast<int>(word.size()));
    all.append(static_cast<int>(word.size()));
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        manyhands::Manager manager;
        auto lengths = manager.dict<std::string, int>();
        auto all = manager.list<int>();
        std::vector<manyhands::Process> workers;
        for (const std::string word : {"many", "hands", "make", "light", "work"})
            workers.emplace_back(
                manyhands::ProcessOptions{.name = word}, count_letters, word, lengths, all);
        for (manyhands::Process& worker : workers)
            worker.start();
        for (manyhands::Process& worker : workers)
            worker.join();
        manyhands::print("words: " + std::to_string(lengths.size()));
        manyhands::print("hands: " + std::to_string(lengths.at("hands")));
        // In the order in which they came: sorted, it is always the same.
        std::vector<int> sorted = all.copy();
        std::sort(sorted.begin(), sorted.end());
        std::string line = "lengths:";
        for (const int length : sorted)
            line += " " + std::to_string(length);
        manyhands::print(line);
    });
}
