// SPDX-License-Identifier: MIT
#include "engine/pool/task_failure.hpp"

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

std::string worker_of(const TaskFailure& failure)
{
    return failure.process + " (pid " + std::to_string(failure.pid) + ")";
}

} // namespace

RemoteError::RemoteError(TaskFailure failure, TaskResults results)
    : FailedCall(Error({.object = task_of(failure),
                     .problem = "threw " + failure.type + " in " + failure.process,
                     .value = failure.text}),
        failure, std::move(results))
{
}

WorkerDied::WorkerDied(TaskFailure failure, TaskResults results)
    : FailedCall(Error({.object = worker_of(failure),
                     .problem = failure.text + (failure.task ? " in " + task_of(failure) : "")}),
        failure, std::move(results))
{
}

TaskTimeout::TaskTimeout(TaskFailure failure, TaskResults results)
    : FailedCall(TimeoutError({.object = task_of(failure) + " in " + worker_of(failure),
                                  .problem = failure.text},
                     {}),
        failure, std::move(results))
{
}

void throw_failure(TaskFailure failure, TaskResults results)
{
    switch (failure.kind) {
    case TaskFailure::Kind::exception:
        throw RemoteError(std::move(failure), std::move(results));
    case TaskFailure::Kind::timeout:
        throw TaskTimeout(std::move(failure), std::move(results));
    case TaskFailure::Kind::signal:
    case TaskFailure::Kind::exit:
        break;
    }
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
