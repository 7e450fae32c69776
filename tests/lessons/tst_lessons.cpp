// SPDX-License-Identifier: MIT
// The shape that every lesson has: texts, predictions, quiz, suggestions, sources; and what the
// runs of --check say of it.
#include "lessons/catalogue.hpp"
#include "tests/support/lesson_session.hpp"

#include <QCryptographicHash>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <set>
#include <sstream>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

using Words = std::vector<std::string>;

constexpr int most_words_of_a_page = 250;
constexpr int most_parameters_in_sight = 4;
constexpr int most_predictions = 3;

LessonDescription describe(const QString& id)
{
    return describe_lesson({built_program("manyhands-lesson"), id.toStdString()});
}

void add_lessons()
{
    QTest::addColumn<QString>("id");
    for (const Lesson& lesson : lessons::catalogue()) {
        const std::string id = lesson.describe().id;
        QTest::newRow(id.c_str()) << QString::fromStdString(id);
    }
}

// The values of a form in which a person has chosen among the choices, in every combination.
std::vector<ParameterValues> variants(const LessonDescription& lesson)
{
    std::vector<Words> combinations = {{}};
    for (const ParameterDescription& parameter : lesson.parameters) {
        if (parameter.type != ParameterType::choice)
            continue;
        std::vector<Words> more;
        for (const Words& words : combinations) {
            for (const std::string& choice : parameter.choices) {
                more.push_back(words);
                more.back().push_back(parameter.name + "=" + choice);
            }
        }
        combinations = std::move(more);
    }
    std::vector<ParameterValues> found;
    for (const Words& words : combinations)
        found.push_back(lesson.parse(words));
    return found;
}

// What a person sees at once of a step.
QString page(const LessonDescription& lesson, GuideStep step, const ParameterValues& values)
{
    QString text;
    for (const GuideText& passage : guide_texts_from(lesson.text)) {
        if (passage.step == step && lesson.holds(passage.when, values))
            text += QString::fromStdString(passage.text) + "\n\n";
    }
    return text.trimmed();
}

qsizetype words_of(QString text)
{
    // Where a link leads is not read.
    text.remove(QRegularExpression("\\]\\([^)]*\\)"));
    return text.split(QRegularExpression("\\s+"), Qt::SkipEmptyParts).size();
}

Words matches(const QString& text, const QString& pattern)
{
    Words found;
    auto each = QRegularExpression(pattern).globalMatch(text);
    while (each.hasNext())
        found.push_back(each.next().captured(1).toStdString());
    return found;
}

bool is_quantity(const LessonDescription& lesson, const std::string& name)
{
    const std::set<std::string> general = {"wall_s", "sequential_s", "speedup", "efficiency"};
    return general.count(name) > 0
        || std::any_of(lesson.quantities.begin(), lesson.quantities.end(),
            [&](const QuantityDescription& quantity) { return quantity.name == name; });
}

void check_question(const QuizQuestion& question)
{
    int right = 0;
    for (const QuizChoice& choice : question.choices) {
        right += choice.right ? 1 : 0;
        QVERIFY2(!choice.reply.empty(), choice.text.c_str());
    }
    QVERIFY2(right == 1, question.question.c_str());
}

} // namespace

class TestLessons : public QObject
{
    Q_OBJECT

private slots:
    void has_every_step_data() { add_lessons(); }
    void has_every_step();
    void names_only_what_it_has_data() { add_lessons(); }
    void names_only_what_it_has();
    void asks_before_and_after_data() { add_lessons(); }
    void asks_before_and_after();
    void shows_little_at_first_data() { add_lessons(); }
    void shows_little_at_first();
    void carries_its_files_data() { add_lessons(); }
    void carries_its_files();
    void keeps_its_promises_data();
    void keeps_its_promises();
};

void TestLessons::has_every_step()
{
    QFETCH(QString, id);
    const LessonDescription lesson = describe(id);
    for (const ParameterValues& values : variants(lesson)) {
        for (const GuideStep step :
            {GuideStep::read, GuideStep::observe, GuideStep::explain, GuideStep::pseudo_code}) {
            const QString text = page(lesson, step, values);
            const std::string what = std::string(name_of(step)) + " " + to_json(values).dump();
            QVERIFY2(!text.isEmpty(), what.c_str());
            if (step != GuideStep::pseudo_code) {
                QVERIFY2(words_of(text) <= most_words_of_a_page,
                    (what + ": " + std::to_string(words_of(text)) + " words").c_str());
            }
        }
    }
    QVERIFY(!lesson.objectives.empty());
    QVERIFY(lesson.guide.next.size() == 2 || lesson.guide.next.size() == 3);
}

