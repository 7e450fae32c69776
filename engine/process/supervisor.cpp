// SPDX-License-Identifier: MIT
#include "engine/process/supervisor.hpp"

#include "engine/arena/arena.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/error.hpp"
#include "engine/os/futex.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/process/fork_server.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

// Something happened to a child since the last look. The handler also changes the main process's
// futex word, so that a sleep about to begin does not.
std::atomic<bool> child_changed{false};
std::atomic<std::atomic<std::uint32_t>*> wake_word{nullptr};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_child_changed(int /*signal*/)
{
    child_changed.store(true, std::memory_order_relaxed);
    if (std::atomic<std::uint32_t>* const word = wake_word.load(std::memory_order_relaxed))
        word->fetch_add(1, std::memory_order_release);
}

// How long a daemon may take to end when it is told to.
constexpr std::chrono::milliseconds grace{500};

// The child stays, so that what /proc says of it can still be read.
bool has_ended_unreaped(int pid) noexcept
{
    siginfo_t info = {};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_pid != 0;
}

std::int64_t nanoseconds(const timeval& time)
{
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000
        + static_cast<std::int64_t>(time.tv_usec) * 1000;
}

} // namespace

Supervisor::Supervisor(std::string program_name)
    : backed_(slot_limit, false)
    , program_name_(std::move(program_name))
    , lifeline_(os::make_pipe())
{
    backed_[main_slot] = true;
    wake_word.store(&this_process.slot().wake, std::memory_order_relaxed);
    this_process.while_waiting = [] { this_process.supervisor->attend(); };
    struct sigaction action = {};
    action.sa_handler = on_child_changed;
    // Without SA_RESTART: a sleep ends, and looks.
    action.sa_flags = 0;
    ::sigaction(SIGCHLD, &action, nullptr);
}

Supervisor::~Supervisor()
{
    end_all();
    this_process.while_waiting = nullptr;
    ::signal(SIGCHLD, SIG_DFL);
    wake_word.store(nullptr, std::memory_order_relaxed);
}

void Supervisor::let_go_in_child() noexcept
{
    ::signal(SIGCHLD, SIG_DFL);
    wake_word.store(nullptr, std::memory_order_relaxed);
    this_process.while_waiting = nullptr;
    this_process.supervisor = nullptr;
    // Its own copy of the writing end would keep the lifeline of its siblings open.
    lifeline_.write.reset();
    for (Child& child : children_)
        child.process.reset();
}

void Supervisor::attend()
{
    look();
    drain();
    // What a duty calls may wait itself.
    if (std::exchange(on_duty_, true))
        return;
    for (const Duty& duty : std::vector<Duty>(duties_))
        duty.call();
    on_duty_ = false;
}

int Supervisor::add_duty(std::function<void()> duty)
{
    duties_.push_back({next_duty_, std::move(duty)});
    return next_duty_++;
}

void Supervisor::forget_duty(int number)
{
    std::erase_if(duties_, [number](const Duty& one) { return one.number == number; });
}

bool Supervisor::is_free(std::uint32_t number) const noexcept
{
    const Slot& slot = this_process.segment.slot(number);
    const auto state = static_cast<SlotState>(slot.state.load(std::memory_order_relaxed));
    // Acquire: the observer has copied everything out of it.
    return state == SlotState::free
        || (state == SlotState::ended
            && slot.drained.load(std::memory_order_acquire)
                == slot.generation.load(std::memory_order_relaxed));
}

