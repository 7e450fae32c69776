// SPDX-License-Identifier: MIT
// The lesson chunked_processing, end to end: every number once, the remainder too, from memory and
// from a file that nobody finds; and what it computes from a run.
#include "lessons/chunked_processing/measures.hpp"
#include "lessons/chunked_processing/program.hpp"
#include "tests/support/lesson_session.hpp"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

using namespace manyhands;
using namespace manyhands::tests;
namespace chunked = manyhands::lessons::chunked_processing;

namespace {

std::optional<double> quantity(const ResultDocument& document, const std::string& name)
{
    for (const Quantity& one : document.quantities) {
        if (one.name == name)
            return one.value;
    }
    return std::nullopt;
}

} // namespace

class TestChunkedProcessing : public QObject
{
    Q_OBJECT

private slots:
    void cuts_into_chunks_data();
    void cuts_into_chunks();
    void predicts_the_best_chunk();
    void processes_every_number_once_data();
    void processes_every_number_once();
    void finds_the_same_sum_however_it_is_cut();
    void asks_about_its_own_run();
    void needs_less_memory_for_a_file();
    void leaves_no_file_behind();
    void ends_when_a_worker_is_killed_data();
    void ends_when_a_worker_is_killed();
    void python_says_the_same_data();
    void python_says_the_same();
};

void TestChunkedProcessing::cuts_into_chunks_data()
{
    QTest::addColumn<int>("numbers");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("chunks");
    QTest::addColumn<int>("last");
    QTest::newRow("1000 by 10") << 1000 << 10 << 100 << 10;
    QTest::newRow("1001 by 4") << 1001 << 4 << 251 << 1;
    QTest::newRow("1001 by 1000") << 1001 << 1000 << 2 << 1;
    QTest::newRow("1001 by 1001") << 1001 << 1001 << 1 << 1001;
    QTest::newRow("1000 by 999") << 1000 << 999 << 2 << 1;
    QTest::newRow("1000 by 1") << 1000 << 1 << 1000 << 1;
    QTest::newRow("more than there are") << 1000 << 100'000'000 << 1 << 1000;
}

void TestChunkedProcessing::cuts_into_chunks()
{
    QFETCH(int, numbers);
    QFETCH(int, size);
    QFETCH(int, chunks);
    QFETCH(int, last);
    const chunked::Cut cut
        = chunked::cut_of(static_cast<std::uint64_t>(numbers), static_cast<std::uint64_t>(size));
    QCOMPARE(cut.chunks, static_cast<std::uint64_t>(chunks));
    QCOMPARE(cut.last, static_cast<std::uint64_t>(last));
    QCOMPARE((cut.chunks - 1) * cut.size + cut.last, cut.numbers);
}

