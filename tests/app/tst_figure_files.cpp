// SPDX-License-Identifier: GPL-3.0-or-later
// Figures as files: exact sizes, texts that stay texts, nothing outside of the axes, data and
// settings inside; looked at with the programs that people have.
#include "app/figures/figure_file.hpp"
#include "app/figures/svg_device.hpp"
#include "app/views/chart.hpp"
#include "app/views/chart_factory.hpp"
#include "app/views/theme.hpp"
#include "tests/app/sample_subject.hpp"

#include <QFile>
#include <QImageReader>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <csignal>
#include <sys/resource.h>

using namespace manyhands;
using namespace manyhands::app;

namespace {

constexpr int workers = 5;

const FigureSubject& subject()
{
    static const FigureSubject subject = test::sampleSubject(workers);
    return subject;
}

QStringList views()
{
    return chartsOf(subject().run.description);
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// What a program prints; empty where it failed.
QString output(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(60'000) || process.exitCode() != 0)
        return {};
    return QString::fromUtf8(process.readAllStandardOutput());
}

FigureSettings settingsOf(const QString& view)
{
    FigureSettings settings;
    settings.view = view;
    return settings;
}

/// The points that a path of ours goes through; those of curves with their controls.
QList<QPointF> pointsOf(const QString& path)
{
    static const QRegularExpression word("([a-zA-Z])|(-?[0-9]*\\.?[0-9]+)");
    QList<QPointF> points;
    QList<double> numbers;
    QString command;
    QPointF at;
    QPointF start;
    const auto end = [&] {
        if (command == "M" || command == "m" || command == "l") {
            const QPointF to(numbers.value(0), numbers.value(1));
            at = command == "M" ? to : at + to;
            if (command != "l")
                start = at;
            points.append(at);
        } else if (command == "h") {
            points.append(at += QPointF(numbers.value(0), 0));
        } else if (command == "v") {
            points.append(at += QPointF(0, numbers.value(0)));
        } else if (command == "c") {
            for (int i = 0; i < 6; i += 2)
                points.append(at + QPointF(numbers.value(i), numbers.value(i + 1)));
            at = points.last();
        } else if (command == "z") {
            at = start;
        }
        numbers.clear();
    };
    for (auto found = word.globalMatch(path); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        if (match.captured(1).isEmpty()) {
            numbers.append(match.captured(2).toDouble());
            continue;
        }
        end();
        command = match.captured(1);
    }
    end();
    return points;
}

double meanDifference(const QImage& one, const QImage& other)
{
    double sum = 0;
    for (int y = 0; y < one.height(); ++y) {
        for (int x = 0; x < one.width(); ++x)
            sum += std::abs(qGray(one.pixel(x, y)) - qGray(other.pixel(x, y)));
    }
    return sum / (255.0 * one.width() * one.height());
}

/// Colours that only data have.
QStringList dataColours(const Theme& theme)
{
    QStringList names;
    for (const State state : {State::starting, State::computing, State::sending,
             State::waiting_data, State::waiting_lock})
        names.append(theme.stateColour(state).name());
    for (int i = 0; i < 4; ++i)
        names.append(theme.series(i).colour.name());
    return names;
}

} // namespace

class TestFigureFiles : public QObject
{
    Q_OBJECT

private slots:
    void pdf_data();
    void pdf();
    void svg_data() { pdf_data(); }
    void svg();
    void png_data();
    void png();
    void dataStayWithinTheAxes_data();
    void dataStayWithinTheAxes();
    void svgLooksAsPng_data();
    void svgLooksAsPng();
    void everyLaneIsThere();
    void lanesAndInterval();
    void refusesWhatIsNotInTheRun_data();
    void refusesWhatIsNotInTheRun();
    void captionSaysWhatRanWhere();
    void lettersAreAsLargeAsAsked();
    void sameInEveryLocale_data() { png_data(); }
    void sameInEveryLocale();
    void failedWritesAreReported_data();
    void failedWritesAreReported();
    void nothingToShowIsNoFigure();

private:
    QTemporaryDir m_folder;
};

void TestFigureFiles::pdf_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("preset");
    for (const QString& view : views()) {
        for (const FigurePreset& preset : figurePresets())
            QTest::addRow("%s, %s", qPrintable(view), preset.name) << view << preset.name;
    }
}

void TestFigureFiles::pdf()
{
    QFETCH(QString, view);
    QFETCH(QString, preset);
    FigureSettings settings = settingsOf(view);
    const FigurePreset& wanted = figurePresetFrom(preset.toStdString());
    settings.size = wanted.size;
    settings.dpi = wanted.dpi;
    settings.fontPt = wanted.fontPt;
    settings.title = QStringLiteral("A title — of its own");
    Figure figure(subject(), settings);
    const QString path = m_folder.filePath(QStringLiteral("figure.pdf"));
    writeFigure(figure, path.toStdString());

    const QString info = output("pdfinfo", {path});
    const QRegularExpression pageSize("Page size: +([0-9.]+) x ([0-9.]+) pts");
    const auto found = pageSize.match(info);
    QVERIFY2(found.hasMatch(), qPrintable(info));
    QVERIFY2(std::abs(found.captured(1).toDouble() - settings.points().width()) < 0.01
            && std::abs(found.captured(2).toDouble() - settings.points().height()) < 0.01,
        qPrintable(found.captured(0)));
    QVERIFY(info.contains("Title:           " + settings.title));

    const QStringList fonts = output("pdffonts", {path}).split('\n', Qt::SkipEmptyParts).mid(2);
    QVERIFY(!fonts.isEmpty());
    for (const QString& font : fonts)
        QVERIFY2(font.contains(QRegularExpression(" yes +(yes|no) +(yes|no) +[0-9]+ +[0-9]+$")),
            qPrintable(font));
    const QString text = output("pdftotext", {"-layout", path, "-"});
    for (const char* const words : {"A title", "prime_counting workers=5", "12 events dropped"})
        QVERIFY2(text.contains(words), qPrintable(text));

    const QString data = m_folder.filePath("data.csv");
    QFile::remove(data);
    output("pdfdetach", {"-save", "1", "-o", data, path});
    QCOMPARE(contents(data), toCsv(figure.table()).toUtf8());
}

void TestFigureFiles::svg()
{
    QFETCH(QString, view);
    QFETCH(QString, preset);
    FigureSettings settings = settingsOf(view);
    const FigurePreset& wanted = figurePresetFrom(preset.toStdString());
    settings.size = wanted.size;
    settings.dpi = wanted.dpi;
    settings.fontPt = wanted.fontPt;
    Figure figure(subject(), settings);
    const QByteArray text = encoded(figure, FigureFormat::svg);
    QXmlStreamReader reader(text);
    QVERIFY(reader.readNextStartElement());
    const QString size = textOf(settings.size);
    const qsizetype cross = size.indexOf('x');
    QCOMPARE(reader.attributes().value("height").toString(), size.mid(cross + 1));
    QCOMPARE(reader.attributes().value("width").toString(), size.left(cross) + size.right(2));
    const QStringList box = reader.attributes().value("viewBox").toString().split(' ');
    const QRectF view4(0, 0, box[2].toDouble(), box[3].toDouble());
    int texts = 0;
    while (!reader.atEnd()) {
        reader.readNext();
        if (!reader.isStartElement())
            continue;
        texts += reader.name() == QLatin1String("text");
        for (const QPointF& point : pointsOf(reader.attributes().value("d").toString()))
            QVERIFY2(view4.adjusted(-0.02, -0.02, 0.02, 0.02).contains(point),
                qPrintable(QString("%1, %2").arg(point.x()).arg(point.y())));
    }
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
    QVERIFY(texts > 5);
    QVERIFY(text.contains("prime_counting workers=5"));
}

void TestFigureFiles::png_data()
{
    QTest::addColumn<QString>("view");
    for (const QString& view : views())
        QTest::addRow("%s", qPrintable(view)) << view;
}

void TestFigureFiles::png()
{
    QFETCH(QString, view);
    FigureSettings settings = settingsOf(view);
    settings.size = figureSizeFrom("85x60mm");
    for (const int dpi : {150, 600}) {
        settings.dpi = dpi;
        settings.transparent = dpi == 150;
        Figure figure(subject(), settings);
        const QString path = m_folder.filePath("figure.png");
        writeFigure(figure, path.toStdString());
        const QImage image(path);
        QCOMPARE(image.size(), settings.pixels());
        QCOMPARE(qRound(image.dotsPerMeterX() * 0.0254), dpi);
        QCOMPARE(image.hasAlphaChannel(), settings.transparent);
        QCOMPARE(image.pixelColor(0, 0).alpha(), settings.transparent ? 0 : 255);
        QCOMPARE(image.text("Title"), figure.title());
        QCOMPARE(image.text("Description"), figure.caption());
        QVERIFY(image.text("Manyhands").startsWith('{'));
    }
}

void TestFigureFiles::dataStayWithinTheAxes_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<bool>("part"); // a part of the run alone
    for (const QString& view : views()) {
        QTest::addRow("%s", qPrintable(view)) << view << false;
        QTest::addRow("%s, a part", qPrintable(view)) << view << true;
    }
}

