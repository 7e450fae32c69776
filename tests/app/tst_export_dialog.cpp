// SPDX-License-Identifier: GPL-3.0-or-later
// Exporting from the window, by keys: the dialog, the last export again, the clipboard.
#include "app/figures/figure_file.hpp"
#include "app/figures/report_text.hpp"
#include "app/notebook/notebook.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/export_dialog.hpp"
#include "app/window/figure_preview.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QImageReader>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus ? focus : QApplication::activeWindow(), key, modifiers);
}

/// Tabs to the field that screen readers call so.
bool tabTo(const QString& accessibleName)
{
    QStringList met;
    for (int i = 0; i < 60; ++i) {
        const QWidget* focus = QApplication::focusWidget();
        met.append(focus ? focus->accessibleName() : QStringLiteral("nothing"));
        if (met.last() == accessibleName)
            return true;
        press(Qt::Key_Tab);
    }
    qWarning("%s", qPrintable(met.join(QStringLiteral(", "))));
    return false;
}

/// In place of what stands in the field that has the focus.
void type(const QString& text)
{
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), text);
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A window with a run that has ended, and the focus on its timeline.
struct OpenedWithRun : Opened
{
    OpenedWithRun()
        : Opened("prime_counting")
    {
        window.resize(1280, 800);
        window.show();
        form().setText("limit", "100000");
    }
    ParameterForm& form() { return window.form(); }

    bool ready()
    {
        const bool active = QTest::qWaitForWindowActive(&window) && runToItsEnd();
        window.chartArea().showChart(window.chartArea().chartNamed("timeline"));
        return active;
    }
    bool openDialog()
    {
        press(Qt::Key_E, Qt::ControlModifier);
        ExportDialog& dialog = window.exportDialog();
        // Not every platform gives a second window the focus by itself.
        QApplication::setActiveWindow(&dialog);
        return QTest::qWaitFor([&] { return dialog.isAncestorOf(QApplication::focusWidget()); });
    }
    QTemporaryDir folder;
};

template <class Widget>
Widget* field(ExportDialog& dialog, const QString& accessibleName)
{
    for (Widget* widget : dialog.findChildren<Widget*>()) {
        if (widget->accessibleName() == accessibleName)
            return widget;
    }
    return nullptr;
}

} // namespace

class TestExportDialog : public QObject
{
    Q_OBJECT

private slots:
    void withoutARunItSaysWhy();
    void byKeysAlone();
    void againCountsUp();
    void againIsRemembered();
    void existingFileIsAskedFor();
    void refusedPath_data();
    void refusedPath();
    void emptyViewsCannotBeChosen();
    void commandSaysTheSame();
    void partThatIsSeen();
    void movingPicture();
    void movingPictureGivenUp();
    void copiesThreeFormats();
    void freeNames_data();
    void freeNames();
    void shellWords_data();
    void shellWords();
    void fitsSmallScreens_data();
    void fitsSmallScreens();
};

void TestExportDialog::withoutARunItSaysWhy()
{
    Opened opened("prime_counting");
    for (const QAction* action : {opened.window.actions().exportFigure,
             opened.window.actions().exportAgain, opened.window.actions().copyFigure}) {
        QVERIFY(!action->isEnabled());
        QVERIFY2(action->toolTip().contains("no"), qPrintable(action->toolTip()));
    }
    opened.window.form().setText("limit", "100000");
    QVERIFY(opened.runToItsEnd());
    QVERIFY(opened.window.actions().exportFigure->isEnabled());
    QVERIFY(opened.window.actions().copyFigure->isEnabled());
    QVERIFY(!opened.window.actions().exportAgain->isEnabled());
}

void TestExportDialog::byKeysAlone()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    ExportDialog& dialog = opened.window.exportDialog();
    QCOMPARE(dialog.order().settings.figure.view, QStringLiteral("timeline"));
    QVERIFY(tabTo("Size"));
    press(Qt::Key_Home); // one column
    QVERIFY(tabTo("Theme"));
    press(Qt::Key_Down);
    press(Qt::Key_Down); // dark
    QVERIFY(tabTo("File"));
    const QString path = opened.folder.filePath("figure.png");
    type(path);
    auto* preview = dialog.findChild<FigurePreview*>();
    QTRY_VERIFY(!preview->picture().isNull());
    QTRY_VERIFY(preview->picture().pixelColor(2, 2).lightness() < 80);
    press(Qt::Key_Return);
    QTRY_VERIFY(QFile::exists(path));
    const QImage image(path);
    QCOMPARE(image.size(), QSize(1004, 709)); // 85x60 mm at 300 dpi
    QCOMPARE(qRound(image.dotsPerMeterX() * 0.0254), 300);
    QVERIFY(image.pixelColor(0, 0).lightness() < 80);
    QVERIFY2(opened.status().contains(path), qPrintable(opened.status()));
    press(Qt::Key_Escape);
    QTRY_VERIFY(!dialog.isVisible());
}

