// SPDX-License-Identifier: MIT
// The arena: memory that all processes of a run share, addressed by offsets, with an allocator that
// survives the death of any process at any point.
#pragma once

#include "engine/os/memory.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace manyhands {

/// A place in the arena: an offset from its beginning, the same in every process. 0 is none.
using ArenaOffset = std::uint64_t;

/// Blocks of shared memory.
///
/// Every block has one owner word, changed by one compare-and-swap: there is no state in between
/// that a death could leave behind. What a dead process owned is given back by reclaim(); a block
/// that belongs to the run (`shared_owner`) stays until it is freed. Safe to use from all processes
/// of the run at once; belongs to the process's main thread.
class Arena
{
public:
    /// The owner of blocks that outlive their maker: queues, and messages on their way.
    static constexpr std::uint32_t shared_owner = 0xfffe;

    /// Blocks of at least so many bytes have pages of their own.
    static constexpr std::size_t large_bytes = (std::size_t{16} << 10) + 1;
    /// Sizes of the smaller ones.
    static constexpr std::size_t size_classes = 9;

    /// The owner of what belongs to the object in `block`, a large one: no process's, and no other
    /// block's. It is given back with reclaim().
    static std::uint32_t owner_for(ArenaOffset block) noexcept;

    /// Makes the arena of a run: `bytes` large, sparse.
    explicit Arena(std::size_t bytes);
    /// Maps the one that the lesson's main process made.
    explicit Arena(os::Descriptor descriptor);

    /// A block of at least `bytes` bytes, aligned to 64, whose contents are undefined, owned by
    /// slot `owner`. Throws Error naming the size and what is free where there is no room.
    ArenaOffset allocate(std::size_t bytes, std::uint32_t owner);

    /// Gives a block back. Freeing 0 does nothing.
    void free(ArenaOffset block) noexcept;

    /// Makes `owner` the owner of a block that the caller owns.
    void transfer(ArenaOffset block, std::uint32_t owner) noexcept;

    /// Gives back every block of a dead process; returns how many there were.
    std::size_t reclaim(std::uint32_t dead_owner) noexcept;

    /// The memory of a block. The offset is not checked.
    std::byte* at(ArenaOffset block) const noexcept { return memory_.data() + block; }

    /// Whether `bytes` bytes from `block` lie within the arena: for offsets that were read from
    /// shared memory.
    bool holds(ArenaOffset block, std::size_t bytes) const noexcept;

    /// Gives a block back as soon as no process but this one can hold on to it: at once where none
    /// lives (set_others()), else with the end of the last one. `destroy`, where not null, is
    /// called before, for what the block's object holds besides its block.
    void retire(ArenaOffset block, void (*destroy)(ArenaOffset) noexcept);

    /// How many other processes of the run live. Told by whoever starts and reaps them.
    void set_others(std::size_t others) noexcept;

    /// Numbers for what is traced by its number, 0, 1, 2 … through the run, whoever asks. From
    /// 65 535 on all get that one.
    std::uint16_t next_channel() noexcept;
    std::uint16_t next_lock() noexcept; ///< also of whatever else State::waiting_lock is about
    std::uint16_t next_value() noexcept;

    std::size_t bytes_free() const noexcept;
    int descriptor() const noexcept { return memory_.descriptor(); }

private:
    struct Header;
    struct SmallPage;

    Header& header() const noexcept;
    std::atomic<std::uint64_t>& page_word(std::size_t page) const noexcept;
    ArenaOffset allocate_small(
        std::size_t size_class, std::uint32_t owner, std::size_t asked_bytes);
    ArenaOffset allocate_large(std::size_t pages, std::uint32_t owner, std::size_t asked_bytes);
    ArenaOffset take_small(std::size_t page, std::size_t size_class, std::uint32_t owner);
    bool stays_backed(std::size_t page) const noexcept;
    std::size_t used_end() const noexcept;
    std::size_t free_pages(std::size_t first, std::size_t most) const noexcept;
    bool claim(std::size_t first, std::size_t count, std::uint32_t owner) noexcept;
    void let_go(std::size_t first, std::size_t count) noexcept;
    void back_claimed(std::size_t first, std::size_t count);
    void release_pages(std::size_t first, std::size_t count, std::uint32_t owner) noexcept;
    [[noreturn]] void throw_full(std::size_t bytes) const;

    struct Retired
    {
        ArenaOffset block;
        void (*destroy)(ArenaOffset) noexcept;
    };

    os::SharedMemory memory_;
    std::size_t pages_ = 0;
    // Where this process looks first. Relaxed atomics: tests have two threads over one arena.
    std::array<std::atomic<ArenaOffset>, size_classes> small_hints_ = {}; ///< blocks, or behind one
    std::atomic<std::size_t> freed_page_ = 0; ///< 0: none
    // By the threads of one process; while they live it is not forked.
    std::mutex retiring_;
    std::size_t others_ = 0;
    std::vector<Retired> retired_;
};

} // namespace manyhands