void TestFigureFiles::dataStayWithinTheAxes()
{
    QFETCH(QString, view);
    QFETCH(bool, part);
    const Recording& recording = *subject().run.recording;
    RunFacts facts = factsOf(subject().run);
    facts.points = subject().points;
    facts.swept = subject().swept;
    facts.predictions = subject().predictions;
    ViewState shown;
    const std::int64_t end = recording.run_time(recording.now_ns());
    shown.setExtent(end, false);
    if (part)
        shown.show({end * 4 / 5, end * 9 / 10});
    const std::unique_ptr<Chart> chart = makeChart(view, subject().run.description);
    chart->fixTheme(Theme::light());
    chart->setBackground(QBrush(Qt::NoBrush));
    // Its samples have the colours of data.
    chart->setLegendShown(false);
    chart->setStill();
    chart->setViewState(&shown);
    chart->showRun(facts);
    SvgDevice device(QSizeF(700, 400));
    QCPPainter painter(&device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    chart->drawOn(painter, QSize(700, 400));
    painter.end();

    QRectF axes;
    for (const QCPAxisRect* rect : chart->axisRects())
        axes |= QRectF(rect->rect());
    // The library's own clip stands a pixel above the axes' rectangle.
    axes.adjust(-0.01, -1.01, 1.01, 0.01);
    const QStringList colours = dataColours(chart->theme());
    const QString elements = device.elements();
    const QRegularExpression path("<path([^>]*) d=\"([^\"]*)\"");
    int checked = 0;
    for (auto found = path.globalMatch(elements); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        const bool data = std::any_of(colours.begin(), colours.end(),
            [&](const QString& colour) { return match.captured(1).contains(colour); });
        if (!data)
            continue;
        for (const QPointF& point : pointsOf(match.captured(2))) {
            QVERIFY2(axes.contains(point),
                qPrintable(QString("%1, %2: %3")
                               .arg(point.x())
                               .arg(point.y())
                               .arg(match.captured(0).left(200))));
            ++checked;
        }
    }
    if (view != QLatin1String("matrix"))
        QVERIFY2(checked > 3, qPrintable(QString::number(checked)));
}

void TestFigureFiles::svgLooksAsPng_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("theme");
    for (const QString& view : views()) {
        for (const char* const theme : {"paper", "dark", "grey"})
            QTest::addRow("%s, %s", qPrintable(view), theme) << view << theme;
    }
}

