// SPDX-License-Identifier: MIT
// Runs every lesson at its defaults and at the corners of its allowed parameters, and looks that
// the trace loses nothing. What takes longer than 5 s is stopped then.
#include "engine/observe/lesson_program.hpp"
#include "tests/support/lesson_session.hpp"

#include <QElapsedTimer>
#include <QTest>

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

void add_corners(const LessonDescription& lesson)
{
    std::vector<std::vector<std::string>> corners = {{}};
    for (const ParameterDescription& parameter : lesson.parameters) {
        std::vector<std::vector<std::string>> more;
        for (const std::vector<std::string>& words : corners) {
            for (const std::string& end : ends_of(parameter)) {
                more.push_back(words);
                more.back().push_back(parameter.name + "=" + end);
            }
        }
        corners = std::move(more);
    }
    corners.push_back({}); // the defaults
    for (const std::vector<std::string>& words : corners) {
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
        QVERIFY2(session->problem().empty() || stopped, session->problem().c_str());
        QCOMPARE(session->state(), stopped ? RunState::stopped : RunState::done);
        QCOMPARE(session->progress().dropped, std::uint64_t{0});
        QVERIFY(session->progress().events > 0);
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
