// SPDX-License-Identifier: MIT
// A long list is cut into chunks; each process reduces one to a number, and few numbers travel.
#include <manyhands.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

// The mean of all is no mean of means where the chunks are not equally long: what is sent back is
// what can be added up.
struct Part
{
    double sum = 0;
    long count = 0;
};

Part add_up(const std::vector<double>& chunk)
{
    return {std::accumulate(chunk.begin(), chunk.end(), 0.0), static_cast<long>(chunk.size())};
}

std::vector<std::vector<double>> chunks_of(const std::vector<double>& data, std::size_t length)
{
    std::vector<std::vector<double>> chunks;
    for (std::size_t begin = 0; begin < data.size(); begin += length) {
        const auto first = data.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto rest = static_cast<std::size_t>(data.end() - first);
        chunks.emplace_back(first, first + static_cast<std::ptrdiff_t>(std::min(length, rest)));
    }
    return chunks;
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, [] {
        std::vector<double> data(10'001);
        std::iota(data.begin(), data.end(), 0.0);

        const auto chunks = chunks_of(data, 1000);
        manyhands::print("chunks: " + std::to_string(chunks.size()));
        manyhands::Pool pool(2);
        Part all;
        // Each chunk is sent to a worker, and with it a thousand numbers. The channel "tasks" of
        // the timeline shows what that costs beside the adding itself.
        for (const Part& part : pool.map(add_up, chunks, 1)) {
            all.sum += part.sum;
            all.count += part.count;
        }
        pool.close();
        pool.join();
        manyhands::print("mean: " + std::to_string(all.sum / static_cast<double>(all.count)));
    });
}
