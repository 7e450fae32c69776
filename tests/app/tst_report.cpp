// SPDX-License-Identifier: GPL-3.0-or-later
// Reports: what they say, and that their pages need nothing besides and obey nobody.
#include "app/figures/inline_svg.hpp"
#include "app/figures/report_file.hpp"
#include "app/figures/report_html.hpp"
#include "app/guide/lesson_steps.hpp"
#include "tests/app/sample_reports.hpp"

#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <clocale>
#include <cmath>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

void everyKind()
{
    QTest::addColumn<QString>("kind");
    for (const QString& kind : kinds().keys())
        QTest::addRow("%s", qPrintable(kind)) << kind;
}

/// The cells of each row of the page's tables, as a reader sees them.
QList<QStringList> rowsOf(const QString& html)
{
    static const QRegularExpression row(QStringLiteral("<tr>(.*?)</tr>"));
    static const QRegularExpression cell(QStringLiteral("<t[hd][^>]*>(.*?)</t[hd]>"),
        QRegularExpression::DotMatchesEverythingOption);
    QList<QStringList> rows;
    for (auto found = row.globalMatch(html); found.hasNext();) {
        QStringList cells;
        for (auto in = cell.globalMatch(found.next().captured(1)); in.hasNext();)
            cells.append(in.next().captured(1));
        rows.append(cells);
    }
    return rows;
}

/// What stands behind a row's name.
QStringList rowOf(const QString& html, const QString& name)
{
    for (const QStringList& row : rowsOf(html)) {
        if (row.value(0) == name)
            return row.mid(1);
    }
    return {};
}

} // namespace

class TestReport : public QObject
{
    Q_OBJECT

private slots:
    void passesTheChecker_data() { everyKind(); }
    void passesTheChecker();
    void needsNothingBesides_data() { everyKind(); }
    void needsNothingBesides();
    void showsWhatItMustNotObey();
    void figuresOfARun();
    void numbersAreThoseOfTheRun();
    void numbersOfASweep();
    void saysWhatIsWrongWithARun();
    void workInTheOrderOfTheLesson();
    void commands_data();
    void commands();
    void sameInEveryLocale();
    void svgsDoNotMeet();

private:
    QTemporaryDir m_folder;
};

void TestReport::passesTheChecker()
{
    QFETCH(QString, kind);
    const QString path = m_folder.filePath(QStringLiteral("checked.html"));
    writeReportFile(kinds()[kind](), path.toStdString());
    const Output output
        = outputOf(QStringLiteral("tidy"), {QStringLiteral("-e"), QStringLiteral("-q"), path});
    QVERIFY2(output.exitCode == 0 && output.errors.isEmpty(), output.errors.constData());
}

void TestReport::needsNothingBesides()
{
    QFETCH(QString, kind);
    const QString html = QString::fromUtf8(reportHtml(kinds()[kind]()));
    // Where an attribute could lead: only into the page itself.
    static const QRegularExpression tag(QStringLiteral("<[a-zA-Z][^>]*>"));
    static const QRegularExpression id(QStringLiteral(" id=\"([^\"]*)\""));
    static const QRegularExpression reference(QStringLiteral("(?:url\\(#|href=\"#)([^\")]*)"));
    QSet<QString> ids;
    QStringList references;
    for (auto found = tag.globalMatch(html); found.hasNext();) {
        // What a figure shows in words may be anything.
        const QString one = found.next().captured().remove(
            QRegularExpression(QStringLiteral("aria-label=\"[^\"]*\"")));
        QVERIFY2(!one.startsWith(QLatin1String("<script")), qPrintable(one));
        QVERIFY2(!one.contains(QLatin1String(" src=")), qPrintable(one));
        QVERIFY2(!one.contains(QLatin1String("://")), qPrintable(one));
        QVERIFY2(
            !one.contains(QRegularExpression(QStringLiteral("\\son[a-z]+="))), qPrintable(one));
        QVERIFY2(!one.contains(QRegularExpression(QStringLiteral("href=\"(?!#|data:image/)"))),
            qPrintable(one));
        QVERIFY2(!one.contains(QRegularExpression(QStringLiteral("url\\((?!#)"))), qPrintable(one));
        if (const auto match = id.match(one); match.hasMatch()) {
            QVERIFY2(!ids.contains(match.captured(1)), qPrintable(one));
            ids.insert(match.captured(1));
        }
        for (auto to = reference.globalMatch(one); to.hasNext();)
            references.append(to.next().captured(1));
    }
    for (const QString& to : references)
        QVERIFY2(ids.contains(to), qPrintable(to));
    QVERIFY(!html.contains(QLatin1String("@import")));
}

