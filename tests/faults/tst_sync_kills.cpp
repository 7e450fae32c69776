// SPDX-License-Identifier: MIT
// Processes that are killed while they lock, unlock, hold and wait: the others go on, or learn who
// died.
#include "engine/ipc/array.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/process/process.hpp"
#include "engine/sync/barrier.hpp"
#include "engine/sync/condition.hpp"
#include "engine/sync/event.hpp"
#include "engine/sync/lock.hpp"
#include "engine/sync/semaphore.hpp"
#include "process_fixture.hpp"

#include <QTest>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// Nothing here takes nearly as long: who waits longer hangs, and says so by its time-out.
constexpr std::chrono::seconds hanging{30};

using Numbers = RawArray<std::uint64_t>;

std::atomic_ref<std::uint64_t> number(const Numbers& numbers, std::size_t index)
{
    return std::atomic_ref(numbers.span()[index]);
}

// What stands where in the numbers of a round.
constexpr std::size_t total = 0;
constexpr std::size_t stop = 1;
constexpr std::size_t torn = 2;
constexpr std::size_t named = 3;
constexpr std::size_t done = 8; // and the worker's number

// Two steps, as an addition under a lock is.
void add_one(const Numbers& numbers)
{
    const std::uint64_t seen = number(numbers, total).load();
    number(numbers, total).store(seen + 1);
}

template <class AnyLock>
void add_until_stopped(AnyLock lock, const Numbers& numbers, int worker, int depth)
{
    const std::size_t mine = done + static_cast<std::size_t>(worker);
    while (number(numbers, stop).load() == 0) {
        for (int i = 0; i < depth; ++i) {
            if (lock.lock(hanging))
                number(numbers, named).fetch_add(1);
        }
        add_one(numbers);
        number(numbers, mine).store(number(numbers, mine).load() + 1);
        for (int i = 0; i < depth; ++i)
            lock.unlock();
    }
}

void hold_for_ever(Lock lock, const Numbers& numbers)
{
    lock.lock();
    add_one(numbers);
    number(numbers, done).store(1);
    while (true)
        ::pause();
}

void take_over(Lock lock, const Numbers& numbers, const std::string& victim)
{
    const auto dead = lock.lock(hanging);
    if (dead == victim)
        number(numbers, named).fetch_add(1);
    else if (dead)
        number(numbers, torn).fetch_add(1);
    add_one(numbers);
    lock.unlock();
}

void enter_until_stopped(Semaphore semaphore, const Numbers& numbers, int worker, int tokens)
{
    const std::size_t mine = done + static_cast<std::size_t>(worker);
    while (number(numbers, stop).load() == 0) {
        const SemaphoreGuard guard = semaphore.hold(hanging);
        // One count, changed between taking and giving back: it is never more than are inside. A
        // dead one may still be counted, but holds no token.
        const auto inside = static_cast<int>(number(numbers, done + 8).fetch_add(1)) + 1;
        if (inside > tokens + static_cast<int>(number(numbers, torn + 2).load()))
            number(numbers, torn).fetch_add(1);
        number(numbers, mine).store(number(numbers, mine).load() + 1);
        number(numbers, done + 8).fetch_sub(1);
    }
}

constexpr int phases_together = 10;

void meet_until_broken(
    Barrier barrier, const Numbers& numbers, int worker, const std::string& victim)
{
    const std::size_t mine = done + static_cast<std::size_t>(worker);
    try {
        while (true) {
            barrier.wait(hanging);
            number(numbers, mine).store(number(numbers, mine).load() + 1);
        }
    } catch (const BrokenBarrierError& error) {
        if (std::string(error.what()).find(victim) != std::string::npos)
            number(numbers, named).fetch_add(1);
    }
    number(numbers, total).fetch_add(1);
    // The lesson's main process takes the dead one's place.
    while (number(numbers, stop).load() == 0)
        std::this_thread::yield();
    for (int phase = 0; phase < phases_together; ++phase)
        barrier.wait(hanging);
}

// Items that the workers wait for, counted in `done + 8`.
constexpr std::size_t items = done + 8;

