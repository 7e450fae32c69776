// SPDX-License-Identifier: MIT
// What a pool's calls return before they are over: AsyncResult, and results that are handed out one
// by one.
#pragma once

#include "engine/pool/pool_core.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace manyhands {

class Pool;

namespace detail {

template <class R>
using FoundResults = std::vector<std::optional<R>>;

// How get() comes by what it returns, where all went well: copied out, or moved where it is asked
// for once.

/// The result of the only task.
template <class R>
struct OnlyResult
{
    static R take(Job& job, bool moves)
    {
        auto& found = *std::any_cast<FoundResults<R>>(&job.results);
        return moves ? std::move(*found.front()) : *found.front();
    }
};

/// The results of all tasks, in their order.
template <class R>
struct AllResults
{
    static std::vector<R> take(Job& job, bool moves)
    {
        auto& found = *std::any_cast<FoundResults<R>>(&job.results);
        std::vector<R> results;
        results.reserve(found.size());
        for (std::optional<R>& one : found) {
            if (moves)
                results.push_back(std::move(*one));
            else
                results.push_back(*one);
        }
        return results;
    }
};

/// Of functions that return nothing.
struct NoResult
{
};

inline void limit_tasks(Job& job, std::chrono::nanoseconds each)
{
    check_task_limit(each);
    if (job.pool != nullptr && !job.over())
        job.pool->limit(job, each);
}
inline bool cancel(Job& job)
{
    return job.pool != nullptr && !job.over() && job.pool->cancel(job);
}

} // namespace detail

/// A call of a pool that may be under way. Move-only; belongs to the lesson's main process.
///
/// T is what get() returns, and `Take` finds it. It may outlive its pool: what was not over then
/// has the pool's end for its error. One that nobody keeps runs on all the same.
template <class T, class Take>
class BasicAsyncResult
{
public:
    BasicAsyncResult(BasicAsyncResult&&) noexcept = default;
    BasicAsyncResult& operator=(BasicAsyncResult&& other) noexcept
    {
        std::swap(job_, other.job_);
        return *this;
    }
    ~BasicAsyncResult()
    {
        if (job_ && job_->pool != nullptr)
            job_->pool->let_go(std::move(job_));
    }

    /// The result, waiting for it at most `timeout`. May be called again. Throws TimeoutError,
    /// which names who died meanwhile; RemoteError or WorkerDied for the failure of the lowest
    /// index; Error where the pool was terminated or gave up; StopRequested. (In Python, a call
    /// whose worker died never returns.)
    T get(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        return get_once(timeout, false, where);
    }

    /// Waits until the call is over, at most `timeout`. Returns whether it is.
    bool wait(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        return wait_until(Deadline(timeout), where);
    }

    /// Whether the call is over, well or not.
    bool ready()
    {
        if (job_->pool != nullptr && !job_->over())
            job_->pool->look();
        return job_->over();
    }

    /// Whether it is over and all went well. Throws Error before it is ready (in Python a
    /// ValueError).
    bool successful()
    {
        if (!ready())
            throw Error({.object = "result of a pool",
                .problem = "is not ready",
                .advice = "ask ready(), or wait(), before successful()"});
        return job_->failures.empty() && !job_->problem;
    }

    /// Stops each task of the call that runs longer than `each`: ends its worker by SIGTERM, and
    /// half a second later by SIGKILL. Such a task fails with TaskTimeout, which is a TimeoutError;
    /// the rest of its chunk goes to others, and another worker comes in its place. Time for which
    /// the run is paused, or a gate holds the task, does not count; the pool looks every 5 ms,
    /// while the main process waits for something, so a task may have a little more. Throws
    /// BadValue for no time or less. (Python has nothing like it: there, too, get() with a time-out
    /// only stops waiting.)
    BasicAsyncResult&& task_limit(std::chrono::nanoseconds each) &&
    {
        detail::limit_tasks(*job_, each);
        return std::move(*this);
    }

    /// Ends the call: tasks that have not begun never begin, those that run are stopped by ending
    /// their workers, which is no failure. get() throws Error from then on. Returns whether the
    /// call was not over before.
    bool cancel() { return detail::cancel(*job_); }

    /// Has `callback` called with the result when all went well. Callbacks run in this process
    /// while it waits for anything (in Python a thread of the pool calls them). One that throws is
    /// printed and reported as a failure of the run; the pool goes on.
    template <class Callback>
    BasicAsyncResult&& callback(Callback callback) &&
    {
        add([callback = std::move(callback)](detail::Job& job) mutable {
            if (!job.failures.empty() || job.problem)
                return;
            if constexpr (std::is_void_v<T>)
                callback();
            else
                callback(Take::take(job, false));
        });
        return std::move(*this);
    }
    /// Has `callback` called with the Error that get() would throw.
    template <class Callback>
    BasicAsyncResult&& error_callback(Callback callback) &&
    {
        add([callback = std::move(callback)](detail::Job& job) mutable {
            std::exception_ptr found;
            try {
                detail::throw_problem_of(job);
                return;
            } catch (const Error&) {
                found = std::current_exception();
            }
            // Out of the handler: what the callback throws is its own.
            call_with(found, callback);
        });
        return std::move(*this);
    }

private:
    friend class Pool;
    explicit BasicAsyncResult(std::unique_ptr<detail::Job> job)
        : job_(std::move(job))
    {
    }