void TestReport::showsWhatItMustNotObey()
{
    for (const ReportContent& content : {contentOf(hostileRun()), contentOf(sampleWork(false))}) {
        const QString html = QString::fromUtf8(reportHtml(content));
        QVERIFY(html.contains(hostile.toHtmlEscaped()));
        QVERIFY(!html.contains(QLatin1String("<img")));
        QVERIFY(!html.contains(QLatin1String("</script>")));
        QVERIFY(!html.contains(QChar(0x1b)));
        QVERIFY(!html.contains(QChar(0x202e)));
    }
    const QString html = QString::fromUtf8(reportHtml(contentOf(hostileRun())));
    QVERIFY(html.contains(QStringLiteral("ü 日本")));
    // A note's lines stay lines.
    QVERIFY(QString::fromUtf8(reportHtml(contentOf(sampleWork(false))))
                .contains(QLatin1String("\nsecond line")));
}

void TestReport::figuresOfARun()
{
    const ReportContent content = contentOf(quietRun());
    QStringList titles;
    for (const ReportBlock& block : content.blocks) {
        if (const auto* figure = std::get_if<ReportFigure>(&block)) {
            titles.append(figure->title);
            QVERIFY(!figure->summary.isEmpty());
        }
    }
    QVERIFY2(titles.size() >= 5, qPrintable(titles.join(QLatin1Char(','))));
    QCOMPARE(titles.first(), QStringLiteral("Timeline"));
    const QString html = QString::fromUtf8(reportHtml(content));
    QCOMPARE(html.count(QLatin1String("<svg role=\"img\" aria-label=")), titles.size());
    QCOMPARE(html.count(QLatin1String("viewBox=")), titles.size());
    QVERIFY(!html.contains(QLatin1String("<?xml")));
    QVERIFY(html.contains(QLatin1String("Worker-1"))); // texts of figures are texts
    QCOMPARE(
        QString::fromUtf8(reportHtml(contentOf(untracedRun()))).count(QLatin1String("<svg")), 0);
}

void TestReport::numbersAreThoseOfTheRun()
{
    const FinishedRun run = quietRun();
    const nlohmann::json object = run_object(run);
    const QString html = QString::fromUtf8(reportHtml(contentOf(run)));
    const auto isNear = [&](const QString& name, qsizetype column, double wanted, double within) {
        const QString cell = rowOf(html, name).value(column).section(QLatin1Char(' '), 0, 0);
        bool isNumber = false;
        const double value = QLocale::c().toDouble(cell, &isNumber);
        return isNumber && std::abs(value - wanted) <= within;
    };
    const auto of = [&](const char* name) { return object.at(name).get<double>(); };
    QVERIFY(isNear(QStringLiteral("Wall time with 3 workers"), 0, of("wall_s"), 5e-5));
    QVERIFY(isNear(QStringLiteral("One process alone (T₁)"), 0, of("sequential_s"), 5e-4));
    QVERIFY(isNear(QStringLiteral("Speedup (T₁ ÷ wall time)"), 0, of("speedup"), 5e-4));
    QVERIFY(isNear(QStringLiteral("Efficiency (speedup ÷ workers)"), 0, of("efficiency"), 5e-4));
    QVERIFY(isNear(QStringLiteral("Serial fraction by Karp and Flatt"), 0, of("karp_flatt"), 5e-5));
    QVERIFY(isNear(QStringLiteral("Repeats (n); of several, times are medians"), 0, 3, 0));
    const auto& spread = object.at("spread");
    QVERIFY(isNear(
        QStringLiteral("Its first and third quartile"), 0, spread.at(0).get<double>(), 5e-4));
    for (const auto& process : object.at("processes")) {
        const QString name = QString::fromStdString(process.at("name").get<std::string>());
        QVERIFY2(isNear(name, 0, process.at("pid").get<double>(), 0), qPrintable(name));
        QVERIFY(isNear(name, 3, process.at("start_s").get<double>(), 5e-5));
        QVERIFY(isNear(name, 4, process.at("end_s").get<double>(), 5e-5));
        QVERIFY(isNear(name, 5, process.at("busy_s").get<double>(), 5e-5));
        QVERIFY(isNear(name, 7, process.at("tasks").get<double>(), 0));
    }
    for (const auto& channel : object.at("channels")) {
        const QString name = QString::fromStdString(channel.at("name").get<std::string>());
        QVERIFY(isNear(name, 1, channel.at("messages").get<double>(), 0));
        QVERIFY(isNear(name, 2, channel.at("bytes").get<double>(), 0));
    }
    QVERIFY(isNear(QStringLiteral("All processes together"), 0,
        object.at("budget").at("total").get<double>(), 5e-5));
    QCOMPARE(
        rowOf(html, QStringLiteral("every prime is found")), QStringList{QStringLiteral("✓ held")});
    QCOMPARE(
        rowOf(html, QStringLiteral("none twice")), QStringList{QStringLiteral("✕ did not hold")});
}

