// SPDX-License-Identifier: MIT
// Tests engine/arena/arena: blocks against a reference, full arenas, what the dead leave behind,
// two threads at once, and a death before each instruction.
#include "engine/arena/arena.hpp"
#include "engine/os/error.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace manyhands;

namespace {

constexpr std::size_t page = std::size_t{64} << 10;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

// A block as its owner knows it: both of its ends hold bytes that no other block has.
struct Block
{
    ArenaOffset offset = 0;
    std::size_t size = 0;
    std::uint32_t owner = 0;
    std::uint64_t number = 0;

    static constexpr std::size_t end_bytes = 4'096;

    void fill(const Arena& arena) const
    {
        const std::vector<std::byte> bytes = patterned(1, number, std::min(size, end_bytes));
        std::memcpy(arena.at(offset), bytes.data(), bytes.size());
        std::memcpy(arena.at(offset) + size - bytes.size(), bytes.data(), bytes.size());
    }
    bool is_intact(const Arena& arena) const
    {
        const std::vector<std::byte> bytes = patterned(1, number, std::min(size, end_bytes));
        // Where the ends overlap, the later one was written last.
        return std::memcmp(arena.at(offset) + size - bytes.size(), bytes.data(), bytes.size()) == 0
            && (size < 2 * bytes.size()
                || std::memcmp(arena.at(offset), bytes.data(), bytes.size()) == 0);
    }
};

std::optional<Block> allocate(
    Arena& arena, std::size_t size, std::uint32_t owner, std::uint64_t number)
{
    try {
        const Block block = {arena.allocate(size, owner), size, owner, number};
        block.fill(arena);
        return block;
    } catch (const Error&) {
        return std::nullopt;
    }
}

// A page after the other until there is none.
std::vector<Block> allocate_all(Arena& arena, std::uint32_t owner, std::uint64_t first_number)
{
    std::vector<Block> blocks;
    while (const auto block = allocate(arena, page, owner, first_number + blocks.size()))
        blocks.push_back(*block);
    return blocks;
}

bool all_intact(const Arena& arena, const std::vector<Block>& blocks)
{
    return std::all_of(
        blocks.begin(), blocks.end(), [&](const Block& block) { return block.is_intact(arena); });
}

constexpr std::size_t arena_bytes = 14 * page;
constexpr std::uint32_t dead = 7;
constexpr std::uint32_t survivor = 8;

// What is wrong should process `dead` have died with the arena as it is: tried out on a copy.
// `before` are blocks of others, `room` is what must be free in the end.
std::string problem_of_death(const Arena& arena, const std::vector<Block>& before, std::size_t room)
{
    Arena left(arena_bytes);
    std::memcpy(left.at(0), arena.at(0), arena_bytes);
    // Others go on while nobody has noticed the death, and then.
    std::vector<Block> taken = allocate_all(left, survivor, 100);
    left.reclaim(dead);
    if (!all_intact(left, before) || !all_intact(left, taken))
        return "reclaiming harmed a survivor's block";
    for (const Block& block : allocate_all(left, survivor, 200))
        taken.push_back(block);
    std::vector<ArenaOffset> offsets;
    for (const Block& block : taken)
        offsets.push_back(block.offset);
    std::sort(offsets.begin(), offsets.end());
    if (std::adjacent_find(offsets.begin(), offsets.end()) != offsets.end()
        || !all_intact(left, before) || !all_intact(left, taken))
        return "a block was given out twice";
    for (const Block& block : taken)
        left.free(block.offset);
    if (left.bytes_free() < room)
        return "memory was lost: " + std::to_string(room - left.bytes_free()) + " bytes";
    return {};
}

std::size_t real_memory(const Arena& arena)
{
    struct stat status = {};
    ::fstat(arena.descriptor(), &status);
    return static_cast<std::size_t>(status.st_blocks) * 512;
}

} // namespace

class TestOfArena : public QObject
{
    Q_OBJECT

private slots:
    void sizes_data();
    void sizes();
    void random_operations_data();
    void random_operations();
    void full_arena_names_size_and_room_data();
    void full_arena_names_size_and_room();
    void room_comes_back();
    void what_stays_in_memory_is_bounded();
    void an_object_owns_what_belongs_to_it();
    void reclaim_frees_what_the_dead_owned();
    void transferred_blocks_change_hands();
    void second_mapping_sees_the_same();
    void other_descriptors_are_refused_data();
    void other_descriptors_are_refused();
    void holds_data();
    void holds();
    void two_threads_data();
    void two_threads();
    void death_before_each_instruction_data();
    void death_before_each_instruction();
};

