// SPDX-License-Identifier: MIT
// A pool hands many tasks to a few processes: map for one argument, starmap for several.
#include <manyhands.hpp>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

long square(const int& number)
{
    return static_cast<long>(number) * number;
}

int area(int width, int height)
{
    return width * height;
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        std::vector<int> numbers(1000);
        std::iota(numbers.begin(), numbers.end(), 1);

        manyhands::Pool pool(3);
        // The results have the order of the numbers, whoever computed which.
        const std::vector<long> squares = pool.map(square, numbers);
        manyhands::print("the last square is " + std::to_string(squares.back()));

        // Tasks travel in chunks. Small ones share the work out evenly; each one costs a trip. The
        // number behind the items is the size of a chunk.
        const std::vector<long> again = pool.map(square, numbers, 100);
        manyhands::print(
            std::string("other chunks, ") + (squares == again ? "the same" : "other") + " results");

        const std::vector<std::pair<int, int>> sides = {{2, 3}, {4, 5}, {6, 7}};
        for (const int one : pool.starmap(area, sides))
            manyhands::print("area " + std::to_string(one));

        // No more tasks will come; wait until the workers have ended.
        pool.close();
        pool.join();
    });
}