void consume_until_stopped(Condition condition, const Numbers& numbers, int worker)
{
    const std::size_t mine = done + static_cast<std::size_t>(worker);
    while (true) {
        condition.lock(hanging);
        condition.wait_for(
            [&] { return number(numbers, items).load() > 0 || number(numbers, stop).load() != 0; },
            hanging);
        if (number(numbers, stop).load() != 0)
            break;
        number(numbers, items).fetch_sub(1);
        number(numbers, mine).store(number(numbers, mine).load() + 1);
        condition.unlock();
    }
    condition.unlock();
}

void add_item(Condition& condition, const Numbers& numbers)
{
    condition.lock(hanging);
    number(numbers, items).fetch_add(1);
    condition.notify();
    condition.unlock();
}

int rounds_of_seed()
{
    return 20;
}

// 200 rounds of each fault, or 2000.
void add_kill_rows()
{
    add_seed_rows(std::getenv("MANYHANDS_SOAK") != nullptr ? 100 : 10);
}

// Some workers, of which one is killed.
class Round
{
public:
    // Whether the lesson's main process attends to its children while it waits, or is too busy.
    explicit Round(bool attends)
        : attends_(attends)
        , numbers_(32)
    {
    }
    // In the order of the slots, so that these are used again by the next round.
    ~Round()
    {
        workers_.clear();
        for (std::uint32_t slot = 1; slot < slot_limit; ++slot) {
            Slot& of = this_process.segment.slot(slot);
            of.drained.store(of.generation.load());
        }
    }
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;

    const Numbers& numbers() const { return numbers_; }
    std::uint64_t at(std::size_t index) const { return number(numbers_, index).load(); }

    template <class Target, class... Arguments>
    void start(Target target, Arguments... arguments)
    {
        Process worker({.name = name(workers_.size()), .start_method = StartMethod::fork}, target,
            std::move(arguments)...);
        worker.start();
        workers_.push_back(std::move(worker));
    }
    static std::string name(std::size_t worker) { return "Worker-" + std::to_string(worker + 1); }

    void kill(std::size_t worker) { workers_[worker].kill(); }

    // False where it does not come about.
    bool wait_until(const std::function<bool()>& condition) const
    {
        const Deadline deadline(hanging);
        while (!condition()) {
            if (deadline.over())
                return false;
            if (attends_)
                this_process.supervisor->attend();
            std::this_thread::yield();
        }
        return true;
    }

    // All but the victim end by themselves.
    bool end(std::size_t victim)
    {
        number(numbers_, stop).store(1);
        bool good = true;
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            good &= workers_[i].join(hanging);
            good &= workers_[i].exit_code() == (i == victim ? -SIGKILL : 0);
        }
        return good;
    }

private:
    bool attends_;
    Numbers numbers_;
    std::vector<Process> workers_;
};

