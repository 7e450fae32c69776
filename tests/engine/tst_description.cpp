// SPDX-License-Identifier: MIT
// Tests engine/description: parameters as people type them, and JSON that nobody has checked.
#include "engine/description/built_with.hpp"
#include "engine/description/lesson_description.hpp"
#include "engine/description/result_document.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"

#include <QTest>

#include <nlohmann/json.hpp>

#include <clocale>
#include <cmath>
#include <limits>
#include <locale>
#include <random>
#include <set>
#include <string>
#include <variant>

using namespace manyhands;

namespace {

ParameterDescription workers()
{
    return {.name = "workers",
        .label = "Worker processes",
        .help = "How many processes count.",
        .unit = "",
        .type = ParameterType::integer,
        .default_value = std::int64_t{4},
        .minimum = 1,
        .maximum = 256,
        .choices = {},
        .work = false,
        .workers = true,
        .folded = false};
}

ParameterDescription limit()
{
    return {.name = "limit",
        .label = "Count primes up to",
        .help = "",
        .unit = "",
        .type = ParameterType::integer,
        .default_value = std::int64_t{15'000'000},
        .minimum = -10,
        .maximum = 1e18,
        .choices = {},
        .work = true,
        .workers = false,
        .folded = false};
}

ParameterDescription rate()
{
    return {.name = "rate",
        .label = "Failure rate",
        .help = "Share of the tasks that fail.",
        .unit = "",
        .type = ParameterType::real,
        .default_value = 0.25,
        .minimum = 0,
        .maximum = 1e6,
        .choices = {},
        .work = true,
        .workers = false,
        .folded = true};
}

ParameterDescription schedule()
{
    return {.name = "schedule",
        .label = "Schedule",
        .help = "",
        .unit = "",
        .type = ParameterType::choice,
        .default_value = std::string("dynamic"),
        .minimum = 0,
        .maximum = 0,
        .choices = {"static", "dynamic", "guided"},
        .work = false,
        .workers = false,
        .folded = false};
}

LessonDescription lesson()
{
    return {.id = "prime_counting",
        .title = "Counting primes with a pool",
        .objectives = {"See a pool share work", "Größe zählt"},
        .text = "# Read\n\n\tA *pool*…\n",
        .sources = {{"lessons/prime_counting/program.cpp", "cpp", "int main() { return 0; }\n"},
            {"lessons/prime_counting/program.py", "python", "print(1)\n"}},
        .parameters = {limit(), workers(), rate(), schedule()},
        .quantities = {{"primes", "Primes found", "", "count"},
            {"tail", "Time of the last worker alone", "s", "time"}},
        .work_unit = "trial divisions",
        .baseline = true,
        .memory = false};
}

ResultDocument result()
{
    return {.quantities = {{"primes", 664579.0}, {"tail", std::nullopt}},
        .checks = {{"every prime is found", true}, {"no task failed", false},
            {"the queue was full once", std::nullopt}},
        .failures = {{.process = "Worker-2",
                         .pid = 4242,
                         .task = 7,
                         .argument = "70000",
                         .kind = "exception",
                         .value = 0,
                         .text = "std::runtime_error: no such file"},
            {.process = "Worker-3",
                .pid = 4243,
                .task = std::nullopt,
                .argument = "",
                .kind = "signal",
                .value = 9,
                .text = "killed"}},
        .result = {{"primes", 664579}, {"by_chunk", {1, 2.5, nullptr}}},
        .summary = "664579 primes up to 10000000\nin 0.5 s"};
}

/// The one line of the BadValue that `call` throws; "" where it throws none.
template <class Call>
std::string refusal(Call&& call)
{
    try {
        call();
    } catch (const BadValue& error) {
        return error.what();
    }
    return {};
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// Whatever is not to be found: decimal commas and dots between thousands.
struct GermanNumbers : std::numpunct<char>
{
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

/// What a test's row puts in the place of a field; by itself, nlohmann::json is no type for QTest,
/// since it converts to everything.
struct Replacement
{
    nlohmann::json json; ///< discarded: the field is taken out
};

} // namespace

Q_DECLARE_METATYPE(Replacement)

class TestDescription : public QObject
{
    Q_OBJECT

private slots:
    void whole_numbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("expected");
        const auto row = [](const char* text, qint64 expected) {
            QTest::newRow(text) << QByteArray(text) << expected;
        };
        row("15000000", 15'000'000);
        row("15_000_000", 15'000'000);
        row("15 000 000", 15'000'000);
        row("15\u00a0000\u00a0000", 15'000'000);
        row("15\u202f000\u202f000", 15'000'000);
        row("1.5e7", 15'000'000);
        row("1.5E7", 15'000'000);
        row("1.5e+7", 15'000'000);
        row("1.50e+007", 15'000'000);
        row("15e6", 15'000'000);
        row("150000000e-1", 15'000'000);
        row("1_500e4", 15'000'000);
        row("  15000000\t", 15'000'000);
        row("0", 0);
        row("-0", 0);
        row("0e99999", 0);
        row("00", 0);
        row("007", 7);
        row("-3", -3);
        row("-1e1", -10);
        row("4.0", 4);
        row("999", 999);
        row("1 000", 1000);
        row("1e18", 1'000'000'000'000'000'000);
        row("123456789012345678", 123'456'789'012'345'678);
    }

    void whole_numbers()
    {
        QFETCH(QByteArray, text);
        QFETCH(qint64, expected);
        const ParameterValue value = limit().parse(text.toStdString());
        QVERIFY(std::holds_alternative<std::int64_t>(value));
        QCOMPARE(std::get<std::int64_t>(value), std::int64_t{expected});
    }

    void no_whole_numbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto row
            = [](const char* name, const char* text) { QTest::newRow(name) << QByteArray(text); };
        row("fraction", "1.5");
        row("fraction left over", "1.55e1");
        row("fraction by exponent", "15e-1");
        row("hexadecimal", "0x10");
        row("empty", "");
        row("blank", "   ");
        row("word", "four");
        row("minus alone", "-");
        row("two minuses", "--3");
        row("dot alone", ".");
        row("dot behind", "1.");
        row("dot before", ".5");
        row("two dots", "1.5.2");
        row("decimal comma", "1,5e7");
        row("grouping comma", "15,000,000");
        row("two blanks", "15  000 000");
        row("short group", "4 8");
        row("long group", "1500 0000");
        row("long first group", "1500 000");
        row("mixed groups", "15_000 000");
        row("underscore behind", "15_000_");
        row("underscore before", "_15");
        row("no exponent", "15e");
        row("no digits of an exponent", "15e+");
        row("fraction of an exponent", "1e1.5");
        row("unit", "15 ms");
        row("two numbers", "15;16");
        row("quote", "15\"");
        row("line break", "15\n16");
        row("escape", "\x1b[31m15");
        row("bytes that are not UTF-8", "15\xff");
        row("nan", "nan");
        row("inf", "inf");
        row("-infinity", "-infinity");
        row("too large by one", "1000000000000000001");
        row("2^63", "9223372036854775808");
        row("2^64 + 4", "18446744073709551620");
        row("1e19", "1e19");
        row("1e400", "1e400");
        row("exponent beyond 64 bits", "1e99999999999999999999");
        row("exponent beyond 64 bits, of zero", "0e99999999999999999999");
        row("below the minimum", "-11");
        row("far below", "-9223372036854775809");
        QTest::newRow("200 digits") << QByteArray(200, '9');
        QTest::newRow("200 zeros") << QByteArray(200, '0');
        QTest::newRow("zero byte") << QByteArray("15\0", 3);
    }

    void no_whole_numbers()
    {
        QFETCH(QByteArray, text);
        const std::string line = refusal([&] { limit().parse(text.toStdString()); });
        QVERIFY2(line.starts_with("limit is "), line.c_str());
        QVERIFY2(contains(line, "(allowed: -10 to 1000000000000000000)"), line.c_str());
        QVERIFY2(contains(line, shown(text.toStdString())), line.c_str());
        QVERIFY2(is_one_line(line), line.c_str());
        QVERIFY2(line.size() < 250, line.c_str());
    }

    void error_lines_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("zero")
            << QByteArray("0")
            << QByteArray("workers is not allowed: 0 (allowed: 1 to 256); give a whole number");
        QTest::newRow("10^18") << QByteArray("1000000000000000000")
                               << QByteArray("workers is not allowed: 1000000000000000000 "
                                             "(allowed: 1 to 256); give a whole number");
        QTest::newRow("empty") << QByteArray(
            "") << QByteArray("workers is empty (allowed: 1 to 256); give a whole number");
        QTest::newRow("clear screen")
            << QByteArray("\x1b[2J")
            << QByteArray("workers is not allowed: ?[2J (allowed: 1 to 256); give a whole number");
    }

