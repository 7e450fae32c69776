// SPDX-License-Identifier: MIT
#include "engine/watch/watch_arguments.hpp"

#include <charconv>
#include <string_view>

namespace manyhands {

std::optional<WatchArguments> watch_arguments_from(std::span<char* const> words)
{
    constexpr std::size_t first_word = 7;
    if (words.size() <= first_word || std::string_view(words[1]) != "--watch"
        || std::string_view(words[first_word - 1]) != "--")
        return std::nullopt;
    const auto number = [&](std::size_t index) {
        const std::string_view text = words[index];
        int value = -1;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    };
    WatchArguments arguments;
    arguments.segment = number(2);
    arguments.lifeline = number(3);
    arguments.reports = number(4);
    arguments.program = words[5];
    arguments.words.assign(words.begin() + first_word, words.end());
    return arguments;
}

} // namespace manyhands
