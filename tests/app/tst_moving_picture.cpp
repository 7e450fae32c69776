// SPDX-License-Identifier: GPL-3.0-or-later
// The replay as pictures: how many, how long, what is to be seen in each, and what is left of a
// failed one.
#include "app/figures/moving_picture_file.hpp"
#include "app/views/theme.hpp"
#include "app/views/time_axis.hpp"
#include "tests/app/sample_run.hpp"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QImageReader>
#include <QTemporaryDir>
#include <QTest>

#include <gif_lib.h>
#include <numeric>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

FigureSubject sample()
{
    FinishedRun run;
    run.description.id = "sample";
    run.description.title = "Sample";
    run.recording = std::make_shared<const Recording>(SampleRun(2).recording());
    return {.run = run, .points = {}, .swept = {}, .predictions = {}};
}

MovingPictureSettings smallSettings()
{
    MovingPictureSettings settings;
    settings.figure.size = {480, 300, FigureSize::Unit::pixels};
    settings.figure.dpi = 96;
    settings.figure.caption = false;
    settings.seconds = 2;
    settings.fps = 5;
    return settings;
}

void writeAll(MovingPicture& picture, const QString& path, MovingFormat format)
{
    MovingPictureFile file(picture, path.toStdString(), format);
    while (file.writeNext()) { }
}

QString write(const MovingPictureSettings& settings, const QString& path,
    MovingFormat format = MovingFormat::gif)
{
    try {
        MovingPicture picture(sample(), settings);
        writeAll(picture, path, format);
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList namesIn(const QString& folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
}

/// What a GIF's own headers say.
struct ReadGif
{
    QSize size;
    int frames = 0;
    QList<int> delays; ///< hundredths
    bool loops = false;
    qint64 pixels = 0; ///< of all frames' parts
};

ReadGif readGif(const QString& path)
{
    ReadGif result;
    int error = 0;
    GifFileType* gif = DGifOpenFileName(QFile::encodeName(path).constData(), &error);
    if (!gif || DGifSlurp(gif) == GIF_ERROR)
        return result;
    result.size = {gif->SWidth, gif->SHeight};
    result.frames = gif->ImageCount;
    for (int i = 0; i < gif->ImageCount; ++i) {
        GraphicsControlBlock control = {};
        DGifSavedExtensionToGCB(gif, i, &control);
        result.delays.append(control.DelayTime);
        const GifImageDesc& part = gif->SavedImages[i].ImageDesc;
        result.pixels += qint64{part.Width} * part.Height;
        for (int k = 0; k < gif->SavedImages[i].ExtensionBlockCount; ++k) {
            const ExtensionBlock& block = gif->SavedImages[i].ExtensionBlocks[k];
            result.loops = result.loops
                || (block.ByteCount == 11
                    && std::string(reinterpret_cast<const char*>(block.Bytes), 11)
                        == "NETSCAPE2.0");
        }
    }
    DGifCloseFile(gif, &error);
    return result;
}

bool isBar(QRgb colour)
{
    const Theme& theme = Theme::light();
    for (const State state : {State::computing, State::starting, State::waiting_data,
             State::sending, State::receiving, State::serialising, State::tearing_down}) {
        if (theme.stateColour(state).rgb() == (colour | 0xff000000U))
            return true;
    }
    return false;
}

/// The first and last column in which the lanes hold a bar; below the legend.
std::pair<int, int> barColumns(const QImage& image)
{
    std::pair<int, int> columns(image.width(), -1);
    for (int y = image.height() * 2 / 5; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (isBar(image.pixel(x, y)))
                columns = {std::min(columns.first, x), std::max(columns.second, x)};
        }
    }
    return columns;
}

} // namespace

class TestMovingPicture : public QObject
{
    Q_OBJECT

private slots:
    void delaysAddUp_data();
    void delaysAddUp();
    void showsNothingLater_data();
    void showsNothingLater();
    void gifShowsTheFrames();
    void axesStayInTheirPlace();
    void sameBytesTwice();
    void framesInAFolder();
    void folderOfOthersIsLeftAlone();
    void nothingHalfWritten();
    void refuses_data();
    void refuses();
};

void TestMovingPicture::delaysAddUp_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<int>("fps");
    QTest::addColumn<int>("frames");
    QTest::newRow("even") << 2.0 << 5 << 11;
    QTest::newRow("thirds of hundredths") << 1.0 << 30 << 31;
    QTest::newRow("odd") << 0.7 << 13 << 10;
    QTest::newRow("one step") << 0.1 << 1 << 2;
}

