// SPDX-License-Identifier: GPL-3.0-or-later
// Reports as files: on paper, from the window, by commands, and where nothing can be written.
#include "app/figures/report_file.hpp"
#include "app/window/report_saver.hpp"
#include "tests/app/sample_reports.hpp"
#include "tests/app/window_fixture.hpp"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QPointer>
#include <QProcess>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Gives the dialog that asks for a file's name this one.
bool answerDialog(MainWindow& window, const QString& path)
{
    QPointer<QFileDialog> dialog;
    const auto isThere = [&] {
        dialog = window.findChild<QFileDialog*>();
        return !dialog.isNull();
    };
    if (!QTest::qWaitFor(isThere, runTimeoutMs))
        return false;
    // selectFile() leaves a field alone that has the focus.
    dialog->findChild<QLineEdit*>()->setText(path);
    QMetaObject::invokeMethod(dialog, "accept");
    return QTest::qWaitFor([&] { return dialog.isNull(); }, runTimeoutMs);
}

} // namespace

class TestReportFiles : public QObject
{
    Q_OBJECT

private slots:
    void standsOnPaper_data();
    void standsOnPaper();
    void repeatsHeadersAndKeepsHeadings();
    void leavesOldFilesWhole();
    void refusesOtherSuffixes();
    void savedFromTheWindow();
    void labReportOfWhatWasDone();
    void savedByCommands();

private:
    QTemporaryDir m_folder;
};

void TestReportFiles::standsOnPaper_data()
{
    QTest::addColumn<QString>("kind");
    for (const QString& kind : kinds().keys())
        QTest::addRow("%s", qPrintable(kind)) << kind;
}

void TestReportFiles::standsOnPaper()
{
    QFETCH(QString, kind);
    const QString path = m_folder.filePath(QStringLiteral("paper.pdf"));
    const ReportContent content = kinds()[kind]();
    writeReportFile(content, path.toStdString());
    const QByteArray info = outputOf(QStringLiteral("pdfinfo"), {path}).text;
    QVERIFY2(info.contains("595") && info.contains("842") && info.contains("(A4)"), info);
    // Every font is inside.
    const QList<QByteArray> fonts
        = outputOf(QStringLiteral("pdffonts"), {path}).text.trimmed().split('\n');
    QVERIFY(fonts.size() > 2);
    for (const QByteArray& font : fonts.mid(2)) {
        const QList<QByteArray> words = font.simplified().split(' ');
        QVERIFY2(words.value(words.size() - 5) == "yes", font);
    }
    const Output text = outputOf(
        QStringLiteral("pdftotext"), {QStringLiteral("-layout"), path, QStringLiteral("-")});
    for (const ReportBlock& block : content.blocks) {
        if (const auto* heading = std::get_if<ReportHeading>(&block))
            QVERIFY2(text.text.contains(heading->text.toUtf8()), qPrintable(heading->text));
    }
    QVERIFY(text.text.contains("1 of "));
}

void TestReportFiles::repeatsHeadersAndKeepsHeadings()
{
    const QString path = m_folder.filePath(QStringLiteral("long.pdf"));
    for (int lines = 30; lines < 70; lines += 1) {
        ReportContent content;
        content.title = QStringLiteral("Long");
        content.subtitle = QStringLiteral("of its kind");
        for (int i = 0; i < lines; ++i)
            content.paragraph(QStringLiteral("line"));
        content.heading(QStringLiteral("Heading"));
        content.paragraph(QStringLiteral("Below."));
        writeReportFile(content, path.toStdString());
        const QList<QByteArray> pages
            = outputOf(QStringLiteral("pdftotext"), {path, QStringLiteral("-")}).text.split('\f');
        for (const QByteArray& page : pages)
            QVERIFY2(page.contains("Heading") == page.contains("Below."), page);
    }
    writeReportFile(otherContent(), path.toStdString());
    const QByteArray text = outputOf(
        QStringLiteral("pdftotext"), {QStringLiteral("-layout"), path, QStringLiteral("-")})
                                .text;
    int headers = 0;
    for (const QByteArray& page : text.split('\f')) {
        if (page.contains("row "))
            headers += page.contains("Figure") ? 1 : -100;
    }
    QVERIFY2(headers > 1, text);
}