void TestExportDialog::againCountsUp()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    QVERIFY(tabTo("File"));
    type(opened.folder.filePath("a.svg"));
    press(Qt::Key_Return);
    QTRY_VERIFY(QFile::exists(opened.folder.filePath("a.svg")));
    const QByteArray first = contentOf(opened.folder.filePath("a.svg"));
    press(Qt::Key_Escape);
    opened.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    QVERIFY(opened.window.actions().exportAgain->isEnabled());
    press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(QFile::exists(opened.folder.filePath("a-2.svg")));
    press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(QFile::exists(opened.folder.filePath("a-3.svg")));
    QCOMPARE(contentOf(opened.folder.filePath("a.svg")), first);
    QVERIFY2(opened.status().contains("a-3.svg"), qPrintable(opened.status()));
    QVERIFY(!opened.window.exportDialog().isVisible());
    // Where it cannot be done, the window says so.
    QVERIFY(opened.folder.remove());
    press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(opened.window.messages().join('\n').contains("a-3.svg"));
}

void TestExportDialog::againIsRemembered()
{
    QTemporaryDir folder;
    QSettings settings(folder.filePath("window.ini"), QSettings::IniFormat);
    {
        OpenedWithRun opened;
        opened.window.setSettings(settings);
        QVERIFY(opened.ready());
        QVERIFY(opened.openDialog());
        QVERIFY(tabTo("Dots per inch"));
        type("100");
        QVERIFY(tabTo("File"));
        type(folder.filePath("a.png"));
        press(Qt::Key_Return);
        QTRY_VERIFY(QFile::exists(folder.filePath("a.png")));
        opened.window.close();
    }
    OpenedWithRun opened;
    opened.window.setSettings(settings);
    QVERIFY(opened.ready());
    press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(QFile::exists(folder.filePath("a-2.png")));
    QCOMPARE(QImage(folder.filePath("a-2.png")).size(), QSize(685, 354));
    QVERIFY(opened.openDialog());
    QCOMPARE(opened.window.exportDialog().order().settings.figure.dpi, 100);
    QCOMPARE(QFileInfo(opened.window.exportDialog().order().path).absolutePath(), folder.path());
    // What is damaged there is left aside.
    opened.window.exportDialog().setRemembered("{\"figure\":{\"dpi\":\"many\"}");
    QVERIFY(!opened.window.exportDialog().whyNotRepeat().isEmpty());
}

void TestExportDialog::existingFileIsAskedFor()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    const QString path = opened.folder.filePath("a.png");
    QFile old(path);
    QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
    old.close();
    QVERIFY(opened.openDialog());
    QVERIFY(tabTo("File"));
    type(path);
    const auto question = [&] { return opened.window.exportDialog().findChild<QMessageBox*>(); };
    press(Qt::Key_Return);
    QTRY_VERIFY(question() && question()->isVisible());
    QVERIFY(question()->isModal());
    QTest::keyClick(question(), Qt::Key_Escape);
    QTRY_VERIFY(!question());
    QCOMPARE(contentOf(path), QByteArray("old"));
    opened.window.exportDialog().activateWindow();
    QTest::keyClick(&opened.window.exportDialog(), Qt::Key_Return);
    QTRY_VERIFY(question() && question()->isVisible());
    for (QAbstractButton* button : question()->buttons()) {
        if (question()->buttonRole(button) == QMessageBox::AcceptRole) {
            QTest::keyClick(button, Qt::Key_Space);
            break;
        }
    }
    QTRY_VERIFY(contentOf(path).startsWith("\x89PNG"));
}

void TestExportDialog::refusedPath_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("says");
    QTest::newRow("no such folder") << "/nowhere/a.png"
                                    << "/nowhere";
    QTest::newRow("another suffix") << "/tmp/a.bmp"
                                    << ".png, .svg, .pdf, .gif";
    QTest::newRow("a full disk") << "/dev/full"
                                 << "suffix";
    QTest::newRow("no name") << " "
                             << "Name a file";
    QTest::newRow("a name too long") << "/tmp/" + QString(5000, 'a') + ".png"
                                     << "too long";
}

