// SPDX-License-Identifier: GPL-3.0-or-later
// The code beside a run: its colours, its marks, from a span to its line and from a line to its
// spans.
#include "app/guide/code_pane.hpp"
#include "app/window/chart_area.hpp"
#include "engine/observe/run_file.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QFile>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

#include <cmath>
#include <set>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

Q_DECLARE_METATYPE(manyhands::app::SourceColours::Language)

namespace {

/// WCAG 2.1's relative luminance.
double luminance(const QColor& colour)
{
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF())
        + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& one, const QColor& other)
{
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

/// The colours of a line's letters: 'c' comment, 'k' keyword, 'l' literal, 'n' number, '.' none.
QString coloursOf(const QTextBlock& line, const CodeColours& colours)
{
    QString result(line.length() - 1, QLatin1Char('.'));
    for (const QTextLayout::FormatRange& range : line.layout()->formats()) {
        const QColor ink = range.format.foreground().color();
        const char letter = ink == colours.comment ? 'c'
            : ink == colours.keyword               ? 'k'
            : ink == colours.literal               ? 'l'
            : ink == colours.number                ? 'n'
                                                   : '?';
        for (int i = range.start; i < range.start + range.length; ++i)
            result[i] = QLatin1Char(letter);
    }
    return result;
}

/// The lessons that come with the tests show no source: here one does.
LessonDescription withSource(LessonDescription description, const std::string& path)
{
    QFile file(QStringLiteral(MANYHANDS_SOURCE_DIR "/") + QString::fromStdString(path));
    if (file.open(QIODevice::ReadOnly))
        description.sources = {{path, "cpp", file.readAll().toStdString()}};
    return description;
}

/// A window at a lesson in which two processes come to gates, with the code in front.
struct Raced : Opened
{
    static constexpr const char* path = "tests/lessons/microscope.cpp";

    explicit Raced(const std::string& shown = path)
        : Opened("microscope", testLessons)
    {
        window.openLesson(lesson, withSource(description, shown));
        window.resize(1280, 800);
        window.show();
        window.form().setText("mode", "free");
        window.form().setText("increments", "4");
        window.control().setPace({Pace::Kind::slow, 50});
    }

    bool run()
    {
        const bool whole = runToItsEnd();
        window.actions().code->trigger();
        return whole && QTest::qWaitForWindowActive(&window);
    }
    CodePane& code() { return window.code(); }
    SourceView& view() { return *code().frontView(); }
    const Recording& recording() { return *window.shownRun()->recording; }
    const Target& selection() { return window.chartArea().view().selection(); }

    const Place& placeOf(const Target& target)
    {
        const Span span = recording().lanes().at(target.lane).spans[target.number];
        return recording().places().at(span.place);
    }

    /// Begins of the spans that come from a line of the lesson, in the order of time.
    std::multiset<std::int64_t> beginsAt(int line)
    {
        std::multiset<std::int64_t> begins;
        for (const Lane& lane : recording().lanes()) {
            for (const Span span : lane.spans) {
                const Place& place = recording().places().at(span.place);
                if (place.file.ends_with(path) && place.line == static_cast<std::uint32_t>(line))
                    begins.insert(span.begin_ns);
            }
        }
        return begins;
    }

    /// The line with the most spans.
    int busiestLine()
    {
        int busiest = 0;
        for (int line = 1; line <= view().blockCount(); ++line) {
            if (busiest == 0 || view().spansAt(line) > view().spansAt(busiest))
                busiest = line;
        }
        return busiest;
    }

    void clickLine(int line)
    {
        view().setCurrentLine(line);
        view().ensureCursorVisible();
        const QRect place = view().cursorRect();
        QTest::mouseClick(view().viewport(), Qt::LeftButton, {}, place.center() + QPoint(4, 0));
    }
};

} // namespace

class TestCodePane : public QObject
{
    Q_OBJECT

private slots:
    void contrasts_data();
    void contrasts();
    void colours_data();
    void colours();
    void showsTheSources();
    void passagesOfTheValues();
    void countsTheSpansOfLines();
    void clicksGoThroughTheSpansOfALine();
    void enterSelectsToo();
    void nextOneIsBehindTheSelectedOne();
    void lineWithoutSpansSelectsNothing();
    void selectedSpanLightsItsLine();
    void spanFromElsewhereLightsNothing();
    void copies();
    void keysLeadInAndOut();
    void nextRunBeginsAfresh();
    void openedRunBringsItsSource();
};

