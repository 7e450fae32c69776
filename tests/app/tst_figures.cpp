// SPDX-License-Identifier: GPL-3.0-or-later
// Figures as files, of a real run.
#include "app/figures/figure.hpp"
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
    QTest::addColumn<QSize>("size");
    for (const QString& view : figureViews()) {
        QTest::addRow("%s", qPrintable(view)) << view << QSize(1600, 900);
        QTest::addRow("%s, small", qPrintable(view)) << view << QSize(640, 360);
    }
}

void TestFigures::writesEveryView()
{
    QFETCH(QString, view);
    QFETCH(QSize, size);
    QTemporaryDir folder;
    const QString path = folder.filePath(view + ".png");
    QCOMPARE(writeFigure(view, m_run, path, {}, size), QString());
    const QImage figure(path);
    QCOMPARE(figure.size(), size);
    QCOMPARE(figure.pixelColor(0, 0), QColor(Qt::white)); // paper
    const QColor wanted = view == QLatin1String("ipc") || view == QLatin1String("speedup")
        ? Theme::light().series(0).colour
        : Theme::light().stateColour(State::computing);
    int hits = 0;
    for (int y = 0; y < figure.height(); ++y) {
        for (int x = 0; x < figure.width(); ++x)
            hits += figure.pixelColor(x, y) == wanted;
    }
    QVERIFY2(hits > 30, qPrintable(QString::number(hits)));
}

void TestFigures::refuses_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QSize>("size");
    const QSize size(320, 200);
    QTest::newRow("no such view") << "pie"
                                  << "figure.png" << size;
    QTest::newRow("no such folder") << "timeline"
                                    << "missing/figure.png" << size;
    QTest::newRow("too large") << "timeline"
                               << "figure.png" << QSize(16385, 200);
    QTest::newRow("no size") << "timeline"
                             << "figure.png" << QSize(0, 0);
    QTest::newRow("full disk") << "timeline"
                               << "/dev/full" << size;
}

void TestFigures::refuses()
{
    QFETCH(QString, view);
    QFETCH(QString, path);
    QFETCH(QSize, size);
    QTemporaryDir folder;
    const QString target = path.startsWith('/') ? path : folder.filePath(path);
    const QByteArray before = "what stood here";
    const bool writable = path == QLatin1String("figure.png");
    if (writable) {
        QFile file(target);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(before) == before.size());
    }
    const QString problem = writeFigure(view, m_run, target, {}, size);
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