void TestLessons::names_only_what_it_has()
{
    QFETCH(QString, id);
    const LessonDescription lesson = describe(id);
    std::set<std::string> views = {"timeline", "ipc", "matrix", "speedup", "budget", "memory",
        "durations", "sweep", "efficiency"};
    for (const ViewDescription& view : lesson.guide.views)
        QVERIFY2(views.insert(view.name).second, view.name.c_str());
    const QRegularExpression link("^(https?://\\S+|see:longest/[a-z_]+|see:view/[a-z_]+"
                                  "|see:channel/[A-Za-z0-9_%-]+|see:lane/\\d+)$");
    for (const GuideText& passage : guide_texts_from(lesson.text)) {
        if (passage.step == GuideStep::pseudo_code)
            continue;
        const QString text = QString::fromStdString(passage.text);
        for (const std::string& name : matches(text, "\\{([a-z_0-9]+)\\}"))
            QVERIFY2(is_quantity(lesson, name) || lesson.parameter(name), name.c_str());
        for (const std::string& target : matches(text, "\\]\\(([^)]*)\\)")) {
            const QString leads = QString::fromStdString(target);
            QVERIFY2(link.match(leads).hasMatch(), target.c_str());
            if (leads.startsWith("see:view/"))
                QVERIFY2(views.count(leads.mid(9).toStdString()) == 1, target.c_str());
        }
    }
    for (const QuantityDescription& quantity : lesson.quantities) {
        if (quantity.kind == "predicted_best")
            QVERIFY2(lesson.parameter(quantity.parameter), quantity.name.c_str());
    }
}

void TestLessons::asks_before_and_after()
{
    QFETCH(QString, id);
    const LessonDescription lesson = describe(id);
    for (const ParameterValues& values : variants(lesson)) {
        const auto asked = std::count_if(lesson.guide.predictions.begin(),
            lesson.guide.predictions.end(), [&](const PredictionDescription& prediction) {
                return lesson.holds(prediction.when, values);
            });
        QVERIFY2(asked >= 1 && asked <= most_predictions, to_json(values).dump().c_str());
    }
    for (const PredictionDescription& prediction : lesson.guide.predictions) {
        QVERIFY2(is_quantity(lesson, prediction.quantity), prediction.quantity.c_str());
        std::vector<PredictionChoice> choices = prediction.choices;
        std::sort(choices.begin(), choices.end(),
            [](const auto& a, const auto& b) { return a.low < b.low; });
        for (std::size_t i = 1; i < choices.size(); ++i)
            QVERIFY2(choices[i - 1].high < choices[i].low, prediction.name.c_str());
    }
    for (const QuizQuestion& question : lesson.guide.quiz)
        check_question(question);
}

void TestLessons::shows_little_at_first()
{
    QFETCH(QString, id);
    const LessonDescription lesson = describe(id);
    const auto in_sight = std::count_if(lesson.parameters.begin(), lesson.parameters.end(),
        [](const ParameterDescription& parameter) { return !parameter.folded; });
    QVERIFY(in_sight <= most_parameters_in_sight);
}

void TestLessons::carries_its_files()
{
    QFETCH(QString, id);
    const LessonDescription lesson = describe(id);
    const std::string folder = "lessons/" + id.toStdString() + "/";
    std::set<std::string> languages;
    for (const SourceFile& source : lesson.sources) {
        languages.insert(source.language);
        QCOMPARE(source.text, source_file(source.path));
    }
    QVERIFY(languages == std::set<std::string>({"cpp", "python"}));
    QCOMPARE(lesson.text, source_file(folder + "lesson.md"));
    int files = 0;
    for (const EmbeddedFile& file : embedded_files()) {
        if (!file.path.starts_with(folder))
            continue;
        ++files;
        const std::string text = source_file(std::string(file.path));
        QCOMPARE(QByteArray::fromStdString(std::string(file.sha256)),
            QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha256)
                .toHex());
    }
    QCOMPARE(files, 3);
}

void TestLessons::keeps_its_promises_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("words");
    for (const Lesson& lesson : lessons::catalogue()) {
        const std::string id = lesson.describe().id;
        for (const std::string_view words : lesson.check_runs) {
            const std::string row = id + " " + std::string(words);
            QTest::newRow(row.c_str())
                << QString::fromStdString(id) << QString::fromUtf8(words.data(), words.size());
        }
    }
}

void TestLessons::keeps_its_promises()
{
    QFETCH(QString, id);
    QFETCH(QString, words);
    Words list;
    std::istringstream stream(words.toStdString());
    for (std::string word; stream >> word;)
        list.push_back(word);
    const Leftovers before = count_leftovers();
    {
        const auto session = start_lesson("manyhands-lesson", id.toStdString(), list);
        QVERIFY(finish(*session));
        QVERIFY2(session->state() == RunState::done, session->problem().c_str());
        const LessonDescription& lesson = session->options().description;
        const ResultDocument& document = session->document().value();
        QVERIFY(!document.checks.empty());
        for (const Check& check : document.checks)
            QVERIFY2(check.held.value_or(true), check.claim.c_str());
        for (const Quantity& quantity : document.quantities)
            QVERIFY2(is_quantity(lesson, quantity.name), quantity.name.c_str());
        QVERIFY(!document.quiz.empty());
        for (const QuizQuestion& question : document.quiz)
            check_question(question);
        const std::size_t questions = lesson.guide.quiz.size() + document.quiz.size();
        QVERIFY2(questions >= 3 && questions <= 5, std::to_string(questions).c_str());
        for (const Series& series : document.series) {
            QVERIFY2(std::any_of(lesson.guide.views.begin(), lesson.guide.views.end(),
                         [&](const ViewDescription& view) { return view.name == series.view; }),
                series.view.c_str());
        }
    }
    QVERIFY(count_leftovers() == before);
}

QTEST_GUILESS_MAIN(TestLessons)
#include "tst_lessons.moc"