void TestMovingPicture::delaysAddUp()
{
    QFETCH(double, seconds);
    QFETCH(int, fps);
    QFETCH(int, frames);
    QTemporaryDir folder;
    MovingPictureSettings settings = smallSettings();
    settings.seconds = seconds;
    settings.fps = fps;
    QCOMPARE(frameCount(settings), frames);
    QCOMPARE(write(settings, folder.filePath("a.gif")), QString());
    const ReadGif gif = readGif(folder.filePath("a.gif"));
    QCOMPARE(gif.size, QSize(480, 300));
    QCOMPARE(gif.frames, frames);
    QVERIFY(gif.loops);
    const int played = std::accumulate(gif.delays.begin(), gif.delays.end() - 1, 0);
    QCOMPARE(played, qRound(seconds * 100));
    QVERIFY(gif.delays.last() >= 100); // a pause at the end
    // Most of a frame is as before.
    QVERIFY2(gif.pixels < qint64{480} * 300 * frames, qPrintable(QString::number(gif.pixels)));
}

void TestMovingPicture::showsNothingLater_data()
{
    QTest::addColumn<bool>("part");
    QTest::newRow("the whole run") << false;
    QTest::newRow("an interval") << true;
}

void TestMovingPicture::showsNothingLater()
{
    QFETCH(bool, part);
    MovingPictureSettings settings = smallSettings();
    const FigureSubject subject = sample();
    const double lengthS
        = secondsOf(subject.run.recording->run_time(subject.run.recording->now_ns()));
    if (part) {
        settings.figure.fromS = lengthS / 2;
        settings.figure.toS = lengthS;
    }
    MovingPicture picture(subject, settings);
    const int last = picture.frames() - 1;
    QCOMPARE(picture.momentNs(0), nanosecondsOf(part ? lengthS / 2 : 0));
    QCOMPARE(picture.momentNs(last), nanosecondsOf(lengthS));
    const auto [left, right] = barColumns(picture.frame(last));
    QVERIFY2(right - left > 200, qPrintable(QString::number(right - left)));
    int before = left - 1;
    for (int i = 1; i < last; ++i) {
        const auto [begin, end] = barColumns(picture.frame(i));
        const int now = left + (right - left) * i / last;
        QVERIFY2(end <= now + 2,
            qPrintable(QStringLiteral("frame %1: %2 beyond %3").arg(i).arg(end).arg(now)));
        QVERIFY2(end >= before, qPrintable(QString::number(i)));
        before = end;
    }
    QVERIFY(before > left + (right - left) / 2);
    // And backwards: a frame does not depend on those drawn before.
    QCOMPARE(picture.frame(2), MovingPicture(subject, settings).frame(2));
}

void TestMovingPicture::gifShowsTheFrames()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("a.gif");
    MovingPicture picture(sample(), smallSettings());
    writeAll(picture, path, MovingFormat::gif);
    QImageReader reader(path);
    for (int i = 0; i < picture.frames(); ++i) {
        const QImage read = reader.read().convertToFormat(QImage::Format_RGB32);
        const QImage drawn = picture.frame(i).convertToFormat(QImage::Format_RGB32);
        QCOMPARE(read.size(), drawn.size());
        int worst = 0;
        int bars = 0;
        int barsRead = 0;
        for (int y = 0; y < read.height(); ++y) {
            for (int x = 0; x < read.width(); ++x) {
                const QRgb one = read.pixel(x, y);
                const QRgb other = drawn.pixel(x, y);
                worst = std::max({worst, std::abs(qRed(one) - qRed(other)),
                    std::abs(qGreen(one) - qGreen(other)), std::abs(qBlue(one) - qBlue(other))});
                bars += isBar(other);
                barsRead += isBar(one) && isBar(other);
            }
        }
        QCOMPARE(barsRead, bars); // what has a meaning has its very colour
        QVERIFY2(worst < 48, qPrintable(QStringLiteral("frame %1: %2").arg(i).arg(worst)));
    }
}

void TestMovingPicture::axesStayInTheirPlace()
{
    MovingPicture picture(sample(), smallSettings());
    // Of the lanes' names, which stand left of the axis: the rows that hold letters of them.
    const auto nameRows = [](const QImage& image) {
        const QRgb ground = Theme::light().background.rgb();
        QList<int> rows;
        for (int y = image.height() * 2 / 5; y < image.height() * 4 / 5; ++y) {
            for (int x = 4; x < 40; ++x) {
                if (image.pixel(x, y) != ground) {
                    rows.append(y);
                    break;
                }
            }
        }
        return rows;
    };
    const QList<int> last = nameRows(picture.frame(picture.frames() - 1));
    QVERIFY(last.size() > 10);
    for (int i = 0; i < picture.frames(); ++i)
        QCOMPARE(nameRows(picture.frame(i)), last);
}

