// SPDX-License-Identifier: MIT
// What a pool says of a task that did not end well.
#pragma once

#include "engine/sync/deaths.hpp"

#include <any>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

/// A task that threw, whose worker died, or that ran too long; or a worker that died without one.
struct TaskFailure
{
    enum class Kind : std::uint8_t {
        exception,
        signal,
        exit,
        timeout, ///< it ran longer than its limit, and its worker was ended
    };

    std::string process; ///< the worker's name
    int pid = 0;
    std::optional<std::uint32_t> task; ///< its index in its call; nothing where there was none
    std::string argument; ///< the task's, as text
    Kind kind = Kind::exception;
    int value = 0; ///< the signal or exit code of the worker that ended
    std::string type; ///< of the exception
    std::string text; ///< for a person
};

/// What a call has found in spite of failures.
struct TaskResults
{
    std::any values; ///< std::vector<std::optional<R>>; see RemoteError::results()
    std::vector<TaskFailure> failures; ///< by index
};

namespace detail {

/// An error that is a task's failure, and carries what else became of its call.
template <class Base>
class FailedCall : public Base
{
public:
    const TaskFailure& failure() const noexcept { return failure_; }
    /// All failures of the call, by index.
    const std::vector<TaskFailure>& failures() const noexcept { return results_.failures; }
    /// The results of the tasks that were done, R being what the function returns; null where it
    /// is another type, or cannot be copied.
    template <class R>
    const std::vector<std::optional<R>>* results() const noexcept
    {
        return std::any_cast<std::vector<std::optional<R>>>(&results_.values);
    }

protected:
    FailedCall(Base base, TaskFailure failure, TaskResults results)
        : Base(std::move(base))
        , failure_(std::move(failure))
        , results_(std::move(results))
    {
    }

private:
    TaskFailure failure_;
    TaskResults results_;
};

} // namespace detail

/// A task threw: carries type and text of the exception in the worker.
class RemoteError : public detail::FailedCall<Error>
{
public:
    explicit RemoteError(TaskFailure failure, TaskResults results = {});
};

/// A worker died with a task that it had begun: carries who, how and which.
class WorkerDied : public detail::FailedCall<Error>
{
public:
    explicit WorkerDied(TaskFailure failure, TaskResults results = {});
};

/// A task ran longer than its limit and was stopped, and its worker with it: carries which and
/// whose. (A TimeoutError that is none of these only says that a wait is over.)
class TaskTimeout : public detail::FailedCall<TimeoutError>
{
public:
    explicit TaskTimeout(TaskFailure failure, TaskResults results = {});
};

/// Throws one of these.
[[noreturn]] void throw_failure(TaskFailure failure, TaskResults results = {});

/// All failures of this run's pools so far, in the order in which the main process learned of them.
const std::vector<TaskFailure>& failures_of_this_run();
void note_failure(TaskFailure failure);

} // namespace manyhands
