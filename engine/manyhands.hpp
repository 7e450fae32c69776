// SPDX-License-Identifier: MIT
// <manyhands.hpp>: all that a program of several processes needs.
//
// Multiprocessing in C++, for those who know Python's
// ===================================================
// What Python's module `multiprocessing` has is here under the same names: Process, Queue, Pool,
// Lock, Value and the rest. The processes are real ones of the operating system, and each program
// can be watched while it runs: its processes as lanes of a timeline, with what they compute and
// what they wait for. Read this from top to bottom. The lines that are set in are one whole
// program: copied one after the other, they compile and run.
//
// 1. A program
// ------------
// CMakeLists.txt finds the package and builds the program on it:
//
//   cmake_minimum_required(VERSION 3.25)
//   project(tour LANGUAGES CXX)
//   find_package(Manyhands REQUIRED)
//   manyhands_add_program(tour tour.cpp)
//
// (add_executable() and target_link_libraries(tour PRIVATE Manyhands::engine) do as well.
// manyhands_add_program() also builds the source into the program, so that it can be shown beside
// the run wherever the program is.) In tour.cpp, main() does one thing, first of all and alone:
//
//     #include <manyhands.hpp>
//     #include <optional>
//     #include <stdexcept>
//     #include <string>
//     #include <utility>
//     #include <vector>
//
//     void tour();
//
//     int main(int argc, char** argv)
//     {
//         return manyhands::run(argc, argv, tour);
//     }
//
// This is what `if __name__ == "__main__":` is for in Python. Each process of the program executes
// the same file and comes to main(), too; run() knows which one it is in. In the main process it
// calls `tour`, in the others what they were started for. So nothing stands before it, and what is
// to be done once stands in the function.
//
//   ./tour             runs it in a terminal, and says at the end what each process did
//   manyhands ./tour   opens it in the window: press F5 to run it, and watch
//
// 2. A process with arguments
// ---------------------------
// A process calls a function: a plain one, or a lambda without captures. Its arguments cross by
// value. They are copied into the new process, which has a memory of its own: nothing that it does
// to them is seen here. What cannot cross (a pointer, a reference, a lock of std) is refused when
// the program is compiled, with words that say why.
//
//     void greet(std::string name, int times)
//     {
//         for (int i = 0; i < times; ++i)
//             manyhands::print("Hello from " + name);
//     }
//
//     void one_process()
//     {
//         manyhands::Process ann({.name = "Ann"}, greet, std::string("Ann"), 2);
//         ann.start();
//         ann.join();
//         manyhands::print("Ann ended with " + std::to_string(*ann.exit_code()));
//     }
//
// Python: Process(target=greet, args=("Ann", 2)). The options come first and may be {}. print()
// writes one whole line, so that lines of several processes do not mix; std::cout does not promise
// that. An exception in a process ends it with the exit code 1, and its text stands in the run.
//
// What a process does between its start and its end is a bar of its lane, with what it waits for
// cut out of it. sleep_for(), Python's time.sleep(), is shown as sleeping.
//
// A process is started by spawn: it executes the program afresh. `.start_method =
// manyhands::StartMethod::fork` copies this one instead, `forkserver` one that was spawned for
// that.
//
// Start all, then join all: a join between the starts would let them run one after the other.
//
//     void several_processes()
//     {
//         std::vector<manyhands::Process> workers;
//         for (int i = 1; i <= 3; ++i) {
//             const std::string name = "Worker-" + std::to_string(i);
//             workers.emplace_back(manyhands::ProcessOptions{.name = name}, greet, name, 1);
//         }
//         for (manyhands::Process& worker : workers)
//             worker.start();
//         for (manyhands::Process& worker : workers)
//             worker.join();
//     }
//
// 3. A queue
// ----------
// Processes share no memory unless they ask for it. Values go from one to the other through a
// queue, which is made before and handed over as an argument. Any number may put and get at once.
// The consumer has to be told that nothing more comes: by a value that says so. Here that is an
// empty optional, as None in Python.
//
//     void produce(manyhands::Queue<std::optional<int>> queue, int count)
//     {
//         for (int i = 1; i <= count; ++i)
//             queue.put(i);
//         queue.put(std::nullopt);
//     }
//
//     void a_queue()
//     {
//         manyhands::Queue<std::optional<int>> queue(10, {.name = "numbers"});
//         manyhands::Process producer({.name = "Producer"}, produce, queue, 100);
//         producer.start();
//         int sum = 0;
//         while (const std::optional<int> number = queue.get())
//             sum += *number;
//         producer.join();
//         manyhands::print("The sum is " + std::to_string(sum));
//     }
//
// The queue holds at most 10 values: put() waits for space, and get() for a value. Both take a
// time-out, and throw Full or Empty when it is over.
//
// 4. A pipe
// ---------
// Two processes that talk with each other and with nobody else are joined by a pipe. Each holds one
// end. It is given away by std::move: an end belongs to one process.
//
//     void answer(manyhands::Connection<std::string> end)
//     {
//         const std::string question = end.recv();
//         end.send(question + " Very well!");
//     }
//
//     void a_pipe()
//     {
//         auto [here, there] = manyhands::pipe<std::string>();
//         manyhands::Process other({.name = "Other"}, answer, std::move(there));
//         other.start();
//         here.send("How are you?");
//         manyhands::print(here.recv());
//         other.join();
//     }
//
// When the other end is closed, or its process has ended, recv() throws EndOfFile.
//
// 5. A value, and why it needs a lock
// -----------------------------------
// A Value lies in memory that the processes share. To count up is to read, to add and to write:
// another process can come between, and its count is lost. Who holds the lock keeps others out.
//
//     void count_up(manyhands::Value<int> counter, int times)
//     {
//         for (int i = 0; i < times; ++i) {
//             const auto held = counter.get_lock().hold();
//             counter.set(counter.get() + 1);
//         }
//     }
//
//     void a_value()
//     {
//         manyhands::Value<int> counter(0, "counter");
//         manyhands::Process first({}, count_up, counter, 1000);
//         manyhands::Process second({}, count_up, counter, 1000);
//         first.start();
//         second.start();
//         first.join();
//         second.join();
//         manyhands::print("The counter is " + std::to_string(counter.get()));
//     }
//
// hold() is `with counter.get_lock():`. Array<T> is the same for many values, and SharedMemory a
// block of bytes. A Lock of its own guards whatever the program says it does: `Lock lock;` and
// `const auto held = lock.hold();`. A process that dies with a lock does not stop the others: the
// next one gets it, and is told.
//
// 6. A pool
// ---------
// For many pieces of work, a few processes are started once and get the pieces one after the other.
// map() returns the results in the order of what it was given, whoever computed them.
//
//     long square(const long& number)
//     {
//         return number * number;
//     }
//
//     void a_pool()
//     {
//         manyhands::Pool pool(2);
//         const std::vector<long> squares = pool.map(square, std::vector<long>{1, 2, 3, 4});
//         auto later = pool.apply_async(square, 12L);
//         manyhands::print("4 times 4 is " + std::to_string(squares.back()) + ", 12 times 12 is "
//             + std::to_string(later.get()));
//         pool.close();
//         pool.join();
//     }
//
// cpu_count() says how many processes can compute at the same time. If a task throws, get() and
// map() throw RemoteError, with its text; if its process dies, WorkerDied. No call hangs.
//
// 7. Waiting for each other
// -------------------------
// An Event lets those go on who wait for it. A Barrier lets so many processes go on together. A
// Semaphore lets a number of them in at a time. A Condition lets them wait until what its lock
// guards has become what they need.
//
//     void wait_and_meet(manyhands::Event starting_gun, manyhands::Barrier finish)
//     {
//         starting_gun.wait();
//         finish.wait();
//     }
//
//     void an_event_and_a_barrier()
//     {
//         manyhands::Event starting_gun;
//         manyhands::Barrier finish(3);
//         manyhands::Process left({}, wait_and_meet, starting_gun, finish);
//         manyhands::Process right({}, wait_and_meet, starting_gun, finish);
//         left.start();
//         right.start();
//         starting_gun.set();
//         finish.wait();
//         left.join();
//         right.join();
//         manyhands::print("All three have met");
//     }
//
// 8. When something goes wrong
// ----------------------------
// Errors are exceptions, below manyhands::Error: Empty, Full, TimeoutError, BrokenBarrierError,
// WorkerDied, RemoteError. A process that ends on its own tells how: 0, its exit code, or the
// negative number of the signal that killed it.
//
//     void fall_over()
//     {
//         throw std::runtime_error("I tripped");
//     }
//
//     void a_failure()
//     {
//         manyhands::Process clumsy({.name = "Clumsy"}, fall_over);
//         clumsy.start();
//         clumsy.join();
//         manyhands::print("Clumsy ended with " + std::to_string(*clumsy.exit_code()) + ": "
//             + *clumsy.exception());
//     }
//
// 9. The whole tour
// -----------------
//
//     void tour()
//     {
//         one_process();
//         several_processes();
//         a_queue();
//         a_pipe();
//         a_value();
//         a_pool();
//         an_event_and_a_barrier();
//         a_failure();
//     }
//
// 10. Numbers to set
// ------------------
// A program may have parameters. They are fields of a form in the window, and `name=value` in a
// terminal (./tour times=3); `manyhands sweep ./tour --over times=1,2,4` compares several. There is
// worker_count() for the number of processes, and real_number().
//
//     void greet_somebody(const manyhands::Given& given)
//     {
//         greet(given.choice("name"), static_cast<int>(given.whole("times")));
//     }
//
//     int main_with_parameters(int argc, char** argv) // as main() it would be the program
//     {
//         return manyhands::run(argc, argv, greet_somebody,
//             {.title = "Greetings",
//                 .parameters = {manyhands::choice("name", "Whom to greet", {"Ann", "Bob"}),
//                     manyhands::whole_number("times", "How often", 2, 1, 100)}});
//     }
//
// A text for the guide comes with manyhands_add_program(tour tour.cpp TEXT tour.md). Whoever wants
// all that the lessons have, a serial baseline and so a speedup, predictions, a quiz, figures of
// their own, declares manyhands::Lesson (engine/program/lesson.hpp).
//
// The examples that the project's tests build are such programs, one for each thing that is told
// here; each class says in its own header how it differs from Python's.
#pragma once

