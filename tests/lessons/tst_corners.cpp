// SPDX-License-Identifier: MIT
// Runs every lesson at its defaults and at the corners of its allowed parameters, and looks that
// the trace loses nothing. What takes longer than 5 s is stopped then.
#include "engine/description/exit_codes.hpp"
#include "engine/observe/lesson_program.hpp"
#include "tests/support/lesson_session.hpp"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <random>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

// The ends of what a parameter allows, as a person would type them.
std::vector<std::string> ends_of(const ParameterDescription& parameter)
{
    if (parameter.type == ParameterType::choice)
        return parameter.choices;
    if (parameter.type == ParameterType::real)
        return {to_text(parameter.minimum), to_text(parameter.maximum)};
    return {to_text(static_cast<std::int64_t>(parameter.minimum)),
        to_text(static_cast<std::int64_t>(parameter.maximum))};
}

using Words = std::vector<std::string>;

// So many corners are all visited; of more, a part.
constexpr std::size_t most_corners = 16;
constexpr int random_corners = 4;
constexpr int random_corners_of_a_soak = 200;

Words corner(const LessonDescription& lesson,
    const std::function<std::size_t(const ParameterDescription&, std::size_t)>& end)
{
    Words words;
    for (const ParameterDescription& parameter : lesson.parameters) {
        const std::vector<std::string> ends = ends_of(parameter);
        words.push_back(parameter.name + "=" + ends[end(parameter, ends.size())]);
    }
    return words;
}

// Every combination of ends.
std::vector<Words> all_corners(const LessonDescription& lesson)
{
    std::vector<Words> corners = {{}};
    for (const ParameterDescription& parameter : lesson.parameters) {
        std::vector<Words> more;
        for (const Words& words : corners) {
            for (const std::string& end : ends_of(parameter)) {
                more.push_back(words);
                more.back().push_back(parameter.name + "=" + end);
            }
        }
        corners = std::move(more);
    }
    return corners;
}

// The least and the most of everything, every choice alone, and some at random.
std::vector<Words> some_corners(const LessonDescription& lesson)
{
    std::vector<Words> corners
        = {corner(lesson, [](const ParameterDescription&, std::size_t) { return std::size_t{0}; }),
            corner(lesson, [](const ParameterDescription&, std::size_t ends) { return ends - 1; })};
    for (const ParameterDescription& parameter : lesson.parameters) {
        for (const std::string& choice : parameter.choices)
            corners.push_back({parameter.name + "=" + choice});
    }
    std::mt19937 random(1);
    const int count
        = qEnvironmentVariableIsSet("MANYHANDS_SOAK") ? random_corners_of_a_soak : random_corners;
    for (int i = 0; i < count; ++i) {
        corners.push_back(corner(lesson, [&](const ParameterDescription&, std::size_t ends) {
            return std::uniform_int_distribution<std::size_t>(0, ends - 1)(random);
        }));
    }
    return corners;
}

void add_corners(const LessonDescription& lesson)
{
    std::size_t count = 1;
    for (const ParameterDescription& parameter : lesson.parameters)
        count = std::min(count * ends_of(parameter).size(), most_corners + 1);
    std::vector<Words> corners = count <= most_corners ? all_corners(lesson) : some_corners(lesson);
    corners.push_back({}); // the defaults
    for (const Words& words : corners) {
        std::string row = lesson.id;
        for (const std::string& word : words)
            row += " " + word;
        QTest::newRow(row.c_str()) << QString::fromStdString(lesson.id) << words;
    }
}

} // namespace

Q_DECLARE_METATYPE(std::vector<std::string>)

class TestCorners : public QObject
{
    Q_OBJECT

private slots:
    void loses_nothing_data();
    void loses_nothing();
};

void TestCorners::loses_nothing_data()
{
    QTest::addColumn<QString>("lesson");
    QTest::addColumn<std::vector<std::string>>("words");
    const std::string program = built_program("manyhands-lesson");
    for (const LessonSummary& lesson : describe_lessons(program))
        add_corners(describe_lesson({program, lesson.id}));
}

void TestCorners::loses_nothing()
{
    QFETCH(QString, lesson);
    QFETCH(std::vector<std::string>, words);
    const Leftovers before = count_leftovers();
    {
        const auto session = start_lesson("manyhands-lesson", lesson.toStdString(), words);
        QElapsedTimer timer;
        timer.start();
        bool stopped = false;
        while (session->poll()) {
            session->wait(std::chrono::milliseconds(20));
            if (!stopped && timer.elapsed() > 5000) {
                session->stop(StopReason::person);
                stopped = true;
            }
        }
        QCOMPARE(session->progress().dropped, std::uint64_t{0});
        if (session->exit() == exit_code::machine_lacks) {
            QVERIFY(!session->problem().empty());
        } else {
            QVERIFY2(session->problem().empty() || stopped, session->problem().c_str());
            // It may have come to its end as it was being stopped.
            QVERIFY(session->state() == RunState::done
                || (stopped && session->state() == RunState::stopped));
            QVERIFY(session->progress().events > 0);
        }
        for (const Lane& lane : session->recording().lanes()) {
            QCOMPARE(lane.events_dropped, std::uint64_t{0});
            QCOMPARE(lane.text_dropped, std::uint64_t{0});
            QVERIFY(!lane.damaged);
        }
    }
    QVERIFY(count_leftovers() == before);
}

QTEST_GUILESS_MAIN(TestCorners)
#include "tst_corners.moc"
