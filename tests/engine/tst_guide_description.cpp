// SPDX-License-Identifier: MIT
// Tests what engine/description says of a guide: its JSON, its texts, its conditions.
#include "engine/description/lesson_description.hpp"
#include "engine/description/result_document.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"

#include <QTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace manyhands;

namespace {

ParameterDescription whole(const char* name, std::int64_t value, bool is_workers = false)
{
    return {.name = name,
        .label = name,
        .help = "",
        .unit = "",
        .type = ParameterType::integer,
        .default_value = value,
        .minimum = 1,
        .maximum = 1000,
        .choices = {},
        .workers = is_workers};
}

ParameterDescription variant()
{
    return {.name = "variant",
        .label = "Way",
        .help = "",
        .unit = "",
        .type = ParameterType::choice,
        .default_value = std::string("none"),
        .choices = {"none", "lock", "atomic"}};
}

Guide guide()
{
    Guide guide;
    guide.predictions = {
        {.name = "lost",
            .question = "How many updates are lost?",
            .quantity = "lost",
            .kind = PredictionKind::number,
            .unit = "updates",
            .minimum = 1,
            .maximum = 1e6,
            .logarithmic = true,
            .tolerance = 0.25,
            .choices = {},
            .view = "",
            .when = {"variant=none"}},
        {.name = "faster",
            .question = "Is it faster?",
            .quantity = "speedup",
            .kind = PredictionKind::choice,
            .unit = "",
            .choices = {{"slower", 0, 0.95}, {"as fast", 0.95, 1.05}, {"faster", 1.05, 1e9}},
            .view = "",
            .when = {}},
        {.name = "at_four",
            .question = "Where does the curve end?",
            .quantity = "speedup",
            .kind = PredictionKind::point,
            .unit = "×",
            .minimum = 0,
            .maximum = 8,
            .choices = {},
            .view = "speedup",
            .x = 4,
            .when = {"variant=lock,atomic", "workers=4"}},
    };
    guide.quiz = {{.name = "why",
        .question = "Why is something lost?",
        .choices = {{"Both read the same number", true, "Yes: größer", std::nullopt},
            {"The CPU is too fast", false, "It is not the speed.",
                Attempt{"Try with a lock", {"variant=lock"}, "workers=1,2,4"}}}}};
    guide.next = {{"More workers", {"workers=8", "variant=atomic"}, ""},
        {"All ways", {}, "variant=none,lock,atomic"}};
    guide.views = {{.name = "lost_updates",
        .title = "Lost updates",
        .x_label = "Round",
        .y_label = "Updates",
        .x_logarithmic = false,
        .y_logarithmic = true,
        .help = "Each bar is a round."}};
    guide.gates = true;
    guide.held_when = {"variant=none"};
    return guide;
}

LessonDescription lesson()
{
    LessonDescription lesson;
    lesson.id = "counter";
    lesson.title = "Counter";
    lesson.text = "# Counter\nText.\n## Observe: variant=none workers=2,4\nLook.\n";
    lesson.parameters = {whole("workers", 4, true), whole("rounds", 10), variant()};
    lesson.quantities = {{"lost", "Lost updates", "updates", "lost_updates"},
        {"best", "Best number", "", "predicted_best", "workers"}};
    lesson.guide = guide();
    return lesson;
}

Series series()
{
    return {.view = "lost_updates",
        .name = "lost",
        .style = SeriesStyle::bars,
        .reference = true,
        .x = {1, 2, 3},
        .y = {10, 0, 30},
        .low = {9, 0, 28},
        .high = {11, 1, 31}};
}

ResultDocument document()
{
    ResultDocument document;
    document.quantities = {{"lost", 12.0, 10.5, 14.0, 5}, {"best", 3.0}};
    document.quiz = guide().quiz;
    document.series = {series()};
    return document;
}

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

/// What a test's row puts in the place of a field.
struct Replacement
{
    nlohmann::json json; ///< discarded: the field is taken out
};

void replace(nlohmann::json& json, const QByteArray& pointer, const Replacement& value)
{
    const nlohmann::json::json_pointer at(pointer.toStdString());
    if (value.json.is_discarded())
        json.at(at.parent_pointer()).erase(at.back());
    else
        json[at] = value.json;
}

/// The passages in one line: "read:Text.|observe[variant=none]:Look."
std::string in_one_line(const std::vector<GuideText>& passages)
{
    std::string line;
    for (const GuideText& passage : passages) {
        line += (line.empty() ? "" : "|") + std::string(name_of(passage.step));
        for (const std::string& condition : passage.when)
            line += '[' + condition + ']';
        line += ':' + passage.text;
    }
    return line;
}

} // namespace

