// SPDX-License-Identifier: MIT
// A few words known at compile time, found by one or two comparisons.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace manyhands {

/// Words (none empty, none twice) and a value for each.
template <class Value, std::size_t count>
class WordTable
{
public:
    using Entry = std::pair<std::string_view, Value>;

    constexpr explicit WordTable(const std::array<Entry, count>& entries)
        : entries_(entries)
    {
        static_assert(count < slot_count / 2);
        for (std::size_t i = 0; i < count; ++i) {
            std::size_t slot = slot_of(entries_[i].first);
            while (slots_[slot] != 0)
                slot = (slot + 1) % slot_count;
            slots_[slot] = static_cast<std::uint8_t>(i + 1);
        }
    }

    constexpr std::optional<Value> find(std::string_view word) const noexcept
    {
        if (word.empty())
            return std::nullopt;
        for (std::size_t slot = slot_of(word); slots_[slot] != 0; slot = (slot + 1) % slot_count) {
            const Entry& entry = entries_[slots_[slot] - 1];
            if (entry.first == word)
                return entry.second;
        }
        return std::nullopt;
    }

private:
    static constexpr std::size_t slot_count = 256;

    static constexpr std::size_t slot_of(std::string_view word) noexcept
    {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(word[at]); };
        return (byte(0) * 31U + byte(word.size() / 2) * 7U + byte(word.size() - 1) * 17U
                   + word.size() * 5U)
            % slot_count;
    }

    std::array<Entry, count> entries_;
    std::array<std::uint8_t, slot_count> slots_ = {}; ///< 1 + the entry; 0: none
};

} // namespace manyhands
