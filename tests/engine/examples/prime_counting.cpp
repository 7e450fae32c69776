// SPDX-License-Identifier: MIT
// Work that needs the CPU: how many primes there are below a limit, with parameters to set.
#include <manyhands.hpp>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

bool is_prime(int number)
{
    for (int divisor = 2; divisor * divisor <= number; ++divisor) {
        if (number % divisor == 0)
            return false;
    }
    return number >= 2;
}

int count_primes(int begin, int end)
{
    int count = 0;
    for (int number = begin; number < end; ++number)
        count += is_prime(number) ? 1 : 0;
    return count;
}

// What a person set, in the form of the window or as name=value.
void count_with_a_pool(const manyhands::Given& given)
{
    const auto limit = static_cast<int>(given.whole("limit"));
    const auto workers = static_cast<int>(given.whole("workers"));
    // More ranges than workers: those of small numbers are done sooner, and whoever is done takes
    // the next one.
    const int ranges = 8 * workers;
    std::vector<std::pair<int, int>> bounds;
    for (int i = 0; i < ranges; ++i)
        bounds.emplace_back(static_cast<int>(static_cast<long>(limit) * i / ranges),
            static_cast<int>(static_cast<long>(limit) * (i + 1) / ranges));

    manyhands::Pool pool(workers);
    const std::vector<int> counts = pool.starmap(count_primes, bounds, 1);
    pool.close();
    pool.join();
    manyhands::print("primes: " + std::to_string(std::accumulate(counts.begin(), counts.end(), 0)));
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, count_with_a_pool,
        {.title = "Counting primes",
            .parameters
            = {manyhands::whole_number("limit", "Count primes below", 100'000, 2, 10'000'000),
                manyhands::worker_count(2)}});
}