void TestChunkedProcessing::predicts_the_best_chunk()
{
    // N = 100 000, c = 10 us, h = 10 us, p = 2: sqrt(2 N h / (p c)) = sqrt(100 000) = 316.2
    QCOMPARE(chunked::best_chunk(100'000, 1e-5, 1e-5, 2), 316.0);
    // It is where the model has its least value.
    const auto model = [](double k) { return (1e5 * 1e-5 + 1e5 / k * 1e-5) / 2 + k * 1e-5 / 2; };
    QVERIFY(model(316) < model(300) && model(316) < model(333));
    // 100 times the number's cost: a tenth of the size.
    QCOMPARE(chunked::best_chunk(100'000, 1e-3, 1e-5, 2), 32.0);
    // Within what there is.
    QCOMPARE(chunked::best_chunk(1'000, 1e-9, 1.0, 2), 1'000.0);
    QCOMPARE(chunked::best_chunk(1'000, 1.0, 1e-9, 2), 1.0);
    // One worker at a time has nobody to wait for.
    QCOMPARE(chunked::best_chunk(1'000, 1e-5, 1e-5, 1), 1'000.0);
}

void TestChunkedProcessing::processes_every_number_once_data()
{
    QTest::addColumn<int>("items");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("workers");
    QTest::addColumn<QString>("source");
    for (const char* source : {"memory", "file"}) {
        const auto row = [&](const char* what, int items, int size, int workers) {
            QTest::newRow(qPrintable(QString("%1, from %2").arg(what, source)))
                << items << size << workers << QString(source);
        };
        row("1001 by 4", 1001, 4, 2);
        row("1000 by 1, the smallest chunk", 1000, 1, 3);
        row("1000 by 10, no remainder", 1000, 10, 2);
        row("1001 by 1000, a last chunk of one", 1001, 1000, 2);
        row("all in one", 20'000, 20'000, 2);
        row("a chunk that is too large", 20'000, 100'000'000, 2);
        row("one worker", 5'000, 77, 1);
        row("more workers than chunks", 1'000, 400, 5);
        row("more than is read at once", 50'001, 20'000, 3);
    }
}

void TestChunkedProcessing::processes_every_number_once()
{
    QFETCH(int, items);
    QFETCH(int, size);
    QFETCH(int, workers);
    QFETCH(QString, source);
    const auto session = start_lesson("manyhands-lesson", "chunked_processing",
        {"items=" + std::to_string(items), "chunk_size=" + std::to_string(size),
            "workers=" + std::to_string(workers), "source=" + source.toStdString(),
            "work_per_item=20"});
    QVERIFY(finish(*session));
    QVERIFY2(session->state() == RunState::done, session->problem().c_str());
    const ResultDocument& document = session->document().value();
    QCOMPARE(document.checks.size(), std::size_t{5});
    for (const Check& check : document.checks)
        QVERIFY2(check.held == true, check.claim.c_str());
    const chunked::Cut cut
        = chunked::cut_of(static_cast<std::uint64_t>(items), static_cast<std::uint64_t>(size));
    QCOMPARE(quantity(document, "items_done"), std::optional(static_cast<double>(items)));
    QCOMPARE(quantity(document, "chunks"), std::optional(static_cast<double>(cut.chunks)));
    QCOMPARE(quantity(document, "last_chunk"), std::optional(static_cast<double>(cut.last)));
    QCOMPARE(session->recording().output().size(), std::size_t{size > items ? 1U : 0U});

    // The numbers really travel: 4 bytes each, and the same few for each message.
    const double sent = quantity(document, "bytes_sent").value();
    const double around = (sent - 4.0 * items) / static_cast<double>(cut.chunks);
    QVERIFY2(around > 0 && around <= 64, qPrintable(QString::number(around)));
    const double largest = 4.0 * static_cast<double>(cut.size) + around;
    const Recording& recording = session->recording();
    const bool each_sending_is_known = std::none_of(recording.transfers().begin(),
        recording.transfers().end(),
        [](const Transfer& transfer) { return !transfer.received && transfer.summarised; });
    const std::optional<double> peak = quantity(document, "peak_in_flight");
    QVERIFY(peak.has_value() || !each_sending_is_known);
    if (peak)
        QVERIFY2(*peak >= largest && *peak <= 2.0 * workers * largest && *peak <= sent,
            qPrintable(QString::number(*peak)));
    // A process of its own needs a MiB at least, and the main process all numbers or some.
    QVERIFY(quantity(document, "peak_memory").value() > (1 << 20));
    QCOMPARE(recording.events_dropped(), 0U);
    QCOMPARE(recording.tasks().size(), static_cast<std::size_t>(cut.chunks));
    for (const Task& task : recording.tasks())
        QCOMPARE(task.outcome, Task::Outcome::done);
    // A message's cost is the gap between two chunks of one worker: none where each had one.
    const bool gap = cut.chunks > static_cast<std::uint64_t>(workers);
    if (gap)
        QVERIFY(quantity(document, "message_cost").value() > 0);
    if (const auto best = quantity(document, "predicted_best_chunk"))
        QVERIFY(*best >= 1 && *best <= items && *best == std::floor(*best));
    else
        QVERIFY(!gap);
    if (const auto imbalance = quantity(document, "imbalance"))
        QVERIFY(*imbalance >= 1 && *imbalance <= workers);
    else
        QCOMPARE(workers, 1);
}

void TestChunkedProcessing::finds_the_same_sum_however_it_is_cut()
{
    std::optional<nlohmann::json> sum;
    for (const std::vector<std::string>& words :
        {std::vector<std::string>{"chunk_size=1", "workers=1", "source=memory"},
            {"chunk_size=7", "workers=3", "source=file"},
            {"chunk_size=3000", "workers=2", "source=memory"}}) {
        std::vector<std::string> all = {"items=3000", "work_per_item=3"};
        all.insert(all.end(), words.begin(), words.end());
        const auto session = start_lesson("manyhands-lesson", "chunked_processing", all);
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::done);
        const nlohmann::json found = session->document().value().result.at("sum");
        if (sum)
            QCOMPARE(found.get<std::uint64_t>(), sum->get<std::uint64_t>());
        sum = found;
    }
    QVERIFY(sum->get<std::uint64_t>() > 0);
}

void TestChunkedProcessing::asks_about_its_own_run()
{
    const auto session = start_lesson("manyhands-lesson", "chunked_processing",
        {"items=1001", "chunk_size=4", "work_per_item=20", "workers=2"});
    QVERIFY(finish(*session));
    const ResultDocument& document = session->document().value();
    QCOMPARE(document.quiz.size(), std::size_t{2});
    for (const QuizQuestion& question : document.quiz) {
        QCOMPARE(std::count_if(question.choices.begin(), question.choices.end(),
                     [](const QuizChoice& choice) { return choice.right; }),
            1);
        QVERIFY(question.choices.size() >= 3);
        for (const QuizChoice& choice : question.choices)
            QCOMPARE(choice.attempt.has_value() || choice.right || choice.text == "0", true);
    }
    const QuizQuestion& remainder = document.quiz.front();
    const auto right = std::find_if(remainder.choices.begin(), remainder.choices.end(),
        [](const QuizChoice& choice) { return choice.right; });
    QCOMPARE(right->text, std::string("1"));

    std::set<std::string> views;
    for (const Series& series : document.series) {
        views.insert(series.view);
        QCOMPARE(series.x.size(), series.y.size());
        QVERIFY(!series.x.empty());
        QVERIFY(std::is_sorted(series.x.begin(), series.x.end()));
    }
    const std::set<std::string> expected = {"busy_time", "bytes_in_flight", "chunk_time"};
    QVERIFY(views == expected);
}

void TestChunkedProcessing::needs_less_memory_for_a_file()
{
    const auto peak = [](const std::string& source) {
        const auto session = start_lesson("manyhands-lesson", "chunked_processing",
            {"items=10000000", "chunk_size=100000", "work_per_item=1", "workers=2",
                "source=" + source});
        return finish(*session) && session->state() == RunState::done
            ? quantity(session->document().value(), "peak_memory")
            : std::nullopt;
    };
    const auto in_memory = peak("memory");
    const auto from_file = peak("file");
    QVERIFY(in_memory && from_file);
    // 40 MB of numbers are in the memory of one process, or of none.
    QVERIFY2(*in_memory > 40e6 && *from_file < *in_memory - 30e6,
        qPrintable(QString("%1 and %2").arg(*in_memory).arg(*from_file)));
}

void TestChunkedProcessing::leaves_no_file_behind()
{
    // The only folder for temporary files that the run knows, also while it runs.
    QTemporaryDir folder;
    QVERIFY(folder.isValid());
    qputenv("TMPDIR", folder.path().toUtf8());
    const auto session = start_lesson("manyhands-lesson", "chunked_processing",
        {"items=20000", "chunk_size=10", "work_per_item=100000", "workers=2", "source=file"});
    qunsetenv("TMPDIR");
    QVERIFY(poll_until(*session, [&] { return session->recording().tasks().size() > 4; }));
    const auto names = [&] {
        return QDir(folder.path())
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    };
    // It is there, in this folder, and has no name.
    const QDir descriptors(QString("/proc/%1/fd").arg(session->main_pid()));
    const QStringList links = descriptors.entryList(QDir::AllEntries | QDir::System);
    QVERIFY(std::any_of(links.begin(), links.end(), [&](const QString& link) {
        return QFile::symLinkTarget(descriptors.filePath(link)).startsWith(folder.path());
    }));
    QCOMPARE(names(), QStringList());
    ::kill(session->main_pid(), SIGKILL);
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::failed);
    QCOMPARE(names(), QStringList());
}

void TestChunkedProcessing::ends_when_a_worker_is_killed_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<int>("workers");
    QTest::newRow("from memory") << "memory" << 2;
    QTest::newRow("from a file") << "file" << 3;
    QTest::newRow("the only one") << "memory" << 1;
}

void TestChunkedProcessing::ends_when_a_worker_is_killed()
{
    QFETCH(QString, source);
    QFETCH(int, workers);
    const auto session = start_lesson("manyhands-lesson", "chunked_processing",
        {"items=1000", "chunk_size=10", "work_per_item=100000",
            "workers=" + std::to_string(workers), "source=" + source.toStdString()});
    const auto victim = [&]() -> const Lane* {
        for (const Task& task : session->recording().tasks()) {
            if (task.outcome == Task::Outcome::running && task.lane != no_subject)
                return &session->recording().lanes()[task.lane];
        }
        return nullptr;
    };
    QVERIFY(poll_until(*session, [&] { return victim() != nullptr; }));
    ::kill(victim()->pid, SIGKILL);
    QVERIFY2(finish(*session), "the run hangs");
    QCOMPARE(session->state(), RunState::failed);
    const std::vector<Failure>& failures = session->document().value().failures;
    QVERIFY(std::any_of(failures.begin(), failures.end(), [](const Failure& failure) {
        return failure.kind == "signal" && failure.value == SIGKILL;
    }));
}

void TestChunkedProcessing::python_says_the_same_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("words");
    QTest::newRow("defaults") << QStringList() << "2000 numbers in 34 chunks, the last of 20:";
    QTest::newRow("1001 by 4") << QStringList{"1001", "4", "2", "3", "memory"}
                               << "1001 numbers in 251 chunks, the last of 1:";
    QTest::newRow("from a file") << QStringList{"1000", "300", "2", "3", "file"}
                                 << "1000 numbers in 4 chunks, the last of 100:";
    QTest::newRow("a chunk too large") << QStringList{"100", "1000", "1", "3", "file"}
                                       << "100 numbers in 1 chunks, the last of 100:";
}

void TestChunkedProcessing::python_says_the_same()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, words);
    QProcess python;
    python.start("python3",
        QStringList{MANYHANDS_SOURCE_DIR "/lessons/chunked_processing/program.py"} + arguments);
    QVERIFY(python.waitForFinished(60'000));
    QCOMPARE(python.exitCode(), 0);
    const QString output = QString::fromUtf8(python.readAllStandardOutput());
    QVERIFY2(output.startsWith(words), qPrintable(output));
}

QTEST_GUILESS_MAIN(TestChunkedProcessing)
#include "tst_chunked_processing.moc"