void TestCodePane::contrasts_data()
{
    QTest::addColumn<const Theme*>("theme");
    QTest::newRow("light") << &Theme::light();
    QTest::newRow("dark") << &Theme::dark();
    QTest::newRow("high contrast") << &Theme::highContrast();
}

void TestCodePane::contrasts()
{
    QFETCH(const Theme*, theme);
    const CodeColours colours(*theme);
    for (const QColor& ground : {colours.ground, colours.currentGround, colours.litGround}) {
        for (const QColor& ink :
            {colours.text, colours.comment, colours.keyword, colours.literal, colours.number}) {
            QVERIFY2(contrast(ground, ink) >= 4.5,
                qPrintable(QStringLiteral("%1 upon %2: %3")
                               .arg(ink.name(), ground.name())
                               .arg(contrast(ground, ink))));
        }
        QVERIFY(contrast(ground, colours.mark) >= 3);
    }
}

void TestCodePane::colours_data()
{
    using Language = SourceColours::Language;
    QTest::addColumn<Language>("language");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected"); // a letter for each of the text's
    const auto row = [](const char* name, Language language, const char* text,
                         const char* colours) {
        QTest::newRow(name) << language << QString::fromUtf8(text) << QString::fromUtf8(colours);
    };
    row("C++ statement", Language::cpp, "return a + 10'000; // all", "kkkkkk.....nnnnnn..cccccc");
    row("C++ quotes", Language::cpp, R"(f("a\"//b", '"');)", R"(..llllllll..lll..)");
    row("C++ include", Language::cpp, "#include <map>\nint x;", "cccccccccccccc\nkkk...");
    row("C++ long comment", Language::cpp, "a /* b\nif c */ if", "..cccc\nccccccc.kk");
    row("C++ no keyword", Language::cpp, "format iffy x1", "..............");
    row("Python", Language::python, "def f(n):  # of 2", "kkk........cccccc");
    row("Python text", Language::python, "\"\"\"a\nfor\"\"\" for 'it'", "llll\nllllll.kkk.llll");
    row("Python one line", Language::python, "\"\"\"a\"\"\" if 1.5", "lllllll.kk.nnn");
    row("nothing else", Language::none, "if 1 // \"a\"", "...........");
}

void TestCodePane::colours()
{
    QFETCH(SourceColours::Language, language);
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const CodeColours colours(Theme::light());
    QTextDocument document;
    document.setPlainText(text);
    SourceColours colouring(&document, language);
    colouring.setColours(colours);
    QStringList found;
    for (QTextBlock line = document.begin(); line.isValid(); line = line.next())
        found.append(coloursOf(line, colours));
    QCOMPARE(found.join(QLatin1Char('\n')), expected);
}

void TestCodePane::showsTheSources()
{
    Opened opened("prime_counting");
    CodePane& code = opened.window.code();
    const auto* tabs = code.findChild<QTabWidget*>();
    QVERIFY(tabs->count() >= 2);
    QCOMPARE(tabs->tabText(0), QStringLiteral("C++"));
    QCOMPARE(tabs->tabText(1), QStringLiteral("Python"));
    QCOMPARE(code.frontView()->toPlainText().toStdString(), opened.description.sources[0].text);
    QVERIFY(code.frontView()->isReadOnly());
    QVERIFY(!code.frontView()->accessibleName().isEmpty());
    QCOMPARE(
        opened.label("File of the code"), QStringLiteral("lessons/prime_counting/program.cpp"));
    code.findChild<QTabWidget*>()->setCurrentIndex(1);
    QCOMPARE(opened.label("File of the code"), QStringLiteral("lessons/prime_counting/program.py"));
    QCOMPARE(code.frontView()->toPlainText().toStdString(), opened.description.sources[1].text);
}

void TestCodePane::passagesOfTheValues()
{
    LessonDescription lesson;
    lesson.id = "words";
    lesson.parameters = {{.name = "lock",
        .label = "Lock",
        .help = "",
        .unit = "",
        .type = ParameterType::choice,
        .default_value = std::string("none"),
        .choices = {"none", "each"}}};
    lesson.text = "# Title\n\n## Pseudo-code\n\n```\nfor each\n```\n\n"
                  "## Pseudo-code: lock=each\n\n```\nlock\n```\n";
    ViewState view;
    CodePane code(&view);
    code.setLesson(lesson, {{"lock", std::string("none")}});
    const auto* tabs = code.findChild<QTabWidget*>();
    QCOMPARE(tabs->count(), 1);
    QCOMPARE(tabs->tabText(0), QStringLiteral("Pseudo-code"));
    QCOMPARE(code.frontView()->toPlainText(), QStringLiteral("for each"));
    code.setLesson(lesson, {{"lock", std::string("each")}});
    QCOMPARE(code.frontView()->toPlainText(), QStringLiteral("for each\n\nlock"));
    lesson.text = "# Title";
    code.setLesson(lesson, {{"lock", std::string("each")}});
    QCOMPARE(tabs->count(), 0);
    QVERIFY(!code.frontView());
    QVERIFY2(code.status().contains("No code"), qPrintable(code.status()));
}