void TestExportDialog::refusedPath()
{
    QFETCH(QString, path);
    QFETCH(QString, says);
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    ExportDialog& dialog = opened.window.exportDialog();
    QSignalSpy written(&dialog, &ExportDialog::written);
    field<QLineEdit>(dialog, "File")->selectAll();
    field<QLineEdit>(dialog, "File")->insert(path);
    emit field<QLineEdit>(dialog, "File")->textEdited(path);
    QVERIFY(tabTo("File"));
    press(Qt::Key_Return);
    const QString said = field<QLabel>(dialog, "What came of the export")->text();
    QVERIFY2(said.contains(says), qPrintable(said));
    QVERIFY(!said.contains('\n'));
    QCOMPARE(written.count(), 0);
}

void TestExportDialog::emptyViewsCannotBeChosen()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    auto* views = field<QComboBox>(opened.window.exportDialog(), "View");
    QVERIFY(views);
    const auto allowed = [&](const QString& view) {
        const int row = views->findData(view);
        return row >= 0
            && (views->model()->flags(views->model()->index(row, 0)) & Qt::ItemIsEnabled);
    };
    // Prime counting's memory is not sampled, and nothing was swept.
    QTRY_VERIFY(!allowed("sweep"));
    QVERIFY(views->itemText(views->findData("sweep")).size() > QString("Sweep").size());
    QTRY_VERIFY(!allowed("efficiency"));
    QVERIFY(allowed("timeline") && allowed("ipc") && allowed("budget"));
    QVERIFY(views->findData("prediction") > 0);
}

void TestExportDialog::commandSaysTheSame()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    ExportDialog& dialog = opened.window.exportDialog();
    QVERIFY(tabTo("Theme"));
    press(Qt::Key_End); // grey
    QVERIFY(tabTo("Title"));
    type("It's mine");
    QVERIFY(tabTo("File"));
    type("/tmp/a b.pdf");
    const QString run = opened.window.notebook().newRunPath("x");
    QVERIFY2(dialog.command().startsWith("manyhands export "), qPrintable(dialog.command()));
    QVERIFY2(dialog.command().contains(QFileInfo(run).absolutePath()),
        qPrintable(dialog.command())); // the kept run
    QVERIFY2(dialog.command().endsWith(
                 "--figure 'timeline=/tmp/a b.pdf' --theme grey --title 'It'\\''s mine'"),
        qPrintable(dialog.command()));
    QVERIFY(tabTo("Copy the command line"));
    press(Qt::Key_Space);
    QCOMPARE(QApplication::clipboard()->text(), dialog.command());
}

void TestExportDialog::partThatIsSeen()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    ViewState& view = opened.window.chartArea().view();
    const std::int64_t length = view.extentNs();
    view.show({length / 4, length / 2});
    QVERIFY(opened.openDialog());
    ExportDialog& dialog = opened.window.exportDialog();
    QVERIFY(!dialog.order().settings.figure.fromS);
    QVERIFY(tabTo("Interval"));
    press(Qt::Key_Down); // what is seen now
    QCOMPARE(*dialog.order().settings.figure.fromS * 1e9, double(view.visible().begin_ns));
    QCOMPARE(*dialog.order().settings.figure.toS * 1e9, double(view.visible().end_ns));
    QVERIFY2(dialog.command().contains(" --from "), qPrintable(dialog.command()));
    press(Qt::Key_Down); // from - to
    QVERIFY(tabTo("From, in seconds"));
    type("1e9 s");
    QVERIFY2(dialog.problem().contains("seconds, such as"), qPrintable(dialog.problem()));
    type("");
    press(Qt::Key_Delete);
    QVERIFY(tabTo("To, in seconds"));
    type("0.001");
    QCOMPARE(dialog.problem(), QString());
    QCOMPARE(dialog.order().settings.figure.toS, std::optional<double>(0.001));
}

void TestExportDialog::movingPicture()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    ExportDialog& dialog = opened.window.exportDialog();
    QVERIFY(!field<QWidget>(dialog, "Frames a second")->isEnabled());
    QVERIFY(tabTo("Dots per inch"));
    type("72");
    QVERIFY(tabTo("File"));
    const QString path = opened.folder.filePath("a.gif");
    type(path);
    QVERIFY(field<QWidget>(dialog, "Frames a second")->isEnabled());
    QVERIFY(tabTo("Seconds that the interval takes"));
    type("1");
    QVERIFY(tabTo("Frames a second"));
    type("4");
    QVERIFY2(dialog.command().endsWith("--fps 4 --seconds 1"), qPrintable(dialog.command()));
    press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), 20'000);
    QImageReader reader(path);
    QCOMPARE(reader.size(), QSize(493, 255));
    QCOMPARE(reader.imageCount(), 5);
    // As frames, into a folder.
    QVERIFY(tabTo("Format"));
    press(Qt::Key_End);
    QCOMPARE(dialog.order().path, opened.folder.filePath("a"));
    QVERIFY2(dialog.command().contains("--frames "), qPrintable(dialog.command()));
    press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(opened.folder.filePath("a/frame_0005.png")), 20'000);
}

