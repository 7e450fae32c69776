// SPDX-License-Identifier: GPL-3.0-or-later
// Whether every eye can tell the charts' colours apart, computed from the palette file itself.
#include "app/views/theme.hpp"

#include <QColor>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPalette>
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace {

using Triple = std::array<double, 3>;

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

Triple linear(const QColor& colour)
{
    return {linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())};
}

/// WCAG 2.1's relative luminance and contrast ratio.
double luminance(const QColor& colour)
{
    const Triple c = linear(colour);
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

double contrast(const QColor& one, const QColor& other)
{
    const auto [low, high] = std::minmax({luminance(one), luminance(other)});
    return (high + 0.05) / (low + 0.05);
}

using Matrix = std::array<Triple, 3>;

/// G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for
/// Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009; severity 1, on linear RGB.
struct Sight
{
    const char* name;
    Matrix matrix;
};
constexpr Sight sights[] = {
    {"normal", {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}},
    {"protanopia",
        {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},
            {-0.003882, -0.048116, 1.051998}}}},
    {"deuteranopia",
        {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
            {-0.011820, 0.042940, 0.968881}}}},
    {"tritanopia",
        {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},
            {0.004733, 0.691367, 0.303900}}}},
};

Triple seenThrough(const Matrix& matrix, const Triple& colour)
{
    Triple result = {};
    for (std::size_t row = 0; row < 3; ++row) {
        double sum = 0;
        for (std::size_t column = 0; column < 3; ++column)
            sum += matrix[row][column] * colour[column];
        result[row] = std::clamp(sum, 0.0, 1.0);
    }
    return result;
}