std::uint32_t Supervisor::take_slot()
{
    const Segment& segment = this_process.segment;
    // A thread's slot is free when its end has been noted, too.
    threads();
    // The observer drains every 33 ms. Where it does not for a second (it is stopped, perhaps), and
    // no slot is left that it has read, there is none to give.
    constexpr int most_tries = 1000;
    for (int attempt = 0; attempt < most_tries; ++attempt) {
        drain(true);
        // Those that have memory first.
        for (const bool wanted : {true, false}) {
            for (std::uint32_t number = 1; number < slot_limit; ++number) {
                if (backed_[number] != wanted || !is_free(number))
                    continue;
                if (!wanted) {
                    segment.back_slot(number);
                    backed_[number] = true;
                }
                segment.clear_slot(number);
                Slot& slot = segment.slot(number);
                slot.state.store(
                    static_cast<std::uint32_t>(SlotState::free), std::memory_order_relaxed);
                slot.work_done.store(0, std::memory_order_relaxed);
                slot.tasks_done.store(0, std::memory_order_relaxed);
                slot.gate.store(0, std::memory_order_relaxed);
                slot.gates_passed.store(
                    slot.steps.load(std::memory_order_relaxed), std::memory_order_relaxed);
                slot.task.store(0, std::memory_order_relaxed);
                return number;
            }
        }
        if (children_.size() + threads_.size() >= slot_limit - 1)
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    throw MachineLacks({.object = "processes",
        .problem = "are too many",
        .value = std::to_string(children_.size() + threads_.size() + 1) + " alive",
        .limit = std::to_string(slot_limit - 1) + " beside the main one"});
}

void Supervisor::prepare_slots(std::uint32_t processes)
{
    for (std::uint32_t number = 1; number < slot_limit && number <= processes; ++number) {
        if (!backed_[number])
            this_process.segment.back_slot(number);
        backed_[number] = true;
    }
}

std::uint32_t publish_slot(std::uint32_t number, int pid) noexcept
{
    Slot& slot = this_process.segment.slot(number);
    slot.pid.store(pid, std::memory_order_relaxed);
    const std::uint32_t generation = slot.generation.load(std::memory_order_relaxed) + 1;
    // Release: pairs with the reader, which looks at the generation first.
    slot.generation.store(generation, std::memory_order_release);
    std::atomic<std::uint32_t>& used = this_process.segment.header().slots_used;
    if (used.load(std::memory_order_relaxed) <= number)
        used.store(number + 1, std::memory_order_release);
    // Release: a reader that sees the state sees all of the slot.
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
    return generation;
}

void Supervisor::drain(bool at_once)
{
    if (drain_)
        drain_(at_once);
}

void Supervisor::give_back_slot(std::uint32_t slot) noexcept
{
    this_process.segment.slot(slot).state.store(
        static_cast<std::uint32_t>(SlotState::free), std::memory_order_relaxed);
}

os::Descriptor Supervisor::take_lifeline()
{
    if (!next_lifeline_)
        next_lifeline_ = os::another_end(lifeline_.read.get());
    return std::move(next_lifeline_);
}

void Supervisor::adopt(int pid, os::Descriptor process, std::uint32_t slot, bool daemon)
{
    children_.push_back({pid, std::move(process), slot,
        this_process.segment.slot(slot).generation.load(std::memory_order_relaxed), daemon});
    tell_arena();
    if (this_process.segment.slot(slot).start_method == StartMethod::fork && !next_lifeline_)
        next_lifeline_ = os::another_end(lifeline_.read.get());
}

bool Supervisor::has_ended(std::uint32_t slot, std::uint32_t generation)
{
    const auto child = std::find_if(children_.begin(), children_.end(),
        [&](const Child& one) { return one.slot == slot && one.generation == generation; });
    if (child == children_.end())
        return true;
    if (!has_ended_unreaped(child->pid))
        return false;
    Child ended = std::move(*child);
    children_.erase(child);
    reap(ended);
    tell_of_ends();
    return true;
}

void Supervisor::end_one(std::uint32_t slot, std::uint32_t generation)
{
    for (Child& child : children_) {
        if (child.slot != slot || child.generation != generation)
            continue;
        child.asked = true;
        ::kill(child.pid, SIGKILL);
        siginfo_t info = {};
        while (::waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOWAIT) < 0
            && errno == EINTR) { }
        break;
    }
    has_ended(slot, generation);
}

std::size_t Supervisor::threads()
{
    if (look_at_threads())
        tell_of_ends();
    return threads_.size();
}

void Supervisor::adopt_thread(std::uint32_t slot)
{
    threads_.push_back(
        {slot, this_process.segment.slot(slot).generation.load(std::memory_order_relaxed)});
    tell_arena();
}

void Supervisor::tell_of_thread_end() noexcept
{
    child_changed.store(true, std::memory_order_relaxed);
    wake(this_process.segment, main_slot);
}

Supervisor& Supervisor::of_this_thread()
{
    if (this_process.supervisor == nullptr)
        throw Error({.object = "process",
            .problem = "belongs to the lesson's main process, and not to " + this_process.name,
            .advice = "use Process and Thread on the main thread of the lesson's main process"});
    return *this_process.supervisor;
}

