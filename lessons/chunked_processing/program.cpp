// SPDX-License-Identifier: MIT
// Chunks of a large data set: the main process reads the numbers, from memory or from a file, and
// sends them to a pool chunk by chunk. Each chunk is a message that holds its numbers.
#include "lessons/chunked_processing/program.hpp"

#include "engine/os/machine.hpp"
#include "engine/sync/gate.hpp"
#include "lessons/support/peak_memory.hpp"
#include "lessons/support/temporary_file.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace manyhands::lessons::chunked_processing {
namespace {

// So many chunks for each worker are sent ahead of their results.
constexpr std::uint64_t chunks_ahead = 2;

using Number = std::uint32_t;

// What is sent to a worker, and what comes back.

struct Chunk
{
    std::uint64_t first = 0; // index of its first number
    std::uint32_t rounds = 0; // of work on each
    std::vector<Number> numbers = {};

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(first, rounds, numbers);
    }
};

struct Part
{
    std::uint64_t sum;
    std::uint64_t numbers;
    std::uint64_t peak_bytes; // of the worker's memory; told with its first chunk, else 0
};

std::string to_text(const Chunk& chunk)
{
    return "numbers " + std::to_string(chunk.first) + " to "
        + std::to_string(chunk.first + chunk.numbers.size() - 1);
}

// The work on one number: `rounds` steps, each of which needs the one before.
std::uint64_t work_on(Number number, std::uint32_t rounds)
{
    std::uint64_t value = number;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        value ^= value >> 33;
        value *= 0xff51'afd7'ed55'8ccd;
    }
    return value & 0xffff'ffff; // so that the sum of all is exact in 64 bits
}

std::uint64_t sum_of(std::span<const Number> numbers, std::uint32_t rounds)
{
    // Work is reported a piece at a time, so that the speedup can be seen to grow.
    constexpr std::size_t piece = 256;
    std::uint64_t sum = 0;
    while (!numbers.empty()) {
        const auto some = numbers.first(std::min(piece, numbers.size()));
        for (const Number number : some)
            sum += work_on(number, rounds);
        this_process.work_done(some.size() * rounds);
        numbers = numbers.subspan(some.size());
    }
    return sum;
}

// The task.
Part process(const Chunk& chunk)
{
    gate("before chunk");
    const std::uint64_t sum = sum_of(chunk.numbers, chunk.rounds);
    // No chunk is larger than the first, so that the peak is reached.
    static bool told = false;
    const std::uint64_t peak_bytes = std::exchange(told, true) ? 0 : peak_memory_bytes();
    return {sum, chunk.numbers.size(), peak_bytes};
}

// Number `index` of a seed: splitmix64 (G. Steele, D. Lea and C. Flood, "Fast Splittable
// Pseudorandom Number Generators", 2014), which needs no number before it.
Number number_at(std::uint64_t seed, std::uint64_t index)
{
    std::uint64_t z = seed + (index + 1) * 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return static_cast<Number>((z ^ (z >> 31)) >> 32);
}

// The data set: all of it in the memory of this process, or in a file.
class Numbers
{
public:
    explicit Numbers(const LessonRun& run)
        : count_(static_cast<std::uint64_t>(run.whole("items")))
    {
        const StateSpan computing(State::computing);
        const bool in_file = run.parameter<std::string>("source") == "file";
        if (in_file)
            file_.emplace();
        else
            memory_.reserve(count_);
        // A file is written piece by piece: it never is in memory as a whole.
        constexpr std::uint64_t piece = 16'384;
        for (std::uint64_t first = 0; first < count_; first += piece) {
            const std::uint64_t last = std::min(first + piece, count_);
            for (std::uint64_t i = first; i < last; ++i)
                memory_.push_back(number_at(run.seed(), i));
            if (in_file) {
                file_->append(std::as_bytes(std::span(memory_)));
                memory_.clear();
            }
        }
    }

    std::uint64_t count() const noexcept { return count_; }

