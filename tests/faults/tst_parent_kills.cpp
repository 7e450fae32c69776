// SPDX-License-Identifier: MIT
// Kills the lesson's main process at random moments, from a seed: while it starts processes, while
// they wait, talk and end. Nothing of the run may be left.
#include "engine/os/guards.hpp"
#include "engine/process/process.hpp"
#include "tests/engine/process_fixture.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

constexpr int children = 3;

// Some work and some waiting. One in two ends by itself, the other never: it shows who outlives.
void live(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    const std::uint64_t never = pick(random, 0, 1);
    while (pick(random, 0, 50) != 0 || never != 0) {
        this_process.work_done(pick(random, 1, 1000));
        const Deadline deadline(std::chrono::microseconds(pick(random, 0, 300)));
        while (!deadline.over())
            sleep_until_woken(wake_token(), deadline.left());
    }
}

// A lesson's main process: always has children, of all kinds, and some of them just starting.
[[noreturn]] void live_as_main(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    ProcessFixture fixture;
    std::vector<Process> processes;
    while (true) {
        while (processes.size() < children) {
            constexpr StartMethod methods[] = {StartMethod::spawn, StartMethod::fork,
                StartMethod::fork, StartMethod::forkserver, StartMethod::forkserver};
            processes.emplace_back(
                ProcessOptions{.start_method = methods[pick(random, 0, 4)]}, &live, random());
            processes.back().start();
        }
        const std::size_t one = pick(random, 0, children - 1);
        processes[one].join(std::chrono::microseconds(pick(random, 0, 500)));
        if (pick(random, 0, 5) == 0)
            processes[one].kill();
        if (!processes[one].is_alive())
            processes.erase(processes.begin() + static_cast<std::ptrdiff_t>(one));
    }
}

std::set<std::string> names_in(const char* folder)
{
    std::set<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        names.insert(entry.path().filename().string());
    return names;
}

} // namespace

class TestParentKills : public QObject
{
    Q_OBJECT

private slots:
    void leaves_nothing_data() { add_seed_rows(4); }
    void leaves_nothing();
};

void TestParentKills::leaves_nothing()
{
    std::mt19937_64 random = random_of_row();
    os::become_subreaper();
    const int rounds = std::getenv("MANYHANDS_SOAK") != nullptr ? 500 : 50;
    for (int round = 0; round < rounds; ++round) {
        const Holdings before = holdings();
        const std::set<std::string> shared_before = names_in("/dev/shm");
        const std::uint64_t seed = random();
        const int main_pid = ::fork();
        if (main_pid == 0)
            live_as_main(seed);
        ::usleep(static_cast<useconds_t>(pick(random, 0, 12'000)));
        ::kill(main_pid, SIGKILL);
        QCOMPARE(end_of(main_pid), -SIGKILL);
        // Its children are ours now. None of them ends by itself for long: who is not killed by the
        // death of its parent would hang this, until the watchdog comes.
        while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) { }
        const Holdings after = holdings();
        QVERIFY2(after == before, ("round " + std::to_string(round)).c_str());
        QCOMPARE(names_in("/dev/shm"), shared_before);
    }
}

int main(int argc, char** argv)
{
    return test_main<TestParentKills>(argc, argv);
}
#include "tst_parent_kills.moc"
