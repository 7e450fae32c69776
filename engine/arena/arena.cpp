// SPDX-License-Identifier: MIT
#include "engine/arena/arena.hpp"

#include "engine/os/error.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>

namespace manyhands {
namespace {

constexpr std::uint64_t arena_magic = 0x3130'4e52'4148'4e4d;
constexpr std::size_t page_bytes = std::size_t{64} << 10;

// Small blocks come in these sizes, many to a page; what is larger takes whole pages.
constexpr std::array<std::uint32_t, Arena::size_classes> class_bytes
    = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};

// The first so many pages of an arena stay backed once they have been used, and are given out
// first: a message of 1 MiB takes ten times as long where its memory is given back to the system
// and fetched, zeroed, again. No more than a quarter of an arena.
constexpr std::size_t most_kept_bytes = std::size_t{64} << 20;

// A page's word says what the page is and whose. One word, so one compare-and-swap changes it. The
// detail of a free page and of a claimed one says whether there is memory behind it.
enum class PageUse : std::uint8_t { free, claimed, small, large, large_tail };
constexpr std::uint32_t backed = 1;

constexpr std::uint64_t word(PageUse use, std::uint32_t owner, std::uint32_t detail)
{
    return std::uint64_t{static_cast<std::uint8_t>(use)} << 56 | std::uint64_t{owner} << 32
        | detail;
}
constexpr PageUse use_of(std::uint64_t value)
{
    return static_cast<PageUse>(value >> 56);
}
constexpr std::uint32_t owner_of(std::uint64_t value)
{
    return static_cast<std::uint32_t>(value >> 32) & 0xff'ffff;
}
constexpr std::uint32_t detail_of(std::uint64_t value)
{
    return static_cast<std::uint32_t>(value);
}

// The most small blocks a page can hold beside their owner words.
constexpr std::uint32_t blocks_in_page(std::size_t size_class)
{
    const std::uint32_t bytes = class_bytes[size_class];
    std::uint32_t count = static_cast<std::uint32_t>(page_bytes) / bytes;
    while ((count * 4 + 63) / 64 * 64 + count * bytes > page_bytes)
        --count;
    return count;
}

constexpr std::uint32_t owners_bytes(std::size_t size_class)
{
    return (blocks_in_page(size_class) * 4 + 63) / 64 * 64;
}

} // namespace

struct Arena::Header
{
    std::uint64_t magic;
    std::uint64_t pages;
    std::uint64_t first_page; // those before it hold this header and the pages' words
    std::atomic<std::uint64_t> used_end; // pages from here on have never been claimed
    std::atomic<std::uint32_t> channels;
    std::atomic<std::uint32_t> locks;
    std::atomic<std::uint32_t> values;
};

// The beginning of a page of small blocks: an owner word for each, 0 for a free one.
struct Arena::SmallPage
{
    std::atomic<std::uint32_t> owners[1];
};

std::uint32_t Arena::owner_for(ArenaOffset block) noexcept
{
    // Above the slots and the shared owner; a page's word has 24 bits for it, enough for 1 TiB.
    return 0x1'0000 + static_cast<std::uint32_t>(block / page_bytes);
}

Arena::Arena(std::size_t bytes)
    : memory_("manyhands-arena", (bytes + page_bytes - 1) / page_bytes * page_bytes)
    , pages_(memory_.size() / page_bytes)
{
    const std::size_t fixed = sizeof(Header) + pages_ * sizeof(std::uint64_t);
    const std::size_t first = (fixed + page_bytes - 1) / page_bytes;
    memory_.back(0, first * page_bytes);
    new (memory_.data()) Header{arena_magic, pages_, first, first, {}, {}, {}};
}

Arena::Arena(os::Descriptor descriptor)
    : memory_(std::move(descriptor), page_bytes)
    , pages_(memory_.size() / page_bytes)
{
    if (header().magic != arena_magic || header().pages != pages_)
        throw Error({.object = "arena", .problem = "is none that this program made"});
}

Arena::Header& Arena::header() const noexcept
{
    return *std::launder(reinterpret_cast<Header*>(memory_.data()));
}

