// SPDX-License-Identifier: MIT
// What tests of the engine's lower rooms share: memory of exact size, seeds, this_process without a
// lesson, forked processes, and processes that run one instruction at a time.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/trace/this_process.hpp"

#include <QTest>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <random>
#include <span>
#include <vector>

/// Zeroed memory on the heap, aligned as in a segment and not a byte larger than asked for, so that
/// AddressSanitizer sees what leaves it.
class ExactMemory
{
public:
    explicit ExactMemory(std::size_t bytes);

    std::byte* data() const { return memory_.get(); }
    std::size_t size() const { return size_; }

private:
    struct Free
    {
        void operator()(std::byte* memory) const
        {
            ::operator delete[](memory, std::align_val_t(64));
        }
    };

    std::unique_ptr<std::byte[], Free> memory_;
    std::size_t size_;
};

/// Adds the column `seed` and a row for each seed from 1 to `count`: a failure names its seed.
void add_seed_rows(int count);
/// The generator of this row's seed.
std::mt19937_64 random_of_row();
/// A number from `least` to `most`.
std::uint64_t pick(std::mt19937_64& random, std::uint64_t least, std::uint64_t most);
/// A number whose size is random, too: as many small ones as huge ones.
std::uint64_t pick_any(std::mt19937_64& random);

/// Bytes that tell themselves from all others: of message `number` of `sender`, `size` long.
std::vector<std::byte> patterned(std::uint64_t sender, std::uint64_t number, std::size_t size);

/// Sets this_process up as the lesson's main process, with a segment and an arena, for as long as
/// it lives.
class EngineFixture
{
public:
    struct Options
    {
        bool traced = true;
        std::size_t arena_bytes = std::size_t{64} << 20;
    };

    EngineFixture()
        : EngineFixture(Options{})
    {
    }
    explicit EngineFixture(Options options);
    ~EngineFixture();
    EngineFixture(const EngineFixture&) = delete;
    EngineFixture& operator=(const EngineFixture&) = delete;

    manyhands::Arena& arena() { return arena_; }

    /// Runs `work` in a forked process that has `slot`; it exits with 0, 1 after an exception. It
    /// is killed with its parent, and by SIGALRM should it hang.
    int fork_into(std::uint32_t slot, const std::function<void()>& work);

private:
    manyhands::Arena arena_;
};

/// Waits for a forked process: its exit code, or the negative number of the signal that ended it.
int end_of(int pid);

/// Runs `prepare` and then `work` in a forked process, and stops it before each machine instruction
/// of `work`: `look` sees what a death at this point would leave behind. Returns how many
/// instructions there were, 0 where the machine does not permit to trace a process.
std::size_t at_each_instruction(const std::function<void()>& prepare,
    const std::function<void()>& work, const std::function<void()>& look);
