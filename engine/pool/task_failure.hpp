// SPDX-License-Identifier: MIT
// What a pool says of a task that did not end well.
#pragma once

#include "engine/os/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// A task that threw, or whose worker died.
struct TaskFailure
{
    enum class Kind : std::uint8_t { exception, signal, exit };

    std::string process; ///< the worker's name
    int pid = 0;
    std::optional<std::uint32_t> task; ///< nothing where the worker had begun none
    std::string argument; ///< the task's, as text
    Kind kind = Kind::exception;
    int value = 0; ///< the signal or exit code
    std::string type; ///< of the exception
    std::string text; ///< for a person
};

/// A task threw: carries type and text of the exception in the worker.
class RemoteError : public Error
{
public:
    explicit RemoteError(TaskFailure failure);
    const TaskFailure& failure() const noexcept { return failure_; }

private:
    TaskFailure failure_;
};

/// A worker died with a task that it had begun: carries who, how and which.
class WorkerDied : public Error
{
public:
    explicit WorkerDied(TaskFailure failure);
    const TaskFailure& failure() const noexcept { return failure_; }

private:
    TaskFailure failure_;
};

/// All failures of this run's pools so far, in the order in which the main process learned of them.
const std::vector<TaskFailure>& failures_of_this_run();
void note_failure(TaskFailure failure);

} // namespace manyhands