void Supervisor::signal(std::uint32_t slot, std::uint32_t generation, int number)
{
    look();
    for (Child& child : children_) {
        if (child.slot == slot && child.generation == generation) {
            child.asked = true;
            // Not reaped yet, so the pid is still this child's.
            ::kill(child.pid, number);
        }
    }
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> Supervisor::living() const
{
    std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
    for (const Child& child : children_) {
        if (!is_fork_server(child.slot))
            found.emplace_back(child.slot, child.generation);
    }
    return found;
}

std::vector<int> Supervisor::pids() const
{
    std::vector<int> found;
    for (const Child& child : children_)
        found.push_back(child.pid);
    return found;
}

std::size_t Supervisor::alive() const noexcept
{
    return threads_.size()
        + static_cast<std::size_t>(std::count_if(children_.begin(), children_.end(),
            [this](const Child& child) { return !is_fork_server(child.slot); }));
}

bool Supervisor::is_fork_server(std::uint32_t slot) const noexcept
{
    return fork_server_ != nullptr && fork_server_->has(slot);
}

ForkServer& Supervisor::fork_server()
{
    if (fork_server_ == nullptr)
        fork_server_ = std::make_unique<ForkServer>();
    return *fork_server_;
}

// The fork server holds on to nothing of the program's, however long it lives.
void Supervisor::tell_arena() const noexcept
{
    if (this_process.arena != nullptr)
        this_process.arena->set_others(alive());
}

void Supervisor::look()
{
    if (starting_ > 0 || !child_changed.exchange(false, std::memory_order_relaxed))
        return;
    const std::size_t before = children_.size();
    for (std::size_t i = 0; i < children_.size();) {
        if (has_ended_unreaped(children_[i].pid)) {
            Child ended = std::move(children_[i]);
            children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
            reap(ended);
            continue;
        }
        look_at_stops(children_[i]);
        ++i;
    }
    if (look_at_threads() || children_.size() < before)
        tell_of_ends();
}

bool Supervisor::look_at_threads()
{
    const std::size_t before = threads_.size();
    for (std::size_t i = 0; i < threads_.size();) {
        const ThreadLane lane = threads_[i];
        const Slot& slot = this_process.segment.slot(lane.slot);
        // Acquire: the thread's last words are seen.
        if (slot.state.load(std::memory_order_acquire)
            != static_cast<std::uint32_t>(SlotState::ended)) {
            ++i;
            continue;
        }
        threads_.erase(threads_.begin() + static_cast<std::ptrdiff_t>(i));
        note_end(lane.slot,
            {.pid = slot.pid.load(std::memory_order_relaxed),
                .slot = lane.slot,
                .generation = lane.generation,
                .exit = slot.exit.load(std::memory_order_relaxed),
                .name = name_of(slot)});
    }
    return threads_.size() < before;
}

void Supervisor::tell_of_ends() noexcept
{
    tell_arena();
    wake_everybody(this_process.segment);
}

void Supervisor::log_death(const ChildEnd& end) const noexcept
{
    DeathLog& log = this_process.segment.header().deaths;
    const std::uint32_t number = log.count.load(std::memory_order_relaxed);
    DeathLog::Entry& entry = log.entries[number % DeathLog::kept];
    entry.pid.store(end.pid, std::memory_order_relaxed);
    entry.exit.store(end.exit, std::memory_order_relaxed);
    entry.slot.store(end.slot, std::memory_order_relaxed);
    entry.generation.store(end.generation, std::memory_order_relaxed);
    const std::size_t length = std::min(end.name.size(), sizeof entry.name - 1);
    std::memcpy(entry.name, end.name.data(), length);
    std::memset(entry.name + length, 0, sizeof entry.name - length);
    // Release: who sees the count sees the entry.
    log.count.store(number + 1, std::memory_order_release);
}

void Supervisor::look_at_stops(const Child& child)
{
    siginfo_t info = {};
    while (
        ::waitid(P_PID, static_cast<id_t>(child.pid), &info, WSTOPPED | WCONTINUED | WNOHANG) == 0
        && info.si_pid != 0) {
        const bool stopped = info.si_code == CLD_STOPPED;
        this_process.recorder.event(
            stopped ? EventKind::process_stopped : EventKind::process_continued, 0, child.slot,
            child.generation);
        info = {};
    }
}

void Supervisor::reap(Child& child)
{
    Slot& slot = this_process.segment.slot(child.slot);
    const std::uint64_t end = this_process.recorder.ticks();
    slot.run_delay_ns.store(os::run_delay_ns(child.pid), std::memory_order_relaxed);
    int status = 0;
    rusage usage = {};
    while (::wait4(child.pid, &status, 0, &usage) < 0 && errno == EINTR) { }
    const int exit = os::exit_of_status(status);
    slot.cpu_ns.store(
        nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime), std::memory_order_relaxed);
    slot.peak_rss_bytes.store(
        static_cast<std::uint64_t>(usage.ru_maxrss) * 1024, std::memory_order_relaxed);
    slot.exit.store(exit, std::memory_order_relaxed);
    slot.end_ticks.store(end, std::memory_order_relaxed);
    // Release: the observer sees all of the above with the state.
    slot.state.store(static_cast<std::uint32_t>(SlotState::ended), std::memory_order_release);
    note_end(child.slot,
        {.pid = child.pid,
            .slot = child.slot,
            .generation = child.generation,
            .exit = exit,
            .name = name_of(slot),
            .asked = child.asked});
}