void TestOfArena::sizes_data()
{
    QTest::addColumn<int>("size");
    for (const int size :
        {0, 1, 63, 64, 65, 4'096, 16'384, 16'385, 65'535, 65'536, 65'537, 1 << 20, 5'000'000})
        QTest::newRow((std::to_string(size) + " bytes").c_str()) << size;
}

void TestOfArena::sizes()
{
    QFETCH(int, size);
    Arena arena(64 * mebibyte);
    std::vector<Block> blocks;
    for (std::uint64_t i = 0; i < 10; ++i) {
        const auto block = allocate(arena, static_cast<std::size_t>(size), 1, i);
        QVERIFY(block.has_value());
        QVERIFY(block->offset != 0);
        QCOMPARE(block->offset % 64, std::uint64_t{0});
        QVERIFY(arena.holds(block->offset, block->size));
        blocks.push_back(*block);
    }
    QVERIFY(all_intact(arena, blocks));
    arena.free(blocks[3].offset);
    arena.free(0);
    const auto again = allocate(arena, static_cast<std::size_t>(size), 1, 99);
    QCOMPARE(again->offset, blocks[3].offset);
    std::swap(blocks[3], blocks[9]);
    blocks.pop_back();
    QVERIFY(all_intact(arena, blocks));
}

void TestOfArena::random_operations_data()
{
    add_seed_rows(15);
}

void TestOfArena::random_operations()
{
    std::mt19937_64 random = random_of_row();
    Arena arena(24 * mebibyte);
    std::map<ArenaOffset, Block> reference;
    std::uint64_t number = 0;
    int refused = 0;
    const auto any_block = [&] {
        auto found = reference.lower_bound(pick(random, 0, 24 * mebibyte));
        return found == reference.end() ? reference.begin() : found;
    };
    for (int step = 0; step < 3'000; ++step) {
        const std::uint64_t choice = pick(random, 0, 99);
        if (choice < 60) {
            const std::size_t size
                = std::max<std::uint64_t>(pick(random, 0, 4 * mebibyte) >> pick(random, 0, 12), 1);
            const auto owner = static_cast<std::uint32_t>(pick(random, 0, 255));
            const std::size_t free_before = arena.bytes_free();
            const auto block = allocate(arena, size, owner, number++);
            if (!block) {
                ++refused;
                QCOMPARE(arena.bytes_free(), free_before);
                continue;
            }
            QVERIFY(arena.holds(block->offset, block->size));
            const auto after = reference.lower_bound(block->offset);
            QVERIFY(after == reference.end() || block->offset + block->size <= after->first);
            QVERIFY(after == reference.begin()
                || std::prev(after)->first + std::prev(after)->second.size <= block->offset);
            reference[block->offset] = *block;
        } else if (reference.empty()) {
            continue;
        } else if (choice < 94) {
            const auto at = any_block();
            QVERIFY(at->second.is_intact(arena));
            arena.free(at->first);
            reference.erase(at);
        } else if (choice < 98) {
            const auto at = any_block();
            at->second.owner = pick(random, 0, 1) == 0
                ? Arena::shared_owner
                : static_cast<std::uint32_t>(pick(random, 0, 255));
            arena.transfer(at->first, at->second.owner);
        } else {
            const auto dead = static_cast<std::uint32_t>(pick(random, 0, 255));
            const std::size_t owned = std::erase_if(
                reference, [&](const auto& one) { return one.second.owner == dead; });
            QCOMPARE(arena.reclaim(dead), owned);
        }
    }
    QVERIFY(refused > 0);
    for (const auto& [offset, block] : reference)
        QVERIFY(block.is_intact(arena));
    for (std::uint32_t owner = 0; owner < 256; ++owner) {
        const std::size_t owned
            = std::erase_if(reference, [&](const auto& one) { return one.second.owner == owner; });
        QCOMPARE(arena.reclaim(owner), owned);
    }
    for (const auto& [offset, block] : reference)
        arena.free(offset);
    // Pages of small blocks stay what they are; with nine sizes of them there cannot be many.
    QVERIFY(arena.bytes_free() > 12 * mebibyte);
}

