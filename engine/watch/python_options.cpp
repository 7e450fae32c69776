// SPDX-License-Identifier: MIT
#include "engine/watch/python_options.hpp"

#include <algorithm>
#include <cstddef>

namespace manyhands {

std::string option_that_keeps_tracer_out(const std::vector<std::string>& words)
{
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        // The script, or standard input.
        if (word.size() < 2 || word[0] != '-')
            break;
        if (word[1] == '-') {
            // The one long option that has a word behind it.
            i += word == "--check-hash-based-pycs" ? 1 : 0;
            continue;
        }
        for (std::size_t j = 1; j < word.size(); ++j) {
            const char letter = word[j];
            if (letter == 'I' || letter == 'E' || letter == 'S')
                return word;
            // What they run stands behind them.
            if (letter == 'c' || letter == 'm')
                return {};
            if (letter == 'W' || letter == 'X') {
                i += j + 1 == word.size() ? 1 : 0;
                break;
            }
        }
    }
    return {};
}

bool starts_resource_tracker(const std::vector<std::string>& words)
{
    // As multiprocessing.resource_tracker's ensure_running() words it.
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return word.starts_with("from multiprocessing.resource_tracker import main");
    });
}

} // namespace manyhands
