// SPDX-License-Identifier: MIT
// What the tests of pools have in common: functions for their tasks, and what holds one back.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/trace/this_process.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <vector>

inline int square(int x)
{
    return x * x;
}

inline std::vector<int> numbers_to(int count)
{
    std::vector<int> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}
inline std::vector<int> squares_to(int count)
{
    std::vector<int> squares;
    for (const int number : numbers_to(count))
        squares.push_back(square(number));
    return squares;
}

/// A word of the arena, by its offset.
using Word = std::atomic<std::uint32_t>;
inline Word& word_at(manyhands::ArenaOffset offset)
{
    return *reinterpret_cast<Word*>(manyhands::this_process.arena->at(offset));
}
/// Holds a worker until the test opens the gate; returns its pid.
inline int wait_at_gate(manyhands::ArenaOffset gate)
{
    while (word_at(gate).load() == 0)
        ::usleep(100);
    return ::getpid();
}

/// Words of the arena, zeros at first.
class Words
{
public:
    explicit Words(std::size_t count = 1)
        : block_("words of a test", count * sizeof(Word))
    {
    }
    manyhands::ArenaOffset offset(std::size_t index = 0) const
    {
        return block_.offset() + index * sizeof(Word);
    }
    std::uint32_t at(std::size_t index = 0) const { return word_at(offset(index)).load(); }
    void set(std::uint32_t value, std::size_t index = 0) { word_at(offset(index)).store(value); }
    void open() { set(1); }

private:
    manyhands::SharedBlock block_;
};

/// The error that `call` throws, of the type E.
template <class E>
std::optional<E> caught(const auto& call)
{
    try {
        call();
    } catch (const E& error) {
        return error;
    }
    return std::nullopt;
}

inline bool says(const std::exception& error, std::string_view part)
{
    return std::string_view(error.what()).find(part) != std::string_view::npos;
}