std::atomic<std::uint64_t>& Arena::page_word(std::size_t page) const noexcept
{
    auto* const words
        = reinterpret_cast<std::atomic<std::uint64_t>*>(memory_.data() + sizeof(Header));
    return words[page];
}

bool Arena::holds(ArenaOffset block, std::size_t bytes) const noexcept
{
    return block != 0 && block <= memory_.size() && bytes <= memory_.size() - block;
}

ArenaOffset Arena::allocate(std::size_t bytes, std::uint32_t owner)
{
    const auto fitting = std::lower_bound(class_bytes.begin(), class_bytes.end(), bytes);
    if (fitting != class_bytes.end())
        return allocate_small(
            static_cast<std::size_t>(fitting - class_bytes.begin()), owner, bytes);
    if (bytes > memory_.size())
        throw_full(bytes);
    return allocate_large((bytes + page_bytes - 1) / page_bytes, owner, bytes);
}

ArenaOffset Arena::take_small(std::size_t page, std::size_t size_class, std::uint32_t owner)
{
    // Acquire: the page's owner words are those of its new use.
    const auto use = word(PageUse::small, 0, static_cast<std::uint32_t>(size_class));
    if (page_word(page).load(std::memory_order_acquire) != use)
        return 0;
    auto* const small = reinterpret_cast<SmallPage*>(memory_.data() + page * page_bytes);
    std::atomic<ArenaOffset>& hint = small_hints_[size_class];
    const ArenaOffset first = page * page_bytes + owners_bytes(size_class);
    const std::uint32_t count = blocks_in_page(size_class);
    const ArenaOffset hinted = hint.load(std::memory_order_relaxed);
    auto index = static_cast<std::uint32_t>(hinted / page_bytes == page && hinted > first
            ? (hinted - first) / class_bytes[size_class]
            : 0);
    for (std::uint32_t tries = 0; tries < count; ++tries, ++index) {
        if (index >= count)
            index = 0;
        std::uint32_t free_owner = 0;
        if (small->owners[index].load(std::memory_order_relaxed) == 0
            && small->owners[index].compare_exchange_strong(
                free_owner, owner + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
            const ArenaOffset block = first + std::uint64_t{index} * class_bytes[size_class];
            hint.store(block + (index + 1 < count ? class_bytes[size_class] : 0),
                std::memory_order_relaxed);
            return block;
        }
    }
    return 0;
}

ArenaOffset Arena::allocate_small(
    std::size_t size_class, std::uint32_t owner, std::size_t asked_bytes)
{
    while (true) {
        // Where this process found or freed one the last time, and from there on around.
        const std::size_t first = header().first_page;
        const std::size_t end = used_end();
        const std::size_t hint = std::clamp<std::size_t>(
            small_hints_[size_class].load(std::memory_order_relaxed) / page_bytes, first, end);
        for (std::size_t i = first; i < end; ++i) {
            const std::size_t page = hint + i - first < end ? hint + i - first : hint + i - end;
            if (const ArenaOffset block = take_small(page, size_class, owner))
                return block;
        }
        // No page has room: make one. Pages of small blocks stay what they are.
        const ArenaOffset fresh = allocate_large(1, owner, asked_bytes);
        std::memset(memory_.data() + fresh, 0, owners_bytes(size_class));
        // Release: who sees the page's use sees that its blocks are free.
        page_word(fresh / page_bytes)
            .store(word(PageUse::small, 0, static_cast<std::uint32_t>(size_class)),
                std::memory_order_release);
        small_hints_[size_class].store(fresh, std::memory_order_relaxed);
    }
}

bool Arena::stays_backed(std::size_t page) const noexcept
{
    return page < header().first_page + std::min(most_kept_bytes, memory_.size() / 4) / page_bytes;
}

std::size_t Arena::used_end() const noexcept
{
    // Acquire: what was claimed before it was raised past it is seen.
    return header().used_end.load(std::memory_order_acquire);
}

std::size_t Arena::free_pages(std::size_t first, std::size_t most) const noexcept
{
    std::size_t count = 0;
    while (count < most && first + count < pages_
        && use_of(page_word(first + count).load(std::memory_order_relaxed)) == PageUse::free)
        ++count;
    return count;
}

bool Arena::claim(std::size_t first, std::size_t count, std::uint32_t owner) noexcept
{
    // Before the pages are claimed: who looks for what a dead process held looks so far.
    std::uint64_t end = used_end();
    while (end < first + count
        && !header().used_end.compare_exchange_weak(
            end, first + count, std::memory_order_release, std::memory_order_acquire)) { }
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t seen = page_word(first + i).load(std::memory_order_relaxed);
        if (use_of(seen) != PageUse::free
            || !page_word(first + i).compare_exchange_strong(seen,
                word(PageUse::claimed, owner, detail_of(seen)), std::memory_order_acquire,
                std::memory_order_relaxed)) {
            let_go(first, i);
            return false;
        }
    }
    return true;
}

