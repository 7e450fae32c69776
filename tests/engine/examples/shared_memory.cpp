// SPDX-License-Identifier: MIT
// A block of bytes that several processes see: a picture, painted by two of them, is not sent back.
#include <manyhands.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

constexpr int width = 64;
constexpr int height = 32;

// One byte a point. Each process paints rows of its own, so none needs a lock.
void paint_rows(manyhands::SharedMemory picture, int first, int last)
{
    for (int row = first; row < last; ++row) {
        for (int column = 0; column < width; ++column)
            picture.buf()[static_cast<std::size_t>(row * width + column)]
                = static_cast<std::byte>(row + column);
    }
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        // It has no name, so nothing has to be unlinked, and nothing is left whatever happens.
        manyhands::SharedMemory picture(width * height, "picture");
        manyhands::Process upper({.name = "Upper"}, paint_rows, picture, 0, height / 2);
        manyhands::Process lower({.name = "Lower"}, paint_rows, picture, height / 2, height);
        upper.start();
        lower.start();
        upper.join();
        lower.join();
        // Only the place of the memory has crossed; what was painted is here.
        const auto points = picture.buf();
        const int sum = std::accumulate(points.begin(), points.end(), 0,
            [](int so_far, std::byte point) { return so_far + std::to_integer<int>(point); });
        manyhands::print("bytes: " + std::to_string(picture.size()));
        manyhands::print("sum of all points: " + std::to_string(sum));
    });
}