void Supervisor::note_end(std::uint32_t slot, ChildEnd ended)
{
    work_of_ended_ += this_process.segment.slot(slot).work_done.load(std::memory_order_relaxed);
    TextReader texts(this_process.segment.text(slot), this_process.segment.text_size(slot));
    for (TextRecord record; texts.next(record);) {
        if (record.kind == TextKind::exception)
            ended.exception = record.text;
    }
    ends_.push_back(ended);
    log_death(ended);
    for (const Listener& listener : std::vector<Listener>(listeners_))
        listener.call(ended);
    if (this_process.arena != nullptr)
        this_process.arena->reclaim(slot);
}

std::optional<ChildEnd> Supervisor::end_of(std::uint32_t slot, std::uint32_t generation) const
{
    const auto found = std::find_if(ends_.rbegin(), ends_.rend(),
        [&](const ChildEnd& end) { return end.slot == slot && end.generation == generation; });
    return found == ends_.rend() ? std::nullopt : std::optional(*found);
}

int Supervisor::listen(std::function<void(const ChildEnd&)> listener)
{
    listeners_.push_back({next_listener_, std::move(listener)});
    return next_listener_++;
}

void Supervisor::stop_listening(int number)
{
    std::erase_if(listeners_, [number](const Listener& one) { return one.number == number; });
}

std::uint64_t Supervisor::work_of_ended(bool start_anew)
{
    return start_anew ? std::exchange(work_of_ended_, 0) : work_of_ended_;
}

std::uint64_t Supervisor::work_of_living() const
{
    std::uint64_t sum = 0;
    for (const Child& child : children_)
        sum += this_process.segment.slot(child.slot).work_done.load(std::memory_order_relaxed);
    for (const ThreadLane& lane : threads_)
        sum += this_process.segment.slot(lane.slot).work_done.load(std::memory_order_relaxed);
    return sum;
}

bool Supervisor::any_but_daemons() const noexcept
{
    return !threads_.empty()
        || std::any_of(
            children_.begin(), children_.end(), [](const Child& child) { return !child.daemon; });
}

void Supervisor::end_run()
{
    const auto wait_while = [this](auto&& alive, std::chrono::nanoseconds at_most) {
        const std::int64_t begin = os::monotonic_ns();
        while (!this_process.stop_requested() && os::monotonic_ns() - begin < at_most.count()) {
            const std::uint32_t token = wake_token();
            look();
            if (!alive())
                return;
            sleep_until_woken(token, at_most);
        }
    };
    wait_while([this] { return any_but_daemons(); }, forever);
    for (Child& child : children_) {
        if (is_fork_server(child.slot) || this_process.stop_requested())
            continue;
        child.asked = true;
        ::kill(child.pid, SIGTERM);
    }
    wait_while([this] { return alive() > 0; }, grace);
    end_all();
}

void Supervisor::end_all() noexcept
{
    if (fork_server_ != nullptr && !this_process.stop_requested())
        fork_server_->close();
    for (Child& child : children_) {
        child.asked = true;
        ::kill(child.pid, SIGKILL);
    }
    while (!children_.empty()) {
        Child ended = std::move(children_.back());
        children_.pop_back();
        reap(ended);
    }
    fork_server_.reset();
    tell_of_ends();
}

} // namespace manyhands
