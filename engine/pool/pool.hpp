// SPDX-License-Identifier: MIT
// A pool of worker processes, as Python's multiprocessing.Pool.
#pragma once

#include "engine/pool/async_result.hpp"
#include "engine/pool/pool_core.hpp"
#include "engine/pool/worker.hpp"

#include <concepts>
#include <cstddef>
#include <ranges>
#include <source_location>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace manyhands {

namespace detail {

/// A call as its types have it: `Arguments` as ArgumentCodec takes them, `Value` as they stand in
/// the items.
template <class Function, class Arguments, class Value, class Result>
class TypedCall
{
public:
    TypedCall(Function function, std::span<const Value> items,
        const std::source_location& where) requires(!std::is_same_v<Value, bool>)
    {
        begin(function, items.size(), where);
        if constexpr (is_plain) {
            plan_.arguments = std::as_bytes(items);
        } else {
            for (const Value& item : items)
                add(item);
            end();
        }
    }
    /// std::vector<bool> has no bools to look at.
    TypedCall(Function function, const std::vector<bool>& items, const std::source_location& where)
    {
        begin(function, items.size(), where);
        for (const bool item : items)
            add(item);
        end();
    }

    JobPlan& plan() noexcept { return plan_; }

private:
    using Codec = ArgumentCodec<Arguments>;
    using R = Kept<Result>;
    static_assert(std::is_copy_constructible_v<R>,
        "The result of a pool's task is kept, so that it can be asked for again: it needs a copy "
        "constructor.");
    // As they stand in memory, so they cross.
    static constexpr bool is_plain = std::is_same_v<Arguments, Value> && codec::copied<Value>;

    void begin(Function function, std::size_t tasks, const std::source_location& where)
    {
        plan_.thunk = function_offset(&run_chunk<Function, Arguments, Result>);
        plan_.function = function_offset(function);
        plan_.tasks = tasks;
        plan_.argument_bytes = static_cast<std::uint32_t>(Codec::bytes);
        plan_.cell_bytes = cell_bytes<R>();
        plan_.results_in_cells = in_cell<R>;
        plan_.result_bytes = std::is_void_v<Result> ? 0 : static_cast<std::uint32_t>(sizeof(R));
        plan_.where = where;
        plan_.results = FoundResults<R>(tasks);
        if constexpr (in_cell<R>) {
            plan_.take_cells
                = [](std::any& results, const JobBlock& block, std::span<const std::uint32_t> all) {
                      auto& found = *std::any_cast<FoundResults<R>>(&results);
                      for (const std::uint32_t task : all) {
                          if constexpr (std::is_void_v<Result>) {
                              found[task].emplace();
                          } else {
                              std::span<const std::byte> bytes(block.cell(task), sizeof(R));
                              found[task].emplace(codec::decode<R>(bytes));
                          }
                      }
                  };
        } else {
            plan_.take
                = [](std::any& results, std::uint32_t task, std::span<const std::byte> bytes) {
                      auto& found = *std::any_cast<FoundResults<R>>(&results);
                      found[task].emplace(codec::decode<R>(bytes));
                  };
        }
        plan_.describe = [](std::span<const std::byte> bytes) -> std::string {
            return Codec::text(Codec::decode(bytes));
        };
    }

    void add(const Value& item)
    {
        // What has to be taken apart is told as serialising; what is copied is not worth it.
        if constexpr (Codec::bytes == 0) {
            if (!serialising_)
                serialising_.emplace(State::serialising, event_without_subject, plan_.where);
        }
        Codec::encode(bytes_, item);
        if constexpr (Codec::bytes == 0)
            plan_.ends.push_back(bytes_.size());
    }
    void end()
    {
        serialising_.reset();
        plan_.arguments = bytes_;
    }

    JobPlan plan_;
    std::vector<std::byte> bytes_;
    std::optional<StateSpan> serialising_;
};

/// What a call returns for tasks that return R: a vector of them, or nothing.
template <class R>
using Results = std::conditional_t<std::is_void_v<R>, void, std::vector<std::remove_cvref_t<R>>>;
template <class R>
using OneResult = std::remove_cvref_t<R>;

template <class Items>
inline constexpr bool is_vector = false;
template <class Item>
inline constexpr bool is_vector<std::vector<Item>> = true;

} // namespace detail