void sleep_random(std::mt19937_64& random)
{
    std::this_thread::sleep_for(std::chrono::microseconds(pick(random, 0, 1'500)));
}

// Runs `round` from this row's seed; afterwards nothing is left.
void run_rounds(const std::function<void(std::mt19937_64&, bool)>& round)
{
    std::mt19937_64 random = random_of_row();
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        this_process.segment.header().control.stop.store(0);
        std::size_t room = 0;
        for (int i = 0; i < rounds_of_seed() && !QTest::currentTestFailed(); ++i) {
            round(random, i % 2 == 0);
            // The first one's pages of small blocks stay.
            if (i == 0)
                room = fixture.engine().arena().bytes_free();
        }
        if (!QTest::currentTestFailed())
            QCOMPARE(fixture.engine().arena().bytes_free(), room);
    }
    QCOMPARE(holdings(), before);
}

} // namespace

class TestSyncKills : public QObject
{
    Q_OBJECT

private slots:
    void inside_lock_and_unlock_data() { add_kill_rows(); }
    void inside_lock_and_unlock();
    void inside_rlock_data() { add_kill_rows(); }
    void inside_rlock();
    void holding_a_lock_data() { add_kill_rows(); }
    void holding_a_lock();
    void inside_a_semaphore_data() { add_kill_rows(); }
    void inside_a_semaphore();
    void inside_a_barrier_data() { add_kill_rows(); }
    void inside_a_barrier();
    void inside_a_condition_data() { add_kill_rows(); }
    void inside_a_condition();
    void at_each_instruction_of_a_condition_data();
    void at_each_instruction_of_a_condition();
    void at_each_instruction_of_a_lock_data();
    void at_each_instruction_of_a_lock();
    void at_each_instruction_of_a_semaphore_data();
    void at_each_instruction_of_a_semaphore();
    void at_each_instruction_of_a_barrier_data();
    void at_each_instruction_of_a_barrier();
    void at_each_instruction_of_an_event();
};

namespace {

template <class AnyLock>
void kill_one_that_adds(std::mt19937_64& random, bool attends, int depth)
{
    constexpr std::size_t workers = 3;
    AnyLock lock;
    Round round(attends);
    for (int i = 0; i < static_cast<int>(workers); ++i)
        round.start(&add_until_stopped<AnyLock>, lock, round.numbers(), i, depth);
    QVERIFY(round.wait_until([&] { return round.at(total) > 50; }));
    sleep_random(random);
    const std::size_t victim = pick(random, 0, workers - 1);
    round.kill(victim);
    std::vector<std::uint64_t> seen;
    for (std::size_t i = 0; i < workers; ++i)
        seen.push_back(round.at(done + i));
    // Each of the others goes on, and so does this process.
    for (std::size_t i = 0; i < workers; ++i) {
        if (i != victim)
            QVERIFY(round.wait_until([&] { return round.at(done + i) > seen[i] + 20; }));
    }
    lock.lock(hanging);
    add_one(round.numbers());
    lock.unlock();
    QVERIFY(round.end(victim));
    QVERIFY(!lock.owner());
    std::uint64_t sum = 1;
    for (std::size_t i = 0; i < workers; ++i)
        sum += round.at(done + i);
    // The addition that the victim died in came about, or not.
    QVERIFY2(round.at(total) == sum || round.at(total) == sum + 1,
        (std::to_string(round.at(total)) + " of " + std::to_string(sum)).c_str());
    QVERIFY(round.at(named) <= 1);
}

} // namespace

void TestSyncKills::inside_lock_and_unlock()
{
    run_rounds([](std::mt19937_64& random, bool attends) {
        kill_one_that_adds<Lock>(random, attends, 1);
    });
}

void TestSyncKills::inside_rlock()
{
    run_rounds([](std::mt19937_64& random, bool attends) {
        kill_one_that_adds<RLock>(random, attends, 3);
    });
}

void TestSyncKills::holding_a_lock()
{
    run_rounds([](std::mt19937_64& random, bool attends) {
        Lock lock;
        Round round(attends);
        round.start(&hold_for_ever, lock, round.numbers());
        QVERIFY(round.wait_until([&] { return round.at(done) == 1; }));
        for (int i = 0; i < 2; ++i)
            round.start(&take_over, lock, round.numbers(), Round::name(0));
        sleep_random(random);
        QCOMPARE(round.at(total), std::uint64_t{1});
        round.kill(0);
        QVERIFY(round.wait_until([&] { return round.at(total) == 3; }));
        QVERIFY(round.end(0));
        // One is told, and by the right name.
        QCOMPARE(round.at(named), std::uint64_t{1});
        QCOMPARE(round.at(torn), std::uint64_t{0});
        QVERIFY(!lock.owner());
    });
}

void TestSyncKills::inside_a_semaphore()
{
    run_rounds([](std::mt19937_64& random, bool attends) {
        constexpr std::size_t workers = 4;
        constexpr int tokens = 2;
        Semaphore semaphore(tokens);
        Round round(attends);
        for (int i = 0; i < static_cast<int>(workers); ++i)
            round.start(&enter_until_stopped, semaphore, round.numbers(), i, tokens);
        QVERIFY(round.wait_until([&] { return round.at(done) > 5; }));
        sleep_random(random);
        const std::size_t victim = pick(random, 0, workers - 1);
        number(round.numbers(), torn + 2).store(1);
        round.kill(victim);
        std::vector<std::uint64_t> seen;
        for (std::size_t i = 0; i < workers; ++i)
            seen.push_back(round.at(done + i));
        for (std::size_t i = 0; i < workers; ++i) {
            if (i != victim)
                QVERIFY(round.wait_until([&] { return round.at(done + i) > seen[i] + 5; }));
        }
        QVERIFY(round.end(victim));
        QCOMPARE(round.at(torn), std::uint64_t{0});
        QCOMPARE(semaphore.get_value(), std::int64_t{tokens});
        const auto first = semaphore.try_hold();
        const auto second = semaphore.try_hold();
        QVERIFY(first && second && !semaphore.try_hold());
    });
}

void TestSyncKills::inside_a_barrier()
{
    run_rounds([](std::mt19937_64& random, bool attends) {
        constexpr std::size_t workers = 3;
        const std::size_t victim = pick(random, 0, workers - 1);
        Barrier barrier(workers);
        Round round(attends);
        for (int i = 0; i < static_cast<int>(workers); ++i)
            round.start(&meet_until_broken, barrier, round.numbers(), i, Round::name(victim));
        QVERIFY(round.wait_until([&] { return round.at(done) > 20; }));
        sleep_random(random);
        round.kill(victim);
        // Where it died between two waits, the others wait for it in vain, as for anybody who does
        // not come: then somebody has to break the barrier.
        bool between = false;
        const Deadline patience(2s);
        QVERIFY(round.wait_until([&] {
            if (!between && patience.over() && barrier.n_waiting() == workers - 1) {
                between = true;
                barrier.abort();
            }
            return round.at(total) == workers - 1;
        }));
        QVERIFY(barrier.broken());
        if (!between)
            QCOMPARE(round.at(named), std::uint64_t{workers - 1});
        QVERIFY_EXCEPTION_THROWN(barrier.wait(hanging), BrokenBarrierError);
        barrier.reset();
        number(round.numbers(), stop).store(1);
        for (int phase = 0; phase < phases_together; ++phase)
            barrier.wait(hanging);
        QVERIFY(round.end(victim));
        QVERIFY(!barrier.broken());
    });
}

void TestSyncKills::inside_a_condition()
{
    run_rounds([](std::mt19937_64& random, bool attends) {
        constexpr std::size_t workers = 3;
        Condition condition;
        Round round(attends);
        for (int i = 0; i < static_cast<int>(workers); ++i)
            round.start(&consume_until_stopped, condition, round.numbers(), i);
        const std::size_t victim = pick(random, 0, workers - 1);
        // In the middle of waits and notifications, or while all of them sleep.
        const std::uint64_t before = pick(random, 0, 60);
        const auto all_taken = [&] { return round.at(items) == 0; };
        for (std::uint64_t i = 0; i < before; ++i)
            add_item(condition, round.numbers());
        if (pick(random, 0, 1) == 0)
            QVERIFY(round.wait_until(all_taken));
        std::this_thread::sleep_for(std::chrono::microseconds(pick(random, 0, 200)));
        round.kill(victim);
        // Each has a notification of its own: were one swallowed, the last item would stay.
        for (int i = 0; i < 5; ++i) {
            const std::uint64_t more = pick(random, 1, 4);
            for (std::uint64_t j = 0; j < more; ++j)
                add_item(condition, round.numbers());
            QVERIFY(round.wait_until(all_taken));
        }
        number(round.numbers(), stop).store(1);
        condition.lock(hanging);
        condition.notify_all();
        condition.unlock();
        QVERIFY(round.end(victim));
        QVERIFY(condition.try_lock());
        condition.unlock();
    });
}

namespace {

constexpr std::uint32_t dead_slot = 3;

// Stops a process before each instruction of `work`, and tries out in a copy of the arena what it
// would leave behind if it died there: `try_out` returns what is wrong. Returns how many different
// states there were; 0 where the machine does not permit it.
int die_at_each_instruction(EngineFixture& fixture, std::size_t arena_bytes,
    const std::function<void()>& prepare, const std::function<void()>& work,
    const std::function<std::string()>& try_out)
{
    Slot& plate = this_process.segment.slot(dead_slot);
    set_name(plate, "Victim");
    plate.generation.store(1);
    plate.state.store(static_cast<std::uint32_t>(SlotState::running));
    this_process.segment.header().slots_used.store(dead_slot + 1);
    const Arena& arena = fixture.arena();
    int states = 0;
    std::string problem;
    std::vector<std::byte> last;
    const auto look = [&] {
        // What the objects lie in; the rest is never touched.
        constexpr std::size_t watched = std::size_t{256} << 10;
        if (!problem.empty()
            || (!last.empty() && std::memcmp(last.data(), arena.at(0), watched) == 0))
            return;
        last.assign(arena.at(0), arena.at(watched));
        ++states;
        Arena left(arena_bytes);
        std::memcpy(left.at(0), arena.at(0), watched);
        this_process.arena = &left;
        plate.state.store(static_cast<std::uint32_t>(SlotState::ended));
        try {
            problem = try_out();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        plate.state.store(static_cast<std::uint32_t>(SlotState::running));
        this_process.arena = &fixture.arena();
        if (!problem.empty())
            problem += " (state " + std::to_string(states) + ")";
    };
    const std::size_t instructions = at_each_instruction(
        [&] {
            this_process.slot_number = dead_slot;
            this_process.generation = 1;
            this_process.name = "Victim";
            prepare();
        },
        work, look);
    if (instructions == 0)
        return 0;
    if (!problem.empty())
        QTest::qFail(problem.c_str(), __FILE__, __LINE__);
    else if (instructions < 30)
        QTest::qFail("the work was not followed", __FILE__, __LINE__);
    return states;
}

constexpr std::size_t small_arena = std::size_t{1} << 20;

std::string text(const std::optional<std::string>& name)
{
    return name.value_or("nobody");
}

} // namespace

void TestSyncKills::at_each_instruction_of_a_lock_data()
{
    QTest::addColumn<bool>("reentrant");
    QTest::addColumn<bool>("from_dead");
    QTest::newRow("lock") << false << false;
    QTest::newRow("lock, taken over from a dead owner") << false << true;
    QTest::newRow("rlock") << true << false;
    QTest::newRow("rlock, taken over from a dead owner") << true << true;
}

void TestSyncKills::at_each_instruction_of_a_lock()
{
    QFETCH(bool, reentrant);
    QFETCH(bool, from_dead);
    EngineFixture fixture({.traced = false, .arena_bytes = small_arena});
    Numbers numbers(8);
    const auto follow = [&](auto lock) {
        using AnyLock = decltype(lock);
        AnyLock other;
        const auto add = [&](AnyLock& to) {
            to.lock(1s);
            if (reentrant)
                to.lock(1s);
            const Numbers here = Numbers::view(numbers.offset());
            add_one(here);
            if (reentrant)
                to.unlock();
            to.unlock();
        };
        if (from_dead)
            QCOMPARE(end_of(fixture.fork_into(5, [&] { lock.lock(); })), 0);
        this_process.segment.slot(5).state.store(static_cast<std::uint32_t>(SlotState::ended));
        const int states = die_at_each_instruction(
            fixture, small_arena, [&] { add(other); }, [&] { add(lock); },
            [&]() -> std::string {
                AnyLock left = AnyLock::view(lock.offset());
                const Numbers here = Numbers::view(numbers.offset());
                const std::uint64_t count = number(here, total).load();
                const auto owner = left.owner();
                const auto dead = left.lock(0ns);
                if (dead != owner)
                    return "it was " + text(owner) + "'s, and told is " + text(dead);
                if (dead && dead != "Victim" && (!from_dead || dead != "Process-5"))
                    return "a stranger is told";
                // The addition came about, or not.
                if (count > 2 || (!dead && count < 1))
                    return "the sum is wrong: " + std::to_string(count);
                add_one(here);
                left.unlock();
                if (left.owner() || left.lock(0ns))
                    return "it does not go on";
                left.unlock();
                return number(here, total).load() == count + 1 ? "" : "an addition is lost";
            });
        if (states == 0)
            QSKIP("this machine does not permit to trace a process");
        QVERIFY(states >= 4);
    };
    // A lock that is taken over cannot be told from one that nobody adds under by its count alone.
    if (reentrant)
        follow(RLock());
    else
        follow(Lock());
}

void TestSyncKills::at_each_instruction_of_a_semaphore_data()
{
    QTest::addColumn<bool>("bare");
    QTest::newRow("a guard") << false;
    QTest::newRow("acquire and release") << true;
}

void TestSyncKills::at_each_instruction_of_a_semaphore()
{
    QFETCH(bool, bare);
    EngineFixture fixture({.traced = false, .arena_bytes = small_arena});
    Semaphore semaphore(2);
    Semaphore other(2);
    const auto work = [&](Semaphore& of) {
        if (bare) {
            of.acquire(1s);
            of.release();
        } else {
            const SemaphoreGuard guard = of.hold(1s);
        }
    };
    bool once_less = false;
    const int states = die_at_each_instruction(
        fixture, small_arena, [&] { work(other); }, [&] { work(semaphore); },
        [&]() -> std::string {
            Semaphore left = Semaphore::view(semaphore.offset());
            const std::int64_t value = left.get_value();
            once_less |= value == 1;
            if (value != 2 && !(bare && value == 1))
                return "it has " + std::to_string(value);
            for (std::int64_t i = 0; i < value; ++i) {
                if (!left.try_acquire())
                    return "there is no token";
            }
            if (left.try_acquire())
                return "there is one token more";
            left.release(2);
            return left.get_value() == 2 ? "" : "it does not go on";
        });
    if (states == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY(states >= 4);
    // A bare token that was taken stays so.
    QCOMPARE(once_less, bare);
}

void TestSyncKills::at_each_instruction_of_a_barrier_data()
{
    QTest::addColumn<int>("parties");
    QTest::addColumn<bool>("acts");
    QTest::newRow("alone, by its end") << 1 << false;
    QTest::newRow("alone, with an action") << 1 << true;
    QTest::newRow("the first one, in vain") << 2 << false;
    QTest::newRow("the last one") << -2 << false;
    QTest::newRow("the last one, with an action") << -2 << true;
}

void TestSyncKills::at_each_instruction_of_a_barrier()
{
    QFETCH(int, parties);
    QFETCH(bool, acts);
    const bool in_company = parties < 0;
    const auto all = static_cast<std::size_t>(std::abs(parties));
    EngineFixture fixture({.traced = false, .arena_bytes = small_arena});
    const BarrierOptions options = {.action = acts ? +[] {} : nullptr};
    Barrier barrier(std::abs(parties), options);
    Barrier other(1, options);
    int companion = 0;
    if (in_company) {
        companion = fixture.fork_into(2, [&] { barrier.wait(); });
        // It sleeps, and is stopped: it is not to notice what is tried out.
        const os::ProcessSampler sampler(companion);
        while (barrier.n_waiting() == 0 || sampler.read()->state != 'S')
            std::this_thread::yield();
        ::kill(companion, SIGSTOP);
    }
    const auto work = [&] {
        try {
            barrier.wait(0ns);
        } catch (const BrokenBarrierError&) {
        }
    };
    int completed = 0;
    int naming = 0;
    int in_vain = 0;
    const int states = die_at_each_instruction(
        fixture, small_arena, [&] { other.wait(); }, work,
        [&]() -> std::string {
            Barrier left = Barrier::view(barrier.offset());
            const std::size_t waiting = left.n_waiting();
            const bool broken = left.broken();
            try {
                left.wait(0ns);
                ++completed;
                // The victim has nothing to do with it: it was not there yet, or is away again.
                if (waiting + 1 != all || broken)
                    return "it lets somebody through";
            } catch (const BrokenBarrierError& error) {
                const std::string what = error.what();
                if (what.find("Victim") != std::string::npos)
                    ++naming;
                else if (what.find("main waited 0 ns in vain") != std::string::npos
                    && waiting + 1 < all)
                    ++in_vain;
                else
                    return what;
                if (!left.broken())
                    return "it is not broken";
            }
            left.reset();
            if (left.broken() || left.n_waiting() != 0)
                return "it is not as new";
            if (all == 1)
                left.wait(0ns);
            return {};
        });
    if (companion != 0) {
        ::kill(companion, SIGCONT);
        QCOMPARE(end_of(companion), 0);
    }
    if (states == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY(states >= 4);
    QVERIFY(naming > 0);
    QVERIFY((all == 1 || in_company ? completed : in_vain) > 0);
}

void TestSyncKills::at_each_instruction_of_a_condition_data()
{
    QTest::addColumn<int>("waits");
    QTest::newRow("notifies") << 0;
    QTest::newRow("notifies all") << 1;
    QTest::newRow("waits") << 2;
}

void TestSyncKills::at_each_instruction_of_a_condition()
{
    QFETCH(int, waits);
    EngineFixture fixture({.traced = false, .arena_bytes = small_arena});
    Condition condition;
    Condition other;
    Numbers numbers(8);
    constexpr std::uint32_t companions_slot = 2;
    const int companion = fixture.fork_into(companions_slot, [&] {
        condition.lock();
        number(numbers, done).store(1);
        condition.wait(hanging);
        condition.unlock();
    });
    // It sleeps, and is stopped: it is not to notice what is tried out.
    const os::ProcessSampler sampler(companion);
    while (number(numbers, done).load() == 0 || sampler.read()->state != 'S')
        std::this_thread::yield();
    ::kill(companion, SIGSTOP);
    const auto work = [&](Condition& of) {
        of.lock(1s);
        try {
            if (waits == 0)
                of.notify();
            else if (waits == 1)
                of.notify_all();
            else
                of.wait(0ns);
        } catch (const TimeoutError&) {
        }
        of.unlock();
    };
    const auto wakes = [&] { return this_process.segment.slot(companions_slot).wake.load(); };
    int notified = 0;
    int not_yet = 0;
    const int states = die_at_each_instruction(
        fixture, small_arena, [&] { work(other); }, [&] { work(condition); },
        [&]() -> std::string {
            Condition left = Condition::view(condition.offset());
            const auto dead = left.lock(0ns);
            if (dead && dead != "Victim")
                return "a stranger is told";
            // The companion's notification came about, or not; nobody else gets it now.
            const std::uint32_t before = wakes();
            left.notify();
            (wakes() == before ? notified : not_yet) += 1;
            if (waits == 2 && wakes() == before)
                return "the dead one swallows a notification";
            left.notify();
            left.notify_all();
            if (wakes() > before + 1)
                return "it is notified twice";
            left.unlock();
            left.lock(0ns);
            left.unlock();
            return {};
        });
    ::kill(companion, SIGCONT);
    condition.lock(hanging);
    condition.notify_all();
    condition.unlock();
    QCOMPARE(end_of(companion), 0);
    if (states == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY(states >= 3);
    QVERIFY(not_yet > 0);
    QCOMPARE(notified > 0, waits != 2);
}

void TestSyncKills::at_each_instruction_of_an_event()
{
    EngineFixture fixture({.traced = false, .arena_bytes = small_arena});
    Event event;
    Event other;
    const auto work = [](Event& of) {
        of.set();
        of.clear();
        of.set();
    };
    const int states = die_at_each_instruction(
        fixture, small_arena, [&] { work(other); }, [&] { work(event); },
        [&]() -> std::string {
            Event left = Event::view(event.offset());
            if (!left.is_set()) {
                try {
                    left.wait(0ns);
                    return "it is not set";
                } catch (const TimeoutError&) {
                }
                left.set();
            }
            left.wait(0ns);
            left.clear();
            return left.is_set() ? "it is set" : "";
        });
    if (states == 0)
        QSKIP("this machine does not permit to trace a process");
    QCOMPARE(states, 4);
}

int main(int argc, char** argv)
{
    return test_main<TestSyncKills>(argc, argv);
}

#include "tst_sync_kills.moc"