void TestMovingPicture::sameBytesTwice()
{
    QTemporaryDir folder;
    QCOMPARE(write(smallSettings(), folder.filePath("a.gif")), QString());
    QCOMPARE(write(smallSettings(), folder.filePath("b.gif")), QString());
    QVERIFY(contentOf(folder.filePath("a.gif")).startsWith("GIF89a"));
    QCOMPARE(contentOf(folder.filePath("a.gif")), contentOf(folder.filePath("b.gif")));
}

void TestMovingPicture::framesInAFolder()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("frames");
    QCOMPARE(write(smallSettings(), path, MovingFormat::frames), QString());
    QStringList names;
    for (int i = 1; i <= 11; ++i)
        names.append(QStringLiteral("frame_%1.png").arg(i, 4, 10, QLatin1Char('0')));
    QCOMPARE(namesIn(path), names);
    QCOMPARE(namesIn(folder.path()), QStringList{"frames"});
    for (const QString& name : names)
        QCOMPARE(QImage(path + '/' + name).size(), QSize(480, 300));
    MovingPicture picture(sample(), smallSettings());
    QCOMPARE(QImage(path + "/frame_0004.png").convertToFormat(QImage::Format_RGB32),
        picture.frame(3).convertToFormat(QImage::Format_RGB32));
    // Fewer, over those: none of the old ones is left among them.
    MovingPictureSettings fewer = smallSettings();
    fewer.seconds = 1;
    QCOMPARE(write(fewer, path + '/', MovingFormat::frames), QString());
    QCOMPARE(namesIn(path), names.mid(0, 6));
    QCOMPARE(namesIn(folder.path()), QStringList{"frames"});
}

void TestMovingPicture::folderOfOthersIsLeftAlone()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("thesis");
    QVERIFY(QDir().mkdir(path));
    QFile file(path + "/chapter.tex");
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const QString problem = write(smallSettings(), path, MovingFormat::frames);
    QVERIFY2(problem.contains("chapter.tex"), qPrintable(problem));
    QCOMPARE(namesIn(path), QStringList{"chapter.tex"});
    QCOMPARE(namesIn(folder.path()), QStringList{"thesis"});
}

void TestMovingPicture::nothingHalfWritten()
{
    QTemporaryDir folder;
    const QString gif = folder.filePath("a.gif");
    QFile old(gif);
    QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
    old.close();
    MovingPicture picture(sample(), smallSettings());
    {
        MovingPictureFile file(picture, gif.toStdString(), MovingFormat::gif);
        MovingPictureFile frames(
            picture, folder.filePath("frames").toStdString(), MovingFormat::frames);
        for (int i = 0; i < 3; ++i)
            QVERIFY(file.writeNext() && frames.writeNext());
        QCOMPARE(contentOf(gif), QByteArray("old"));
        QVERIFY(!QFile::exists(folder.filePath("frames")));
    }
    QCOMPARE(namesIn(folder.path()), QStringList{"a.gif"});
    QCOMPARE(contentOf(gif), QByteArray("old"));
}

void TestMovingPicture::refuses_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const char* member, double value, const char* says,
                         const char* path = "a.gif") {
        QTest::newRow(name) << member << value << path << says;
    };
    row("a view without time", "view", 0, "timeline, ipc");
    row("no frames a second", "fps", 0, "1 to 50");
    row("too many a second", "fps", 51, "1 to 50");
    row("no seconds", "seconds", 0, "seconds");
    row("seconds that are none", "seconds", qQNaN(), "seconds");
    row("endless seconds", "seconds", qInf(), "seconds");
    row("too many frames", "seconds", 3600, "3600 frames");
    row("too large", "width", 5000, "4096");
    row("after the run", "from", 1e6, "interval");
    row("transparent", "transparent", 1, "transparent");
    row("no such folder", "", 0, "missing", "missing/a.gif");
    row("a full disk", "", 0, "No space", "/dev/full");
}

void TestMovingPicture::refuses()
{
    QFETCH(QString, member);
    QFETCH(double, value);
    QFETCH(QString, path);
    QFETCH(QString, says);
    MovingPictureSettings settings = smallSettings();
    if (member == QLatin1String("view"))
        settings.figure.view = QStringLiteral("budget");
    else if (member == QLatin1String("fps"))
        settings.fps = static_cast<int>(value);
    else if (member == QLatin1String("seconds"))
        settings.seconds = value;
    else if (member == QLatin1String("width"))
        settings.figure.size.width = value;
    else if (member == QLatin1String("from"))
        settings.figure.fromS = value;
    else if (member == QLatin1String("transparent"))
        settings.figure.transparent = true;
    QTemporaryDir folder;
    const QString problem = write(settings, path.startsWith('/') ? path : folder.filePath(path));
    QVERIFY2(problem.contains(says), qPrintable(problem));
    QVERIFY(!problem.contains('\n'));
    QCOMPARE(namesIn(folder.path()), QStringList());
}

QTEST_MAIN(TestMovingPicture)
#include "tst_moving_picture.moc"
