// SPDX-License-Identifier: MIT
// Tests engine/ipc/codec: what crosses arrives as it was, and bytes that nobody sent are refused.
#include "engine/ipc/codec.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using namespace manyhands;

namespace {

using Bytes = std::vector<std::byte>;

enum class Colour { red, green };

// Copied, and nobody has said how it is serialised.
struct Point
{
    int x = 0;
    double y = 0;
    bool operator==(const Point&) const = default;
};

// Copied alone, and serialised in a container: both are the same value.
struct Both
{
    int number = 0;
    bool operator==(const Both&) const = default;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(number);
    }
};

struct Person
{
    std::string name;
    std::vector<Point> points;
    std::map<std::string, Point> places;
    std::optional<std::string> nickname;
    bool operator==(const Person&) const = default;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(name, points, places, nickname);
    }
};

struct NoDefault
{
    explicit NoDefault(int from)
        : number(from)
    {
    }
    bool operator==(const NoDefault&) const = default;
    int number;
};

// An object of the arena, as far as the codec is concerned.
class Handle
{
public:
    Handle() = default;
    Handle(const Handle& other)
        : offset_(other.offset_)
    {
    }
    Handle& operator=(const Handle&) = default;
    ArenaOffset offset() const { return offset_; }
    static Handle view(ArenaOffset offset)
    {
        Handle handle;
        handle.offset_ = offset;
        return handle;
    }
    bool operator==(const Handle&) const = default;

private:
    ArenaOffset offset_ = 0;
};
static_assert(SharedObject<Handle> && !codec::copied<Handle>);

// How many bytes were allocated at most at once, while somebody looked.
thread_local std::size_t largest_allocation = 0;

template <class T>
void goes_and_comes(const T& value)
{
    Bytes bytes;
    codec::encode(bytes, value);
    const std::size_t size = bytes.size();
    codec::encode(bytes, std::uint32_t{0xabcd});
    std::span<const std::byte> rest = bytes;
    QVERIFY(codec::decode<T>(rest) == value);
    QCOMPARE(codec::decode<std::uint32_t>(rest), std::uint32_t{0xabcd});
    QVERIFY(rest.empty());
    // From an odd address, too.
    bytes.insert(bytes.begin(), std::byte{7});
    rest = std::span<const std::byte>(bytes).subspan(1);
    QVERIFY(codec::decode<T>(rest) == value);
    // Cut at every byte.
    for (std::size_t cut = 0; cut < size; ++cut) {
        const Bytes part(bytes.begin() + 1, bytes.begin() + 1 + static_cast<std::ptrdiff_t>(cut));
        rest = part;
        QVERIFY_EXCEPTION_THROWN(codec::decode<T>(rest), Error);
    }
    if constexpr (codec::is_plain<T>) {
        QCOMPARE(codec::plain_bytes(value), size);
        Bytes written(size);
        codec::write_plain(written.data(), value);
        rest = written;
        QVERIFY(codec::decode<T>(rest) == value);
    }
}

template <class T>
void refuses_length(std::uint64_t length)
{
    // The length, and a few bytes behind it.
    Bytes bytes(40);
    std::memcpy(bytes.data(), &length, sizeof length);
    std::span<const std::byte> rest = bytes;
    largest_allocation = 0;
    QVERIFY_EXCEPTION_THROWN(codec::decode<T>(rest), Error);
    QVERIFY2(largest_allocation < 4'096, std::to_string(largest_allocation).c_str());
}

} // namespace

