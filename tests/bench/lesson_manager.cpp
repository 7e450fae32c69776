// SPDX-License-Identifier: MIT
// Sets a value in a manager's dictionary, again and again, beside two processes that only wake each
// other.
#include "engine/manager/manager.hpp"
#include "engine/os/clock.hpp"
#include "tests/bench/bench_lessons.hpp"

namespace manyhands::bench {
namespace {

double microseconds_an_access(DictProxy<int, int>& dict, int accesses)
{
    const std::int64_t begin = os::monotonic_ns();
    for (int i = 0; i < accesses; ++i)
        dict.set(0, i);
    return static_cast<double>(os::monotonic_ns() - begin) / 1e3 / accesses;
}

void access_in_turn(LessonRun& run)
{
    const auto accesses = static_cast<int>(run.whole("accesses"));
    Manager manager;
    auto dict = manager.dict<int, int>();
    microseconds_an_access(dict, accesses);
    std::vector<double> ours;
    std::vector<double> floor;
    for (std::int64_t i = 0; i < run.whole("pairs"); ++i) {
        ours.push_back(microseconds_an_access(dict, accesses));
        floor.push_back(microseconds_a_wake(static_cast<std::uint32_t>(accesses)));
    }
    run.result = {{"ours", ours}, {"floor", floor}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "manager";
    lesson.title = "Asking a server";
    lesson.parameters = {bench_parameter("accesses", 1000), bench_parameter("pairs", 21)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson manager_lesson = {.describe = describe, .text = {}, .run = access_in_turn};

} // namespace manyhands::bench
