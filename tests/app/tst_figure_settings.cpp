// SPDX-License-Identifier: GPL-3.0-or-later
// What a figure is to look like: read, refused, and kept in figures themselves.
#include "app/figures/figure_file.hpp"
#include "app/figures/figure_language.hpp"
#include "app/views/chart_factory.hpp"
#include "app/views/chart_table.hpp"
#include "engine/observe/lesson_program.hpp"
#include "tests/app/sample_subject.hpp"

#include <QFile>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <nlohmann/json.hpp>

using namespace manyhands;
using namespace manyhands::app;

namespace {

FigureSettings randomSettings(QRandomGenerator& random)
{
    const auto chance = [&] { return random.bounded(2) == 0; };
    FigureSettings settings;
    const QStringList& views = commonCharts();
    settings.view = views[random.bounded(views.size())];
    if (chance())
        settings.size = {static_cast<double>(300 + random.bounded(400)),
            static_cast<double>(300 + random.bounded(300)), FigureSize::Unit::pixels};
    else
        settings.size = {60 + random.bounded(100.0), 50 + random.bounded(60.0)};
    settings.dpi = 72 + random.bounded(60);
    settings.theme = static_cast<FigureTheme>(random.bounded(4));
    if (chance())
        settings.fromS = random.bounded(1.0);
    if (chance())
        settings.toS = 1 + random.bounded(1.0);
    if (chance())
        settings.lanes = QStringLiteral("0-1,2");
    settings.fontPt = 5 + random.bounded(6.0);
    if (chance())
        settings.title = chance() ? QStringLiteral("")
                                  : QStringLiteral("Ünïcode “%1” <&> 漢字").arg(random.bounded(9));
    settings.caption = chance();
    settings.transparent = chance();
    if (chance())
        settings.language = figureLanguages().at(random.bounded(figureLanguages().size()));
    return settings;
}

std::string textOfAll(const FigureSettings& settings)
{
    return figureObject(settings).dump();
}

} // namespace

class TestFigureSettings : public QObject
{
    Q_OBJECT

private slots:
    void sizes_data();
    void sizes();
    void lanes_data();
    void lanes();
    void refuses_data();
    void refuses();
    void roundTripInEveryFormat_data();
    void roundTripInEveryFormat();
    void foreignFiles_data();
    void foreignFiles();
    void warnsOfSmallLetters();
    void optionsSayTheSame();
    void wordsOfOtherLanguages();
    void germanFigure();
};

void TestFigureSettings::sizes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("dpi");
    QTest::addColumn<QSize>("pixels");
    QTest::addColumn<QSizeF>("points");
    QTest::newRow("one column") << "85x60mm" << 300 << QSize(1004, 709) << QSizeF(240.94, 170.08);
    QTest::newRow("two columns") << "174x90mm" << 600 << QSize(4110, 2126)
                                 << QSizeF(493.23, 255.12);
    QTest::newRow("slide") << "1920x1080px" << 144 << QSize(1920, 1080) << QSizeF(960, 540);
}

void TestFigureSettings::sizes()
{
    QFETCH(QString, text);
    QFETCH(int, dpi);
    QFETCH(QSize, pixels);
    QFETCH(QSizeF, points);
    FigureSettings settings;
    settings.size = figureSizeFrom(text.toStdString());
    settings.dpi = dpi;
    QCOMPARE(settings.pixels(), pixels);
    QVERIFY(std::abs(settings.points().width() - points.width()) < 0.005);
    QVERIFY(std::abs(settings.points().height() - points.height()) < 0.005);
    QCOMPARE(textOf(settings.size), text);
}

void TestFigureSettings::lanes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<int>>("lanes"); // {-1}: refused
    QTest::newRow("all") << "" << QList<int>();
    QTest::newRow("one") << "3" << QList<int>{3};
    QTest::newRow("ranges") << "1-4,7" << QList<int>{1, 2, 3, 4, 7};
    QTest::newRow("in any order, twice") << "7,1-2,2" << QList<int>{1, 2, 7};
    for (const char* const wrong :
        {"x", "1-", "-1", "4-1", "1,,2", "1,", "1 2", "1-999999999", "0-99999,0-99999,0-99999"})
        QTest::addRow("refused: %s", wrong) << wrong << QList<int>{-1};
}

