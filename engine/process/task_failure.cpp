// SPDX-License-Identifier: MIT
#include "engine/process/task_failure.hpp"

#include <utility>

namespace manyhands {
namespace {

std::vector<TaskFailure> failures;

std::string task_of(const TaskFailure& failure)
{
    std::string text = failure.task ? "task " + std::to_string(*failure.task) : "a task";
    if (!failure.argument.empty())
        text += " (" + failure.argument + ")";
    return text;
}

} // namespace

RemoteError::RemoteError(TaskFailure failure, TaskResults results)
    : Error({.object = task_of(failure),
        .problem = "threw " + failure.type + " in " + failure.process,
        .value = failure.text})
    , failure_(std::move(failure))
    , results_(std::move(results))
{
}

RemoteError::RemoteError(ErrorDetails details, TaskFailure failure)
    : Error(std::move(details))
    , failure_(std::move(failure))
{
}

WorkerDied::WorkerDied(TaskFailure failure, TaskResults results)
    : Error({.object = failure.process + " (pid " + std::to_string(failure.pid) + ")",
        .problem = failure.text + (failure.task ? " in " + task_of(failure) : "")})
    , failure_(std::move(failure))
    , results_(std::move(results))
{
}

void throw_failure(TaskFailure failure, TaskResults results)
{
    if (failure.kind == TaskFailure::Kind::exception)
        throw RemoteError(std::move(failure), std::move(results));
    throw WorkerDied(std::move(failure), std::move(results));
}

const std::vector<TaskFailure>& failures_of_this_run()
{
    return failures;
}

void note_failure(TaskFailure failure)
{
    failures.push_back(std::move(failure));
}

} // namespace manyhands
