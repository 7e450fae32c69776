// SPDX-License-Identifier: MIT
// Tests `--check`: which runs it carries out, what it says of them, and how it ends.
#include "engine/observe/own_program.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTest>

#include <sys/prctl.h>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

struct Answer
{
    int exit = -1;
    QStringList lines;
    QString errors;
};

Answer answer_of(const char* program, const QStringList& words)
{
    std::vector<std::string> arguments;
    for (const QString& word : words)
        arguments.push_back(word.toStdString());
    OwnProgram own(std::move(arguments), built_program(program));
    // As long as the test itself may take: how long it does is not tested.
    while (own.poll())
        QTest::qSleep(10);
    return {*own.exit(), QString::fromStdString(own.output()).split('\n', Qt::SkipEmptyParts),
        QString::fromStdString(own.error_output())};
}

} // namespace

class TestCheck : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        // Orphans of what is tested here come to us, and are counted.
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    }

    void lessons_are_checked_data()
    {
        QTest::addColumn<QByteArray>("program");
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("exit");
        QTest::addColumn<QStringList>("begins"); // of the lines, one after the other
        const auto row = [](const char* name, const char* program, QStringList words, int exit,
                             QStringList begins) {
            QTest::newRow(name) << QByteArray(program) << words << exit << begins;
        };
        row("all checks hold", "manyhands-lesson", {"--check", "prime_counting"}, 0,
            {"✓ prime_counting"});
        row("a check does not hold", "manyhands-test-lessons", {"--check", "honest"}, 1,
            {"✓ honest workers=2: 2 held, 0 do not apply",
                "✕ honest workers=2 empty=1: does not hold: the workers found what one process "
                "found; does not hold: the workers did the work of one process"});
        // Which worker fails first is chance.
        row("runs that fail, and one that does not end", "manyhands-test-lessons",
            {"--check", "--check-limit", "5", "gates"}, 1,
            {"✓ gates what=count: 0 held, 0 do not apply",
                "✓ gates what=throw: 0 held, 0 do not apply; Worker-",
                "✕ gates what=compute: not done after 5 s, and stopped"});
        row("a worker that dies, a main process that throws, a word that is not known",
            "manyhands-test-lessons", {"--check", "faults"}, 1,
            {"✕ faults fault=kill: ", "✕ faults fault=main_exception: ended with exit code 1",
                "✕ faults fault=unheard_of: ended with exit code 2"});
    }

    void lessons_are_checked()
    {
        QFETCH(QByteArray, program);
        QFETCH(QStringList, words);
        QFETCH(int, exit);
        QFETCH(QStringList, begins);
        const Leftovers before = count_leftovers();
        const Answer answer = answer_of(program.constData(), words);
        QCOMPARE(answer.exit, exit);
        const QByteArray all = answer.lines.join('\n').toUtf8();
        QVERIFY2(answer.lines.size() >= begins.size(), all.constData());
        for (qsizetype i = 0; i < begins.size(); ++i)
            QVERIFY2(answer.lines[i].startsWith(begins[i]), all.constData());
        QTRY_VERIFY_WITH_TIMEOUT(count_leftovers() == before, 10'000);
    }

    void refusals_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("says");
        QTest::newRow("an unknown lesson") << QStringList{"--check", "nothing"} << "nothing";
        QTest::newRow("parameters") << QStringList{"--check", "honest", "workers=1"} << "workers=1";
        QTest::newRow("no time") << QStringList{"--check", "--check-limit", "0"} << "check-limit";
    }

    void refusals()
    {
        QFETCH(QStringList, words);
        QFETCH(QString, says);
        const Answer answer = answer_of("manyhands-test-lessons", words);
        QCOMPARE(answer.exit, 2);
        QVERIFY(answer.lines.empty());
        QVERIFY2(answer.errors.contains(says), answer.errors.toUtf8().constData());
    }

    void help_tells_of_it()
    {
        const Answer answer = answer_of("manyhands-lesson", {"--help"});
        QCOMPARE(answer.exit, 0);
        QVERIFY(answer.lines.join('\n').contains("--check "));
        QVERIFY(answer.lines.join('\n').contains("--check-limit "));
        QVERIFY(!answer.lines.join('\n').contains("--document-pipe"));
    }
};

QTEST_GUILESS_MAIN(TestCheck)

#include "tst_check.moc"