void TestFigureFiles::svgLooksAsPng()
{
    QFETCH(QString, view);
    QFETCH(QString, theme);
    FigureSettings settings = settingsOf(view);
    settings.theme = figureThemeFrom(theme.toStdString());
    settings.dpi = 150;
    Figure figure(subject(), settings);
    const QString drawn = m_folder.filePath("drawn.svg");
    const QString rendered = m_folder.filePath("rendered.png");
    writeFigure(figure, drawn.toStdString());
    const QSize pixels = settings.pixels();
    QFile::remove(rendered);
    output("rsvg-convert",
        {"-w", QString::number(pixels.width()), "-h", QString::number(pixels.height()), "-o",
            rendered, drawn});
    const QImage found(rendered);
    QCOMPARE(found.size(), pixels);
    const double difference = meanDifference(figure.image(), found);
    // Letters are smoothed in other ways.
    QVERIFY2(difference < 0.03, qPrintable(QString::number(difference)));
}

void TestFigureFiles::everyLaneIsThere()
{
    // More than have room for their names, and none of them scrolled away.
    const FigureSubject many = test::sampleSubject(255);
    FigureSettings settings = settingsOf("timeline");
    settings.size = figureSizeFrom("174x60mm");
    Figure figure(many, settings);
    const QByteArray text = encoded(figure, FigureFormat::svg);
    QVERIFY2(text.contains(">P0 "), "the first lane is not named");
    QVERIFY(text.count(">P") < 60);
    // Each of them was being started once, and has a place of its own.
    QXmlStreamReader reader(text);
    QSet<int> heights;
    while (!reader.atEnd()) {
        reader.readNext();
        const auto attributes = reader.attributes();
        if (attributes.value("fill") != Theme::light().stateColour(State::starting).name())
            continue;
        for (const QPointF& point : pointsOf(attributes.value("d").toString()))
            heights.insert(qRound(point.y() * 10));
    }
    QVERIFY2(heights.size() > 200, qPrintable(QString::number(heights.size())));
}