Q_DECLARE_METATYPE(Replacement)
Q_DECLARE_METATYPE(Series)

class TestGuideDescription : public QObject
{
    Q_OBJECT

private slots:
    void a_guide_comes_back()
    {
        const nlohmann::json json = to_json(lesson());
        const LessonDescription read = lesson_description_from(nlohmann::json::parse(json.dump()));
        QCOMPARE(to_json(read).dump(), json.dump());
        const Guide& of = read.guide;
        QCOMPARE(of.predictions.size(), std::size_t{3});
        QCOMPARE(of.predictions[0].kind, PredictionKind::number);
        QCOMPARE(of.predictions[0].tolerance, 0.25);
        QVERIFY(of.predictions[0].logarithmic);
        QCOMPARE(of.predictions[1].kind, PredictionKind::choice);
        QCOMPARE(of.predictions[1].choices[2].label, std::string("faster"));
        QCOMPARE(of.predictions[1].choices[0].high, 0.95);
        QCOMPARE(of.predictions[2].kind, PredictionKind::point);
        QCOMPARE(of.predictions[2].view, std::string("speedup"));
        QCOMPARE(of.predictions[2].x, 4.0);
        QCOMPARE(of.predictions[2].when.size(), std::size_t{2});
        QCOMPARE(of.quiz[0].choices[0].reply, std::string("Yes: größer"));
        QVERIFY(of.quiz[0].choices[0].right && !of.quiz[0].choices[0].attempt);
        QVERIFY(!of.quiz[0].choices[1].right && of.quiz[0].choices[1].attempt);
        QCOMPARE(of.quiz[0].choices[1].attempt->sweep, std::string("workers=1,2,4"));
        QCOMPARE(of.next[0].words[1], std::string("variant=atomic"));
        QVERIFY(of.views[0].y_logarithmic && !of.views[0].x_logarithmic);
        QVERIFY(of.gates);
        QCOMPARE(of.held_when, std::vector<std::string>{"variant=none"});
        QCOMPARE(read.quantities[1].parameter, std::string("workers"));
    }

    void descriptions_without_a_guide_are_read()
    {
        nlohmann::json json = to_json(lesson());
        json.erase("guide");
        json["quantities"][1].erase("parameter");
        json["text"] = "## Observe: whatever\nA text of those days.\n";
        const LessonDescription read = lesson_description_from(json);
        QCOMPARE(to_json(read.guide).dump(), to_json(Guide{}).dump());
        QCOMPARE(read.quantities[1].parameter, std::string());
        QCOMPARE(read.quantities[1].kind, std::string("predicted_best"));
    }

    void results_come_back()
    {
        const nlohmann::json json = to_json(document());
        const ResultDocument read = result_document_from(nlohmann::json::parse(json.dump()));
        QCOMPARE(to_json(read).dump(), json.dump());
        QCOMPARE(*read.quantities[0].low, 10.5);
        QCOMPARE(*read.quantities[0].high, 14.0);
        QCOMPARE(read.quantities[0].samples, 5);
        QVERIFY(!read.quantities[1].low && read.quantities[1].samples == 1);
        QCOMPARE(read.quiz[0].choices[1].text, std::string("The CPU is too fast"));
        QCOMPARE(read.series[0].style, SeriesStyle::bars);
        QVERIFY(read.series[0].reference);
        QCOMPARE(read.series[0].high, series().high);
    }

    void results_without_spread_quiz_and_series_are_read()
    {
        nlohmann::json json = to_json(document());
        json.erase("quiz");
        json.erase("series");
        for (const char* const key : {"low", "high", "samples"})
            json["quantities"][0].erase(key);
        const ResultDocument read = result_document_from(json);
        QVERIFY(read.quiz.empty() && read.series.empty());
        QCOMPARE(*read.quantities[0].value, 12.0);
        QVERIFY(!read.quantities[0].low);
        QCOMPARE(read.quantities[0].samples, 1);
    }