void TestCodePane::countsTheSpansOfLines()
{
    Raced raced;
    QVERIFY(raced.run());
    quint64 all = 0;
    for (int line = 1; line <= raced.view().blockCount(); ++line) {
        const quint64 spans = raced.view().spansAt(line);
        QCOMPARE(spans, static_cast<quint64>(raced.beginsAt(line).size()));
        all += spans;
    }
    QVERIFY(all > 0);
}

void TestCodePane::clicksGoThroughTheSpansOfALine()
{
    Raced raced;
    QVERIFY(raced.run());
    QVERIFY(raced.view().spansAt(raced.view().currentLine()) > 0); // F4 led to the first
    const int line = raced.busiestLine();
    const std::multiset<std::int64_t> begins = raced.beginsAt(line);
    QVERIFY(begins.size() > 2);
    std::size_t number = 0;
    for (const std::int64_t begin : begins) {
        raced.clickLine(line);
        QCOMPARE(raced.selection().kind, Target::Kind::span);
        QCOMPARE(raced.placeOf(raced.selection()).line, static_cast<std::uint32_t>(line));
        const Lane& lane = raced.recording().lanes().at(raced.selection().lane);
        QCOMPARE(lane.spans[raced.selection().number].begin_ns, begin);
        QCOMPARE(raced.code().status(),
            QStringLiteral("%1 of %2 spans from this line (%3)")
                .arg(++number)
                .arg(begins.size())
                .arg(line));
        QCOMPARE(raced.view().litLine(), line);
    }
    raced.clickLine(line);
    QVERIFY2(raced.code().status().startsWith("1 of "), qPrintable(raced.code().status()));
}

void TestCodePane::enterSelectsToo()
{
    Raced raced;
    QVERIFY(raced.run());
    const int line = raced.busiestLine();
    raced.view().setCurrentLine(line);
    QVERIFY2(raced.code().status().contains(QStringLiteral("Line %1: ").arg(line)),
        qPrintable(raced.code().status()));
    QTest::keyClick(&raced.view(), Qt::Key_Return);
    QVERIFY2(raced.code().status().startsWith("1 of "), qPrintable(raced.code().status()));
    QTest::keyClick(&raced.view(), Qt::Key_Enter, Qt::KeypadModifier);
    QVERIFY2(raced.code().status().startsWith("2 of "), qPrintable(raced.code().status()));
}

void TestCodePane::nextOneIsBehindTheSelectedOne()
{
    Raced raced;
    QVERIFY(raced.run());
    const int line = raced.busiestLine();
    // From a span of another line that lies in the middle of the run: main's wait for a process
    // is as long as the run, so one of a process that comes to gates.
    const std::multiset<std::int64_t> begins = raced.beginsAt(line);
    const std::int64_t middle = *std::next(begins.begin(), static_cast<long>(begins.size() / 2));
    const Spans& spans = raced.recording().lanes().at(1).spans;
    std::size_t before = spans.size();
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (spans[i].begin_ns <= middle
            && raced.recording().places()[spans[i].place].line != static_cast<std::uint32_t>(line))
            before = i;
    }
    QVERIFY(before < spans.size());
    raced.window.chartArea().view().select(Target::ofSpan(1, before));
    raced.code().selectFromLine(line);
    const Lane& lane = raced.recording().lanes().at(raced.selection().lane);
    QCOMPARE(
        lane.spans[raced.selection().number].begin_ns, *begins.lower_bound(spans[before].begin_ns));
}

void TestCodePane::lineWithoutSpansSelectsNothing()
{
    Raced raced;
    QVERIFY(raced.run());
    raced.clickLine(1);
    QCOMPARE(raced.selection().kind, Target::Kind::nothing);
    QVERIFY2(
        raced.code().status().startsWith("Line 1: nothing"), qPrintable(raced.code().status()));
}

