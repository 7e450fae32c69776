// SPDX-License-Identifier: MIT
// Several processes fill one shared array, each a slice of its own: no lock is needed for that.
#include <manyhands.hpp>

#include <numeric>
#include <string>
#include <vector>

// The array is not copied: the handle is, and all of them lead to the same memory.
void square_slice(manyhands::RawArray<double> numbers, std::size_t begin, std::size_t end)
{
    for (double& number : numbers.span().subspan(begin, end - begin))
        number *= number;
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        manyhands::RawArray<double> numbers(1000);
        std::iota(numbers.span().begin(), numbers.span().end(), 1.0);

        constexpr std::size_t slices = 4;
        const std::size_t length = numbers.size() / slices;
        std::vector<manyhands::Process> workers;
        for (std::size_t i = 0; i < slices; ++i) {
            // The last one takes what the division leaves over.
            const std::size_t end = i + 1 == slices ? numbers.size() : (i + 1) * length;
            workers.emplace_back(
                manyhands::ProcessOptions{}, square_slice, numbers, i * length, end);
        }
        for (manyhands::Process& worker : workers)
            worker.start();
        for (manyhands::Process& worker : workers)
            worker.join();

        const double sum = std::accumulate(numbers.span().begin(), numbers.span().end(), 0.0);
        manyhands::print("sum of the squares: " + std::to_string(static_cast<long>(sum)));
    });
}
