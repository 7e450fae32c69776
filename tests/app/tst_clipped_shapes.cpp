// SPDX-License-Identifier: GPL-3.0-or-later
// Geometry cut to a rectangle: known answers, and random shapes against a picture of them.
#include "app/figures/svg_device.hpp"
#include "app/views/clipped_shapes.hpp"

#include <QImage>
#include <QPainter>
#include <QPainterPath>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTest>

using namespace manyhands::app;

namespace {

const QRectF within(10, 20, 100, 50);

QImage painted(const QPolygonF& area, bool clip)
{
    QImage image(120, 90, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    if (clip)
        painter.setClipRect(within);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::black);
    painter.drawPolygon(area);
    return image;
}

} // namespace

class TestClippedShapes : public QObject
{
    Q_OBJECT

private slots:
    void lines_data();
    void lines();
    void polylinesAreCutAndJoined();
    void polygonsLookAsIfClipped();
    void hatches_data();
    void hatches();
    void svgKeepsAllWithinTheClip();
    void svgKeepsTextsAsTexts();
    void svgMergesWhatLooksAlike();
};

void TestClippedShapes::lines_data()
{
    QTest::addColumn<QLineF>("line");
    QTest::addColumn<QLineF>("cut"); // null: nothing is left
    QTest::newRow("inside") << QLineF(20, 30, 40, 60) << QLineF(20, 30, 40, 60);
    QTest::newRow("across") << QLineF(0, 30, 200, 30) << QLineF(10, 30, 110, 30);
    QTest::newRow("down, far away") << QLineF(50, -1e6, 50, 1e6) << QLineF(50, 20, 50, 70);
    QTest::newRow("slanted") << QLineF(0, 10, 60, 70) << QLineF(10, 20, 60, 70);
    QTest::newRow("beside") << QLineF(0, 0, 5, 100) << QLineF();
    QTest::newRow("past a corner") << QLineF(0, 25, 25, 0) << QLineF();
    QTest::newRow("no number") << QLineF(0, std::numeric_limits<double>::quiet_NaN(), 50, 50)
                               << QLineF();
}

void TestClippedShapes::lines()
{
    QFETCH(QLineF, line);
    QFETCH(QLineF, cut);
    const auto found = clippedLine(line, within);
    QCOMPARE(found.has_value(), !cut.isNull());
    if (found)
        QVERIFY(std::hypot(found->x1() - cut.x1(), found->y1() - cut.y1()) < 1e-9
            && std::hypot(found->x2() - cut.x2(), found->y2() - cut.y2()) < 1e-9);
}

void TestClippedShapes::polylinesAreCutAndJoined()
{
    // In, out above, in again.
    const QPolygonF zigzag({{20, 40}, {40, 40}, {50, 0}, {60, 40}, {80, 40}});
    const QList<QPolygonF> parts = clippedPolyline(zigzag, within);
    QCOMPARE(parts.size(), 2);
    QCOMPARE(parts[0], QPolygonF({{20, 40}, {40, 40}, {45, 20}}));
    QCOMPARE(parts[1], QPolygonF({{55, 20}, {60, 40}, {80, 40}}));
}

void TestClippedShapes::polygonsLookAsIfClipped()
{
    QRandomGenerator random(7);
    for (int i = 0; i < 300; ++i) {
        QPolygonF area;
        for (int corner = 0; corner < 3 + i % 5; ++corner)
            area.append(QPointF(random.bounded(200.0) - 40, random.bounded(160.0) - 40));
        const QPolygonF cut = clippedPolygon(area, within);
        for (const QPointF& point : cut)
            QVERIFY(within.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(point));
        const QImage wanted = painted(area, true);
        const QImage found = painted(cut, false);
        int different = 0;
        for (int y = 0; y < wanted.height(); ++y) {
            for (int x = 0; x < wanted.width(); ++x)
                different += wanted.pixel(x, y) != found.pixel(x, y);
        }
        // At most pixels that an edge goes through.
        QVERIFY2(different < 40, qPrintable(QString::number(different)));
    }
}

void TestClippedShapes::hatches_data()
{
    QTest::addColumn<int>("style");
    QTest::addColumn<double>("perArea"); // length of the lines in an area of 80 × 80
    QTest::newRow("horizontal") << int(Qt::HorPattern) << 800.0;
    QTest::newRow("vertical") << int(Qt::VerPattern) << 800.0;
    QTest::newRow("cross") << int(Qt::CrossPattern) << 1600.0;
    QTest::newRow("rising") << int(Qt::BDiagPattern) << 800 * std::sqrt(2.0);
    QTest::newRow("falling") << int(Qt::FDiagPattern) << 800 * std::sqrt(2.0);
    QTest::newRow("both") << int(Qt::DiagCrossPattern) << 1600 * std::sqrt(2.0);
    QTest::newRow("dots") << int(Qt::Dense6Pattern) << 3200.0;
}