void TestFigureFiles::lanesAndInterval()
{
    FigureSettings settings = settingsOf("timeline");
    settings.lanes = "1-2,4";
    settings.fromS = 2.1;
    settings.toS = 2.2;
    settings.caption = false;
    Figure figure(subject(), settings);
    const QByteArray text = encoded(figure, FigureFormat::svg);
    for (const char* const name : {">P1 ", ">P2 ", ">P4 "})
        QVERIFY2(text.contains(name), name);
    for (const char* const name : {">P0 ", ">P3 ", ">P5 "})
        QVERIFY2(!text.contains(name), name);
    const ChartTable table = figure.table();
    QVERIFY(table.rowCount() > 3);
    for (qsizetype row = 0; row < table.rowCount(); ++row) {
        const QString lane = cellText(table.at(row, 0)).left(2);
        QVERIFY2(lane == "P1" || lane == "P2" || lane == "P4", qPrintable(lane));
        const double begin = cellNumber(table.at(row, 2));
        QVERIFY(begin < 2.2 && begin + cellNumber(table.at(row, 3)) > 2.1);
    }
    settings.view = "budget";
    Figure budget(subject(), settings);
    QCOMPARE(encoded(budget, FigureFormat::svg).count(">P"), 3);
    settings.view = "memory";
    Figure memory(subject(), settings);
    QVERIFY(memory.table().rowCount() > 0);
    for (qsizetype row = 0; row < memory.table().rowCount(); ++row) {
        const double time = cellNumber(memory.table().at(row, 1));
        QVERIFY(time >= 2.1 && time <= 2.2);
    }
}

void TestFigureFiles::refusesWhatIsNotInTheRun_data()
{
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<QString>("lanes");
    QTest::addColumn<QString>("said");
    QTest::newRow("beyond") << 100.0 << 200.0 << ""
                            << "is not within the run: 100 to 200 s";
    QTest::newRow("too long") << 0.0 << 200.0 << ""
                              << "is not within the run";
    QTest::newRow("lane") << 0.0 << 1.0 << "1-9"
                          << "1-9";
}

void TestFigureFiles::refusesWhatIsNotInTheRun()
{
    QFETCH(double, from);
    QFETCH(double, to);
    QFETCH(QString, lanes);
    QFETCH(QString, said);
    FigureSettings settings = settingsOf("timeline");
    settings.fromS = from;
    settings.toS = to;
    settings.lanes = lanes;
    QString problem;
    try {
        const Figure figure(subject(), settings);
    } catch (const BadValue& error) {
        problem = error.what();
    }
    QVERIFY2(problem.contains(said) && !problem.contains('\n'), qPrintable(problem));
}