    T get_once(std::chrono::nanoseconds timeout, [[maybe_unused]] bool moves,
        const std::source_location& where)
    {
        const Deadline deadline(timeout);
        if (!wait_until(deadline, where)) {
            auto deaths = deadline.deaths();
            throw TimeoutError({.object = "result of a pool",
                                   .problem = "is not there",
                                   .limit = detail::seconds_text(timeout.count())},
                std::move(deaths));
        }
        detail::throw_problem_of(*job_);
        if constexpr (!std::is_void_v<T>)
            return Take::take(*job_, moves);
    }

    bool wait_until(const Deadline& deadline, const std::source_location& where)
    {
        return job_->over()
            || (job_->pool != nullptr && job_->pool->wait_for(*job_, deadline, false, where));
    }

    void add(std::function<void(detail::Job&)> callback)
    {
        job_->callbacks.push_back(std::move(callback));
        if (job_->pool != nullptr)
            job_->pool->call_back(*job_);
    }

    template <class Callback>
    static void call_with(const std::exception_ptr& error, Callback& callback)
    {
        try {
            std::rethrow_exception(error);
        } catch (const Error& caught) {
            callback(caught);
        }
    }

    std::unique_ptr<detail::Job> job_;
};

/// What apply_async() returns for a function that returns R.
template <class R>
using AsyncResult = BasicAsyncResult<R,
    std::conditional_t<std::is_void_v<R>, detail::NoResult, detail::OnlyResult<R>>>;
/// What map_async() returns for one: its get() returns std::vector<R>.
template <class R>
using AsyncResults = BasicAsyncResult<std::conditional_t<std::is_void_v<R>, void, std::vector<R>>,
    std::conditional_t<std::is_void_v<R>, detail::NoResult, detail::AllResults<R>>>;

/// The results of imap() or imap_unordered(), one by one: an input range. Move-only.
///
/// A task's failure is thrown when its turn has come, by next() or by the iterator's `*`; whoever
/// catches it may go on with the others. One that is given up lets the call run on.
template <class R>
class StreamedResults
{
public:
    StreamedResults(StreamedResults&&) noexcept = default;
    StreamedResults& operator=(StreamedResults&& other) noexcept
    {
        std::swap(job_, other.job_);
        return *this;
    }
    ~StreamedResults()
    {
        if (job_ && job_->pool != nullptr)
            job_->pool->let_go(std::move(job_));
    }

    /// The next result, waiting for it at most `timeout`; nothing when there were all (in Python
    /// StopIteration). Throws TimeoutError, after which it may be asked for again, and what
    /// AsyncResult::get() does.
    std::optional<R> next(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        if (!fetch(timeout, where))
            return std::nullopt;
        return take();
    }

    /// As of AsyncResult.
    StreamedResults&& task_limit(std::chrono::nanoseconds each) &&
    {
        detail::limit_tasks(*job_, each);
        return std::move(*this);
    }
    /// As of AsyncResult; what had come before is still handed out.
    bool cancel() { return detail::cancel(*job_); }

    class Iterator
    {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = R;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(StreamedResults* of)
            : of_(of)
        {
        }
        /// Once for each place.
        R operator*() const { return of_->take(); }
        Iterator& operator++() { return *this; }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const
        {
            return !of_->fetch(forever, std::source_location::current());
        }

    private:
        StreamedResults* of_ = nullptr;
    };

    Iterator begin() { return Iterator(this); }
    std::default_sentinel_t end() const { return {}; }

private:
    friend class Pool;
    explicit StreamedResults(std::unique_ptr<detail::Job> job)
        : job_(std::move(job))
    {
    }

    // Whether there is a next one; waits for it.
    bool fetch(std::chrono::nanoseconds timeout, const std::source_location& where)
    {
        if (!job_->arrived.empty())
            return true;
        if (!job_->over()) {
            const Deadline deadline(timeout);
            if (job_->pool == nullptr || !job_->pool->wait_for(*job_, deadline, true, where))
                throw TimeoutError({.object = "next result of a pool",
                                       .problem = "is not there",
                                       .limit = detail::seconds_text(timeout.count())},
                    deadline.deaths());
        }
        if (job_->arrived.empty() && job_->problem)
            throw Error(*job_->problem);
        return !job_->arrived.empty();
    }

    R take()
    {
        const std::uint32_t task = job_->arrived.front();
        job_->arrived.pop_front();
        if (const auto failed = job_->failures.find(task); failed != job_->failures.end())
            throw_failure(failed->second);
        auto& found = *std::any_cast<detail::FoundResults<R>>(&job_->results);
        return std::move(*std::exchange(found[task], std::nullopt));
    }

    std::unique_ptr<detail::Job> job_;
};

} // namespace manyhands