void TestReportFiles::leavesOldFilesWhole()
{
    const ReportContent content = contentOf(emptyWork());
    for (const char* const suffix : {".html", ".pdf"}) {
        QVERIFY_EXCEPTION_THROWN(
            writeReportFile(content, m_folder.filePath("missing/report").toStdString() + suffix),
            Error);
        // A full disk, as far as there is one everywhere.
        const QString full = m_folder.filePath(QStringLiteral("full")) + QLatin1String(suffix);
        QVERIFY(QFile::link(QStringLiteral("/dev/full"), full));
        QVERIFY_EXCEPTION_THROWN(writeReportFile(content, full.toStdString()), Error);
    }
    // Not even an incomplete one beside it.
    const QString path = m_folder.filePath(QStringLiteral("kept/report.html"));
    QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("kept")));
    QFile old(path);
    QVERIFY(old.open(QIODevice::WriteOnly));
    old.write("old");
    old.close();
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto usual = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small = {1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    QString problem;
    try {
        writeReportFile(content, path.toStdString());
    } catch (const Error& error) {
        problem = QString::fromUtf8(error.what());
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, usual);
    QVERIFY2(problem.contains(QLatin1String("report.html")), qPrintable(problem));
    QCOMPARE(bytesOf(path), QByteArray("old"));
    QCOMPARE(QDir(m_folder.filePath(QStringLiteral("kept"))).entryList(QDir::Files),
        QStringList{QStringLiteral("report.html")});
}

void TestReportFiles::refusesOtherSuffixes()
{
    for (const char* const path : {"report", "report.docx", "", ".htm", "report.PDF"})
        QVERIFY_EXCEPTION_THROWN(reportFormatOf(path), BadValue);
    QCOMPARE(reportFormatOf("a/ünï.html"), ReportFormat::html);
    QCOMPARE(reportFormatOf(".pdf"), ReportFormat::pdf);
}

void TestReportFiles::savedFromTheWindow()
{
    Opened opened("prime_counting");
    opened.window.show();
    const WindowActions& actions = opened.window.actions();
    QVERIFY(!actions.saveReport->isEnabled());
    QVERIFY(!actions.saveSweepReport->isEnabled());
    QVERIFY(actions.saveLabReport->isEnabled());
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QVERIFY(actions.saveReport->isEnabled());

    ReportSaver& saver = opened.window.reports();
    QSignalSpy written(&opened.window.files().worker(), &FileWorker::written);
    QSignalSpy failed(&saver, &ReportSaver::failed);
    const QString page = m_folder.filePath(QStringLiteral("window.html"));
    const FinishedRun run = *opened.window.shownRun();
    const ReportPlan plan = {runFigures({.run = run, .points = {}, .swept = {}, .predictions = {}}),
        [run](std::vector<ReportFigure> figures) {
            return runReportContent(run, std::move(figures));
        }};
    saver.save(plan, m_folder.filePath(QStringLiteral("window.txt")));
    QCOMPARE(failed.count(), 1);
    saver.save(plan, page);
    QVERIFY(saver.isBusy());
    QVERIFY(saver.progress().contains(QLatin1String("window.html")));
    QVERIFY(!actions.saveReport->isEnabled());
    QVERIFY(written.wait(runTimeoutMs));
    QVERIFY(!saver.isBusy());
    QVERIFY(actions.saveReport->isEnabled());
    QVERIFY(bytesOf(page).contains("Timeline"));

    // Where nothing can be written the banner says so.
    saver.save(plan, m_folder.filePath(QStringLiteral("missing/window.pdf")));
    QTRY_VERIFY_WITH_TIMEOUT(
        opened.window.messages().join(QLatin1Char(' ')).contains(QLatin1String("missing")),
        runTimeoutMs);

    QPushButton* button = nullptr;
    for (QPushButton* one : opened.window.findChildren<QPushButton*>()) {
        if (one->text() == QStringLiteral("Save lab report…"))
            button = one;
    }
    QVERIFY(button && button->isEnabled() && (button->focusPolicy() & Qt::TabFocus));
}