void TestFigureFiles::captionSaysWhatRanWhere()
{
    const Figure figure(subject(), settingsOf("timeline"));
    for (const char* const words : {"prime_counting workers=5 limit=1000000", "n = 1  ",
             "oversubscribed", "12 events dropped", "A CPU of 3 GHz", "4 of 8 CPUs usable",
             "16.0 GiB", "Linux 6.1.0", "Manyhands 0.6 (abcdef1)"})
        QVERIFY2(figure.caption().contains(words), qPrintable(figure.caption()));
    QVERIFY(Figure(subject(), settingsOf("speedup")).caption().contains("quartiles, n = 3 each"));
    QVERIFY(Figure(subject(), settingsOf("sweep")).caption().contains("n = 3 each"));
}

void TestFigureFiles::lettersAreAsLargeAsAsked()
{
    FigureSettings settings = settingsOf("budget");
    settings.title = QStringLiteral("Title");
    for (const double points : {6.0, 7.3, 12.0}) {
        settings.fontPt = points;
        Figure figure(subject(), settings);
        const QString path = m_folder.filePath("letters.pdf");
        writeFigure(figure, path.toStdString());
        const QString xml = output("pdftohtml", {"-xml", "-stdout", "-i", path});
        // Rounded to whole points there, of a page drawn 1.5 times as large.
        const QRegularExpression size("<fontspec [^>]*size=\"([0-9]+)\"");
        int largest = 0;
        for (auto found = size.globalMatch(xml); found.hasNext();)
            largest = std::max(largest, found.next().captured(1).toInt());
        QVERIFY2(largest > 0 && largest <= std::ceil(points * 1.5), qPrintable(xml));
    }
}

void TestFigureFiles::sameInEveryLocale()
{
    QFETCH(QString, view);
    QMap<int, QByteArray> first;
    for (const QLocale::Language language :
        {QLocale::C, QLocale::German, QLocale::Turkish, QLocale::Arabic}) {
        QLocale::setDefault(QLocale(language));
        Figure figure(subject(), settingsOf(view));
        for (const FigureFormat format : {FigureFormat::png, FigureFormat::svg}) {
            const QByteArray bytes = encoded(figure, format);
            if (!first.contains(static_cast<int>(format)))
                first[static_cast<int>(format)] = bytes;
            QVERIFY2(bytes == first[static_cast<int>(format)],
                qPrintable(QLocale::languageToString(language)));
        }
        QCOMPARE(QLocale().language(), language);
    }
    QLocale::setDefault(QLocale::c());
}

void TestFigureFiles::failedWritesAreReported_data()
{
    QTest::addColumn<QString>("suffix");
    QTest::addColumn<int>("room"); // bytes that the disk takes; -1: one too few
    for (const QString& suffix : QStringList{"png", "svg", "pdf"}) {
        for (const int room : {0, 1, 4096, -1})
            QTest::addRow("%s, %d", qPrintable(suffix), room) << suffix << room;
    }
}

void TestFigureFiles::failedWritesAreReported()
{
    QFETCH(QString, suffix);
    QFETCH(int, room);
    const QTemporaryDir folder;
    const QString path = folder.filePath("figure." + suffix);
    const QByteArray old = "what stood here";
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(old) == old.size());
    }
    Figure figure(subject(), settingsOf("timeline"));
    const qsizetype size = encoded(figure, figureFormatOf(path.toStdString())).size();
    rlimit before = {};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    // A PDF's identifier makes it a few bytes longer or shorter.
    const rlim_t most = static_cast<rlim_t>(room >= 0 ? room : size - 200);
    const rlimit limit = {most, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    QString problem;
    try {
        writeFigure(figure, path.toStdString());
    } catch (const Error& error) {
        problem = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY2(problem.contains("figure." + suffix) && !problem.contains('\n'), qPrintable(problem));
    QCOMPARE(contents(path), old);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
}

void TestFigureFiles::nothingToShowIsNoFigure()
{
    FigureSubject bare = subject();
    bare.swept = nullptr;
    Figure figure(bare, settingsOf("sweep"));
    QVERIFY(figure.isEmpty());
    QVERIFY(!figure.emptyReason().isEmpty());
    const QString path = m_folder.filePath("empty.svg");
    QVERIFY_EXCEPTION_THROWN(writeFigure(figure, path.toStdString()), Error);
    QVERIFY(!QFile::exists(path));
}

QTEST_MAIN(TestFigureFiles)
#include "tst_figure_files.moc"
