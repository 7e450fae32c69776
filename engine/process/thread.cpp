// SPDX-License-Identifier: MIT
#include "engine/process/thread.hpp"

#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/trace/this_process.hpp"

#include <atomic>
#include <csignal>
#include <pthread.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace manyhands {
namespace {

int made = 0;

// Signals are the main thread's: its sleeps end with them.
class SignalsBlocked
{
public:
    SignalsBlocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_;
};

std::int64_t cpu_ns_of_this_thread() noexcept
{
    rusage usage = {};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto nanoseconds = [](const timeval& time) {
        return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000
            + static_cast<std::int64_t>(time.tv_usec) * 1000;
    };
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

} // namespace

struct Thread::State
{
    std::string name;
    Function function;
    std::thread thread;
    std::atomic<bool> may_begin{false};
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
};

Thread::Thread(ThreadOptions options, Function function)
    : state_(std::make_unique<State>())
{
    ++made;
    state_->name = options.name.empty() ? "Thread-" + std::to_string(made) : options.name;
    state_->function = std::move(function);
}

Thread::Thread(Thread&&) noexcept = default;

Thread& Thread::operator=(Thread&& other) noexcept
{
    if (this != &other) {
        wait_and_forget();
        state_ = std::move(other.state_);
    }
    return *this;
}

Thread::~Thread()
{
    wait_and_forget();
}

void Thread::wait_and_forget() noexcept
{
    if (state_ != nullptr && state_->thread.joinable()) {
        // After the run nobody waits for its stop any more.
        if (this_process.supervisor != nullptr)
            wait_for_end(forever, false);
        else
            state_->thread.join();
    }
    state_.reset();
}

void Thread::start(const std::source_location& where)
{
    if (state_ == nullptr || state_->slot != 0)
        throw Error({.object = "thread " + (state_ == nullptr ? "that was moved" : state_->name),
            .problem = "has been started before",
            .advice = "make another one"});
    State& state = *state_;
    if (this_process.supervisor == nullptr)
        throw Error({.object = "thread " + state.name,
            .problem = "cannot be started by " + this_process.name,
            .advice = "start threads in the lesson's main process, on its main thread"});
    Supervisor& supervisor = *this_process.supervisor;
    const StateSpan starting(manyhands::State::starting, event_without_subject, where);
    const std::uint32_t number = supervisor.take_slot();
    Slot& slot = this_process.segment.slot(number);
    slot.role = Role::worker;
    slot.start_method = StartMethod::thread;
    slot.group.store(supervisor.group(), std::memory_order_relaxed);
    set_name(slot, state.name);
    slot.start_ticks.store(this_process.recorder.ticks(), std::memory_order_relaxed);
    slot.state.store(static_cast<std::uint32_t>(SlotState::starting), std::memory_order_release);
    state.slot = number;
    state.generation = slot.generation.load(std::memory_order_relaxed) + 1;
    try {
        const SignalsBlocked blocked;
        state.thread = std::thread([&state] {
            state.may_begin.wait(false, std::memory_order_acquire);
            run(state);
        });
    } catch (const std::system_error& error) {
        state.slot = 0;
        supervisor.give_back_slot(number);
        throw MachineLacks({.object = "thread " + state.name,
            .problem = "could not be started",
            .code = error.code()});
    }
    publish_slot(number, ::getpid());
    supervisor.adopt_thread(number);
    state.may_begin.store(true, std::memory_order_release);
    state.may_begin.notify_one();
}

void Thread::run(State& state) noexcept
{
    Interned interned;
    this_process.slot_number = state.slot;
    this_process.generation = state.generation;
    this_process.name = state.name;
    this_process.role = Role::worker;
    this_process.recorder = Recorder(this_process.segment, state.slot, interned);
    os::name_this_process(state.name);
    const int exit = run_lane(state.name, [&] {
        this_process.recorder.event(EventKind::process_ready, 0, event_without_subject, 0);
        state.function();
    });
    Slot& slot = this_process.slot();
    // The kernel's figures are this thread's alone.
    slot.run_delay_ns.store(os::run_delay_ns(::gettid()), std::memory_order_relaxed);
    slot.cpu_ns.store(cpu_ns_of_this_thread(), std::memory_order_relaxed);
    slot.peak_rss_bytes.store(0, std::memory_order_relaxed);
    slot.exit.store(exit, std::memory_order_relaxed);
    slot.end_ticks.store(this_process.recorder.ticks(), std::memory_order_relaxed);
    // Release: the observer sees all of the above with the state. From here on the slot may be
    // another's.
    slot.state.store(static_cast<std::uint32_t>(SlotState::ended), std::memory_order_release);
    Supervisor::tell_of_thread_end();
}

bool Thread::join(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    if (state_ == nullptr || state_->slot == 0)
        return false;
    const StateSpan joining(manyhands::State::joining, state_->slot, where);
    return wait_for_end(timeout, true);
}

bool Thread::wait_for_end(std::chrono::nanoseconds timeout, bool throws)
{
    const Deadline deadline(timeout);
    while (true) {
        const std::uint32_t token = wake_token();
        if (!is_alive()) {
            // What is left of it takes no time.
            if (state_->thread.joinable())
                state_->thread.join();
            return true;
        }
        if (deadline.over())
            return false;
        if (throws && this_process.stop_requested())
            throw StopRequested();
        sleep_until_woken(token, deadline.left());
    }
}

bool Thread::is_alive()
{
    if (state_ == nullptr || state_->slot == 0)
        return false;
    Supervisor& supervisor = Supervisor::of_this_thread();
    supervisor.look();
    return !supervisor.end_of(state_->slot, state_->generation);
}

std::optional<std::string> Thread::exception()
{
    if (state_ == nullptr || state_->slot == 0 || is_alive())
        return std::nullopt;
    const std::string text
        = Supervisor::of_this_thread().end_of(state_->slot, state_->generation)->exception;
    return text.empty() ? std::nullopt : std::optional(exception_words(text));
}

std::uint32_t Thread::slot() const noexcept
{
    return state_ == nullptr ? 0 : state_->slot;
}
std::uint32_t Thread::generation() const noexcept
{
    return state_ == nullptr ? 0 : state_->generation;
}
const std::string& Thread::name() const noexcept
{
    static const std::string none;
    return state_ == nullptr ? none : state_->name;
}

} // namespace manyhands