    void hostile_guides_data()
    {
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<Replacement>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const std::string& name, const char* pointer, nlohmann::json value,
                             const std::string& expected) {
            QTest::newRow(name.c_str()) << QByteArray(pointer) << Replacement{std::move(value)}
                                        << QByteArray::fromStdString(expected);
        };
        const nlohmann::json gone(nlohmann::json::value_t::discarded);
        const nlohmann::json valid = to_json(lesson());
        // Every member of every part is looked for, and at.
        for (const char* const part : {"/guide", "/guide/predictions/0", "/guide/quiz/0",
                 "/guide/quiz/0/choices/1", "/guide/quiz/0/choices/1/attempt", "/guide/next/0",
                 "/guide/views/0", "/guide/predictions/1/choices/0"}) {
            for (const auto& [key, value] : valid[nlohmann::json::json_pointer(part)].items()) {
                const std::string at = std::string(part) + '/' + key;
                row("no " + at, at.c_str(), gone, key + " is missing in the lesson description");
                row("an object as " + at, at.c_str(), nlohmann::json::object(),
                    key == "attempt" ? "label is missing" : key + " of the lesson description");
            }
        }
        row("a list", "/guide", nlohmann::json::array(), "guide of the lesson description");
        row("name of a prediction", "/guide/predictions/0/name", "a b", "is not a name");
        row("quantity of a prediction", "/guide/predictions/0/quantity", "", "is not a name");
        row("kind of a prediction", "/guide/predictions/0/kind", "guess",
            "is not a kind of prediction: \"guess\" (allowed: number, choice or point)");
        row("question of two lines", "/guide/predictions/0/question", "a\nb", "question");
        row("two predictions of one name", "/guide/predictions/1/name", "lost",
            "has two elements named lost");
        row("two questions of one name", "/guide/quiz/1", valid["guide"]["quiz"][0],
            "has two elements named why");
        row("two views of one name", "/guide/views/1", valid["guide"]["views"][0],
            "has two elements named lost_updates");
        row("maximum at the minimum", "/guide/predictions/0/maximum", 1,
            "predictions[0].maximum of the lesson description is not above the minimum: 1");
        row("logarithmic from zero", "/guide/predictions/0/minimum", 0,
            "predictions[0].minimum of the lesson description is not above zero");
        row("maximum infinite", "/guide/predictions/0/maximum",
            std::numeric_limits<double>::infinity(), "maximum of the lesson description");
        row("tolerance below zero", "/guide/predictions/0/tolerance", -0.1, "is below zero: -0.1");
        row("one choice", "/guide/predictions/1/choices",
            std::vector<nlohmann::json>{valid["guide"]["predictions"][1]["choices"][0]},
            "predictions[1].choices of the lesson description are less than two");
        row("choice turned round", "/guide/predictions/1/choices/0/high", -1,
            "choices[0].high of the lesson description is below low: -1");
        row("choices overlap", "/guide/predictions/1/choices/0/high", 0.96,
            "predictions[1].choices of the lesson description overlap");
        row("point on no chart", "/guide/predictions/2/view", "",
            "predictions[2].view of the lesson description is empty, and the kind point");
        row("one answer", "/guide/quiz/0/choices",
            std::vector<nlohmann::json>{valid["guide"]["quiz"][0]["choices"][0]},
            "quiz[0].choices of the lesson description are less than two");
        row("65 questions", "/guide/quiz", std::vector<nlohmann::json>(65, nlohmann::json()),
            "too many elements");
        row("65 conditions", "/guide/held_when", std::vector<std::string>(65, "workers=1"),
            "too many elements");
        // What fits no parameter, wherever it stands.
        const std::string unfit = "does not fit the parameters: ";
        row("condition of a prediction", "/guide/predictions/0/when/0", "way=none",
            "predictions[0] of the lesson description " + unfit);
        row("condition without value", "/guide/predictions/0/when/0", "variant", unfit);
        row("condition of another value", "/guide/predictions/0/when/0", "variant=all", unfit);
        row("condition, the second value", "/guide/predictions/0/when/0", "variant=none,all",
            unfit);
        row("condition, an empty value", "/guide/predictions/0/when/0", "variant=none,", unfit);
        row("condition behind one that does not hold", "/guide/predictions/0/when",
            {"variant=lock", "way=none"}, unfit);
        row("held when", "/guide/held_when/0", "way=none", "guide.held_when of the lesson");
        row("attempt", "/guide/next/0/words/0", "workers=0", "next[0] of the lesson");
        row("attempt no word", "/guide/next/0/words/0", "workers", unfit);
        row("attempt twice", "/guide/next/0/words/1", "workers=3", unfit);
        row("sweep of nothing", "/guide/next/1/sweep", "way=1,2", unfit);
        row("sweep of a value", "/guide/next/1/sweep", "variant=none,all", unfit);
        row("sweep without values", "/guide/next/1/sweep", "variant=", unfit);
        row("sweep without list", "/guide/next/1/sweep", "variant", unfit);
        row("attempt of an answer", "/guide/quiz/0/choices/1/attempt/words/0", "way=lock",
            "quiz[0] of the lesson");
        row("condition of a passage", "/text", "## Observe: way=none\nText\n",
            "text of the lesson description " + unfit);
        row("no condition of a passage", "/text", "## Explain: the lock\nText\n", unfit);
    }

    void hostile_guides()
    {
        QFETCH(QByteArray, pointer);
        QFETCH(Replacement, value);
        QFETCH(QByteArray, expected);
        nlohmann::json json = to_json(lesson());
        replace(json, pointer, value);
        const std::string line = refusal([&] { lesson_description_from(json); });
        QVERIFY2(line.find(expected.toStdString()) != std::string::npos, line.c_str());
        QVERIFY2(is_one_line(line), line.c_str());
    }

    void hostile_results_data()
    {
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<Replacement>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const std::string& name, const char* pointer, nlohmann::json value,
                             const std::string& expected) {
            QTest::newRow(name.c_str()) << QByteArray(pointer) << Replacement{std::move(value)}
                                        << QByteArray::fromStdString(expected);
        };
        const nlohmann::json gone(nlohmann::json::value_t::discarded);
        const nlohmann::json valid = to_json(document());
        for (const auto& [key, value] : valid["series"][0].items()) {
            row("no series' " + key, ("/series/0/" + key).c_str(), gone,
                key + " is missing in the result document");
            row("an object as series' " + key, ("/series/0/" + key).c_str(),
                nlohmann::json::object(), "series[0]." + key + " of the result document");
        }
        row("samples without low", "/quantities/0/low", gone, "low is missing");
        row("samples below zero", "/quantities/0/samples", -1, "quantities[0].samples");
        row("low a text", "/quantities/0/low", "1", "quantities[0].low");
        row("style", "/series/0/style", "pie",
            "is not a style of series: \"pie\" (allowed: line, steps, points or bars)");
        row("fewer y than x", "/series/0/y", {1, 2}, "series[0].y of the result document has not");
        row("more low than x", "/series/0/low", {1, 2, 3, 4}, "series[0].low of the result");
        row("fewer high than x", "/series/0/high", {1}, "series[0].high of the result");
        row("x null", "/series/0/x/1", nullptr, "series[0].x[1] of the result");
        row("view no name", "/series/0/view", "../x", "series[0].view of the result");
        row("65 series", "/series", std::vector<nlohmann::json>(65, valid["series"][0]),
            "series of the result document has too many elements");
        row("10001 points", "/series/0/x", std::vector<double>(10'001, 1), "x of the result");
        row("a question alone", "/quiz/0/choices", nlohmann::json::array(), "are less than two");
        row("quiz an object", "/quiz", nlohmann::json::object(), "quiz of the result document");
    }

    void hostile_results()
    {
        QFETCH(QByteArray, pointer);
        QFETCH(Replacement, value);
        QFETCH(QByteArray, expected);
        nlohmann::json json = to_json(document());
        replace(json, pointer, value);
        const std::string line = refusal([&] { result_document_from(json); });
        QVERIFY2(line.find(expected.toStdString()) != std::string::npos, line.c_str());
        QVERIFY2(is_one_line(line), line.c_str());
    }

    void points_that_nobody_can_draw_are_left_out_data()
    {
        QTest::addColumn<Series>("given");
        QTest::addColumn<QByteArray>("x");
        QTest::addColumn<QByteArray>("low");
        const auto row = [](const char* name, const Series& given, const char* x, const char* low) {
            QTest::newRow(name) << given << QByteArray(x) << QByteArray(low);
        };
        const double inf = std::numeric_limits<double>::infinity();
        const double nan = std::nan("");
        const auto made = [](std::vector<double> x, std::vector<double> y, std::vector<double> low,
                              std::vector<double> high) {
            return Series{.view = "v",
                .name = "n",
                .x = std::move(x),
                .y = std::move(y),
                .low = std::move(low),
                .high = std::move(high)};
        };
        row("all finite", made({1, 2}, {3, 4}, {}, {}), "[1.0,2.0]", "[]");
        row("x", made({1, nan, 3}, {1, 2, 3}, {1, 2, 3}, {}), "[1.0,3.0]", "[1.0,3.0]");
        row("y", made({1, 2, 3}, {inf, 2, 3}, {}, {}), "[2.0,3.0]", "[]");
        row("low", made({1, 2, 3}, {1, 2, 3}, {1, 2, -inf}, {2, 3, 4}), "[1.0,2.0]", "[1.0,2.0]");
        row("high", made({1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {2, nan, 4}), "[1.0,3.0]", "[1.0,3.0]");
        row("y ends early", made({1, 2, 3}, {1, 2}, {}, {}), "[1.0,2.0]", "[]");
        row("low ends early", made({1, 2, 3}, {1, 2, 3}, {1}, {2, 3, 4}), "[1.0]", "[1.0]");
        row("no y", made({1, 2}, {}, {}, {}), "[]", "[]");
        row("nothing", made({}, {}, {}, {}), "[]", "[]");
    }

    void points_that_nobody_can_draw_are_left_out()
    {
        QFETCH(Series, given);
        QFETCH(QByteArray, x);
        QFETCH(QByteArray, low);
        ResultDocument with;
        with.series = {given};
        const nlohmann::json json = to_json(with);
        QCOMPARE(QByteArray::fromStdString(json["series"][0]["x"].dump()), x);
        QCOMPARE(QByteArray::fromStdString(json["series"][0]["low"].dump()), low);
        // What was written can be read.
        const ResultDocument read = result_document_from(nlohmann::json::parse(json.dump()));
        QCOMPARE(read.series[0].y.size(), read.series[0].x.size());
    }

    void of_too_many_points_enough_are_kept_data()
    {
        QTest::addColumn<int>("points");
        QTest::addColumn<int>("kept");
        QTest::newRow("as many as may be") << 10'000 << 10'000;
        QTest::newRow("one more") << 10'001 << 5001;
        QTest::newRow("far more") << 95'000 << 9500;
    }

    void of_too_many_points_enough_are_kept()
    {
        QFETCH(int, points);
        QFETCH(int, kept);
        ResultDocument with;
        with.series = {series()};
        Series& of = with.series[0];
        for (std::vector<double>* const values : {&of.x, &of.y, &of.low, &of.high})
            values->clear();
        for (int i = 0; i < points; ++i) {
            of.x.push_back(i);
            of.y.push_back(2 * i);
        }
        const ResultDocument read = result_document_from(to_json(with));
        QCOMPARE(read.series[0].x.size(), static_cast<std::size_t>(kept));
        QCOMPARE(read.series[0].x.front(), 0.0);
        QCOMPARE(read.series[0].y.back(), 2 * read.series[0].x.back());
    }

    void conditions_data()
    {
        QTest::addColumn<QStringList>("when");
        QTest::addColumn<bool>("expected"); // with variant=lock, workers=4, rounds=10
        const auto row = [](const char* name, QStringList when, bool expected) {
            QTest::newRow(name) << when << expected;
        };
        row("none", {}, true);
        row("one that holds", {"variant=lock"}, true);
        row("one that does not", {"variant=none"}, false);
        row("any of several", {"variant=none,lock"}, true);
        row("none of several", {"variant=none,atomic"}, false);
        row("all hold", {"variant=lock", "workers=2,4"}, true);
        row("the first does not", {"variant=none", "workers=4"}, false);
        row("the last does not", {"variant=lock", "workers=2"}, false);
        row("a number as people write it", {"rounds=1e1"}, true);
        row("a number of another value", {"rounds=100"}, false);
    }

    void conditions()
    {
        QFETCH(QStringList, when);
        QFETCH(bool, expected);
        std::vector<std::string> words;
        for (const QString& word : when)
            words.push_back(word.toStdString());
        const LessonDescription of = lesson();
        QCOMPARE(of.holds(words, of.parse({"variant=lock"})), expected);
    }

    void conditions_that_fit_no_parameter_data()
    {
        QTest::addColumn<QStringList>("when");
        QTest::newRow("no parameter") << QStringList{"way=none"};
        QTest::newRow("no value") << QStringList{"variant"};
        QTest::newRow("empty") << QStringList{""};
        QTest::newRow("value alone") << QStringList{"=none"};
        QTest::newRow("another value") << QStringList{"variant=all"};
        QTest::newRow("a word for a number") << QStringList{"workers=many"};
        QTest::newRow("behind one that does not hold") << QStringList{"variant=none", "way=none"};
        QTest::newRow("a value behind one that holds") << QStringList{"variant=lock,all"};
    }

    void conditions_that_fit_no_parameter()
    {
        QFETCH(QStringList, when);
        std::vector<std::string> words;
        for (const QString& word : when)
            words.push_back(word.toStdString());
        const LessonDescription of = lesson();
        QVERIFY(!refusal([&] { of.holds(words, of.parse({"variant=lock"})); }).empty());
    }

    void texts_data()
    {
        QTest::addColumn<QByteArray>("markdown");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* markdown, const char* expected) {
            QTest::newRow(name) << QByteArray(markdown) << QByteArray(expected);
        };
        row("empty", "", "");
        row("blank lines alone", "\n \n\n", "");
        row("a title alone", "# Title\n", "");
        row("no heading", "One.\n\nTwo.\n", "read:One.\n\nTwo.");
        row("a title", "# Title\n\nText.", "read:Text.");
        row("a second title is text", "# One\nText\n# Two\nMore", "read:Text\n# Two\nMore");
        row("foreign headings", "## Intro\nText\n### More", "read:## Intro\nText\n### More");
        row("all steps",
            "# T\nA\n## Observe\nB\n## Explain\nC\n## Pseudo-code\n```\nfor x\n  y\n```\n",
            "read:A|observe:B|explain:C|pseudo_code:for x\n  y");
        row("read by its heading", "# T\n## Read\nA\n", "read:A");
        row("read twice", "A\n## Read: v=1\nB\n", "read:A|read[v=1]:B");
        row("conditions", "## Observe: a=1,2   b=x\nB\n## Observe:\nC",
            "observe[a=1,2][b=x]:B|observe:C");
        row("an empty passage", "## Observe\n\n## Explain\nC", "explain:C");
        row("a longer heading", "## Observer\nB", "read:## Observer\nB");
        row("lower case", "## observe\nB", "read:## observe\nB");
        row("third level", "### Observe\nB", "read:### Observe\nB");
        row("no blank", "##Observe\nB", "read:##Observe\nB");
        row("blanks around it", "##   Observe  : a=1 \nB", "observe[a=1]:B");
        row("headings in a fence", "A\n```\n## Observe\n# no title\n```\nB",
            "read:A\n```\n## Observe\n# no title\n```\nB");
        row("a heading behind a fence", "```\nx\n```\n## Observe\nB", "read:```\nx\n```|observe:B");
        row("a fence that is not closed", "```\n## Observe\nB", "read:```\n## Observe\nB");
        row("pseudo-code without a fence", "## Pseudo-code\nfor x", "pseudo_code:for x");
        row("pseudo-code of a language", "## Pseudo-code\n```text\nfor x\n```\n",
            "pseudo_code:for x");
        row("words around pseudo-code", "## Pseudo-code\nSo:\n```\nx\n```",
            "pseudo_code:So:\n```\nx\n```");
        row("an empty fence", "A\n## Pseudo-code\n```\n```\n", "read:A");
        row("pseudo-code with a comment", "## Pseudo-code\n```\n# first\nx\n```",
            "pseudo_code:# first\nx");
        row("no end of line", "## Explain\nC", "explain:C");
    }

    void texts()
    {
        QFETCH(QByteArray, markdown);
        QFETCH(QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(in_one_line(guide_texts_from(markdown.toStdString()))),
            expected);
    }
};

QTEST_APPLESS_MAIN(TestGuideDescription)

#include "tst_guide_description.moc"
