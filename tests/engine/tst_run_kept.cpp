// SPDX-License-Identifier: MIT
// Tests that a run of a real lesson outlives its session, and its file.
#include "engine/observe/run_file.hpp"
#include "tests/support/finished_runs.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace manyhands;

class TestRunKept : public QObject
{
    Q_OBJECT

private slots:
    void outlives_session_and_file_data()
    {
        QTest::addColumn<QByteArray>("lesson");
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<int>("repeats");
        QTest::addColumn<bool>("traced");
        QTest::newRow("all of the engine")
            << QByteArray("tour") << QByteArray("items=50") << 0 << true;
        QTest::newRow("measured") << QByteArray("honest") << QByteArray() << 3 << true;
        QTest::newRow("untraced") << QByteArray("tour") << QByteArray("items=50") << 0 << false;
    }

    void outlives_session_and_file()
    {
        QFETCH(QByteArray, lesson);
        QFETCH(QByteArray, word);
        QFETCH(int, repeats);
        QFETCH(bool, traced);
        QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("run.json.gz").toStdString();
        std::vector<std::string> words;
        if (!word.isEmpty())
            words.push_back(word.toStdString());
        auto session = tests::start_lesson("manyhands-test-lessons", lesson.toStdString(), words,
            repeats > 0 ? std::optional(repeats) : std::nullopt, traced);
        QVERIFY(tests::finish(*session));
        const FinishedRun run = finished_run(*session);
        QCOMPARE(run.recording.get(), &session->recording());
        const nlohmann::json object = run_object(*session);
        session.reset();
        QVERIFY(!run.recording->lanes().empty());
        QVERIFY(run_object(run) == object);

        save_run(run, path);
        const FinishedRun read = open_run(path);
        QCOMPARE(read.shortfall, std::string());
        std::string differ;
        for (const std::string& word_of : test::differences(run, read))
            differ += word_of + "; ";
        QCOMPARE(differ, std::string());
        QVERIFY(run_object(read) == object);
        QVERIFY(read.lesson.program.empty());
    }
};

QTEST_APPLESS_MAIN(TestRunKept)
#include "tst_run_kept.moc"
