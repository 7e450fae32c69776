// SPDX-License-Identifier: MIT
// What a starting process is told: on its command line, and in a block of the arena.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/trace/this_process.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace manyhands {

/// The function of a process or thread as a state of its lane, where the program wants it told.
class FunctionSpan
{
public:
    FunctionSpan()
    {
        if (this_process.functions_compute)
            this_process.recorder.begin(State::computing);
    }
    ~FunctionSpan()
    {
        if (this_process.functions_compute)
            this_process.recorder.end(State::computing);
    }
    FunctionSpan(const FunctionSpan&) = delete;
    FunctionSpan& operator=(const FunctionSpan&) = delete;
};

/// The beginning of the block; the encoded arguments stand behind it.
struct StartBlock
{
    std::uint64_t thunk; ///< offset of void(std::uint64_t function, std::span<const std::byte>)
    std::uint64_t function; ///< offset of the function itself
    std::uint64_t generation; ///< of the slot
    std::uint64_t argument_bytes;
};

/// The worker's command line, readable in `ps`.
struct WorkerArguments
{
    std::string name;
    std::uint32_t slot = 0;
    ArenaOffset start = 0;
    int segment = -1; ///< descriptors, inherited under these numbers
    int arena = -1;
    int lifeline = -1;
    /// Of the ends of pipes among the arguments, in their order; under whatever numbers.
    std::vector<int> ends = {};
};

std::vector<std::string> to_words(const WorkerArguments& arguments);

/// The arguments of a worker; nothing where `words` are those of somebody else.
std::optional<WorkerArguments> worker_arguments_from(std::span<char* const> words);

/// Runs a worker from its first instruction to its last: takes part in the run, calls its function,
/// and ends the process with exit code 0, or 1 after an exception, whose type and text stand in its
/// text area.
[[noreturn]] void worker_main(const WorkerArguments& arguments);
/// The same in a process that was forked: segment and arena are its parent's mappings, and it ends
/// without running what its parent has registered to run at exit.
[[noreturn]] void forked_worker_main(const WorkerArguments& arguments);

/// What a lane does between its first event and its last: calls `function`, and writes down what
/// that threw. Returns the exit code, 1 after an exception. The only place that catches everything.
int run_lane(const std::string& name, const std::function<void()>& function) noexcept;

/// The reading end of the lifeline that this process inherited when it was spawned; else -1.
int inherited_lifeline() noexcept;

/// "std::runtime_error" for what a catch clause caught as `error`.
std::string type_name(const std::exception& error);

} // namespace manyhands
