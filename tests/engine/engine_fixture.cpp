// SPDX-License-Identifier: MIT
#include "engine_fixture.hpp"

#include "engine/os/guards.hpp"
#include "engine/os/process_figures.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace manyhands;

namespace {

// No test's process lives nearly as long: who is still there then hangs.
constexpr unsigned longest_life_s = 100;

} // namespace

ExactMemory::ExactMemory(std::size_t bytes)
    : memory_(static_cast<std::byte*>(::operator new[](bytes, std::align_val_t(64))))
    , size_(bytes)
{
    std::memset(memory_.get(), 0, bytes);
}

void add_seed_rows(int count)
{
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= count; ++seed)
        QTest::newRow(("seed " + std::to_string(seed)).c_str()) << seed;
}

std::mt19937_64 random_of_row()
{
    QFETCH(int, seed);
    return std::mt19937_64(static_cast<std::uint64_t>(seed));
}

std::uint64_t pick(std::mt19937_64& random, std::uint64_t least, std::uint64_t most)
{
    return std::uniform_int_distribution<std::uint64_t>(least, most)(random);
}

std::uint64_t pick_any(std::mt19937_64& random)
{
    return random() >> pick(random, 0, 63);
}

std::vector<std::byte> patterned(std::uint64_t sender, std::uint64_t number, std::size_t size)
{
    std::vector<std::byte> bytes(size);
    std::uint64_t state
        = (sender + 1) * 0x9e37'79b9'7f4a'7c15 ^ (number + 1) * 0xd1b5'4a32'd192'ed03;
    for (std::size_t at = 0; at < size; at += sizeof state) {
        state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
        const std::uint64_t mixed = state ^ state >> 29;
        std::memcpy(bytes.data() + at, &mixed, std::min(size - at, sizeof mixed));
    }
    return bytes;
}

EngineFixture::EngineFixture(Options options)
    : arena_(options.arena_bytes)
{
    this_process.segment = Segment({.traced = options.traced, .observed = false});
    this_process.slot_number = main_slot;
    this_process.recorder = Recorder(this_process.segment, main_slot);
    this_process.arena = &arena_;
    Slot& plate = this_process.segment.slot(main_slot);
    set_name(plate, "main");
    plate.pid.store(::getpid());
    plate.generation.store(1);
    plate.state.store(static_cast<std::uint32_t>(SlotState::running));
    this_process.segment.header().slots_used.store(1);
}

EngineFixture::~EngineFixture()
{
    this_process.recorder = Recorder();
    this_process.segment = Segment();
    this_process.arena = nullptr;
}

int EngineFixture::fork_into(std::uint32_t slot, const std::function<void()>& work)
{
    this_process.segment.back_slot(slot);
    this_process.segment.clear_slot(slot);
    const int parent = ::getpid();
    Slot& plate = this_process.segment.slot(slot);
    const std::uint32_t generation = plate.generation.load() + 1;
    set_name(plate, "Process-" + std::to_string(slot));
    plate.state.store(static_cast<std::uint32_t>(SlotState::starting));
    const int pid = ::fork();
    if (pid != 0) {
        plate.pid.store(pid);
        plate.generation.store(generation);
        std::atomic<std::uint32_t>& used = this_process.segment.header().slots_used;
        used.store(std::max(used.load(), slot + 1));
        plate.state.store(static_cast<std::uint32_t>(SlotState::running));
        return pid;
    }
    os::die_with_parent(parent);
    ::alarm(longest_life_s);
    this_process.slot_number = slot;
    this_process.generation = generation;
    this_process.name = "Process-" + std::to_string(slot);
    this_process.recorder = Recorder(this_process.segment, slot);
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "process in slot %u: %s\n", slot, error.what());
        ::_exit(1);
    }
    ::_exit(0);
}

int end_of(int pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    return os::exit_of_status(status);
}

std::size_t at_each_instruction(const std::function<void()>& prepare,
    const std::function<void()>& work, const std::function<void()>& look)
{
    const int parent = ::getpid();
    const int pid = ::fork();
    if (pid == 0) {
        os::die_with_parent(parent);
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
            ::_exit(0);
        prepare();
        ::raise(SIGSTOP);
        work();
        ::raise(SIGSTOP);
        ::_exit(0);
    }
    std::size_t instructions = 0;
    int stops = 0;
    int status = 0;
    while (::waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        // Before the first stop the process runs at its own pace, and behind the second again.
        stops += WSTOPSIG(status) == SIGSTOP ? 1 : 0;
        if (stops == 1) {
            ++instructions;
            look();
        }
        if (::ptrace(stops == 1 ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, nullptr, nullptr) != 0) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, &status, 0);
            break;
        }
    }
    return instructions;
}