void* operator new(std::size_t bytes)
{
    largest_allocation = std::max(largest_allocation, bytes);
    if (void* const memory = std::malloc(bytes))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

class TestOfCodec : public QObject
{
    Q_OBJECT

private slots:
    void values_cross();
    void a_span_arrives_as_a_vector();
    void without_a_default_constructor();
    void plain_ones_need_no_serialising();
    void wrong_lengths_data();
    void wrong_lengths();
    void random_bytes_data() { add_seed_rows(20); }
    void random_bytes();
};

void TestOfCodec::values_cross()
{
    goes_and_comes(-5);
    goes_and_comes(2.5);
    goes_and_comes(true);
    goes_and_comes(Colour::green);
    goes_and_comes(Point{1, 2});
    goes_and_comes(Both{3});
    goes_and_comes(std::string());
    goes_and_comes(std::string("Zoë – 千手"));
    goes_and_comes(std::u16string(u"千手"));
    goes_and_comes(std::vector<int>());
    goes_and_comes(std::vector<double>{1, 2.5, -3});
    goes_and_comes(std::vector<Point>{{1, 2}, {3, 4}});
    goes_and_comes(std::vector<bool>{true, false, true});
    goes_and_comes(std::vector<Colour>{Colour::green, Colour::red});
    goes_and_comes(std::vector<Both>{{1}, {2}});
    goes_and_comes(std::vector<std::string>{"a", "", "ccc"});
    goes_and_comes(std::vector<std::vector<double>>{{1}, {}, {2, 3}});
    goes_and_comes(std::vector<std::optional<int>>{1, {}, 3});
    goes_and_comes(std::array<int, 3>{1, 2, 3});
    goes_and_comes(std::array<std::string, 2>{"a", "b"});
    goes_and_comes(std::vector<std::array<int, 2>>{{1, 2}, {3, 4}});
    goes_and_comes(std::pair<int, std::string>{1, "y"});
    goes_and_comes(std::tuple<int, Point, std::string>{1, {1, 2}, "z"});
    goes_and_comes(std::optional<Point>(Point{1, 2}));
    goes_and_comes(std::optional<std::string>());
    goes_and_comes(std::variant<int, std::string>("v"));
    goes_and_comes(std::set<std::string>{"k", "l"});
    goes_and_comes(std::map<std::string, Point>{{"ß", {5, 6}}});
    goes_and_comes(std::map<Colour, Both>{{Colour::red, {1}}});
    goes_and_comes(std::unordered_map<std::string, std::vector<int>>{{"a", {1, 2}}});
    goes_and_comes(Person{"a", {{1, 2}, {3, 4}}, {{"x", {5, 6}}}, "b"});
    goes_and_comes(std::vector<Person>{{}, {"b", {}, {}, {}}});
    goes_and_comes(Handle::view(64));
    goes_and_comes(std::vector<Handle>{Handle::view(64), Handle::view(128)});
    goes_and_comes(std::map<int, Handle>{{1, Handle::view(192)}});
}

void TestOfCodec::a_span_arrives_as_a_vector()
{
    const std::vector<int> values = {1, 2, 3};
    Bytes bytes;
    codec::encode(bytes, std::span<const int>(values).subspan(1));
    std::span<const std::byte> rest = bytes;
    QVERIFY(codec::decode<std::vector<int>>(rest) == std::vector<int>({2, 3}));
}

void TestOfCodec::without_a_default_constructor()
{
    goes_and_comes(NoDefault(7));
    goes_and_comes(std::vector<NoDefault>{NoDefault(1), NoDefault(2)});
}

void TestOfCodec::plain_ones_need_no_serialising()
{
    QVERIFY(codec::is_plain<int>);
    QVERIFY(codec::is_plain<Point>);
    QVERIFY(codec::is_plain<std::string>);
    QVERIFY(codec::is_plain<std::vector<Point>>);
    QVERIFY(codec::is_plain<Handle>);
    QVERIFY(!codec::is_plain<std::vector<bool>>);
    QVERIFY(!codec::is_plain<std::vector<std::string>>);
    QVERIFY(!codec::is_plain<Person>);
}

void TestOfCodec::wrong_lengths_data()
{
    QTest::addColumn<quint64>("length");
    QTest::newRow("one more than there is room for") << quint64{33};
    QTest::newRow("a megabyte") << quint64{1 << 20};
    QTest::newRow("all there is in the world") << ~quint64{0};
    QTest::newRow("a product that wraps around") << (quint64{1} << 61) + 1;
}

void TestOfCodec::wrong_lengths()
{
    QFETCH(quint64, length);
    refuses_length<std::string>(length);
    refuses_length<std::u16string>(length);
    refuses_length<std::vector<char>>(length);
    refuses_length<std::vector<double>>(length);
    refuses_length<std::vector<std::array<char, 4'096>>>(length);
    refuses_length<std::vector<std::string>>(length);
    refuses_length<std::vector<std::array<std::string, 100>>>(length);
    refuses_length<std::vector<bool>>(length);
    refuses_length<std::set<std::string>>(length);
    refuses_length<std::map<int, std::string>>(length);
    refuses_length<std::unordered_map<int, std::string>>(length);
}

void TestOfCodec::random_bytes()
{
    std::mt19937_64 random = random_of_row();
    for (int round = 0; round < 500; ++round) {
        Bytes bytes = patterned(0, random(), pick(random, 0, 200));
        // Small lengths, so that some of it is taken for values.
        for (std::byte& byte : bytes)
            byte = pick(random, 0, 3) == 0 ? byte : std::byte{0};
        const auto take = [&]<class T>(std::type_identity<T>) {
            std::span<const std::byte> rest = bytes;
            largest_allocation = 0;
            try {
                codec::decode<T>(rest);
            } catch (const Error&) {
            }
            QVERIFY(largest_allocation < 100'000);
        };
        take(std::type_identity<Person>());
        take(std::type_identity<std::vector<Person>>());
        take(std::type_identity<std::variant<int, std::string>>());
        take(std::type_identity<std::unordered_map<std::string, std::vector<int>>>());
    }
}

QTEST_APPLESS_MAIN(TestOfCodec)

#include "tst_codec.moc"