void TestExportDialog::movingPictureGivenUp()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    ExportDialog& dialog = opened.window.exportDialog();
    QVERIFY(tabTo("File"));
    type(opened.folder.filePath("a.gif"));
    press(Qt::Key_Return);
    press(Qt::Key_Escape);
    QVERIFY(dialog.isVisible());
    const auto said = [&] { return field<QLabel>(dialog, "What came of the export")->text(); };
    QTRY_VERIFY2(said().contains("nothing was written"), qPrintable(said()));
    QCOMPARE(QDir(opened.folder.path())
                 .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
        QStringList());
}

void TestExportDialog::copiesThreeFormats()
{
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    press(Qt::Key_C, Qt::ControlModifier);
    const QMimeData* content = QApplication::clipboard()->mimeData();
    QVERIFY(content->hasImage());
    const auto image = qvariant_cast<QImage>(content->imageData());
    QCOMPARE(image.size(), QSize(2055, 1063)); // two columns
    QCOMPARE(image.pixelColor(0, 0), QColor(Qt::white));
    const QByteArray svg = content->data("image/svg+xml");
    QVERIFY(svg.contains("<svg") && svg.contains("</svg>"));
    QVERIFY2(content->text().contains("limit=100000"), qPrintable(content->text()));
    QVERIFY2(content->text().startsWith("Timeline"), qPrintable(content->text()));
    // Of another chart, by the menu's action.
    opened.window.chartArea().showChart(opened.window.chartArea().chartNamed("budget"));
    opened.window.actions().copyFigure->trigger();
    QVERIFY(!QApplication::clipboard()->text().startsWith("Timeline"));
}

void TestExportDialog::freeNames_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QStringList>("there");
    QTest::addColumn<QString>("free");
    QTest::newRow("free") << "a.png" << QStringList() << "a.png";
    QTest::newRow("taken") << "a.png" << QStringList{"a.png"} << "a-2.png";
    QTest::newRow("twice") << "a.png" << QStringList{"a.png", "a-2.png"} << "a-3.png";
    QTest::newRow("a counted one") << "a-7.png" << QStringList{"a-7.png"} << "a-8.png";
    QTest::newRow("a folder") << "frames" << QStringList{"frames"} << "frames-2";
    QTest::newRow("with dots") << "a.b.svg" << QStringList{"a.b.svg"} << "a.b-2.svg";
    QTest::newRow("its data alone") << "a.png" << QStringList{"a.csv"} << "a-2.png";
}

void TestExportDialog::freeNames()
{
    QFETCH(QString, path);
    QFETCH(QStringList, there);
    QFETCH(QString, free);
    QTemporaryDir folder;
    for (const QString& name : there) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    ExportOrder order;
    order.path = folder.filePath(path);
    order.frames = !path.contains('.');
    order.withData = true;
    QCOMPARE(order.underFreeName().path, folder.filePath(free));
}

void TestExportDialog::shellWords_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("plain") << "timeline=/tmp/a.png";
    QTest::newRow("blank") << "a b";
    QTest::newRow("quotes") << "it's \"so\"";
    QTest::newRow("a shell's signs") << "$HOME `id` ; * ? \\ ! # & | < > ( )";
    QTest::newRow("empty") << "";
    QTest::newRow("unicode") << QString::fromUtf8("größe–日本");
    QTest::newRow("a line end") << "a\nb";
}

void TestExportDialog::shellWords()
{
    QFETCH(QString, text);
    QProcess shell;
    shell.start("sh", {"-c", "printf %s " + shellWord(text)});
    QVERIFY(shell.waitForFinished());
    QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()), text);
}

void TestExportDialog::fitsSmallScreens_data()
{
    QTest::addColumn<QSize>("screen");
    QTest::newRow("1280x800") << QSize(1280, 800);
    QTest::newRow("1024x640") << QSize(1024, 640);
}

void TestExportDialog::fitsSmallScreens()
{
    QFETCH(QSize, screen);
    OpenedWithRun opened;
    QVERIFY(opened.ready());
    QVERIFY(opened.openDialog());
    const ExportDialog& dialog = opened.window.exportDialog();
    // What a panel and a title bar leave.
    const QSize room = screen - QSize(0, 60);
    QVERIFY2(dialog.minimumSizeHint().width() <= room.width()
            && dialog.minimumSizeHint().height() <= room.height(),
        qPrintable(QStringLiteral("%1 x %2")
                       .arg(dialog.minimumSizeHint().width())
                       .arg(dialog.minimumSizeHint().height())));
}

QTEST_MAIN(TestExportDialog)
#include "tst_export_dialog.moc"
