// SPDX-License-Identifier: MIT
// One byte to another process and back: through a duplex pipe of ours, through two of one way, and
// through two bare pipes of the kernel's, in turn.
#include "engine/ipc/connection.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/process/process.hpp"
#include "tests/bench/bench_lessons.hpp"

#include <functional>
#include <unistd.h>
#include <vector>

namespace manyhands::bench {
namespace {

using Byte = std::uint8_t;

void send_back(Connection<Byte> from, Connection<Byte> to)
{
    try {
        while (true)
            to.send(from.recv());
    } catch (const EndOfFile&) {
    }
}

void send_back_on_one(Connection<Byte> end)
{
    Connection<Byte> other = end.duplicate();
    send_back(std::move(end), std::move(other));
}

void write_back(int from, int to)
{
    Byte byte = 0;
    while (::read(from, &byte, 1) == 1 && ::write(to, &byte, 1) == 1) { }
}

// Microseconds a round trip, after some that do not count.
double time_of(std::int64_t round_trips, const std::function<void()>& round_trip)
{
    for (int i = 0; i < 200; ++i)
        round_trip();
    const std::int64_t begin = os::monotonic_ns();
    for (std::int64_t i = 0; i < round_trips; ++i)
        round_trip();
    return static_cast<double>(os::monotonic_ns() - begin) / 1e3 / static_cast<double>(round_trips);
}

void join_well(Process& process)
{
    process.join();
    if (process.exit_code() != 0)
        throw Error({.object = process.name(), .problem = "did not end well"});
}

double duplex_time(std::int64_t round_trips)
{
    auto [here, there] = pipe<Byte>();
    Process process({.start_method = StartMethod::fork}, &send_back_on_one, std::move(there));
    process.start();
    const double time = time_of(round_trips, [&end = here] {
        end.send(1);
        end.recv();
    });
    here.close();
    join_well(process);
    return time;
}

double one_way_time(std::int64_t round_trips)
{
    auto [to_receive, to_answer] = pipe<Byte>(false);
    auto [to_ask, to_send] = pipe<Byte>(false);
    Process process(
        {.start_method = StartMethod::fork}, &send_back, std::move(to_ask), std::move(to_answer));
    process.start();
    const double time = time_of(round_trips, [&sender = to_send, &receiver = to_receive] {
        sender.send(1);
        receiver.recv();
    });
    to_send.close();
    join_well(process);
    return time;
}

// By fork, which leaves what is no end of a pipe of ours open.
double bare_time(std::int64_t round_trips)
{
    os::PipeEnds there = os::make_pipe();
    os::PipeEnds back = os::make_pipe();
    Process process({.start_method = StartMethod::fork}, &write_back, int{there.read.get()},
        int{back.write.get()});
    process.start();
    const double time = time_of(round_trips, [&] {
        Byte byte = 1;
        if (::write(there.write.get(), &byte, 1) != 1 || ::read(back.read.get(), &byte, 1) != 1)
            throw Error({.object = "bare pipe", .problem = "did not answer"});
    });
    // The child has a copy of the writing end, and would wait for itself.
    process.terminate();
    process.join();
    return time;
}

void ask_in_turn(LessonRun& run)
{
    const std::int64_t round_trips = run.whole("round_trips");
    std::vector<double> duplex;
    std::vector<double> one_way;
    std::vector<double> floor;
    for (std::int64_t i = -1; i < run.whole("pairs"); ++i) {
        const double first = duplex_time(round_trips);
        const double second = bare_time(round_trips);
        const double third = one_way_time(round_trips);
        if (i < 0)
            continue;
        duplex.push_back(first);
        floor.push_back(second);
        one_way.push_back(third);
    }
    run.result = {{"duplex", duplex}, {"one_way", one_way}, {"floor", floor}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "pipe";
    lesson.title = "A byte there and back";
    lesson.parameters = {bench_parameter("pairs", 21), bench_parameter("round_trips", 3'000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson pipe_lesson = {.describe = describe, .text = {}, .run = ask_in_turn};

} // namespace manyhands::bench