/// CIE L*a*b* under D65, from linear sRGB.
Triple lab(const Triple& c)
{
    const auto f
        = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
    const double x = f((0.4124564 * c[0] + 0.3575761 * c[1] + 0.1804375 * c[2]) / 0.95047);
    const double y = f(0.2126729 * c[0] + 0.7151522 * c[1] + 0.0721750 * c[2]);
    const double z = f((0.0193339 * c[0] + 0.1191920 * c[1] + 0.9503041 * c[2]) / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

constexpr double degree = std::numbers::pi / 180;

double hue(double a, double b)
{
    if (a == 0 && b == 0)
        return 0;
    const double angle = std::atan2(b, a) / degree;
    return angle < 0 ? angle + 360 : angle;
}

/// CIEDE2000; G. Sharma, W. Wu, E. N. Dalal, Color Research and Application 30(1), 2005.
double difference(const Triple& one, const Triple& other)
{
    const double meanChroma = (std::hypot(one[1], one[2]) + std::hypot(other[1], other[2])) / 2;
    const auto root = [](double chroma) {
        const double power = std::pow(chroma, 7);
        return std::sqrt(power / (power + std::pow(25.0, 7)));
    };
    const double g = 0.5 * (1 - root(meanChroma));
    const double a1 = (1 + g) * one[1];
    const double a2 = (1 + g) * other[1];
    const double c1 = std::hypot(a1, one[2]);
    const double c2 = std::hypot(a2, other[2]);
    const double h1 = hue(a1, one[2]);
    const double h2 = hue(a2, other[2]);
    double dh = 0;
    double meanHue = h1 + h2;
    if (c1 * c2 != 0) {
        dh = h2 - h1;
        if (dh > 180)
            dh -= 360;
        else if (dh < -180)
            dh += 360;
        if (std::abs(h1 - h2) <= 180)
            meanHue = (h1 + h2) / 2;
        else
            meanHue = h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2;
    }
    const double dL = other[0] - one[0];
    const double dC = c2 - c1;
    const double dH = 2 * std::sqrt(c1 * c2) * std::sin(dh * degree / 2);
    const double meanL = (one[0] + other[0]) / 2;
    const double meanC = (c1 + c2) / 2;
    const double t = 1 - 0.17 * std::cos((meanHue - 30) * degree)
        + 0.24 * std::cos(2 * meanHue * degree) + 0.32 * std::cos((3 * meanHue + 6) * degree)
        - 0.20 * std::cos((4 * meanHue - 63) * degree);
    const double dTheta = 30 * std::exp(-std::pow((meanHue - 275) / 25, 2));
    const double sL = 1 + 0.015 * std::pow(meanL - 50, 2) / std::sqrt(20 + std::pow(meanL - 50, 2));
    const double sC = 1 + 0.045 * meanC;
    const double sH = 1 + 0.015 * meanC * t;
    const double rT = -std::sin(2 * dTheta * degree) * 2 * root(meanC);
    return std::sqrt(std::pow(dL / sL, 2) + std::pow(dC / sC, 2) + std::pow(dH / sH, 2)
        + rT * (dC / sC) * (dH / sH));
}

QJsonObject theme(const QString& name)
{
    QFile file(QStringLiteral(MANYHANDS_SOURCE_DIR "/resources/palette.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll()).object().value(name).toObject();
}

} // namespace

class TestPalette : public QObject
{
    Q_OBJECT

private slots:
    void knownDifferences_data();
    void knownDifferences();
    void contrastOfStates_data() { themes(); }
    void contrastOfStates();
    void contrastOfText_data() { themes(); }
    void contrastOfText();
    void contrastOfSeries_data() { themes(); }
    void contrastOfSeries();
    void statesDifferForEveryEye_data();
    void statesDifferForEveryEye();
    void seriesDifferForEveryEye_data();
    void seriesDifferForEveryEye();
    void highContrastIsHigher();
    void greysAreGreyAndDiffer();
    void amountsAreReadable();
    void themeOfAPalette_data();
    void themeOfAPalette();

private:
    static void themes();
};

void TestPalette::themes()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("light") << "light";
    QTest::newRow("dark") << "dark";
    QTest::newRow("high contrast") << "high_contrast";
    QTest::newRow("grey") << "grey";
}

void TestPalette::knownDifferences_data()
{
    QTest::addColumn<QList<double>>("one");
    QTest::addColumn<QList<double>>("other");
    QTest::addColumn<double>("expected");
    // Of the table in Sharma, Wu and Dalal.
    QTest::newRow("pair 1") << QList<double>{50, 2.6772, -79.7751} << QList<double>{50, 0, -82.7485}
                            << 2.0425;
    QTest::newRow("pair 7") << QList<double>{50, 0, 0} << QList<double>{50, -1, 2} << 2.3669;
    QTest::newRow("pair 15") << QList<double>{50, -0.001, 2.49} << QList<double>{50, 0.0011, -2.49}
                             << 4.7461;
    QTest::newRow("pair 17") << QList<double>{50, 2.5, 0} << QList<double>{73, 25, -18} << 27.1492;
    QTest::newRow("pair 25") << QList<double>{60.2574, -34.0099, 36.2677}
                             << QList<double>{60.4626, -34.1751, 39.4387} << 1.2644;
}

void TestPalette::knownDifferences()
{
    QFETCH(QList<double>, one);
    QFETCH(QList<double>, other);
    QFETCH(double, expected);
    const double found = difference({one[0], one[1], one[2]}, {other[0], other[1], other[2]});
    QVERIFY2(std::abs(found - expected) < 1e-4, qPrintable(QString::number(found)));
}

void TestPalette::contrastOfStates()
{
    QFETCH(QString, name);
    const QJsonObject palette = theme(name);
    const QColor background(palette["background"].toString());
    const QJsonObject states = palette["states"].toObject();
    QCOMPARE(states.size(), 8);
    for (const QString& state : states.keys()) {
        const QColor colour(states[state].toObject()["colour"].toString());
        const QColor letter(states[state].toObject()["letter"].toString());
        QVERIFY2(contrast(colour, background) >= 3, qPrintable(state));
        QVERIFY2(contrast(letter, colour) >= 4.5, qPrintable(state));
    }
}

void TestPalette::contrastOfText()
{
    QFETCH(QString, name);
    const QJsonObject palette = theme(name);
    const QColor background(palette["background"].toString());
    for (const char* const text : {"text", "secondary_text", "error", "warning", "success"})
        QVERIFY2(
            contrast(QColor(palette[QLatin1String(text)].toString()), background) >= 4.5, text);
}

void TestPalette::contrastOfSeries()
{
    QFETCH(QString, name);
    const QJsonObject palette = theme(name);
    const QColor background(palette["background"].toString());
    const QJsonArray series = palette["series"].toArray();
    QCOMPARE(series.size(), 4);
    for (const QJsonValue& colour : series)
        QVERIFY2(
            contrast(QColor(colour.toString()), background) >= 3, qPrintable(colour.toString()));
}

void TestPalette::statesDifferForEveryEye_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("sight");
    QTest::addColumn<double>("least");
    for (int sight = 0; sight < 4; ++sight) {
        QTest::addRow("light, %s", sights[sight].name) << "light" << sight << 12.0;
        QTest::addRow("dark, %s", sights[sight].name) << "dark" << sight << 14.0;
        QTest::addRow("high contrast, %s", sights[sight].name) << "high_contrast" << sight << 16.0;
    }
}

void TestPalette::statesDifferForEveryEye()
{
    QFETCH(QString, name);
    QFETCH(int, sight);
    QFETCH(double, least);
    const QJsonObject states = theme(name)["states"].toObject();
    const QStringList names = states.keys();
    const auto seen = [&](const QString& state) {
        return lab(seenThrough(
            sights[sight].matrix, linear(QColor(states[state].toObject()["colour"].toString()))));
    };
    for (qsizetype i = 0; i < names.size(); ++i) {
        for (qsizetype j = i + 1; j < names.size(); ++j) {
            const double found = difference(seen(names[i]), seen(names[j]));
            QVERIFY2(found >= least,
                qPrintable(QStringLiteral("%1 and %2: %3").arg(names[i], names[j]).arg(found)));
        }
    }
}

void TestPalette::seriesDifferForEveryEye_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("sight");
    QTest::addColumn<double>("least");
    // Line style and hatch tell them apart too.
    for (int sight = 0; sight < 4; ++sight) {
        QTest::addRow("light, %s", sights[sight].name) << "light" << sight << 12.0;
        QTest::addRow("dark, %s", sights[sight].name) << "dark" << sight << 10.8;
        QTest::addRow("high contrast, %s", sights[sight].name) << "high_contrast" << sight << 26.0;
    }
}

