// SPDX-License-Identifier: MIT
#include "lessons/catalogue.hpp"

#include "lessons/chunked_processing/program.hpp"
#include "lessons/prime_counting/program.hpp"
#include "lessons/producer_consumer/program.hpp"
#include "lessons/shared_counter/program.hpp"

namespace manyhands::lessons {

std::span<const Lesson> catalogue()
{
    static const Lesson lessons[] = {
        producer_consumer::lesson,
        shared_counter::lesson,
        prime_counting::lesson,
        chunked_processing::lesson,
    };
    return lessons;
}

} // namespace manyhands::lessons