    void error_lines()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, line);
        QCOMPARE(
            QByteArray::fromStdString(refusal([&] { workers().parse(text.toStdString()); })), line);
    }

    void limits_belong_to_the_range()
    {
        QCOMPARE(std::get<std::int64_t>(workers().parse("1")), std::int64_t{1});
        QCOMPARE(std::get<std::int64_t>(workers().parse("256")), std::int64_t{256});
        QVERIFY(!refusal([] { workers().parse("257"); }).empty());
        QCOMPARE(std::get<double>(rate().parse("0")), 0.0);
        QCOMPARE(std::get<double>(rate().parse("1e6")), 1e6);
        QVERIFY(!refusal([] { rate().parse("1000000.0001"); }).empty());
        QVERIFY(!refusal([] { rate().parse("-1e-9"); }).empty());
    }

    void real_numbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<double>("expected");
        const auto row = [](const char* text, double expected) {
            QTest::newRow(text) << QByteArray(text) << expected;
        };
        row("0.25", 0.25);
        row("0.1", 0.1);
        row("3", 3.0);
        row("25e-2", 0.25);
        row("2.5E+3", 2500.0);
        row("1 000.5", 1000.5);
        row("1_000", 1000.0);
        row(" 0.5 ", 0.5);
    }

    void real_numbers()
    {
        QFETCH(QByteArray, text);
        QFETCH(double, expected);
        const ParameterValue value = rate().parse(text.toStdString());
        QVERIFY(std::holds_alternative<double>(value));
        QCOMPARE(std::get<double>(value), expected);
    }

    void no_real_numbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "0,5", "nan", "inf", "0x1p3", "1e400", "1e-400", "-0.1", ".5",
                 "5.", "half", "0.5 s", "1 0.5", "1e", "0.5\n"})
            QTest::newRow(text) << QByteArray(text);
    }

    void no_real_numbers()
    {
        QFETCH(QByteArray, text);
        const std::string line = refusal([&] { rate().parse(text.toStdString()); });
        QVERIFY2(line.starts_with("rate is "), line.c_str());
        QVERIFY2(contains(line, "(allowed: 0 to 1000000)"), line.c_str());
        QVERIFY2(is_one_line(line), line.c_str());
    }

    void choices()
    {
        QCOMPARE(std::get<std::string>(schedule().parse("guided")), std::string("guided"));
        for (const char* text : {"", "Guided", "guided ", "static,dynamic"}) {
            const std::string line = refusal([&] { schedule().parse(text); });
            QVERIFY2(contains(line, "(allowed: static, dynamic or guided)"), line.c_str());
        }
    }

    void allowed_in_words()
    {
        ParameterDescription parameter = schedule();
        parameter.choices = {"one"};
        QCOMPARE(parameter.allowed(), std::string("one"));
        parameter.choices = {"one", "two"};
        QCOMPARE(parameter.allowed(), std::string("one or two"));
        QCOMPARE(rate().allowed(), std::string("0 to 1000000"));
        QCOMPARE(workers().allowed(), std::string("1 to 256"));
    }

    void values_as_text_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("zero") << 0.0 << QByteArray("0");
        QTest::newRow("negative zero") << -0.0 << QByteArray("0");
        QTest::newRow("tenth") << 0.1 << QByteArray("0.1");
        QTest::newRow("third") << 1.0 / 3 << QByteArray("0.3333333333333333");
        QTest::newRow("millions") << 15e6 << QByteArray("15000000");
        QTest::newRow("negative") << -2.5 << QByteArray("-2.5");
        QTest::newRow("small") << 1e-9 << QByteArray("1e-09");
        QTest::newRow("large") << 1e300 << QByteArray("1e+300");
    }

    void values_as_text()
    {
        QFETCH(double, value);
        QFETCH(QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(to_text(ParameterValue(value))), text);
    }

    void values_survive_their_text()
    {
        std::mt19937_64 random(1);
        ParameterDescription real = rate();
        real.minimum = -std::numeric_limits<double>::max();
        real.maximum = std::numeric_limits<double>::max();
        ParameterDescription whole = limit();
        whole.minimum = -0x1p63;
        whole.maximum = 0x1p63;
        for (int i = 0; i < 10'000; ++i) {
            const std::uint64_t bits = random();
            const auto integer = static_cast<std::int64_t>(bits >> (i % 64));
            QCOMPARE(std::get<std::int64_t>(whole.parse(to_text(integer))), integer);
            double number = 0;
            memcpy(&number, &bits, sizeof number);
            if (!std::isnormal(number))
                continue;
            QCOMPARE(std::get<double>(real.parse(to_text(number))), number);
        }
        for (const std::int64_t edge :
            {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
            QCOMPARE(std::get<std::int64_t>(whole.parse(to_text(edge))), edge);
    }

    void no_locale_matters()
    {
        const std::locale before
            = std::locale::global(std::locale(std::locale(), new GermanNumbers));
        const std::string c_before = std::setlocale(LC_ALL, nullptr);
        std::setlocale(LC_ALL, "de_DE.UTF-8"); // where the machine has it
        const std::string text = to_text(ParameterValue(1234.5));
        const std::string json = to_json(lesson()).dump();
        const auto value = std::get<double>(rate().parse("1234.5"));
        std::setlocale(LC_ALL, c_before.c_str());
        std::locale::global(before);
        QCOMPARE(text, std::string("1234.5"));
        QCOMPARE(value, 1234.5);
        QCOMPARE(json, to_json(lesson()).dump());
    }

    void words()
    {
        const ParameterValues values
            = lesson().parse({"workers=8", "schedule=static", "limit=1e6"});
        QCOMPARE(values.size(), std::size_t{4});
        QCOMPARE(std::get<std::int64_t>(values.at("workers")), std::int64_t{8});
        QCOMPARE(std::get<std::int64_t>(values.at("limit")), std::int64_t{1'000'000});
        QCOMPARE(std::get<std::string>(values.at("schedule")), std::string("static"));
        QCOMPARE(std::get<double>(values.at("rate")), 0.25);
        QCOMPARE(to_json(values).dump(),
            std::string(R"({"limit":1000000,"rate":0.25,"schedule":"static","workers":8})"));
        QCOMPARE(std::get<std::int64_t>(lesson().parse({}).at("workers")), std::int64_t{4});
    }

    void bad_words_data()
    {
        QTest::addColumn<QByteArrayList>("words");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, QByteArrayList words, const char* expected) {
            QTest::newRow(name) << words << QByteArray(expected);
        };
        row("unknown", {"speed=3"},
            "prime_counting has no parameter of this name: speed "
            "(allowed: limit, workers, rate or schedule)");
        row("no name", {"=3"},
            "prime_counting has no parameter of this name (allowed: limit, workers, rate or "
            "schedule)");
        row("no =", {"workers"}, "prime_counting takes parameters as name=value, and got: workers");
        row("empty", {""}, "prime_counting takes parameters as name=value, and got");
        row("option", {"--workers"},
            "prime_counting takes parameters as name=value, and got: --workers");
        row("twice", {"workers=4", "limit=9", "workers=8"},
            "workers is given twice: workers=8; give it once");
        row("twice the same", {"workers=4", "workers=4"},
            "workers is given twice: workers=4; give it once");
        row("no value", {"workers="}, "workers is empty (allowed: 1 to 256); give a whole number");
        row("second =", {"workers=4=5"},
            "workers is not allowed: 4=5 (allowed: 1 to 256); give a whole number");
        row("upper case", {"Workers=4"},
            "prime_counting has no parameter of this name: Workers "
            "(allowed: limit, workers, rate or schedule)");
        row("blank before", {" workers=4"},
            "prime_counting has no parameter of this name:  workers "
            "(allowed: limit, workers, rate or schedule)");
        row("long", {QByteArray(5000, 'x') + "=4"},
            "prime_counting has no parameter of this name: "
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… "
            "(allowed: limit, workers, rate or schedule)");
    }

    void bad_words()
    {
        QFETCH(QByteArrayList, words);
        QFETCH(QByteArray, expected);
        std::vector<std::string> arguments;
        for (const QByteArray& word : words)
            arguments.push_back(word.toStdString());
        QCOMPARE(QByteArray::fromStdString(refusal([&] { lesson().parse(arguments); })), expected);
    }

    void bad_words_without_parameters()
    {
        LessonDescription plain = lesson();
        plain.parameters.clear();
        QCOMPARE(refusal([&] { plain.parse({"a=1"}); }),
            std::string("prime_counting has no parameter of this name: a (allowed: none)"));
        QVERIFY(plain.parse({}).empty());
    }

    void description_survives_json()
    {
        const nlohmann::json json = to_json(lesson());
        const LessonDescription read = lesson_description_from(nlohmann::json::parse(json.dump()));
        QCOMPARE(to_json(read).dump(), json.dump());
        QCOMPARE(read.id, lesson().id);
        QCOMPARE(read.title, lesson().title);
        QCOMPARE(read.objectives, lesson().objectives);
        QCOMPARE(read.text, lesson().text);
        QCOMPARE(read.sources.at(1).path, lesson().sources.at(1).path);
        QCOMPARE(read.sources.at(1).language, std::string("python"));
        QCOMPARE(read.sources.at(0).text, lesson().sources.at(0).text);
        QCOMPARE(read.work_unit, std::string("trial divisions"));
        QVERIFY(read.baseline && !read.memory);
        QCOMPARE(read.quantities.at(1).unit, std::string("s"));
        QCOMPARE(read.quantities.at(1).kind, std::string("time"));
        QCOMPARE(read.parameters.size(), std::size_t{4});
        const ParameterDescription* first = read.parameter("limit");
        QVERIFY(first && first->work && !first->workers && !first->folded);
        QCOMPARE(first->maximum, 1e18);
        QCOMPARE(std::get<std::int64_t>(first->default_value), std::int64_t{15'000'000});
        const ParameterDescription* second = read.parameter("workers");
        QVERIFY(second && second->workers && !second->work);
        QCOMPARE(second->help, std::string("How many processes count."));
        const ParameterDescription* third = read.parameter("rate");
        QVERIFY(third && third->folded);
        QCOMPARE(std::get<double>(third->default_value), 0.25);
        const ParameterDescription* fourth = read.parameter("schedule");
        QVERIFY(fourth && fourth->type == ParameterType::choice);
        QCOMPARE(fourth->choices, schedule().choices);
        QVERIFY(read.parameter("nothing") == nullptr);
    }

    void a_real_default_may_be_written_whole()
    {
        nlohmann::json json = to_json(lesson());
        json["parameters"][2]["default"] = 1;
        const LessonDescription read = lesson_description_from(json);
        QCOMPARE(std::get<double>(read.parameter("rate")->default_value), 1.0);
    }

    void unknown_fields_are_ignored()
    {
        nlohmann::json json = to_json(lesson());
        json["views"] = {{"kind", "race"}};
        json["parameters"][0]["step"] = 5;
        json["parameters"][0]["choices"] = 17; // of a choice alone
        QCOMPARE(to_json(lesson_description_from(json)).dump(), to_json(lesson()).dump());
    }

    void hostile_descriptions_data()
    {
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<Replacement>("value");
        QTest::addColumn<QByteArray>("expected");
        const nlohmann::json gone(nlohmann::json::value_t::discarded);
        const auto row = [](const char* name, const char* pointer, nlohmann::json value,
                             const char* expected) {
            QTest::newRow(name) << QByteArray(pointer) << Replacement{std::move(value)}
                                << QByteArray(expected);
        };
        const nlohmann::json valid = to_json(lesson());
        // Both may be missing: runs were kept before there was either.
        const std::set<std::string> optional = {"guide", "parameter"};
        for (const auto& [key, value] : valid.items()) {
            if (!optional.contains(key))
                row(("no " + key).c_str(), ("/" + key).c_str(), gone,
                    (key + " is missing in the lesson description").c_str());
            row(("null " + key).c_str(), ("/" + key).c_str(), nullptr,
                (key + " of the lesson description").c_str());
        }
        for (const auto& [key, value] : valid["parameters"][0].items()) {
            row(("no parameter's " + key).c_str(), ("/parameters/0/" + key).c_str(), gone,
                ("parameters[0]." + key + " is missing").c_str());
            row(("list as parameter's " + key).c_str(), ("/parameters/0/" + key).c_str(),
                nlohmann::json::array(), ("parameters[0]." + key + " of the lesson").c_str());
        }
        for (const auto& [key, value] : valid["quantities"][1].items()) {
            if (!optional.contains(key))
                row(("no quantity's " + key).c_str(), ("/quantities/1/" + key).c_str(), gone,
                    ("quantities[1]." + key + " is missing").c_str());
            row(("list as quantity's " + key).c_str(), ("/quantities/1/" + key).c_str(),
                nlohmann::json::array(), ("quantities[1]." + key + " of the lesson").c_str());
        }
        for (const auto& [key, value] : valid["sources"][1].items())
            row(("number as source's " + key).c_str(), ("/sources/1/" + key).c_str(), 1,
                ("sources[1]." + key + " of the lesson").c_str());
        row("no object", "", nlohmann::json::array(),
            "the lesson description is not an object: array");
        row("null", "", nullptr, "the lesson description is not an object: null");
        row("id a path", "/id", "../../etc", "id of the lesson description is not a name");
        row("empty id", "/id", "", "id of the lesson description is not a name");
        row("upper-case id", "/id", "Primes", "is not a name");
        row("long id", "/id", std::string(65, 'a'), "id of the lesson description is too long");
        row("title with escapes", "/title", "\x1b]0;pwned\x07", "title of the lesson description");
        row("title of two lines", "/title", "a\nb", "title of the lesson description");
        row("title turned round", "/title", "a\u202eb", "title of the lesson description");
        row("title with C1", "/title", "a\u009b31m", "title of the lesson description");
        row("long title", "/title", std::string(1001, 'x'), "(allowed: at most 1000 bytes)");
        row("text with zero byte", "/text", std::string("a\0b", 3), "text of the lesson");
        row("text of 2 MiB", "/text", std::string(2 << 20, 'x'), "text of the lesson");
        row("objective a number", "/objectives/1", 5, "objectives[1] of the lesson");
        row("65 parameters", "/parameters", std::vector<nlohmann::json>(65, valid["parameters"][0]),
            "parameters of the lesson description has too many elements: array (allowed: at most "
            "64)");
        row("two of one name", "/parameters/1/name", "limit",
            "parameters of the lesson description has two elements named limit");
        row("two quantities of one name", "/quantities/1/name", "primes",
            "has two elements named primes");
        row("a quantity of an unknown parameter", "/quantities/1/parameter", "depth",
            "quantities[1].parameter of the lesson description is none of the lesson: \"depth\"");
        row("parameters an object", "/parameters", nlohmann::json::object(),
            "parameters of the lesson description is not a list: object");
        row("parameter a number", "/parameters/2", 3, "parameters[2] of the lesson description");
        row("unknown type", "/parameters/0/type", "colour",
            "parameters[0].type of the lesson description is not a type of parameter: \"colour\" "
            "(allowed: integer, real or choice)");
        row("name with =", "/parameters/0/name", "a=b", "parameters[0].name of the lesson");
        row("minimum a text", "/parameters/1/minimum", "1", "parameters[1].minimum of the lesson");
        row("minimum above maximum", "/parameters/1/minimum", 257,
            "parameters[1].maximum of the lesson description is below the minimum: 256");
        row("minimum not whole", "/parameters/1/minimum", 0.5,
            "parameters[1].minimum of the lesson description is not a whole number: 0.5");
        row("maximum not exact", "/parameters/1/maximum", 1e300,
            "parameters[1].maximum of the lesson description");
        row("maximum infinite", "/parameters/2/maximum", std::numeric_limits<double>::infinity(),
            "parameters[2].maximum of the lesson");
        row("maximum NaN", "/parameters/2/maximum", std::nan(""),
            "parameters[2].maximum of the lesson");
        row("default above maximum", "/parameters/1/default", 257,
            "parameters[1].default of the lesson description is not allowed: 257 (allowed: 1 to "
            "256)");
        row("default of 2^64 - 1", "/parameters/1/default",
            std::numeric_limits<std::uint64_t>::max(),
            "parameters[1].default of the lesson description is not a whole number of its range: "
            "18446744073709551615 (allowed: -9223372036854775808 to 9223372036854775807)");
        row("default not whole", "/parameters/1/default", 4.5,
            "parameters[1].default of the lesson");
        row("default a text", "/parameters/1/default", "4", "parameters[1].default of the lesson");
        row("default no choice", "/parameters/3/default", "fast",
            "parameters[3].default of the lesson description is not allowed: \"fast\" (allowed: "
            "static, dynamic or guided)");
        row("no choices", "/parameters/3/choices", nlohmann::json::array(),
            "parameters[3].choices of the lesson description is empty");
        row("65 choices", "/parameters/3/choices", std::vector<std::string>(65, "dynamic"),
            "parameters[3].choices of the lesson description has too many elements");
        row("choice a list", "/parameters/3/choices/1", nlohmann::json::array(),
            "parameters[3].choices[1] of the lesson");
        row("workers a choice", "/parameters/3/workers", true,
            "parameters[3].workers of the lesson");
        row("flag a number", "/parameters/0/work", 1, "parameters[0].work of the lesson");
        row("baseline a text", "/baseline", "yes", "baseline of the lesson");
    }

    void hostile_descriptions()
    {
        QFETCH(QByteArray, pointer);
        QFETCH(Replacement, value);
        QFETCH(QByteArray, expected);
        nlohmann::json json = to_json(lesson());
        const nlohmann::json::json_pointer at(pointer.toStdString());
        if (value.json.is_discarded())
            json.at(at.parent_pointer()).erase(at.back());
        else
            json.at(at) = value.json;
        const std::string line = refusal([&] { lesson_description_from(json); });
        QVERIFY2(contains(line, expected.toStdString()), line.c_str());
        QVERIFY2(is_one_line(line), line.c_str());
        QVERIFY2(line.size() < 300, line.c_str());
    }

    /// Whatever stands where, reading ends with a description or with BadValue.
    void random_damage()
    {
        std::mt19937 random(7);
        const nlohmann::json deep
            = nlohmann::json::parse(std::string(5000, '[') + std::string(5000, ']'));
        const std::vector<nlohmann::json> values = {nullptr, true, -1, 4, 1e300, "x", "\x01",
            std::nan(""), nlohmann::json::array(), nlohmann::json::object(), deep,
            std::numeric_limits<std::uint64_t>::max(), std::string(3000, 'y'), {{"name", "a"}}};
        int refused = 0;
        int read = 0;
        for (int i = 0; i < 5000; ++i) {
            const bool of_result = i % 2 == 0;
            nlohmann::json json = of_result ? to_json(result()) : to_json(lesson());
            const auto pointers = [&] {
                std::vector<std::string> all;
                const nlohmann::json flat = json.flatten();
                for (const auto& [pointer, ignored] : flat.items())
                    all.push_back(pointer);
                return all;
            }();
            nlohmann::json::json_pointer at(pointers[random() % pointers.size()]);
            for (std::size_t up = random() % 3; up > 0 && !at.empty(); --up)
                at.pop_back();
            json.at(at) = values[random() % values.size()];
            try {
                if (of_result)
                    result_document_from(json);
                else
                    lesson_description_from(json);
                ++read;
            } catch (const BadValue& error) {
                QVERIFY2(is_one_line(error.what()), error.what());
                ++refused;
            }
        }
        QVERIFY(refused > 1000);
        QVERIFY(read > 50);
    }

    void summaries()
    {
        const std::vector<LessonSummary> two = {{"a_b", "A and b"}, {"c", "C"}};
        const nlohmann::json json = to_json(two);
        const std::vector<LessonSummary> read = lesson_summaries_from(json);
        QCOMPARE(read.size(), two.size());
        QCOMPARE(read[1].id, std::string("c"));
        QCOMPARE(read[0].title, std::string("A and b"));
        QVERIFY(lesson_summaries_from(to_json(std::vector<LessonSummary>())).empty());
    }

    void hostile_summaries()
    {
        const auto refused = [](const char* text) {
            return refusal([&] { lesson_summaries_from(nlohmann::json::parse(text)); });
        };
        QVERIFY(contains(refused("{}"), "the list of lessons is not a list"));
        QVERIFY(contains(refused("[5]"), "[0] of the list of lessons is not an object"));
        QVERIFY(contains(refused(R"([{"id":"a","title":"A"},{"id":"b"}])"),
            "[1].title is missing in the list of lessons"));
        QVERIFY(contains(refused(R"([{"id":"a/b","title":"A"}])"), "[0].id of the list"));
        const nlohmann::json many(1001, nlohmann::json{{"id", "a"}, {"title", "A"}});
        QVERIFY(contains(refusal([&] { lesson_summaries_from(many); }), "too many"));
    }

    void engine_that_it_was_built_with()
    {
        nlohmann::json answer = {{"lessons", nlohmann::json::array()}};
        QVERIFY(!built_with_from(answer));
        QVERIFY(!built_with_from(nlohmann::json::array()));
        answer["built_with"] = to_json(BuiltWith{.engine = "1.2.3", .segment = 7});
        const std::optional<BuiltWith> read = built_with_from(answer);
        QVERIFY(read.has_value());
        QCOMPARE(read->engine, std::string("1.2.3"));
        QCOMPARE(read->description, description_version);
        QCOMPARE(read->segment, 7U);
        // Later versions may say more.
        answer["built_with"]["compiler"] = "any";
        QVERIFY(built_with_from(answer).has_value());
        answer["built_with"]["segment"] = -1;
        QVERIFY(contains(refusal([&] { built_with_from(answer); }), "built_with.segment"));
        answer["built_with"] = "1.2.3";
        QVERIFY(contains(refusal([&] { built_with_from(answer); }), "built_with"));
    }

    void result_survives_json()
    {
        const nlohmann::json json = to_json(result());
        const ResultDocument read = result_document_from(nlohmann::json::parse(json.dump()));
        QCOMPARE(to_json(read).dump(), json.dump());
        QCOMPARE(read.quantities.at(0).value, std::optional<double>(664579.0));
        QVERIFY(!read.quantities.at(1).value);
        QCOMPARE(read.quantities.at(1).name, std::string("tail"));
        QCOMPARE(read.checks.at(0).held, std::optional<bool>(true));
        QCOMPARE(read.checks.at(1).held, std::optional<bool>(false));
        QVERIFY(!read.checks.at(2).held);
        QCOMPARE(read.checks.at(2).claim, std::string("the queue was full once"));
        QCOMPARE(read.failures.at(0).task, std::optional<std::uint32_t>(7));
        QCOMPARE(read.failures.at(0).argument, std::string("70000"));
        QCOMPARE(read.failures.at(0).kind, std::string("exception"));
        QCOMPARE(read.failures.at(0).text, result().failures.at(0).text);
        QCOMPARE(read.failures.at(1).process, std::string("Worker-3"));
        QCOMPARE(read.failures.at(1).pid, 4243);
        QCOMPARE(read.failures.at(1).value, 9);
        QVERIFY(!read.failures.at(1).task);
        QCOMPARE(read.result.dump(), result().result.dump());
        QCOMPARE(read.summary, result().summary);
    }

    /// What a worker's exception says may be anything; the document must come through all the same.
    void any_bytes_can_be_reported()
    {
        ResultDocument document = result();
        document.failures[0].text = "bad \xff\xfe \x1b[2J\x9b text\n\tcaf\u00e9";
        document.failures[0].argument = std::string("a\0b", 3);
        document.result = {{"text", "\xc3"}, {"infinite", std::nan("")}};
        document.summary = "line\r\n\x07";
        document.quantities[0].value = std::numeric_limits<double>::infinity();
        QVERIFY(to_json(document)["quantities"][0]["value"].is_null());
        const std::string text = to_json(document).dump();
        const ResultDocument read = result_document_from(nlohmann::json::parse(text));
        QCOMPARE(read.failures[0].text, std::string("bad ?? ?[2J? text\n\tcaf\u00e9"));
        QCOMPARE(read.failures[0].argument, std::string("a?b"));
        QCOMPARE(read.summary, std::string("line\r\n?"));
        QCOMPARE(read.result["text"].get<std::string>(), std::string("\ufffd"));
        QVERIFY(read.result["infinite"].is_null());
        QVERIFY(!read.quantities[0].value);
    }

    void hostile_results_data()
    {
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<Replacement>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* pointer, nlohmann::json value,
                             const char* expected) {
            QTest::newRow(name) << QByteArray(pointer) << Replacement{std::move(value)}
                                << QByteArray(expected);
        };
        row("no object", "", 1, "the result document is not an object: 1");
        row("quantities null", "/quantities", nullptr, "quantities of the result document");
        row("value a text", "/quantities/0/value", "5", "quantities[0].value of the result");
        row("held a number", "/checks/1/held", 0, "checks[1].held of the result document");
        row("claim of two lines", "/checks/1/claim", "a\nb", "checks[1].claim of the result");
        row("pid negative", "/failures/0/pid", -1, "failures[0].pid of the result document");
        row("pid of 2^31", "/failures/0/pid", 2147483648, "failures[0].pid of the result");
        row("pid of 2^64 - 1", "/failures/0/pid", std::numeric_limits<std::uint64_t>::max(),
            "failures[0].pid of the result");
        row("task of 2^32", "/failures/0/task", 4294967296, "failures[0].task of the result");
        row("task a fraction", "/failures/0/task", 1.5, "failures[0].task of the result");
        row("kind unknown", "/failures/0/kind", "bad luck",
            "failures[0].kind of the result document is not a kind of failure: \"bad luck\" "
            "(allowed: exception, signal, exit or timeout)");
        row("value a list", "/failures/1/value", nlohmann::json::array(), "failures[1].value");
        row("text with escapes", "/failures/1/text", "\x1b[2J", "failures[1].text of the result");
        row("10 001 failures", "/failures", std::vector<int>(10'001, 0), "has too many elements");
        row("257 checks", "/checks", std::vector<int>(257, 0), "(allowed: at most 256)");
        row("257 quantities", "/quantities", std::vector<int>(257, 0), "(allowed: at most 256)");
        row("result nested 33 deep", "/result",
            nlohmann::json::parse(std::string(33, '[') + std::string(33, ']')),
            "result of the result document is nested too deeply: array (allowed: at most 32 "
            "levels)");
        row("summary a list", "/summary", nlohmann::json::array(), "summary of the result");
    }

    void hostile_results()
    {
        QFETCH(QByteArray, pointer);
        QFETCH(Replacement, value);
        QFETCH(QByteArray, expected);
        nlohmann::json json = to_json(result());
        json.at(nlohmann::json::json_pointer(pointer.toStdString())).swap(value.json);
        const std::string line = refusal([&] { result_document_from(json); });
        QVERIFY2(contains(line, expected.toStdString()), line.c_str());
        QVERIFY2(is_one_line(line), line.c_str());
    }

    /// Copying or writing such a tree would need more stack than there is.
    void nesting_that_hurts()
    {
        for (const char* field : {"result", "summary", "quantities", "checks"}) {
            nlohmann::json json = to_json(result());
            json[field] = "HERE";
            std::string text = json.dump();
            text.replace(
                text.find("\"HERE\""), 6, std::string(500'000, '[') + std::string(500'000, ']'));
            const nlohmann::json deep = nlohmann::json::parse(text);
            const std::string line = refusal([&] { result_document_from(deep); });
            QVERIFY2(contains(line, field), line.c_str());
        }
    }

    void nesting_allowed()
    {
        ResultDocument document = result();
        document.result = nlohmann::json::parse(std::string(32, '[') + std::string(32, ']'));
        QVERIFY(result_document_from(to_json(document)).result == document.result);
    }

    void texts_shown_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, QByteArray text, QByteArray expected) {
            QTest::newRow(name) << text << expected;
        };
        row("empty", "", "");
        row("plain", "a \"b\" \\c", "a \"b\" \\c");
        row("umlauts and emoji", "Größe 👩", "Größe 👩");
        row("line break, tabulator", "a\n\tb", "a??b");
        row("delete", "a\x7f", "a?");
        row("C1 control", "a\xc2\x9b", "a?");
        row("line separator", "a\xe2\x80\xa8", "a?");
        row("right to left", "a\xe2\x80\xae", "a?");
        row("lone continuation", "\x80x", "?x");
        row("overlong slash", "\xc0\xaf", "??");
        row("overlong of three bytes", "\xe0\x80\xaf", "???");
        row("overlong of four bytes", "\xf0\x80\x80\xaf", "????");
        row("surrogate", "\xed\xa0\x80", "???");
        row("beyond Unicode", "\xf4\x90\x80\x80", "????");
        row("last of Unicode", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
        row("cut character", "a\xe2\x82", "a??");
        row("broken character", "\xc3(", "?(");
        row("broken character of three bytes", "\xe2\x82x", "??x");
        row("60 bytes", QByteArray(60, 'x'), QByteArray(60, 'x'));
        row("61 bytes", QByteArray(61, 'x'), QByteArray(60, 'x') + "…");
        row("not cut within a character", QByteArray(59, 'x') + "ä", QByteArray(59, 'x') + "…");
    }

    void texts_shown()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(shown(text.toStdString())), expected);
        QVERIFY(is_one_line(expected.toStdString()));
        if (text.size() < 60)
            QCOMPARE(is_one_line(text.toStdString()), text == expected);
    }
};

QTEST_APPLESS_MAIN(TestDescription)
#include "tst_description.moc"