void TestPalette::seriesDifferForEveryEye()
{
    QFETCH(QString, name);
    QFETCH(int, sight);
    QFETCH(double, least);
    const QJsonArray series = theme(name)["series"].toArray();
    const auto seen = [&](qsizetype i) {
        return lab(seenThrough(sights[sight].matrix, linear(QColor(series[i].toString()))));
    };
    for (qsizetype i = 0; i < series.size(); ++i) {
        for (qsizetype j = i + 1; j < series.size(); ++j) {
            const double found = difference(seen(i), seen(j));
            QVERIFY2(found >= least,
                qPrintable(QStringLiteral("%1 and %2: %3").arg(i).arg(j).arg(found)));
        }
    }
}

void TestPalette::highContrastIsHigher()
{
    const QJsonObject palette = theme("high_contrast");
    const QColor background(palette["background"].toString());
    for (const char* const text : {"text", "secondary_text", "error", "warning", "success"})
        QVERIFY2(contrast(QColor(palette[QLatin1String(text)].toString()), background) >= 7, text);
    QVERIFY(contrast(QColor(palette["frame"].toString()), background) >= 7);
    const QJsonObject states = palette["states"].toObject();
    for (const QString& state : states.keys()) {
        QVERIFY2(contrast(QColor(states[state].toObject()["colour"].toString()), background) >= 4.5,
            qPrintable(state));
    }
}

void TestPalette::greysAreGreyAndDiffer()
{
    using manyhands::State;
    using manyhands::app::Look;
    using manyhands::app::Theme;
    const Theme& grey = Theme::grey();
    // Shape, hatch and letter say what no eight greys can: those of one shape differ in lightness.
    constexpr State states[] = {State::starting, State::tearing_down, State::computing,
        State::serialising, State::sending, State::receiving, State::waiting_data,
        State::waiting_space, State::waiting_lock, State::sleeping};
    const auto lightness = [](const QColor& colour) { return lab(linear(colour))[0]; };
    for (const State one : states) {
        const Look look = grey.look(one);
        QCOMPARE(look.colour.saturation(), 0);
        for (const State other : states) {
            const Look second = grey.look(other);
            if (one == other || look.hatch != second.hatch || look.height != second.height
                || look.topTick != second.topTick || look.body != second.body)
                continue;
            QVERIFY2(std::abs(lightness(look.colour) - lightness(second.colour)) > 15,
                qPrintable(look.letter + second.letter));
        }
    }
    for (int i = 0; i < 4; ++i) {
        QCOMPARE(grey.series(i).colour.saturation(), 0);
        for (int j = 0; j < i; ++j)
            QVERIFY(
                std::abs(lightness(grey.series(i).colour) - lightness(grey.series(j).colour)) > 12);
    }
}

void TestPalette::amountsAreReadable()
{
    using manyhands::app::Theme;
    for (const Theme* theme :
        {&Theme::light(), &Theme::dark(), &Theme::highContrast(), &Theme::grey()}) {
        double last = contrast(theme->amountColour(0), theme->background);
        for (int step = 0; step <= 100; ++step) {
            const QColor colour = theme->amountColour(step / 100.0);
            QVERIFY(contrast(Theme::inkUpon(colour), colour) >= 4.5);
            // More stands out more, to every eye: in lightness, not in hue alone.
            QVERIFY(contrast(colour, theme->background) >= last - 0.02);
            last = contrast(colour, theme->background);
        }
        QVERIFY(last > 10);
    }
}

void TestPalette::themeOfAPalette_data()
{
    QTest::addColumn<QColor>("window");
    QTest::addColumn<QColor>("text");
    QTest::addColumn<QColor>("background");
    QTest::newRow("light") << QColor("#EFEFEF") << QColor(Qt::black) << QColor("#FFFFFF");
    QTest::newRow("black on white") << QColor(Qt::white) << QColor(Qt::black) << QColor("#FFFFFF");
    QTest::newRow("dark") << QColor("#2A2E32") << QColor("#FCFCFC") << QColor("#1E1F22");
    QTest::newRow("white on black") << QColor(Qt::black) << QColor(Qt::white) << QColor("#000000");
}

void TestPalette::themeOfAPalette()
{
    QFETCH(QColor, window);
    QFETCH(QColor, text);
    QFETCH(QColor, background);
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    QCOMPARE(manyhands::app::Theme::matching(palette).background, background);
}

QTEST_GUILESS_MAIN(TestPalette)
#include "tst_palette.moc"