void TestFigureSettings::lanes()
{
    QFETCH(QString, text);
    QFETCH(QList<int>, lanes);
    if (lanes == QList<int>{-1}) {
        QVERIFY_EXCEPTION_THROWN(lanesFrom(text.toStdString()), BadValue);
        return;
    }
    const std::vector<std::uint32_t> found = lanesFrom(text.toStdString());
    QCOMPARE(QList<int>(found.begin(), found.end()), lanes);
}

void TestFigureSettings::refuses_data()
{
    QTest::addColumn<QString>("object");
    QTest::addColumn<QString>("said");
    QTest::newRow("no size") << R"({"size": "0x0mm"})"
                             << "size";
    QTest::newRow("huge") << R"({"size": "60000x60000px"})"
                          << "16384";
    QTest::newRow("not a number") << R"({"size": "nanxnanmm"})"
                                  << "size";
    QTest::newRow("dpi") << R"({"dpi": 0})"
                         << "dpi";
    QTest::newRow("theme") << R"({"theme": "pink"})"
                           << "grey";
    QTest::newRow("letters") << R"({"font_pt": 1e9})"
                             << "96pt";
    QTest::newRow("empty interval") << R"({"from_s": 2, "to_s": 2})"
                                    << "is empty";
    QTest::newRow("lanes") << R"({"lanes": "a"})"
                           << "lanes";
    QTest::newRow("language") << R"({"language": "tlh"})"
                              << "tlh";
    QTest::newRow("another type") << R"({"dpi": "many"})"
                                  << "cannot be read";
}

void TestFigureSettings::refuses()
{
    QFETCH(QString, object);
    QFETCH(QString, said);
    QString problem;
    try {
        checkFigure(figureSettingsFrom(nlohmann::json::parse(object.toStdString())));
    } catch (const BadValue& error) {
        problem = error.what();
    }
    QVERIFY2(problem.contains(said) && !problem.contains('\n'), qPrintable(problem));
}

void TestFigureSettings::roundTripInEveryFormat_data()
{
    QTest::addColumn<QString>("suffix");
    for (const char* const suffix : {"png", "svg", "pdf"})
        QTest::newRow(suffix) << suffix;
}

void TestFigureSettings::roundTripInEveryFormat()
{
    QFETCH(QString, suffix);
    const QTemporaryDir folder;
    const FigureSubject subject = test::sampleSubject(3);
    QRandomGenerator random(11);
    int written = 0;
    for (int i = 0; i < 25; ++i) {
        const FigureSettings settings = randomSettings(random);
        Figure figure(subject, settings);
        // A part of the run may hold nothing of a view.
        if (figure.isEmpty())
            continue;
        ++written;
        const std::string path = folder.filePath("figure." + suffix).toStdString();
        writeFigure(figure, path);
        const FigureSettings again = settingsOfFigure(path);
        QCOMPARE(textOfAll(again), textOfAll(settings));
        QCOMPARE(again.title.isNull(), settings.title.isNull());
    }
    QVERIFY(written > 15);
}

