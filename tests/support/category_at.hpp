// SPDX-License-Identifier: MIT
// What a lane does at a moment, by looking at everything: what analyses are compared with.
#pragma once

#include "engine/analysis/time_budget.hpp"
#include "engine/recording/recording.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace manyhands::test {

inline BudgetCategory expected_category(State state)
{
    using Category = BudgetCategory;
    constexpr std::array<Category, state_count> categories = {Category::starting,
        Category::tear_down, Category::computing, Category::serialising, Category::transfer,
        Category::transfer, Category::waiting_data, Category::waiting_space, Category::waiting_lock,
        Category::joining, Category::idle, Category::sleeping, Category::held,
        Category::unexplained};
    return categories[static_cast<std::size_t>(state)];
}

/// What a lane does in the nanosecond that begins at `time`, by looking at everything.
inline BudgetCategory category_at(const Lane& lane, std::int64_t time)
{
    const auto contains
        = [time](const auto& part) { return part.begin_ns <= time && time < part.end_ns; };
    if (std::any_of(lane.stops.begin(), lane.stops.end(), contains))
        return BudgetCategory::stopped;
    std::optional<Span> innermost;
    for (const Span& span : lane.spans) {
        if (contains(span) && (!innermost || span.depth > innermost->depth))
            innermost = span;
    }
    return innermost ? expected_category(innermost->state) : BudgetCategory::unexplained;
}

} // namespace manyhands::test
