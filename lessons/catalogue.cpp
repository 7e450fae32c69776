// SPDX-License-Identifier: MIT
#include "lessons/catalogue.hpp"

#include "lessons/prime_counting/program.hpp"

namespace manyhands::lessons {

std::span<const Lesson> catalogue()
{
    static const Lesson lessons[] = {
        prime_counting::lesson,
    };
    return lessons;
}

} // namespace manyhands::lessons