/// Worker processes that carry out tasks: calls of a function with one item each.
///
/// Tasks travel in chunks and lie in the arena, traced as the channel "tasks"; each result is
/// published when it is there, and traced as a message over the channel "results". The function is
/// a plain one, or a lambda without captures. One that returns nothing is allowed: there are no
/// results then.
///
/// A worker that dies loses the task that it had begun and no other; that one is reported
/// (WorkerDied) and never tried again, the rest of its chunk goes to others, each runs once. The
/// worker is replaced; a pool that replaces more than three within 5 s, without finishing a task in
/// between, gives up, and all that is under way ends with that reason. The pool never hangs for a
/// death (Python's does).
///
/// Belongs to the lesson's main process. A task makes no pool and starts no Process: it is refused
/// in one line, as in Python, whose pool workers are daemonic and so may not have children. A pool
/// that a forked task finds in its copy of the memory refuses every call.
class Pool
{
public:
    /// Starts `workers` processes, 1 to 255. Throws BadValue for another number, MachineLacks, and
    /// starts none, where slots, processes or descriptors do not suffice.
    explicit Pool(int workers, PoolOptions options = {})
        : core_(workers, std::move(options))
    {
    }
    /// Ends the workers as terminate() does, and after half a second by SIGKILL: where a pool goes
    /// out of scope, Python's `with Pool(n) as pool:` calls terminate(), too, and what was not
    /// waited for is lost. Close and join it for all results.
    ~Pool() = default;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Calls `function` with each of `items` in the workers and returns the results in the order of
    /// the items: std::vector<R>, or nothing.
    ///
    /// Tasks go out in chunks of `chunk_size`; 0 takes Python's default, ceil(items / (4 ×
    /// workers)), and 1 for the guided schedule, whose chunks are at least that long. All tasks are
    /// carried out. Then, where some failed, throws the failure of the lowest index: RemoteError
    /// for an exception, WorkerDied for a death; both carry all results and failures. (Python
    /// throws the first exception as soon as it knows it.) Throws StopRequested as soon as the
    /// observer asks the run to end.
    template <class Callable, class Argument>
    auto map(Callable function, const std::vector<Argument>& items, std::size_t chunk_size = 0,
        Schedule schedule = Schedule::dynamic,
        const std::source_location& where = std::source_location::current())
    {
        return map_async(function, items, chunk_size, schedule, where)
            .get_once(forever, true, where);
    }

    /// The same, with the elements of each item as the function's arguments.
    template <class Callable, detail::TupleLike Tuple>
    auto starmap(Callable function, const std::vector<Tuple>& items, std::size_t chunk_size = 0,
        Schedule schedule = Schedule::dynamic,
        const std::source_location& where = std::source_location::current())
    {
        return starmap_async(function, items, chunk_size, schedule, where)
            .get_once(forever, true, where);
    }

    /// Calls `function` once, in a worker, and returns its result. Throws as map() does.
    template <class Callable, class... Arguments>
    auto apply(Callable function, Arguments&&... arguments)
    {
        return apply_async(function, std::forward<Arguments>(arguments)...)
            .get_once(forever, true, std::source_location::current());
    }

    /// Submits a call of `function` and returns at once.
    template <class Callable, class... Arguments>
    auto apply_async(Callable function, Arguments&&... arguments)
    {
        using Tuple = detail::ParametersOf<Callable>;
        using R = detail::ResultOf<Callable>;
        const Tuple items[] = {Tuple(std::forward<Arguments>(arguments)...)};
        detail::TypedCall<detail::FunctionOf<Callable>, detail::Several<Tuple>, Tuple, R> call(
            as_function(function), std::span<const Tuple>(items), std::source_location::current());
        call.plan().chunk_size = 1;
        return AsyncResult<detail::OneResult<R>>(core_.submit(std::move(call.plan())));
    }

    /// Submits what map() would carry out, and returns at once.
    template <class Callable, class Argument>
    auto map_async(Callable function, const std::vector<Argument>& items,
        std::size_t chunk_size = 0, Schedule schedule = Schedule::dynamic,
        const std::source_location& where = std::source_location::current())
    {
        auto call = call_for(function, items, where);
        call.plan().chunk_size = chunk_size;
        call.plan().schedule = schedule;
        using R = detail::OneResult<detail::ResultOfOne<Callable, Argument>>;
        return AsyncResults<R>(core_.submit(std::move(call.plan())));
    }