void TestReportFiles::labReportOfWhatWasDone()
{
    forgetWhatWasKept();
    const QString first = m_folder.filePath(QStringLiteral("lab.html"));
    const QString second = m_folder.filePath(QStringLiteral("lab again.html"));
    {
        Opened opened("prime_counting");
        opened.window.show();
        opened.window.form().setText("limit", "50000");
        QSignalSpy kept(&opened.window.files().worker(), &FileWorker::saved);
        QVERIFY(opened.runToItsEnd());
        QVERIFY(kept.count() > 0 || kept.wait(runTimeoutMs));
        opened.window.notebook().keepNote(QStringLiteral("prime_counting"), hostile);
        QSignalSpy written(&opened.window.files().worker(), &FileWorker::written);
        opened.window.actions().saveLabReport->trigger();
        QVERIFY(answerDialog(opened.window, first));
        QVERIFY(written.count() > 0 || written.wait(runTimeoutMs));
    }
    // In a window where nothing was run yet: of the last run that was kept.
    Opened opened("prime_counting");
    opened.window.show();
    QSignalSpy written(&opened.window.files().worker(), &FileWorker::written);
    opened.window.actions().saveLabReport->trigger();
    QVERIFY(answerDialog(opened.window, second));
    QVERIFY(written.count() > 0 || written.wait(runTimeoutMs));
    QVERIFY(!opened.window.shownRun());
    for (const QString& path : {first, second}) {
        const QByteArray html = bytesOf(path);
        QVERIFY(html.contains(hostile.toHtmlEscaped().toUtf8()));
        QVERIFY(html.contains("limit=50000"));
        QVERIFY(html.contains("<svg"));
    }
}

void TestReportFiles::savedByCommands()
{
    // As where nobody has logged in: Qt finds no folder for its sockets.
    const QTemporaryDir temporary;
    const auto manyhands = [&](const QStringList& arguments) {
        QProcess process;
        QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
        for (const char* const name :
            {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"})
            variables.remove(QLatin1String(name));
        variables.insert(QStringLiteral("TMPDIR"), temporary.path());
        process.setProcessEnvironment(variables);
        process.start(appProgram, arguments);
        process.waitForFinished(runTimeoutMs);
        return Output{
            process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    };
    const QString path = m_folder.filePath(QStringLiteral("ünï <b>.html"));
    const QString figure = m_folder.filePath(QStringLiteral("timeline.png"));
    const QStringList run = {"run", "prime_counting", "limit=20000", "--quiet", "--report"};
    Output output = manyhands(run + QStringList{path, "--figure", "timeline=" + figure});
    QVERIFY2(output.exitCode == 0 && output.errors.isEmpty(), output.errors);
    QVERIFY(bytesOf(path).contains("</html>"));
    QVERIFY(QFile::exists(figure));
    QVERIFY(QDir(temporary.path()).isEmpty());

    output = manyhands(
        run + QStringList{m_folder.filePath(QStringLiteral("bare.html")), "--no-trace"});
    QVERIFY2(output.exitCode == 0, output.errors);
    QVERIFY(!bytesOf(m_folder.filePath(QStringLiteral("bare.html"))).contains("<svg"));

    const QString swept = m_folder.filePath(QStringLiteral("sweep.pdf"));
    output = manyhands({"sweep", "prime_counting", "limit=20000", "--over", "workers=1,2",
        "--repeat", "2", "--quiet", "--report", swept});
    QVERIFY2(output.exitCode == 0 && output.errors.isEmpty(), output.errors);
    QVERIFY(bytesOf(swept).startsWith("%PDF"));

    for (const QString& bad : {QStringLiteral("report.txt"), QStringLiteral(""),
             m_folder.filePath(QStringLiteral("missing/report.html"))}) {
        output = manyhands(run + QStringList{bad});
        QVERIFY2(output.exitCode == 2 && output.errors.count('\n') == 1, output.errors);
    }
    output = manyhands(run
        + QStringList{path, "--figure", "timeline=" + path + "/../x.png", "--save",
            m_folder.filePath(QStringLiteral("r.json"))});
    QCOMPARE(output.exitCode, 2);
    const QString full = m_folder.filePath(QStringLiteral("fullcommand.html"));
    QVERIFY(QFile::link(QStringLiteral("/dev/full"), full));
    output = manyhands(run + QStringList{full});
    QVERIFY2(output.exitCode == 1 && output.errors.contains("fullcommand.html"), output.errors);
}

QTEST_MAIN(TestReportFiles)
#include "tst_report_files.moc"