void TestCodePane::selectedSpanLightsItsLine()
{
    Raced raced;
    QVERIFY(raced.run());
    const int line = raced.busiestLine();
    const auto& lanes = raced.recording().lanes();
    bool found = false;
    for (std::uint32_t lane = 0; lane < lanes.size() && !found; ++lane) {
        for (std::uint32_t i = 0; i < lanes[lane].spans.size() && !found; ++i) {
            const Target target = Target::ofSpan(lane, i);
            const Place& place = raced.placeOf(target);
            if (place.line == static_cast<std::uint32_t>(line)
                && place.file.ends_with(Raced::path)) {
                raced.window.chartArea().view().select(target);
                found = true;
            }
        }
    }
    QVERIFY(found);
    QCOMPARE(raced.view().litLine(), line);
    QCOMPARE(raced.view().currentLine(), line);
    QVERIFY(raced.view().viewport()->rect().contains(raced.view().cursorRect().center()));
    raced.window.chartArea().view().select({});
    QCOMPARE(raced.view().litLine(), 0);
}

void TestCodePane::spanFromElsewhereLightsNothing()
{
    // The gates that the processes are held at stand in another file than the one shown.
    Raced raced("tests/lessons/gates.cpp");
    QVERIFY(raced.run());
    const auto& lanes = raced.recording().lanes();
    bool found = false;
    for (std::uint32_t lane = 0; lane < lanes.size() && !found; ++lane) {
        for (std::uint32_t i = 0; i < lanes[lane].spans.size() && !found; ++i) {
            const Target target = Target::ofSpan(lane, i);
            found = raced.placeOf(target).file.ends_with(Raced::path);
            if (found)
                raced.window.chartArea().view().select(target);
        }
    }
    QVERIFY(found);
    QCOMPARE(raced.view().litLine(), 0);
    const QString status = raced.code().status();
    QVERIFY2(status.contains(Raced::path), qPrintable(status));
}

void TestCodePane::copies()
{
    Opened opened("prime_counting");
    CodePane& code = opened.window.code();
    code.copy();
    QCOMPARE(QApplication::clipboard()->text().toStdString(), opened.description.sources[0].text);
    QTextCursor cursor(code.frontView()->document()->findBlockByNumber(1));
    cursor.movePosition(QTextCursor::NextBlock, QTextCursor::KeepAnchor, 2);
    code.frontView()->setTextCursor(cursor);
    const QStringList lines
        = QString::fromStdString(opened.description.sources[0].text).split(QLatin1Char('\n'));
    const QString two = lines[1] + QLatin1Char('\n') + lines[2] + QLatin1Char('\n');
    code.copy();
    QCOMPARE(QApplication::clipboard()->text(), two);
    QApplication::clipboard()->clear();
    QTest::keyClick(code.frontView(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), two);
}

void TestCodePane::keysLeadInAndOut()
{
    Raced raced;
    QVERIFY(QTest::qWaitForWindowActive(&raced.window));
    QTest::keyClick(&raced.window, Qt::Key_F4);
    QTRY_VERIFY(raced.view().hasFocus());
    QCOMPARE(raced.view().currentLine(), 1); // no run: no line is marked
    QTest::keyClick(&raced.view(), Qt::Key_F6);
    QVERIFY(!raced.view().hasFocus());
    for (int i = 0; i < 20 && !raced.code().isAncestorOf(QApplication::focusWidget()); ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6);
    QVERIFY(raced.code().isAncestorOf(QApplication::focusWidget()));
}

void TestCodePane::nextRunBeginsAfresh()
{
    Raced raced;
    QVERIFY(raced.run());
    const int line = raced.busiestLine();
    raced.code().selectFromLine(line);
    QCOMPARE(raced.view().litLine(), line);
    QVERIFY(raced.runToItsEnd());
    QCOMPARE(raced.view().litLine(), 0);
    QCOMPARE(raced.view().spansAt(line), static_cast<quint64>(raced.beginsAt(line).size()));
}

void TestCodePane::openedRunBringsItsSource()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    FinishedRun run = *opened.window.shownRun();
    run.description.sources[0].text = "// older\n" + run.description.sources[0].text;
    QTemporaryDir folder;
    const QString path = folder.filePath("older.json");
    save_run(run, path.toStdString());
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.openFiles({path});
    QVERIFY(read.wait(runTimeoutMs));
    const auto isOlder
        = [&] { return opened.window.code().frontView()->toPlainText().startsWith("// older\n"); };
    QVERIFY(isOlder());
    // It is the opened run's, until there is another one.
    opened.window.form().setText("workers", "3");
    QVERIFY(isOlder());
    QVERIFY(opened.runToItsEnd());
    QVERIFY(!isOlder());
}

QTEST_MAIN(TestCodePane)
#include "tst_code_pane.moc"