    // A copy of `count` numbers from `first` on.
    std::vector<Number> read(std::uint64_t first, std::uint64_t count) const
    {
        if (!file_) {
            const auto begin = memory_.begin() + static_cast<std::ptrdiff_t>(first);
            return {begin, begin + static_cast<std::ptrdiff_t>(count)};
        }
        std::vector<Number> numbers(count);
        file_->read(first * sizeof(Number), std::as_writable_bytes(std::span(numbers)));
        return numbers;
    }

private:
    std::uint64_t count_;
    std::vector<Number> memory_;
    std::optional<TemporaryFile> file_;
};

std::uint32_t rounds_of(const LessonRun& run)
{
    return static_cast<std::uint32_t>(run.whole("work_per_item"));
}

// The data set, the chunks that are under way, and those that are being made and taken apart.
void check_memory(const LessonRun& run, const Cut& cut, std::uint64_t most_ahead)
{
    const std::uint64_t in_memory
        = run.parameter<std::string>("source") == "memory" ? cut.numbers : 0;
    const std::uint64_t under_way = 2 * std::min(most_ahead * cut.size, cut.numbers);
    const std::uint64_t needed = (in_memory + under_way + 3 * cut.size) * sizeof(Number);
    const std::uint64_t there = available_memory_bytes();
    if (there != 0 && needed > there)
        throw MachineLacks({.object = "chunks of " + std::to_string(cut.size) + " numbers",
            .problem = "need more memory than is free",
            .value = std::to_string(needed >> 20) + " MiB",
            .limit = std::to_string(there >> 20) + " MiB",
            .advice = "take fewer items or smaller chunks"});
}

} // namespace

Cut cut_of(std::uint64_t numbers, std::uint64_t size)
{
    size = std::min(size, numbers);
    const std::uint64_t chunks = (numbers + size - 1) / size;
    return {numbers, size, chunks, numbers - (chunks - 1) * size};
}

void process_alone(LessonRun& run)
{
    const Numbers numbers(run);
    // As much at once as is quick to read, whatever the chunks are.
    const Cut cut = cut_of(numbers.count(), 16'384);
    std::uint64_t sum = 0;
    for (std::uint64_t first = 0; first < cut.numbers; first += cut.size)
        sum += sum_of(numbers.read(first, std::min(cut.size, cut.numbers - first)), rounds_of(run));
    run.result = {{"sum", sum}};
}

void process_chunks(LessonRun& run)
{
    const auto workers = static_cast<std::uint64_t>(run.whole("workers"));
    const auto asked = static_cast<std::uint64_t>(run.whole("chunk_size"));
    const Cut cut = cut_of(static_cast<std::uint64_t>(run.whole("items")), asked);
    if (asked > cut.size)
        print("There are no " + std::to_string(asked) + " numbers: all "
            + std::to_string(cut.numbers) + " go in one chunk.");
    check_memory(run, cut, chunks_ahead * workers);
    Pool pool(static_cast<int>(workers));
    const Numbers numbers(run); // while the workers start

    // Results are taken in the order of the chunks; a worker that dies is told here.
    Part all = {};
    std::uint64_t chunks = 0;
    std::deque<AsyncResult<Part>> under_way;
    const auto take_oldest = [&] {
        const Part part = under_way.front().get();
        under_way.pop_front();
        all.sum += part.sum;
        all.numbers += part.numbers;
        all.peak_bytes += part.peak_bytes;
        ++chunks;
    };
    for (std::uint64_t first = 0; first < cut.numbers; first += cut.size) {
        if (under_way.size() == chunks_ahead * workers)
            take_oldest();
        const std::uint64_t count = std::min(cut.size, cut.numbers - first);
        under_way.push_back(
            pool.apply_async(&process, Chunk{first, rounds_of(run), numbers.read(first, count)}));
    }
    while (!under_way.empty())
        take_oldest();
    pool.close();
    pool.join();
    run.result = {{"sum", all.sum}, {"numbers", all.numbers}, {"chunks", chunks},
        {"peak_bytes", all.peak_bytes + peak_memory_bytes()}};
}

} // namespace manyhands::lessons::chunked_processing
