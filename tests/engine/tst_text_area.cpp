// SPDX-License-Identifier: MIT
// Tests engine/trace/text_area: records in order, room kept for documents, full areas, a reader
// beside a writer, and lengths that lie.
#include "engine/trace/text_area.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <atomic>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace manyhands;

namespace {

constexpr std::size_t head_bytes = sizeof(TextAreaHeader);
constexpr std::size_t record_head_bytes = 8;

std::size_t record_bytes(std::size_t text)
{
    return (record_head_bytes + text + 7) / 8 * 8;
}

struct Record
{
    TextKind kind;
    std::uint16_t id;
    std::string text;

    bool operator==(const Record&) const = default;
};

struct TestArea
{
    explicit TestArea(std::size_t room, std::size_t reserved = 0)
        : memory(head_bytes + room)
        , writer(memory.data(), memory.size(), reserved)
    {
    }

    TextReader reader() const { return {memory.data(), memory.size()}; }
    TextAreaHeader& header() const { return *reinterpret_cast<TextAreaHeader*>(memory.data()); }

    ExactMemory memory;
    TextWriter writer;
};

// Everything that the reader gives; a copy of each text, so that each of its bytes is touched.
std::vector<Record> rest_of(TextReader& reader)
{
    std::vector<Record> records;
    TextRecord record;
    while (reader.next(record))
        records.push_back({record.kind, record.id, std::string(record.text)});
    return records;
}

std::string text_of(std::uint64_t number, std::size_t size)
{
    const std::vector<std::byte> bytes = patterned(0, number, size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

class TestOfTextArea : public QObject
{
    Q_OBJECT

private slots:
    void records_come_in_order();
    void reader_goes_on_behind_what_it_has_seen();
    void full_area_counts_what_it_drops_data();
    void full_area_counts_what_it_drops();
    void room_is_kept_for_documents();
    void random_appends_data();
    void random_appends();
    void reading_beside_a_writer();
    void length_cut_at_every_byte();
    void length_beyond_the_area_data();
    void length_beyond_the_area();
    void length_that_goes_back();
    void random_bytes_data();
    void random_bytes();
    void sides_of_nothing();
};

void TestOfTextArea::records_come_in_order()
{
    TestArea area(200);
    QVERIFY(area.writer.append(TextKind::output_line, 0, "first"));
    QVERIFY(area.writer.append(TextKind::place, 65535, ""));
    QVERIFY(area.writer.append(TextKind::mark, 7, std::string_view("a\0b\n", 4)));
    TextReader reader = area.reader();
    const std::vector<Record> expected = {{TextKind::output_line, 0, "first"},
        {TextKind::place, 65535, ""}, {TextKind::mark, 7, std::string("a\0b\n", 4)}};
    QVERIFY(rest_of(reader) == expected);
    QVERIFY(!reader.damaged());
    QCOMPARE(reader.dropped(), std::uint64_t{0});
}

void TestOfTextArea::reader_goes_on_behind_what_it_has_seen()
{
    TestArea area(200);
    TextReader reader = area.reader();
    TextRecord record;
    QVERIFY(!reader.next(record));
    for (int i = 0; i < 5; ++i) {
        area.writer.append(TextKind::output_line, 0, std::to_string(i));
        QVERIFY(reader.next(record));
        QCOMPARE(std::string(record.text), std::to_string(i));
        QVERIFY(!reader.next(record));
    }
    TextReader second = area.reader();
    QCOMPARE(rest_of(second).size(), std::size_t{5});
}

void TestOfTextArea::full_area_counts_what_it_drops_data()
{
    QTest::addColumn<int>("room");
    QTest::addColumn<int>("text");
    QTest::addColumn<bool>("fits");
    QTest::newRow("no room at all") << 0 << 0 << false;
    QTest::newRow("empty text in its header's room") << 8 << 0 << true;
    QTest::newRow("one byte too long") << 16 << 9 << false;
    QTest::newRow("to the last byte") << 16 << 8 << true;
    QTest::newRow("padding counts") << 15 << 1 << false;
    QTest::newRow("much too long") << 64 << 100'000 << false;
}

void TestOfTextArea::full_area_counts_what_it_drops()
{
    QFETCH(int, room);
    QFETCH(int, text);
    QFETCH(bool, fits);
    TestArea area(static_cast<std::size_t>(room));
    const std::string long_text(static_cast<std::size_t>(text), 'x');
    QCOMPARE(area.writer.append(TextKind::output_line, 0, long_text), fits);
    TextReader reader = area.reader();
    QCOMPARE(rest_of(reader).size(), std::size_t{fits ? 1U : 0U});
    QCOMPARE(reader.dropped(), std::uint64_t{fits ? 0U : 1U});
    QVERIFY(!reader.damaged());
}

void TestOfTextArea::room_is_kept_for_documents()
{
    TestArea area(100, 40);
    // 60 bytes for all others: one of 56, then none that needs more than 4.
    QVERIFY(area.writer.append(TextKind::output_line, 0, std::string(48, 'a')));
    QVERIFY(!area.writer.append(TextKind::output_line, 0, ""));
    QVERIFY(!area.writer.append(TextKind::exception, 0, "std::runtime_error\nno"));
    QVERIFY(area.writer.append(TextKind::document, 0, std::string(32, 'd')));
    QVERIFY(!area.writer.append(TextKind::output_line, 0, ""));
    QVERIFY(!area.writer.append(TextKind::document, 0, ""));
    TextReader reader = area.reader();
    const std::vector<Record> records = rest_of(reader);
    QCOMPARE(records.size(), std::size_t{2});
    QVERIFY(records[1].kind == TextKind::document);
    QCOMPARE(reader.dropped(), std::uint64_t{4});
}

void TestOfTextArea::random_appends_data()
{
    add_seed_rows(20);
}

void TestOfTextArea::random_appends()
{
    std::mt19937_64 random = random_of_row();
    const std::size_t room = pick(random, 0, 3000);
    const std::size_t reserved = pick(random, 0, room);
    TestArea area(room, reserved);
    TextReader reader = area.reader();
    std::vector<Record> expected;
    std::vector<Record> got;
    std::size_t used = 0;
    std::uint64_t dropped = 0;
    for (std::uint64_t step = 0; step < 400; ++step) {
        const Record record = {static_cast<TextKind>(pick(random, 1, 7)),
            static_cast<std::uint16_t>(random()), text_of(step, pick(random, 0, 60))};
        const std::size_t limit = record.kind == TextKind::document ? room : room - reserved;
        const bool fits = used + record_bytes(record.text.size()) <= limit;
        QCOMPARE(area.writer.append(record.kind, record.id, record.text), fits);
        if (fits) {
            used += record_bytes(record.text.size());
            expected.push_back(record);
        } else {
            ++dropped;
        }
        TextRecord next;
        if (pick(random, 0, 2) == 0 && reader.next(next))
            got.push_back({next.kind, next.id, std::string(next.text)});
    }
    for (Record& record : rest_of(reader))
        got.push_back(std::move(record));
    QVERIFY(got == expected);
    QCOMPARE(reader.dropped(), dropped);
    QVERIFY(!reader.damaged());
}

void TestOfTextArea::reading_beside_a_writer()
{
    TestArea area(std::size_t{1} << 20);
    std::atomic<bool> done{false};
    std::uint64_t appended = 0;
    std::thread writer([&] {
        while (area.writer.append(TextKind::mark, static_cast<std::uint16_t>(appended),
            text_of(appended, appended * 7 % 90)))
            ++appended;
        done.store(true, std::memory_order_release);
    });
    TextReader reader = area.reader();
    std::uint64_t read = 0;
    std::uint64_t wrong = 0;
    bool more = true;
    while (more) {
        more = !done.load(std::memory_order_acquire);
        TextRecord record;
        while (reader.next(record)) {
            wrong += record.kind == TextKind::mark && record.id == static_cast<std::uint16_t>(read)
                    && record.text == text_of(read, read * 7 % 90)
                ? 0
                : 1;
            ++read;
        }
    }
    writer.join();
    QVERIFY(appended > 1000);
    QCOMPARE(read, appended);
    QCOMPARE(wrong, std::uint64_t{0});
    QCOMPARE(reader.dropped(), std::uint64_t{1});
}

// A process that died half-way through, or lies: the length ends anywhere.
void TestOfTextArea::length_cut_at_every_byte()
{
    const std::vector<std::string> texts = {"", "a", "eight by", "nine byte", std::string(40, 'z')};
    std::size_t whole = 0;
    for (const std::string& text : texts)
        whole += record_bytes(text.size());
    for (std::size_t cut = 0; cut <= whole; ++cut) {
        TestArea area(whole);
        for (const std::string& text : texts)
            area.writer.append(TextKind::output_line, 1, text);
        area.header().length.store(cut);
        // All texts that end before the cut, and damage where it goes through header or text.
        std::vector<std::string> expected;
        bool torn = false;
        std::size_t begin = 0;
        for (const std::string& text : texts) {
            if (begin >= cut)
                break;
            torn = cut < begin + record_head_bytes + text.size();
            if (!torn)
                expected.push_back(text);
            begin += record_bytes(text.size());
        }
        TextReader reader = area.reader();
        std::vector<std::string> got;
        for (const Record& record : rest_of(reader))
            got.push_back(record.text);
        QVERIFY2(got == expected, ("cut at " + std::to_string(cut)).c_str());
        QVERIFY2(reader.damaged() == torn, ("cut at " + std::to_string(cut)).c_str());
        // For good: what comes later is not believed either.
        area.header().length.store(whole);
        if (torn)
            QCOMPARE(rest_of(reader).size(), std::size_t{0});
    }
}

void TestOfTextArea::length_beyond_the_area_data()
{
    QTest::addColumn<quint64>("length");
    QTest::newRow("one byte") << quint64{65};
    QTest::newRow("one record") << quint64{72};
    QTest::newRow("with the header's size") << quint64{128};
    QTest::newRow("half of all numbers") << (quint64{1} << 63);
    QTest::newRow("all bits") << std::numeric_limits<quint64>::max();
}

void TestOfTextArea::length_beyond_the_area()
{
    QFETCH(quint64, length);
    TestArea area(64);
    area.writer.append(TextKind::output_line, 0, "honest");
    TextReader reader = area.reader();
    QCOMPARE(rest_of(reader).size(), std::size_t{1});
    area.header().length.store(length);
    QCOMPARE(rest_of(reader).size(), std::size_t{0});
    QVERIFY(reader.damaged());
}

void TestOfTextArea::length_that_goes_back()
{
    TestArea area(64);
    area.writer.append(TextKind::output_line, 0, "one");
    area.writer.append(TextKind::output_line, 0, "two");
    TextReader reader = area.reader();
    QCOMPARE(rest_of(reader).size(), std::size_t{2});
    area.header().length.store(16);
    QCOMPARE(rest_of(reader).size(), std::size_t{0});
    QVERIFY(reader.damaged());
}

void TestOfTextArea::random_bytes_data()
{
    add_seed_rows(20);
}

void TestOfTextArea::random_bytes()
{
    std::mt19937_64 random = random_of_row();
    int damaged = 0;
    for (int round = 0; round < 500; ++round) {
        const std::size_t room = pick(random, 0, 300);
        TestArea area(room);
        for (std::size_t i = 0; i < room; ++i)
            area.memory.data()[head_bytes + i] = static_cast<std::byte>(pick_any(random));
        // Sizes of records that are small enough to be believed now and then.
        for (std::size_t at = 0; at + 4 <= room; at += 8) {
            const auto bytes = static_cast<std::uint32_t>(pick_any(random) & 0xffff'ffff);
            if (pick(random, 0, 1) == 0)
                std::memcpy(area.memory.data() + head_bytes + at, &bytes, sizeof bytes);
        }
        const std::uint64_t length
            = pick(random, 0, 3) == 0 ? pick_any(random) : pick(random, 0, room);
        area.header().length.store(length);
        TextReader reader = area.reader();
        std::size_t taken = 0;
        for (const Record& record : rest_of(reader))
            taken += record_head_bytes + record.text.size();
        QVERIFY(taken <= room);
        if (length > room)
            QVERIFY(reader.damaged());
        damaged += reader.damaged() ? 1 : 0;
    }
    QVERIFY(damaged > 100);
}

void TestOfTextArea::sides_of_nothing()
{
    TextWriter writer;
    QVERIFY(!writer.append(TextKind::output_line, 0, "nowhere"));
    TextReader reader;
    TextRecord record;
    QVERIFY(!reader.next(record));
    QCOMPARE(reader.dropped(), std::uint64_t{0});
}

QTEST_APPLESS_MAIN(TestOfTextArea)

#include "tst_text_area.moc"