#include "engine/ipc/array.hpp"
#include "engine/ipc/connection.hpp"
#include "engine/ipc/queue.hpp"
#include "engine/ipc/shared_memory.hpp"
#include "engine/ipc/value.hpp"
#include "engine/os/error.hpp"
#include "engine/os/machine.hpp"
#include "engine/pool/pool.hpp"
#include "engine/process/process.hpp"
#include "engine/program/run.hpp"
#include "engine/sync/barrier.hpp"
#include "engine/sync/bounded_semaphore.hpp"
#include "engine/sync/condition.hpp"
#include "engine/sync/event.hpp"
#include "engine/sync/gate.hpp"
#include "engine/sync/lock.hpp"
#include "engine/sync/semaphore.hpp"
#include "engine/trace/this_process.hpp"

#include <chrono>
#include <source_location>
#include <thread>

namespace manyhands {

/// How many processes can compute at the same time: the CPUs that this one may really use.
/// (Python's counts those that the machine has.)
inline int cpu_count()
{
    return usable_cpus();
}

/// Sleeps, as Python's time.sleep(), and says so: of another sleep the lane would show computing.
inline void sleep_for(std::chrono::nanoseconds time,
    const std::source_location& where = std::source_location::current())
{
    const StateSpan sleeping(State::sleeping, event_without_subject, where);
    std::this_thread::sleep_for(time);
}

} // namespace manyhands
