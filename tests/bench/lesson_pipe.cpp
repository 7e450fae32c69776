// SPDX-License-Identifier: MIT
// One byte to another process and back: through a duplex pipe of ours and a bare pair of sockets,
// and through two of ours of one way and two bare pipes, in turn.
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
double bare_time(std::int64_t round_trips, int here_read, int here_write, int read, int write)
{
    Process process({.start_method = StartMethod::fork}, &write_back, int{read}, int{write});
    process.start();
    const double time = time_of(round_trips, [&] {
        Byte byte = 1;
        if (::write(here_write, &byte, 1) != 1 || ::read(here_read, &byte, 1) != 1)
            throw Error({.object = "bare pipe", .problem = "did not answer"});
    });
    // The child has copies of our ends, and would wait for itself.
    process.terminate();
    process.join();
    return time;
}

double bare_pipes_time(std::int64_t round_trips)
{
    const os::PipeEnds there = os::make_pipe();
    const os::PipeEnds back = os::make_pipe();
    return bare_time(
        round_trips, back.read.get(), there.write.get(), there.read.get(), back.write.get());
}

double bare_sockets_time(std::int64_t round_trips)
{
    const auto [here, there] = os::make_socket_pair();
    return bare_time(round_trips, here.get(), here.get(), there.get(), there.get());
}

void ask_in_turn(LessonRun& run)
{
    const std::int64_t round_trips = run.whole("round_trips");
    std::vector<double> duplex;
    std::vector<double> one_way;
    std::vector<double> sockets;
    std::vector<double> pipes;
    for (std::int64_t i = -1; i < run.whole("pairs"); ++i) {
        const double first = duplex_time(round_trips);
        const double second = bare_sockets_time(round_trips);
        const double third = one_way_time(round_trips);
        const double fourth = bare_pipes_time(round_trips);
        if (i < 0)
            continue;
        duplex.push_back(first);
        sockets.push_back(second);
        one_way.push_back(third);
        pipes.push_back(fourth);
    }
    run.result = {{"duplex", duplex}, {"sockets", sockets}, {"one_way", one_way}, {"pipes", pipes}};
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
