// SPDX-License-Identifier: MIT
// manyhands-bench-lesson: the lessons of the benchmarks, and the smallest child under them. Built
// beside manyhands-lesson and never installed.
#include "tests/bench/bench_lessons.hpp"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace manyhands::bench {

ParameterDescription bench_parameter(const char* name, std::int64_t default_value)
{
    return {.name = name,
        .label = name,
        .help = "",
        .unit = "",
        .type = ParameterType::integer,
        .default_value = default_value,
        .minimum = 1,
        .maximum = 1e6,
        .choices = {}};
}

} // namespace manyhands::bench

int main(int argc, char** argv)
{
    if (argc == 3 && std::strcmp(argv[1], manyhands::bench::ready_word) == 0)
        ::_exit(::write(std::atoi(argv[2]), "r", 1) == 1 ? 0 : 1);
    static const manyhands::Lesson lessons[] = {
        manyhands::bench::spawn_lesson,
        manyhands::bench::fork_lesson,
        manyhands::bench::forkserver_lesson,
        manyhands::bench::lock_lesson,
        manyhands::bench::map_lesson,
        manyhands::bench::imap_lesson,
        manyhands::bench::apply_lesson,
        manyhands::bench::manager_lesson,
        manyhands::bench::pipe_lesson,
        manyhands::bench::primes_lesson,
        manyhands::bench::queue_lesson,
    };
    return manyhands::run(argc, argv, lessons, {});
}
