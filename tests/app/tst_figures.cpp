// SPDX-License-Identifier: GPL-3.0-or-later
// Figures as files, of a real run.
#include "app/figures/figure.hpp"
#include "app/figures/figure_file.hpp"
#include "app/views/theme.hpp"

#include <QApplication>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;

class TestFigures : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void writesEveryView_data();
    void writesEveryView();
    void refuses_data();
    void refuses();

private:
    FinishedRun m_run;
};

void TestFigures::initTestCase()
{
    SessionOptions options;
    options.lesson = {MANYHANDS_BINARY_DIR "/manyhands-lesson", "prime_counting"};
    options.description = describe_lesson(options.lesson);
    options.parameters = options.description.parse({"limit=200000", "workers=2"});
    Session session(std::move(options));
    while (session.poll())
        session.wait(std::chrono::milliseconds(20));
    QCOMPARE(session.state(), RunState::done);
    m_run = finished_run(session);
}

void TestFigures::writesEveryView_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("size");
    for (const char* const view : {"timeline", "ipc", "speedup", "budget"}) {
        QTest::addRow("%s", view) << view << "1600x900px";
        QTest::addRow("%s, small", view) << view << "640x360px";
    }
}

void TestFigures::writesEveryView()
{
    QFETCH(QString, view);
    QFETCH(QString, size);
    QTemporaryDir folder;
    const QString path = folder.filePath(view + ".png");
    FigureSettings settings;
    settings.view = view;
    settings.size = figureSizeFrom(size.toStdString());
    settings.dpi = 96;
    Figure figure({.run = m_run, .points = {}, .swept = {}, .predictions = {}}, settings);
    writeFigure(figure, path.toStdString());
    const QImage image(path);
    QCOMPARE(image.size(), settings.pixels());
    QCOMPARE(image.pixelColor(0, 0), QColor(Qt::white)); // paper
    const QColor wanted = view == QLatin1String("ipc") || view == QLatin1String("speedup")
        ? Theme::light().series(0).colour
        : Theme::light().stateColour(State::computing);
    int hits = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            hits += image.pixelColor(x, y) == wanted;
    }
    QVERIFY2(hits > 30, qPrintable(QString::number(hits)));
}

void TestFigures::refuses_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("size");
    QTest::newRow("no such view") << "pie"
                                  << "figure.png"
                                  << "320x200px";
    QTest::newRow("no such folder") << "timeline"
                                    << "missing/figure.png"
                                    << "320x200px";
    QTest::newRow("too large") << "timeline"
                               << "figure.png"
                               << "60000x60000px";
    QTest::newRow("no size") << "timeline"
                             << "figure.png"
                             << "0x0px";
    QTest::newRow("full disk") << "timeline"
                               << "/dev/full"
                               << "320x200px";
}

void TestFigures::refuses()
{
    QFETCH(QString, view);
    QFETCH(QString, path);
    QFETCH(QString, size);
    QTemporaryDir folder;
    const QString target = path.startsWith('/') ? path : folder.filePath(path);
    const QByteArray before = "what stood here";
    const bool writable = path == QLatin1String("figure.png");
    if (writable) {
        QFile file(target);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(before) == before.size());
    }
    QString problem;
    try {
        FigureSettings settings;
        settings.view = view;
        settings.size = figureSizeFrom(size.toStdString());
        Figure figure({.run = m_run, .points = {}, .swept = {}, .predictions = {}}, settings);
        writeFigure(figure, target.toStdString());
    } catch (const Error& error) {
        problem = error.what();
    }
    QVERIFY(!problem.isEmpty());
    QVERIFY(!problem.contains('\n'));
    if (writable) {
        QFile file(target);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), before);
    }
}

QTEST_MAIN(TestFigures)
#include "tst_figures.moc"
