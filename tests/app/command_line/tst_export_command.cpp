// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the real `manyhands export` as a child, without a display, upon a saved run.
#include "tests/app/command_line/program.hpp"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace command_test;

class TestExportCommand : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_run = path("run.manyhands.json");
        const Outcome saved = manyhands(
            {"run", "prime_counting", "limit=300000", "workers=2", "--quiet", "--save", m_run});
        QVERIFY2(saved.exitCode == 0, saved.errors);
        const Outcome untraced = manyhands({"run", "prime_counting", "limit=300000", "workers=2",
            "--quiet", "--no-trace", "--save", path("untraced.json")});
        QVERIFY2(untraced.exitCode == 0, untraced.errors);
    }

    void badInput_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("said");
        QTest::addColumn<int>("exitCode");
        const auto row
            = [](const char* name, const QStringList& arguments, const QStringList& said,
                  int exitCode = 2) { QTest::newRow(name) << arguments << said << exitCode; };
        const QString timeline = "timeline=" + path("x.svg");
        const auto figure = [&](const char* name, const QStringList& options,
                                const QStringList& said, int exitCode = 2) {
            row(name, QStringList{m_run, "--figure", timeline} + options, said, exitCode);
        };
        row("no run", {}, {"export", "FILE"});
        row("two runs", {m_run, "b.json", "--figure", timeline}, {"one run", "b.json"});
        row("nothing to write", {m_run}, {"nothing to write", "--figure"});
        row("no such file", {"/none/run.json", "--figure", timeline}, {"/none/run.json"}, 2);
        row("no run at all", {MANYHANDS_BINARY, "--figure", timeline}, {"manyhands"}, 2);
        row("looks without a figure", {m_run, "--theme", "dark"}, {"--theme", "--figure"});
        row("unknown suffix", {m_run, "--figure", "timeline=x.bmp"}, {"x.bmp", ".svg"});
        row("a gif of what does not move", {m_run, "--figure", "budget=x.gif"},
            {"budget", "timeline"});
        row("unknown view", {m_run, "--figure", "pie=" + path("x.svg")}, {"pie", "timeline"});
        row("no such folder", {m_run, "--figure", "timeline=/none/x.svg"}, {"/none/x.svg"});
        row("a very long path", {m_run, "--figure", "timeline=/" + QString(5000, 'x') + ".svg"},
            {"name too long"});
        row("all without a place", {m_run, "--figure", "all=x.svg"}, {"VIEW.pdf"});
        row("the same file twice",
            {m_run, "--figure", timeline, "--figure", "budget=" + path("x.svg")}, {"twice"});
        row("data over a figure's data",
            {m_run, "--figure", timeline, "--figure", "budget=" + path("x.png"), "--with-data"},
            {"x.csv", "twice"});
        row("untraced", {path("untraced.json"), "--figure", timeline}, {"--no-trace"});
        figure("huge", {"--size", "60000x60000px"}, {"60000x60000px", "16384"});
        figure("no size", {"--size", "0x0px"}, {"0x0px"});
        figure(
            "size and preset", {"--size", "85x60mm", "--preset", "slide"}, {"--preset", "--size"});
        figure("preset", {"--preset", "poster"}, {"poster", "one column"});
        figure("dpi", {"--dpi", "x"}, {"--dpi", "x"});
        figure("theme", {"--theme", "pink"}, {"pink", "grey"});
        figure("empty interval", {"--from", "0.1", "--to", "0.1"}, {"empty"});
        figure("no interval", {"--from", "soon"}, {"--from", "soon"});
        figure("interval beyond", {"--from", "1000"}, {"interval", "1000"});
        figure("lanes beyond", {"--lanes", "1-99"}, {"lanes", "1-99"});
        figure("no lanes", {"--lanes", "all"}, {"lanes", "all"});
        figure("letters", {"--font-size", "8px"}, {"font size", "8px"});
        figure("language", {"--language", "tlh"}, {"tlh", "en"});
        figure("like nothing", {"--like", "/none/x.png"}, {"/none/x.png"});
        figure("like no figure", {"--like", m_run}, {"settings"});
        row("nothing to show", {m_run, "--figure", "memory=" + path("x.svg")},
            {"memory", "nothing to show"}, 1);
        row("full disk", {m_run, "--figure", "timeline=" + path("full.svg")},
            {"full.svg", "No space left"}, 1);
    }

    void badInput()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QStringList, said);
        QFETCH(int, exitCode);
        QFile::link("/dev/full", path("full.svg"));
        const Outcome outcome = manyhands(QStringList{"export"} + arguments);
        const QString error = QString::fromUtf8(outcome.errors);
        QVERIFY2(error.startsWith("manyhands: "), qPrintable(error));
        QVERIFY2(error.endsWith('\n') && error.count('\n') == 1, qPrintable(error));
        for (const QString& words : said)
            QVERIFY2(error.contains(words, Qt::CaseInsensitive),
                qPrintable(words + " is not in: " + error));
        QCOMPARE(outcome.output, QByteArray());
        QCOMPARE(outcome.exitCode, exitCode);
        QVERIFY(!QFile::exists(path("x.svg")));
    }

    void everyViewThatHasSomethingToShow()
    {
        QVERIFY(QDir(m_folder.path()).mkpath("all"));
        const Outcome outcome = manyhands({"export", m_run, "--figure",
            "all=" + path("all/VIEW.pdf"), "--preset", "one column", "--with-data"});
        QCOMPARE(outcome.errors, QByteArray());
        QCOMPARE(outcome.exitCode, 0);
        const QStringList files = QDir(path("all")).entryList(QDir::Files);
        for (const char* const view : {"timeline", "ipc", "budget", "durations"})
            QVERIFY2(
                files.contains(QString(view) + ".pdf") && files.contains(QString(view) + ".csv"),
                view);
        QVERIFY(!files.contains("memory.pdf"));
        QVERIFY(contents(path("all/timeline.csv")).startsWith("process,state,start (s)"));
        const QString png = path("all") + '/';
        QCOMPARE(manyhands({"export", m_run, "--figure", "all=" + png}).exitCode, 0);
        QCOMPARE(QImage(png + "timeline.png").size(), QSize(2055, 1063));
    }

    void likeAnotherFigure()
    {
        const QString first = path("first.svg");
        const QStringList look = {"--size", "100x70mm", "--theme", "grey", "--title", "A “title”",
            "--lanes", "0-1", "--font-size", "9pt", "--transparent"};
        Outcome outcome
            = manyhands(QStringList{"export", m_run, "--figure", "timeline=" + first} + look);
        QVERIFY2(outcome.exitCode == 0, outcome.errors);
        const QString again = path("again.svg");
        outcome = manyhands({"export", m_run, "--figure", "timeline=" + again, "--like", first});
        QVERIFY2(outcome.exitCode == 0, outcome.errors);
        QVERIFY(!contents(first).isEmpty());
        QCOMPARE(contents(again), contents(first));
        // What else is given counts more.
        const QString other = path("other.png");
        outcome = manyhands({"export", m_run, "--figure", "budget=" + other, "--like", first,
            "--size", "640x400px", "--dpi", "100"});
        QVERIFY2(outcome.exitCode == 0, outcome.errors);
        QCOMPARE(QImage(other).size(), QSize(640, 400));
    }

    void sameInEveryLocale()
    {
        QByteArray first;
        // Where the machine has none of them this is one run more.
        for (const char* const locale : {"C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"}) {
            const QString file = path("locale.svg");
            const Outcome outcome = manyhands(
                {"export", m_run, "--figure", "timeline=" + file, "--from", "0.0005"}, locale);
            QVERIFY2(outcome.exitCode == 0, outcome.errors);
            if (first.isEmpty())
                first = contents(file);
            QVERIFY2(contents(file) == first, locale);
        }
        QVERIFY(!first.isEmpty());
    }

    void twoAtOnceIntoOneFile()
    {
        const QString file = path("both.svg");
        QProcess one;
        QProcess other;
        for (QProcess* process : {&one, &other})
            process->start(MANYHANDS_BINARY, {"export", m_run, "--figure", "timeline=" + file});
        for (QProcess* process : {&one, &other}) {
            QVERIFY(process->waitForFinished(patienceMs));
            QCOMPARE(process->exitCode(), 0);
        }
        QVERIFY(contents(file).endsWith("</svg>\n"));
        QVERIFY(
            QDir(m_folder.path()).entryList({"*both*"}, QDir::Files | QDir::Hidden).size() == 1);
    }

    void unicodeNames()
    {
        const QString file = path("Übung 1 – 測試.png");
        const Outcome outcome = manyhands(
            {"export", m_run, "--figure", "timeline=" + file, "--title", "Größe – 測試 <b>&"});
        QCOMPARE(outcome.errors, QByteArray());
        QCOMPARE(QImage(file).text("Title"), QString("Größe – 測試 <b>&"));
    }

    void smallLettersAreNoted()
    {
        const Outcome outcome = manyhands(
            {"export", m_run, "--figure", "timeline=" + path("small.svg"), "--font-size", "5pt"});
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY2(outcome.errors.contains("5 pt"), outcome.errors);
        QCOMPARE(outcome.errors.count('\n'), 1);
    }

    void sameOptionsOfARun()
    {
        const QString file = path("of_a_run.png");
        const Outcome outcome = manyhands({"run", "prime_counting", "limit=20000", "workers=2",
            "--quiet", "--figure", "timeline=" + file, "--size", "800x500px", "--theme", "dark"});
        QCOMPARE(outcome.errors, QByteArray());
        const QImage image(file);
        QCOMPARE(image.size(), QSize(800, 500));
        QCOMPARE(image.pixelColor(0, 0), QColor("#1E1F22"));
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    QString m_run = m_folder.filePath("run.manyhands.json");
};

QTEST_GUILESS_MAIN(TestExportCommand)
#include "tst_export_command.moc"