void TestReport::numbersOfASweep()
{
    const QString html = QString::fromUtf8(reportHtml(contentOf(sampleSweep())));
    const QStringList row = rowOf(html, QStringLiteral("2"));
    // 0.7351, 0.7402 and 0.7611 s, one and a half times.
    QCOMPARE(row.value(1), QStringLiteral("3"));
    QCOMPARE(row.value(2), QStringLiteral("1.1103"));
    QCOMPARE(row.value(3), QStringLiteral("1.1065"));
    QCOMPARE(row.value(4), QStringLiteral("1.1260"));
    QVERIFY(html.contains(QLatin1String("The shortest time was measured with workers=4")));
    QVERIFY(html.contains(QLatin1String("--over workers=1,2,4 --repeat 3")));
    QCOMPARE(html.count(QLatin1String("<svg")), 3);

    FinishedSweep close = sampleSweep();
    close.points[1].repeats = close.points[2].repeats;
    QVERIFY(QString::fromUtf8(reportHtml(contentOf(close))).contains("not clearly the best"));
    FinishedSweep stopped = sampleSweep();
    stopped.state = RunState::stopped;
    stopped.points.resize(1);
    const QString partial = QString::fromUtf8(reportHtml(contentOf(stopped)));
    QVERIFY(partial.contains(QLatin1String("The sweep ended before its last point (stopped)")));
    QVERIFY(partial.contains(QLatin1String("1 of 3 values")));
}

void TestReport::saysWhatIsWrongWithARun()
{
    const QString html = QString::fromUtf8(reportHtml(contentOf(sampleRun())));
    QVERIFY(html.contains(QLatin1String("12 events lost")));
    QVERIFY(html.contains(QLatin1String("Oversubscribed")));
    QVERIFY(html.contains(QLatin1String("something went wrong")));
    QVERIFY(html.contains(QLatin1String("Worker-2 (pid 4242), task 7 (argument 12): killed")));
    QVERIFY(!QString::fromUtf8(reportHtml(contentOf(quietRun()))).contains("class=\"warning\""));
    QVERIFY(QString::fromUtf8(reportHtml(contentOf(untracedRun()))).contains("was not traced"));
    const QString stopped = QString::fromUtf8(reportHtml(contentOf(stoppedRun())));
    QVERIFY(stopped.contains(QLatin1String("The run was stopped")));
    QVERIFY(stopped.contains(QLatin1String("no repeat of it was completed")));
}

void TestReport::workInTheOrderOfTheLesson()
{
    const QString html = QString::fromUtf8(reportHtml(contentOf(sampleWork(true))));
    qsizetype last = 0;
    for (const LessonStep step : allLessonSteps()) {
        if (step == LessonStep::next)
            continue;
        const qsizetype place
            = html.indexOf(QLatin1String("<h2>") + titleOf(step) + QLatin1String("</h2>"));
        QVERIFY2(place > last, qPrintable(titleOf(step)));
        last = place;
    }
    QCOMPARE(
        rowOf(html, QStringLiteral("How many times faster?")).last(), QStringLiteral("✕ too high"));
    QCOMPARE(rowOf(html, QStringLiteral("Why?")).last(), QStringLiteral("✕ wrong"));
    QVERIFY(html.indexOf(QLatin1String("the first")) < html.indexOf(QLatin1String("second line")));
    QVERIFY(html.contains(QLatin1String("Name:<span>")));
    const QString empty = QString::fromUtf8(reportHtml(contentOf(emptyWork())));
    for (const char* const said : {"Nothing was predicted yet", "was not run yet",
             "No notes were written", "No question was answered yet"})
        QVERIFY2(empty.contains(QLatin1String(said)), said);
}