void TestOfArena::full_arena_names_size_and_room_data()
{
    QTest::addColumn<quint64>("size");
    QTest::newRow("a small block") << quint64{100};
    QTest::newRow("a large one") << quint64{100'000};
    QTest::newRow("larger than the arena") << quint64{5'000'000};
    QTest::newRow("all there is in the world") << ~quint64{0};
}

void TestOfArena::full_arena_names_size_and_room()
{
    QFETCH(quint64, size);
    Arena arena(mebibyte);
    const std::vector<Block> blocks = allocate_all(arena, 1, 0);
    QCOMPARE(blocks.size(), mebibyte / page - 1); // one page tells what the others are
    QCOMPARE(arena.bytes_free(), std::size_t{0});
    if (size > page)
        arena.free(blocks[0].offset); // room, but not enough
    const std::size_t room = arena.bytes_free();
    try {
        arena.allocate(size, 1);
        QFAIL("found room where there is none");
    } catch (const Error& error) {
        QVERIFY(!error.object().empty());
        QVERIFY2(
            error.value().find(std::to_string(size) + " bytes") != std::string::npos, error.what());
        QVERIFY2(
            error.limit().find(std::to_string(room) + " of") != std::string::npos, error.what());
    }
    QCOMPARE(arena.bytes_free(), room);
    QVERIFY(all_intact(arena, {blocks.begin() + 1, blocks.end()}));
}

void TestOfArena::room_comes_back()
{
    Arena arena(64 * mebibyte);
    const std::size_t room = arena.bytes_free();
    const std::size_t real = real_memory(arena);
    for (int round = 0; round < 5; ++round) {
        const auto block = allocate(arena, 30 * mebibyte, 1, static_cast<std::uint64_t>(round));
        QVERIFY(block.has_value());
        QCOMPARE(arena.bytes_free(), room - 30 * mebibyte);
        QVERIFY(real_memory(arena) >= real + 30 * mebibyte);
        arena.free(block->offset);
        QCOMPARE(arena.bytes_free(), room);
        // A quarter of it stays in memory for the next one, and no more.
        QVERIFY(real_memory(arena) <= real + 16 * mebibyte);
    }
}

void TestOfArena::what_stays_in_memory_is_bounded()
{
    Arena arena(mebibyte << 10);
    const std::size_t real = real_memory(arena);
    const std::size_t room = arena.bytes_free();
    std::vector<Block> blocks;
    for (std::uint64_t i = 0; i < 50; ++i)
        blocks.push_back(*allocate(arena, 8 * mebibyte, 1, i));
    QVERIFY(real_memory(arena) >= real + 400 * mebibyte);
    for (const Block& block : blocks)
        arena.free(block.offset);
    QCOMPARE(arena.bytes_free(), room);
    QVERIFY(real_memory(arena) > real + 60 * mebibyte);
    QVERIFY(real_memory(arena) <= real + 64 * mebibyte);
    // A page of small blocks in memory that was used before: none of them is taken.
    const std::size_t before = real_memory(arena);
    for (std::uint64_t i = 0; i < 500; ++i)
        QVERIFY(allocate(arena, 100, 2, 100 + i).has_value());
    QCOMPARE(arena.reclaim(2), std::size_t{500});
    QCOMPARE(real_memory(arena), before);
}

void TestOfArena::an_object_owns_what_belongs_to_it()
{
    Arena arena(8 * mebibyte);
    const ArenaOffset first = arena.allocate(Arena::large_bytes, Arena::shared_owner);
    const ArenaOffset second = arena.allocate(Arena::large_bytes, Arena::shared_owner);
    QVERIFY(Arena::owner_for(first) != Arena::owner_for(second));
    QVERIFY(Arena::owner_for(first) > Arena::shared_owner);
    const std::size_t room = arena.bytes_free();
    for (std::uint64_t i = 0; i < 3; ++i) {
        arena.allocate(100'000, Arena::owner_for(first));
        arena.allocate(100'000, Arena::owner_for(second));
    }
    QCOMPARE(arena.reclaim(Arena::owner_for(first)), std::size_t{3});
    QCOMPARE(arena.reclaim(Arena::owner_for(second)), std::size_t{3});
    QCOMPARE(arena.bytes_free(), room);
}

void TestOfArena::reclaim_frees_what_the_dead_owned()
{
    Arena arena(16 * mebibyte);
    std::vector<Block> survivors;
    std::vector<Block> dead;
    std::uint64_t number = 0;
    for (const std::size_t size : {10, 64, 3'000, 16'384, 20'000, 70'000, 1'000'000}) {
        for (const std::uint32_t owner : {4U, 5U, Arena::shared_owner}) {
            const auto block = allocate(arena, static_cast<std::size_t>(size), owner, number++);
            (owner == 5 ? dead : survivors).push_back(*block);
        }
    }
    QCOMPARE(arena.reclaim(5), dead.size());
    QCOMPARE(arena.reclaim(5), std::size_t{0});
    QCOMPARE(arena.reclaim(6), std::size_t{0});
    // What is given out again is none of the survivors' memory.
    for (const Block& block : dead)
        QVERIFY(allocate(arena, block.size, 7, number++).has_value());
    QVERIFY(all_intact(arena, survivors));
}

void TestOfArena::transferred_blocks_change_hands()
{
    Arena arena(4 * mebibyte);
    for (const std::size_t size : {std::size_t{40}, std::size_t{200'000}}) {
        const auto block = allocate(arena, size, 1, 7);
        arena.transfer(block->offset, 2);
        QCOMPARE(arena.reclaim(1), std::size_t{0});
        QVERIFY(block->is_intact(arena));
        arena.transfer(block->offset, Arena::shared_owner);
        QCOMPARE(arena.reclaim(2), std::size_t{0});
        arena.transfer(block->offset, 3);
        QCOMPARE(arena.reclaim(3), std::size_t{1});
    }
}

void TestOfArena::second_mapping_sees_the_same()
{
    Arena arena(4 * mebibyte);
    Arena mapped(os::Descriptor(::fcntl(arena.descriptor(), F_DUPFD_CLOEXEC, 0)));
    const auto block = allocate(arena, 100'000, 1, 5);
    QVERIFY(mapped.at(block->offset) != arena.at(block->offset));
    QVERIFY(block->is_intact(mapped));
    QCOMPARE(mapped.bytes_free(), arena.bytes_free());
    const auto other = allocate(mapped, 100'000, 2, 6);
    QVERIFY(other->offset != block->offset);
    mapped.free(block->offset);
    QCOMPARE(arena.reclaim(2), std::size_t{1});
    QCOMPARE(arena.reclaim(1), std::size_t{0});
}

void TestOfArena::other_descriptors_are_refused_data()
{
    QTest::addColumn<int>("bytes");
    QTest::addColumn<bool>("sealed");
    QTest::newRow("not sealed") << int{mebibyte} << false;
    QTest::newRow("less than a page") << 4'096 << true;
    QTest::newRow("zeros") << int{mebibyte} << true;
}

void TestOfArena::other_descriptors_are_refused()
{
    QFETCH(int, bytes);
    QFETCH(bool, sealed);
    os::Descriptor file(::memfd_create("tst_arena", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    QCOMPARE(::ftruncate(file.get(), bytes), 0);
    if (sealed)
        ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    QVERIFY_EXCEPTION_THROWN(Arena(std::move(file)), Error);
}

void TestOfArena::holds_data()
{
    QTest::addColumn<quint64>("offset");
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<bool>("held");
    QTest::newRow("none") << quint64{0} << quint64{1} << false;
    QTest::newRow("within") << quint64{64} << quint64{100} << true;
    QTest::newRow("to the last byte") << quint64{mebibyte - 10} << quint64{10} << true;
    QTest::newRow("one too many") << quint64{mebibyte - 10} << quint64{11} << false;
    QTest::newRow("at the end, nothing") << quint64{mebibyte} << quint64{0} << true;
    QTest::newRow("behind the end") << quint64{mebibyte + 1} << quint64{0} << false;
    QTest::newRow("a sum that wraps around") << ~quint64{0} << ~quint64{0} << false;
    QTest::newRow("a length that wraps around") << quint64{64} << ~quint64{0} << false;
}

void TestOfArena::holds()
{
    QFETCH(quint64, offset);
    QFETCH(quint64, bytes);
    QFETCH(bool, held);
    const Arena arena(mebibyte);
    QCOMPARE(arena.holds(offset, bytes), held);
}

void TestOfArena::two_threads_data()
{
    QTest::addColumn<int>("least");
    QTest::addColumn<int>("most");
    QTest::addColumn<int>("kept"); // at once, by each thread
    QTest::addColumn<int>("rounds");
    QTest::newRow("all sizes") << 1 << 300'000 << 20 << 4'000;
    QTest::newRow("small blocks of one size") << 64 << 64 << 3 << 30'000;
    QTest::newRow("single pages") << 20'000 << 20'000 << 2 << 15'000;
}

void TestOfArena::two_threads()
{
    QFETCH(int, least);
    QFETCH(int, most);
    QFETCH(int, kept);
    QFETCH(int, rounds);
    Arena arena(8 * mebibyte);
    // A block on its way to the other thread, which checks and frees it.
    std::atomic<Block*> mailboxes[2] = {nullptr, nullptr};
    std::atomic<int> wrong{0};
    const auto work = [&](std::uint32_t self) {
        std::mt19937_64 random(self);
        std::vector<Block> own;
        const auto let_go = [&](Block block) {
            if (!block.is_intact(arena))
                ++wrong;
            arena.free(block.offset);
        };
        for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(rounds); ++i) {
            const std::size_t size
                = std::max(pick(random, 0, static_cast<std::uint64_t>(most)) >> pick(random, 0, 18),
                    static_cast<std::uint64_t>(least));
            if (const auto block = allocate(arena, size, self, self * 1'000'000 + i))
                own.push_back(*block);
            if (own.size() > static_cast<std::size_t>(kept)
                || (!own.empty() && pick(random, 0, 1) == 0)) {
                std::swap(own[pick(random, 0, own.size() - 1)], own.back());
                const Block block = own.back();
                own.pop_back();
                if (pick(random, 0, 1) == 0) {
                    let_go(block);
                } else {
                    arena.transfer(block.offset, Arena::shared_owner);
                    Block* const old = mailboxes[1 - self].exchange(new Block(block));
                    if (old != nullptr) {
                        let_go(*old);
                        delete old;
                    }
                }
            }
            if (Block* const mail = mailboxes[self].exchange(nullptr)) {
                let_go(*mail);
                delete mail;
            }
        }
        for (const Block& block : own)
            let_go(block);
    };
    std::thread other(work, 0U);
    work(1);
    other.join();
    for (std::atomic<Block*>& mailbox : mailboxes) {
        if (Block* const mail = mailbox.load()) {
            if (!mail->is_intact(arena))
                ++wrong;
            arena.free(mail->offset);
            delete mail;
        }
    }
    QCOMPARE(wrong.load(), 0);
    QCOMPARE(
        arena.reclaim(0) + arena.reclaim(1) + arena.reclaim(Arena::shared_owner), std::size_t{0});
}

void TestOfArena::death_before_each_instruction_data()
{
    QTest::addColumn<int>("operation");
    QTest::addColumn<int>("size");
    QTest::newRow("allocating a small block in a page of such") << 0 << 64;
    QTest::newRow("allocating a small block in a new page") << 0 << 9'000;
    QTest::newRow("allocating one page") << 0 << 60'000;
    QTest::newRow("allocating several pages") << 0 << 300'000;
    QTest::newRow("freeing a small block") << 1 << 64;
    QTest::newRow("freeing one page") << 1 << 60'000;
    QTest::newRow("freeing several pages") << 1 << 300'000;
    QTest::newRow("handing over a small block") << 2 << 64;
    QTest::newRow("handing over several pages") << 2 << 300'000;
}

// Whatever the dead process was doing: survivors keep what they have, even what they took between
// the death and its being noticed, and nothing that it owned is lost.
void TestOfArena::death_before_each_instruction()
{
    QFETCH(int, operation);
    QFETCH(int, size);
    Arena arena(arena_bytes);
    std::vector<Block> before = {*allocate(arena, 64, survivor, 1),
        *allocate(arena, 100'000, survivor, 2), *allocate(arena, 64, Arena::shared_owner, 3)};
    const std::size_t room = arena.bytes_free();
    const auto bytes = static_cast<std::size_t>(size);

    ArenaOffset block = 0;
    const auto prepare = [&] {
        // Whatever is called below for the first time has been called before.
        for (const std::size_t warm : {std::size_t{64}, std::size_t{60'000}}) {
            const ArenaOffset first = arena.allocate(warm, dead);
            arena.transfer(first, dead);
            arena.free(first);
        }
        block = operation == 0 ? 0 : arena.allocate(bytes, dead);
    };
    const auto work = [&] {
        if (operation == 0)
            arena.allocate(bytes, dead);
        else if (operation == 1)
            arena.free(block);
        else
            arena.transfer(block, survivor);
    };
    // A new page of small blocks stays one; a block that was handed over is its receiver's.
    const std::size_t kept = (operation == 0 && size == 9'000 ? page : 0)
        + (operation == 2 && size > 64 ? (bytes + page - 1) / page * page : 0);
    std::string problem;
    int states = 0;
    std::vector<std::byte> last;
    const auto look = [&] {
        if (!problem.empty()
            || (!last.empty() && std::memcmp(last.data(), arena.at(0), arena_bytes) == 0))
            return;
        last.assign(arena.at(0), arena.at(arena_bytes));
        ++states;
        problem = problem_of_death(arena, before, room - kept);
        if (!problem.empty())
            problem += " (state " + std::to_string(states) + ")";
    };
    const std::size_t instructions = at_each_instruction(prepare, work, look);
    if (instructions == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY2(problem.empty(), problem.c_str());
    QVERIFY(instructions > 10);
    QVERIFY(states >= 2);
}

QTEST_APPLESS_MAIN(TestOfArena)

#include "tst_arena.moc"