void TestFigureSettings::foreignFiles_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("text") << QByteArray("hello\n");
    QTest::newRow("SVG of others") << QByteArray("<svg><rect/></svg>");
    QTest::newRow("SVG without an end") << QByteArray("<svg><metadata><a>").repeated(1000);
    QTest::newRow("entities") << QByteArray(
        "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">"
        "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;\">]><svg><metadata>"
        "<f xmlns=\"urn:manyhands:figure\">&e;&e;</f></metadata></svg>");
    QTest::newRow("settings of another kind") << QByteArray(
        "<svg><metadata><f xmlns=\"urn:manyhands:figure\">{\"dpi\": []}</f></metadata></svg>");
    QTest::newRow("settings too deep")
        << QByteArray("<svg><metadata><f xmlns=\"urn:manyhands:figure\">"
               + QByteArray("[").repeated(100'000) + "</f></metadata></svg>");
    QTest::newRow("settings that are refused") << QByteArray(
        "<svg><metadata><f xmlns=\"urn:manyhands:figure\">{\"dpi\": 1}</f></metadata></svg>");
    QTest::newRow("a cut PNG") << QByteArray("\x89PNG\r\n\x1a\n");
    QTest::newRow("a cut PDF") << QByteArray("%PDF-1.4\n<manyhands:figure>{\"dpi\": 300");
}

void TestFigureSettings::foreignFiles()
{
    QFETCH(QByteArray, bytes);
    const QTemporaryDir folder;
    const std::string path = folder.filePath("figure").toStdString();
    std::ofstream(path) << bytes.toStdString();
    QString problem;
    try {
        settingsOfFigure(path);
    } catch (const BadValue& error) {
        problem = error.what();
    }
    QVERIFY(!problem.isEmpty());
    QVERIFY2(!problem.contains('\n'), qPrintable(problem));
    QVERIFY_EXCEPTION_THROWN(settingsOfFigure(path + ".none"), BadValue);
    QVERIFY_EXCEPTION_THROWN(settingsOfFigure("/dev/zero"), BadValue);
    QVERIFY_EXCEPTION_THROWN(settingsOfFigure(folder.path().toStdString()), BadValue);
}

void TestFigureSettings::warnsOfSmallLetters()
{
    FigureSettings settings;
    QVERIFY(warningsOf(settings).isEmpty());
    settings.fontPt = 6.9;
    QCOMPARE(warningsOf(settings).size(), 1);
    QVERIFY(warningsOf(settings).first().contains("6.9 pt"));
    for (const FigurePreset& preset : figurePresets()) {
        settings.size = preset.size;
        settings.dpi = preset.dpi;
        settings.fontPt = preset.fontPt;
        QVERIFY2(warningsOf(settings).isEmpty(), preset.name);
    }
}

void TestFigureSettings::optionsSayTheSame()
{
    QVERIFY(figureOptions({}).isEmpty());
    FigureSettings settings;
    settings.size = figurePresetFrom("slide").size;
    settings.theme = FigureTheme::grey;
    settings.title = QStringLiteral("");
    settings.caption = false;
    QCOMPARE(figureOptions(settings),
        (QStringList{"--size", "1920x1080px", "--theme", "grey", "--title", "", "--no-caption"}));
    QVERIFY_EXCEPTION_THROWN(figurePresetFrom("poster"), BadValue);
}

void TestFigureSettings::wordsOfOtherLanguages()
{
    QFile file(QStringLiteral(":/manyhands/resources/translations/figures_de.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const nlohmann::json words = nlohmann::json::parse(file.readAll().toStdString()).at("words");
    QVERIFY(words.size() > 100);
    const QRegularExpression places("%[0-9]");
    const auto placesOf = [&](const std::string& text) {
        QStringList found;
        for (auto match = places.globalMatch(QString::fromStdString(text)); match.hasNext();)
            found.append(match.next().captured(0));
        found.sort();
        return found;
    };
    for (const auto& [english, german] : words.items()) {
        QVERIFY2(!german.get<std::string>().empty(), english.c_str());
        QVERIFY2(placesOf(english) == placesOf(german.get<std::string>()), english.c_str());
    }
}

void TestFigureSettings::germanFigure()
{
    FigureSettings settings;
    settings.language = QStringLiteral("de");
    const FigureSubject subject = test::sampleSubject(3);
    Figure german(subject, settings);
    QString text = QString::fromUtf8(encoded(german, FigureFormat::svg));
    for (const char* const words :
        {"Zeitverlauf", "Zeit seit Beginn (", "Rechnet", "12 Ereignisse verloren", "4 von 8 CPUs"})
        QVERIFY2(text.contains(QString(words)), words);
    // Data have no language, and the next figure is in its own.
    settings.language.clear();
    Figure english(subject, settings);
    QCOMPARE(toCsv(german.table()), toCsv(english.table()));
    text = QString::fromUtf8(encoded(english, FigureFormat::svg));
    QVERIFY(text.contains(QString("Time since start (")) && !text.contains(QString("Zeit")));
}

QTEST_MAIN(TestFigureSettings)
#include "tst_figure_settings.moc"