void TestReport::commands_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("command");
    QTest::newRow("of a file") << QString() << "dynamic"
                               << "manyhands run tour workers=3 share=0.30000000000000004 "
                                  "schedule=dynamic --seed 7 --repeat 3";
    QTest::newRow("ours") << QStringLiteral(MANYHANDS_BINARY_DIR "/manyhands-lesson") << "dynamic"
                          << "manyhands run tour workers=3 share=0.30000000000000004 "
                             "schedule=dynamic --seed 7 --repeat 3";
    // Never the path, in which a user's name may stand.
    QTest::newRow("another program")
        << "/home/somebody/my lessons"
        << "it's"
        << "manyhands run './my lessons:tour' workers=3 share=0.30000000000000004 "
           "'schedule=it'\\''s' --seed 7 --repeat 3";
}

void TestReport::commands()
{
    QFETCH(QString, program);
    QFETCH(QString, value);
    QFETCH(QString, command);
    FinishedRun run = quietRun();
    run.lesson.program = program.toStdString();
    run.parameters["schedule"] = value.toStdString();
    QCOMPARE(runCommandLine(run), command);
    QVERIFY(QString::fromUtf8(reportHtml(contentOf(run)))
                .contains(QLatin1String("<code>") + command.toHtmlEscaped()));
    // A shell understands it.
    const Output words = outputOf(QStringLiteral("sh"),
        {QStringLiteral("-c"),
            QStringLiteral("manyhands() { printf '%s\\n' \"$@\"; }; ") + command});
    QVERIFY(QString::fromUtf8(words.text)
                .split(QLatin1Char('\n'))
                .contains(QStringLiteral("schedule=") + value));
}

void TestReport::sameInEveryLocale()
{
    QMap<QString, QByteArray> usual;
    for (const QString& kind : kinds().keys())
        usual[kind] = reportHtml(kinds()[kind]());
    const QLocale before;
    for (const char* const name : {"de_DE", "tr_TR", "en_US"}) {
        // Where the machine has it, the C library's too.
        std::setlocale(LC_NUMERIC, (std::string(name) + ".UTF-8").c_str());
        QLocale::setDefault(QLocale(QLatin1String(name)));
        for (const QString& kind : kinds().keys())
            QVERIFY2(
                reportHtml(kinds()[kind]()) == usual[kind], qPrintable(kind + QLatin1String(name)));
        // The person's own is theirs again.
        QCOMPARE(QLocale().name(), QString::fromLatin1(name));
    }
    std::setlocale(LC_NUMERIC, "C");
    QLocale::setDefault(before);
}

void TestReport::svgsDoNotMeet()
{
    const QByteArray svg = R"svg(<?xml version="1.0"?><!DOCTYPE svg>
<svg width="10mm" height="5mm" viewBox="0 0 10 5" xmlns="http://www.w3.org/2000/svg"
 xmlns:xlink="http://www.w3.org/1999/xlink"><title>Qt</title><desc>x</desc><defs>
<linearGradient id="g1"/></defs><g fill="url(#g1)" style="clip-path:url('#c')" onload="evil()">
<use xlink:href="#g1"/><image xlink:href="http://example.org/a.png"/>
<text xml:space="preserve">a &lt;b&gt;&#9;c</text><script>evil()</script></g></svg>)svg";
    const QString first = inlineSvg(svg, QStringLiteral("a-"), QStringLiteral("A & <B>"));
    QVERIFY(first.startsWith(QLatin1String("<svg role=\"img\" aria-label=\"A &amp; &lt;B&gt;\"")));
    QVERIFY(first.contains(QLatin1String("<title>A &amp; &lt;B&gt;</title>")));
    QVERIFY(first.contains(QLatin1String("id=\"a-g1\"")));
    QVERIFY(first.contains(QLatin1String("fill=\"url(#a-g1)\"")));
    QVERIFY(first.contains(QLatin1String("href=\"#a-g1\"")));
    QVERIFY(first.contains(QLatin1String("a &lt;b&gt;")));
    for (const char* const gone :
        {"evil", "http", "width=", "height=", "<?xml", "DOCTYPE", "Qt", "xmlns", "xml:"})
        QVERIFY2(!first.contains(QLatin1String(gone)), gone);
    QCOMPARE(inlineSvg("no picture <", {}, {}), QString());
}

QTEST_MAIN(TestReport)
#include "tst_report.moc"