void TestClippedShapes::hatches()
{
    QFETCH(int, style);
    QFETCH(double, perArea);
    const QRectF area(8, 16, 80, 80);
    double length = 0;
    for (const QLineF& line :
        hatchLines(static_cast<Qt::BrushStyle>(style), {QPolygonF(area)}, QRectF(0, 0, 999, 999))) {
        QVERIFY(area.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(line.p1()));
        QVERIFY(area.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(line.p2()));
        length += line.length();
    }
    QVERIFY2(std::abs(length - perArea) < perArea * 0.05, qPrintable(QString::number(length)));
}

void TestClippedShapes::svgKeepsAllWithinTheClip()
{
    SvgDevice device(QSizeF(200, 100));
    QPainter painter(&device);
    painter.save();
    painter.translate(5, 5);
    painter.setClipRect(QRect(10, 10, 50, 40));
    painter.setPen(QPen(Qt::red, 2));
    painter.setBrush(QBrush(Qt::blue, Qt::BDiagPattern));
    painter.drawRect(QRectF(-1000, -1000, 5000, 5000));
    painter.setBrush(Qt::green);
    painter.drawEllipse(QPointF(10, 10), 30, 30);
    painter.drawPolygon(QPolygonF({{-500, 20}, {900, 25}, {20, 900}}));
    painter.drawPolyline(QPolygonF({{-500, 20}, {900, 25}, {20, 900}}));
    painter.drawLine(QLineF(-1e5, 0, 1e5, 60));
    painter.drawPoint(QPointF(300, 20));
    QImage picture(100, 100, QImage::Format_RGB32);
    picture.fill(Qt::gray);
    painter.drawImage(QRectF(0, 0, 100, 100), picture);
    painter.restore();
    painter.setPen(Qt::black);
    painter.drawLine(QLineF(-50, 90, 500, 90));
    painter.end();

    const QRectF clip(15, 15, 50, 40);
    const QString text = device.elements();
    QVERIFY(text.count("<path") >= 5);
    const QRegularExpression path("<path[^>]* stroke=\"#ff0000\"[^>]* d=\"M([-.0-9]+) ?([-.0-9]+)");
    int starts = 0;
    for (auto found = path.globalMatch(text); found.hasNext(); ++starts) {
        const QRegularExpressionMatch match = found.next();
        QVERIFY2(clip.adjusted(-0.01, -0.01, 0.01, 0.01)
                     .contains(QPointF(match.captured(1).toDouble(), match.captured(2).toDouble())),
            qPrintable(match.captured(0)));
    }
    QVERIFY(starts >= 2);
    QVERIFY(text.contains("<image x=\"15\" y=\"15\" width=\"50\" height=\"40\""));
    // Without a clip, what counts is the device.
    QVERIFY2(text.contains("M0 90h200"), qPrintable(text));
}

void TestClippedShapes::svgKeepsTextsAsTexts()
{
    SvgDevice device(QSizeF(200, 100));
    QPainter painter(&device);
    QFont font;
    font.setPixelSize(12);
    painter.setFont(font);
    painter.drawText(QPointF(10, 20), "a < b & \"c\"");
    painter.setClipRect(QRect(0, 0, 50, 50));
    painter.drawText(QPointF(120, 20), "out of sight");
    painter.end();
    const QString text = device.elements();
    QVERIFY2(text.contains(">a &lt; b &amp; &quot;c&quot;</text>"), qPrintable(text));
    QVERIFY(text.contains("font-size=\"12px\""));
    QVERIFY(!text.contains("out of sight"));
    QCOMPARE(xmlText(QString("a\x01z\n")), QByteArray("a?z\n"));
}

void TestClippedShapes::svgMergesWhatLooksAlike()
{
    SvgDevice device(QSizeF(2000, 100));
    QPainter painter(&device);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::blue);
    QList<QRectF> bars;
    for (int i = 0; i < 1000; ++i)
        bars.append(QRectF(2 * i, 10, 1, 20));
    painter.drawRects(bars);
    painter.setBrush(Qt::red);
    painter.drawRects(bars);
    painter.end();
    QCOMPARE(device.elements().count("<path"), 2);
    QVERIFY(device.elements().size() < 2 * 1000 * 16);
}

QTEST_MAIN(TestClippedShapes)
#include "tst_clipped_shapes.moc"
