// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/figure_file.hpp"

#include "app/figures/svg_device.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/output_file.hpp"

#include <QBuffer>
#include <QFile>
#include <QImageWriter>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QXmlStreamReader>
#include <QtEndian>

#include <nlohmann/json.hpp>
#include <qcustomplot.h>
#include <zlib.h>

namespace manyhands::app {
namespace {

/// Of a PDF: finer than any printer's dots.
constexpr int pdfDpi = 1200;
constexpr double pointsPerInch = 72;
/// Of an SVG: a unit of its coordinates is a thirteenth of a letter's height, as the figure is laid
/// out, so that they are short.
constexpr double unitsPerLetter = 13;
/// More of them make a figure of a long run heavy: beside it they may stand all the same.
constexpr qsizetype mostRowsInside = 20'000;
/// Larger files are no figures of ours.
constexpr qint64 largestFigure = 64 * 1024 * 1024;

/// Of a PNG: its mark, and the chunk with its size.
constexpr qsizetype endOfPngHead = 8 + 25;

/// Of our settings in metadata: the key of a PNG's text, the element's name in XML.
constexpr char settingsKey[] = "Manyhands";
constexpr char settingsElement[] = "manyhands:figure";
constexpr char settingsNamespace[] = "urn:manyhands:figure";

QString settingsText(const FigureSettings& settings)
{
    return QString::fromStdString(
        figureObject(settings).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

/// A chunk of text that is not compressed: to be read back without trusting anybody's sizes.
QByteArray textChunk(const QByteArray& key, const QByteArray& text)
{
    const auto number = [](std::uint32_t value) {
        QByteArray bytes(4, '\0');
        qToBigEndian(value, bytes.data());
        return bytes;
    };
    const QByteArray content = "tEXt" + key + '\0' + text;
    return number(static_cast<std::uint32_t>(content.size() - 4)) + content
        + number(static_cast<std::uint32_t>(
            ::crc32(0, reinterpret_cast<const Bytef*>(content.constData()),
                static_cast<uInt>(content.size()))));
}

void encodePng(FigureDrawing& figure, QIODevice& onto)
{
    QImage image = figure.image();
    constexpr double inchesPerMetre = 1 / 0.0254;
    const int perMetre = qRound(figure.settings().dpi * inchesPerMetre);
    image.setDotsPerMeterX(perMetre);
    image.setDotsPerMeterY(perMetre);
    if (!figure.settings().transparent)
        image.convertTo(QImage::Format_RGB32);
    image.setText(QStringLiteral("Title"), figure.title());
    image.setText(QStringLiteral("Description"), figure.caption());
    image.setText(QStringLiteral("Software"), QStringLiteral("Manyhands"));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QImageWriter writer(&buffer, "png");
    if (!writer.write(image))
        throw Error({.object = "the figure",
            .problem = "cannot be encoded as PNG",
            .value = writer.errorString().toStdString()});
    bytes.insert(endOfPngHead, textChunk(settingsKey, settingsText(figure.settings()).toLatin1()));
    onto.write(bytes);
}

void encodeSvg(FigureDrawing& figure, QIODevice& onto)
{
    const FigureSettings& settings = figure.settings();
    const QSizeF units = settings.points() * (unitsPerLetter / settings.fontPt);
    SvgDevice device(units);
    QCPPainter painter(&device);
    figure.draw(painter,
        {static_cast<int>(std::ceil(units.width())), static_cast<int>(std::ceil(units.height()))},
        pointsPerInch * unitsPerLetter / settings.fontPt);
    painter.end();

    const auto number = [](double value) { return QByteArray::number(value, 'g', 10); };
    const QByteArray unit = settings.size.unit == FigureSize::Unit::millimetres ? "mm" : "px";
    onto.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""
        + number(settings.size.width) + unit + "\" height=\"" + number(settings.size.height) + unit
        + "\" viewBox=\"0 0 " + number(units.width()) + ' ' + number(units.height())
        + "\" fill=\"none\" xml:space=\"preserve\">\n<title>" + xmlText(figure.title())
        + "</title>\n<desc>" + xmlText(figure.caption()) + "</desc>\n<metadata><" + settingsElement
        + " xmlns:manyhands=\"" + settingsNamespace + "\">" + xmlText(settingsText(settings)) + "</"
        + settingsElement + "></metadata>\n" + device.elements() + "</svg>\n");
}

QByteArray xmpOf(const FigureDrawing& figure)
{
    const auto words = [](const char* element, const QString& text) {
        return QByteArray("<") + element + "><rdf:Alt><rdf:li xml:lang=\"x-default\">"
            + xmlText(text) + "</rdf:li></rdf:Alt></" + element + ">\n";
    };
    return QByteArray("<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                      "<rdf:Description rdf:about=\"\""
                      " xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
                      " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:manyhands=\"")
        + settingsNamespace + "\">\n" + words("dc:title", figure.title())
        + words("dc:description", figure.caption())
        + "<xmp:CreatorTool>Manyhands</xmp:CreatorTool>\n<" + settingsElement + '>'
        + xmlText(settingsText(figure.settings())) + "</" + settingsElement
        + ">\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>\n";
}

/// Makes the page as large as was asked: Qt rounds its sides to whole points. The file stays as
/// long as it is, or its table of contents would not fit any more.
void setExactPage(QByteArray& pdf, QSizeF points)
{
    static const QRegularExpression box(QStringLiteral("/MediaBox \\[0 0 [0-9.]+ ([0-9.]+)\\]"));
    const QByteArray begin = "/MediaBox [";
    const qsizetype at = pdf.indexOf(begin);
    const qsizetype end = pdf.indexOf(']', at);
    const QRegularExpressionMatch found = box.match(QString::fromLatin1(pdf.mid(at, end + 1 - at)));
    if (at < 0 || !found.hasMatch())
        return;
    // What is drawn hangs from the upper edge.
    const double top = found.captured(1).toDouble();
    const QByteArray exact = "0 " + QByteArray::number(top - points.height(), 'f', 4) + ' '
        + QByteArray::number(points.width(), 'f', 4) + ' ' + QByteArray::number(top, 'f', 0);
    const qsizetype room = end - at - begin.size();
    if (exact.size() <= room)
        pdf.replace(at + begin.size(), room, exact.leftJustified(room, ' '));
}

void encodePdf(FigureDrawing& figure, QIODevice& onto)
{
    const FigureSettings& settings = figure.settings();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setResolution(pdfDpi);
    writer.setPageSize(QPageSize(settings.points(), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setTitle(figure.title());
    writer.setCreator(QStringLiteral("Manyhands"));
    writer.setDocumentXmpMetadata(xmpOf(figure));
    // Before anything is drawn: the file's head names them.
    const ChartTable table = figure.table();
    if (table.rowCount() <= mostRowsInside)
        writer.addFileAttachment(settings.view + QStringLiteral(".csv"), toCsv(table).toUtf8(),
            QStringLiteral("text/csv"));
    const QSizeF dots = settings.points() * (pdfDpi / pointsPerInch);
    QCPPainter painter(&writer);
    figure.draw(painter,
        {static_cast<int>(std::ceil(dots.width())), static_cast<int>(std::ceil(dots.height()))},
        pdfDpi);
    painter.end();
    setExactPage(bytes, settings.points());
    onto.write(bytes);
}

/// The settings' text in a figure of ours; empty where it is none.
QByteArray settingsInPng(QIODevice& file)
{
    file.seek(endOfPngHead);
    const QByteArray wanted = QByteArray("tEXt") + settingsKey + '\0';
    // Texts stand before the picture.
    for (;;) {
        const QByteArray head = file.read(8);
        const QByteArray kind = head.mid(4);
        if (head.size() < 8 || kind == "IDAT" || kind == "IEND")
            return {};
        const auto size = qFromBigEndian<std::uint32_t>(head.constData());
        if (size > largestFigure)
            return {};
        const QByteArray content = kind + file.read(size);
        if (content.startsWith(wanted))
            return content.mid(wanted.size());
        file.skip(4); // the checksum
    }
}

QByteArray settingsInPdf(QIODevice& file)
{
    // Metadata are the one part of a PDF that is never compressed, so that they can be found.
    const QByteArray bytes = file.readAll();
    const QByteArray begin = QByteArray("<") + settingsElement + '>';
    const qsizetype from = bytes.indexOf(begin);
    const qsizetype to = bytes.indexOf(QByteArray("</") + settingsElement + '>', from);
    if (from < 0 || to < 0)
        return {};
    QXmlStreamReader reader(
        "<text>" + bytes.mid(from + begin.size(), to - from - begin.size()) + "</text>");
    reader.readNextStartElement();
    return reader.readElementText().toUtf8();
}

QByteArray settingsInSvg(QIODevice& file)
{
    QXmlStreamReader reader(&file);
    if (!reader.readNextStartElement() || reader.name() != QLatin1String("svg"))
        return {};
    while (reader.readNextStartElement()) {
        if (reader.name() != QLatin1String("metadata")) {
            reader.skipCurrentElement();
            continue;
        }
        while (reader.readNextStartElement()) {
            if (reader.namespaceUri() == QLatin1String(settingsNamespace))
                return reader.readElementText().toUtf8();
            reader.skipCurrentElement();
        }
    }
    return {};
}

} // namespace

QByteArray encoded(FigureDrawing& figure, FigureFormat format)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    switch (format) {
    case FigureFormat::png:
        encodePng(figure, buffer);
        break;
    case FigureFormat::svg:
        encodeSvg(figure, buffer);
        break;
    case FigureFormat::pdf:
        encodePdf(figure, buffer);
        break;
    case FigureFormat::gif:
        throw BadValue({.object = "a figure as .gif",
            .problem = "does not move",
            .limit = ".png, .svg, .pdf"});
    }
    return bytes;
}

void writeFigure(FigureDrawing& figure, const std::filesystem::path& path, bool withData)
{
    const FigureFormat format = figureFormatOf(path.string());
    if (const QString reason = figure.emptyReason(); !reason.isEmpty())
        throw Error({.object = "the figure " + figure.settings().view.toStdString(),
            .problem = "has nothing to show, and was not written",
            .value = reason.toStdString()});
    const auto write = [](const std::filesystem::path& to, const QByteArray& bytes) {
        // Not QSaveFile: as root it would put the file in a device's place where a link leads to
        // one.
        OutputFile file(to);
        file.write({bytes.constData(), static_cast<std::size_t>(bytes.size())});
        file.commit();
    };
    write(path, encoded(figure, format));
    if (withData)
        write(
            std::filesystem::path(path).replace_extension(".csv"), toCsv(figure.table()).toUtf8());
}

FigureSettings settingsOfFigure(const std::filesystem::path& path)
{
    const auto refuse = [&](const std::string& problem, const std::string& value = {}) {
        throw BadValue({.object = "the figure " + shown(path.string()),
            .problem = problem,
            .value = value,
            .limit = "a .png, .svg or .pdf that Manyhands has drawn"});
    };
    QFile file(QFile::decodeName(path.c_str()));
    if (!file.open(QIODevice::ReadOnly))
        refuse("cannot be read", file.errorString().toStdString());
    // Of a pipe or a device nobody knows where it ends.
    if (file.isSequential() || file.size() > largestFigure)
        refuse("is no figure");
    const QByteArray begin = file.peek(8);
    QByteArray text;
    if (begin.startsWith("\x89PNG"))
        text = settingsInPng(file);
    else if (begin.startsWith("%PDF"))
        text = settingsInPdf(file);
    else
        text = settingsInSvg(file);
    const auto object = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (!object.is_object())
        refuse("holds no settings of ours");
    const FigureSettings settings = figureSettingsFrom(object);
    checkFigure(settings);
    return settings;
}

} // namespace manyhands::app
