// SPDX-License-Identifier: MIT
#include "lessons/catalogue.hpp"

#include "lessons/chunked_processing/program.hpp"
#include "lessons/prime_counting/program.hpp"
#include "lessons/shared_counter/program.hpp"
#include "lessons/producer_consumer/program.hpp"

namespace manyhands::lessons {

std::span<const Lesson> catalogue()
{
    static const Lesson lessons[] = {
        shared_counter::lesson,
        producer_consumer::lesson,
        prime_counting::lesson,
        chunked_processing::lesson,
    };
    return lessons;
}

} // namespace manyhands::lessons