void Arena::let_go(std::size_t first, std::size_t count) noexcept
{
    for (std::size_t i = count; i-- > 0;) {
        std::atomic<std::uint64_t>& page = page_word(first + i);
        page.store(word(PageUse::free, 0, detail_of(page.load(std::memory_order_relaxed))),
            std::memory_order_release);
    }
}

void Arena::back_claimed(std::size_t first, std::size_t count)
{
    for (std::size_t i = 0; i < count;) {
        std::size_t run = 0;
        while (i + run < count
            && detail_of(page_word(first + i + run).load(std::memory_order_relaxed)) != backed)
            ++run;
        if (run > 0)
            memory_.back((first + i) * page_bytes, run * page_bytes);
        i += std::max<std::size_t>(run, 1);
    }
}

ArenaOffset Arena::allocate_large(std::size_t count, std::uint32_t owner, std::size_t asked_bytes)
{
    // What this process freed last first: it is in its cache, and in its page table.
    std::size_t page = freed_page_.exchange(0, std::memory_order_relaxed);
    if (page == 0 || free_pages(page, count) < count)
        page = header().first_page;
    while (page + count <= pages_) {
        const std::size_t free = free_pages(page, count);
        if (free < count) {
            page += free + 1;
            continue;
        }
        if (!claim(page, count, owner))
            continue;
        try {
            back_claimed(page, count);
        } catch (...) {
            let_go(page, count);
            throw;
        }
        // The first page first: from then on reclaim() finds the whole block by it. The others
        // name no owner, since the block may change hands.
        page_word(page).store(word(PageUse::large, owner, static_cast<std::uint32_t>(count)),
            std::memory_order_release);
        for (std::size_t i = 1; i < count; ++i)
            page_word(page + i).store(
                word(PageUse::large_tail, shared_owner, 0), std::memory_order_release);
        return page * page_bytes;
    }
    throw_full(asked_bytes);
}

void Arena::throw_full(std::size_t bytes) const
{
    throw Error({.object = "shared memory of the run",
        .problem = "has no room",
        .value = std::to_string(bytes) + " bytes asked for",
        .limit = std::to_string(bytes_free()) + " of " + std::to_string(memory_.size())
            + " bytes are free"});
}

void Arena::release_pages(std::size_t first, std::size_t count, std::uint32_t owner) noexcept
{
    std::size_t kept = 0;
    while (kept < count && stays_backed(first + kept))
        ++kept;
    if (kept < count)
        memory_.punch((first + kept) * page_bytes, (count - kept) * page_bytes);
    // Page by page from the end. The block gets shorter before a page is free for others, and the
    // page between the two is a claimed one: wherever a death ends this, reclaim() finds what was
    // still the owner's, and nothing that another process has taken since.
    for (std::size_t left = count - 1; left > 0; --left) {
        const std::uint32_t detail = left < kept ? backed : 0;
        page_word(first + left)
            .store(word(PageUse::claimed, owner, detail), std::memory_order_release);
        page_word(first).store(word(PageUse::large, owner, static_cast<std::uint32_t>(left)),
            std::memory_order_release);
        page_word(first + left).store(word(PageUse::free, 0, detail), std::memory_order_release);
    }
    page_word(first).store(
        word(PageUse::free, 0, kept > 0 ? backed : 0), std::memory_order_release);
}