    /// Submits what starmap() would carry out, and returns at once.
    template <class Callable, detail::TupleLike Tuple>
    auto starmap_async(Callable function, const std::vector<Tuple>& items,
        std::size_t chunk_size = 0, Schedule schedule = Schedule::dynamic,
        const std::source_location& where = std::source_location::current())
    {
        using Parameters = detail::ParametersOf<Callable>;
        using R = detail::ResultOf<Callable>;
        const std::vector<Parameters> converted(items.begin(), items.end());
        detail::TypedCall<detail::FunctionOf<Callable>, detail::Several<Parameters>, Parameters, R>
            call(as_function(function), std::span<const Parameters>(converted), where);
        call.plan().chunk_size = chunk_size;
        call.plan().schedule = schedule;
        return AsyncResults<detail::OneResult<R>>(core_.submit(std::move(call.plan())));
    }

    /// Calls `function` with each of `items` and hands the results out in their order, each as soon
    /// as it and all before it are there. A failure is thrown at its turn; the others follow.
    /// `chunk_size` is 1 where it is 0 (an error in Python).
    ///
    /// `items` may be any input range, also one that makes them as it goes: they are taken and
    /// submitted all at once, before the first result, so it has to end, and they have to find
    /// room. (Python's pool, too, runs ahead through its iterable without a bound.)
    template <class Callable, class Items>
    auto imap(Callable function, Items&& items, std::size_t chunk_size = 1,
        const std::source_location& where = std::source_location::current())
    {
        return stream(function, vector_of(items), chunk_size, detail::HandingOut::in_order, where);
    }

    /// The same, with the results handed out as they come.
    template <class Callable, class Items>
    auto imap_unordered(Callable function, Items&& items, std::size_t chunk_size = 1,
        const std::source_location& where = std::source_location::current())
    {
        return stream(
            function, vector_of(items), chunk_size, detail::HandingOut::as_they_come, where);
    }

    /// No more tasks will come: workers end when they have done what is there. As in Python, so do
    /// join() only after this or terminate().
    void close() { core_.close(); }
    /// Waits until all workers have ended; after close() or terminate(), else throws Error (in
    /// Python a ValueError).
    void join(const std::source_location& where = std::source_location::current())
    {
        core_.join(where);
    }
    /// Ends the workers at once: what was submitted and is not over ends with an Error that says
    /// so. (In Python, who waits for it waits for ever.)
    void terminate() { core_.terminate(); }

    int workers() const noexcept { return static_cast<int>(core_.workers()); }

private:
    // Where they lie in a vector already, that one.
    template <std::ranges::input_range Items>
    static decltype(auto) vector_of(Items& items)
    {
        if constexpr (detail::is_vector<std::remove_const_t<Items>>) {
            return std::as_const(items);
        } else {
            std::vector<std::ranges::range_value_t<Items>> found;
            for (auto&& item : items)
                found.push_back(std::forward<decltype(item)>(item));
            return found;
        }
    }

    template <class Callable, class Argument>
    auto stream(Callable function, const std::vector<Argument>& items, std::size_t chunk_size,
        detail::HandingOut handing_out, const std::source_location& where)
    {
        using R = detail::OneResult<detail::ResultOfOne<Callable, Argument>>;
        static_assert(!std::is_void_v<R>,
            "imap() and imap_unordered() hand out what the function returns, and this one returns "
            "nothing. Use map().");
        auto call = call_for(function, items, where);
        call.plan().chunk_size = chunk_size == 0 ? 1 : chunk_size;
        call.plan().each_wakes = true;
        call.plan().handing_out = handing_out;
        return StreamedResults<R>(core_.submit(std::move(call.plan())));
    }

    template <class Callable, class Argument>
    static auto call_for(
        Callable function, const std::vector<Argument>& items, const std::source_location& where)
    {
        using Call = detail::TypedCall<detail::FunctionOf<Callable>, Argument, Argument,
            detail::ResultOfOne<Callable, Argument>>;
        if constexpr (std::is_same_v<Argument, bool>)
            return Call(as_function(function), items, where);
        else
            return Call(as_function(function), std::span<const Argument>(items), where);
    }

    detail::PoolCore core_;
};

} // namespace manyhands