void Arena::free(ArenaOffset block) noexcept
{
    if (block == 0)
        return;
    const std::size_t page = block / page_bytes;
    const std::uint64_t value = page_word(page).load(std::memory_order_acquire);
    if (use_of(value) == PageUse::large) {
        release_pages(page, detail_of(value), owner_of(value));
        freed_page_.store(stays_backed(page) ? page : 0, std::memory_order_relaxed);
        return;
    }
    const std::size_t size_class = detail_of(value);
    auto* const small = reinterpret_cast<SmallPage*>(memory_.data() + page * page_bytes);
    const std::size_t index
        = (block % page_bytes - owners_bytes(size_class)) / class_bytes[size_class];
    small->owners[index].store(0, std::memory_order_release);
    small_hints_[size_class].store(block, std::memory_order_relaxed);
}

void Arena::transfer(ArenaOffset block, std::uint32_t owner) noexcept
{
    const std::size_t page = block / page_bytes;
    const std::uint64_t value = page_word(page).load(std::memory_order_acquire);
    if (use_of(value) == PageUse::large) {
        page_word(page).store(
            word(PageUse::large, owner, detail_of(value)), std::memory_order_release);
        return;
    }
    const std::size_t size_class = detail_of(value);
    auto* const small = reinterpret_cast<SmallPage*>(memory_.data() + page * page_bytes);
    const std::size_t index
        = (block % page_bytes - owners_bytes(size_class)) / class_bytes[size_class];
    small->owners[index].store(owner + 1, std::memory_order_release);
}

std::size_t Arena::reclaim(std::uint32_t dead_owner) noexcept
{
    std::size_t found = 0;
    const std::size_t end = used_end();
    for (std::size_t page = header().first_page; page < end; ++page) {
        const std::uint64_t value = page_word(page).load(std::memory_order_acquire);
        const PageUse use = use_of(value);
        if (use == PageUse::small) {
            auto* const small = reinterpret_cast<SmallPage*>(memory_.data() + page * page_bytes);
            for (std::uint32_t i = 0; i < blocks_in_page(detail_of(value)); ++i) {
                std::uint32_t expected = dead_owner + 1;
                if (small->owners[i].compare_exchange_strong(
                        expected, 0, std::memory_order_release, std::memory_order_relaxed))
                    ++found;
            }
        } else if (use == PageUse::large && owner_of(value) == dead_owner) {
            release_pages(page, detail_of(value), dead_owner);
            ++found;
        } else if (use == PageUse::claimed && owner_of(value) == dead_owner) {
            if (detail_of(value) != backed)
                memory_.punch(page * page_bytes, page_bytes); // it may have come to backing it
            let_go(page, 1);
        }
    }
    return found;
}

void Arena::retire(ArenaOffset block, void (*destroy)(ArenaOffset) noexcept)
{
    std::size_t others = 0;
    {
        const std::lock_guard hold(retiring_);
        retired_.push_back({block, destroy});
        others = others_;
    }
    if (others == 0)
        set_others(0);
}

void Arena::set_others(std::size_t others) noexcept
{
    std::vector<Retired> unused;
    {
        const std::lock_guard hold(retiring_);
        others_ = others;
        if (others == 0)
            unused.swap(retired_);
    }
    for (; !unused.empty(); unused.pop_back()) {
        const Retired& last = unused.back();
        if (last.destroy != nullptr)
            last.destroy(last.block);
        free(last.block);
    }
}

namespace {

std::uint16_t next_number(std::atomic<std::uint32_t>& counter)
{
    constexpr std::uint32_t most = 0xffff;
    return static_cast<std::uint16_t>(
        std::min(counter.fetch_add(1, std::memory_order_relaxed), most));
}

} // namespace

std::uint16_t Arena::next_channel() noexcept
{
    return next_number(header().channels);
}
std::uint16_t Arena::next_lock() noexcept
{
    return next_number(header().locks);
}
std::uint16_t Arena::next_value() noexcept
{
    return next_number(header().values);
}

std::size_t Arena::bytes_free() const noexcept
{
    std::size_t free = 0;
    for (std::size_t page = header().first_page; page < pages_; ++page)
        free += use_of(page_word(page).load(std::memory_order_relaxed)) == PageUse::free
            ? page_bytes
            : 0;
    return free;
}

} // namespace manyhands
