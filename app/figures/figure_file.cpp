// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/figure_file.hpp"

#include "app/views/chart.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/output_file.hpp"

#include <QBuffer>
#include <QImageWriter>
#include <QPdfWriter>
#include <QSvgGenerator>

namespace manyhands::app {
namespace {

/// Of what is drawn as lines and letters: fine enough for any print, and no larger than it must be.
constexpr int vectorDpi = 192;
constexpr double pointsPerInch = 72;

QSize vectorPixels(const FigureSettings& settings)
{
    return (settings.points() * vectorDpi / pointsPerInch).toSize();
}

void drawVector(Figure& figure, QPaintDevice& device, int deviceDpi)
{
    QCPPainter painter(&device);
    painter.setMode(QCPPainter::pmVectorized);
    const double scale = static_cast<double>(deviceDpi) / vectorDpi;
    painter.scale(scale, scale);
    figure.draw(painter, vectorPixels(figure.settings()), vectorDpi);
}

void encodePng(Figure& figure, QIODevice& onto)
{
    QImage image = figure.image();
    constexpr double inchesPerMetre = 1 / 0.0254;
    const int perMetre = qRound(figure.settings().dpi * inchesPerMetre);
    image.setDotsPerMeterX(perMetre);
    image.setDotsPerMeterY(perMetre);
    QImageWriter(&onto, "png").write(image);
}

void encodeSvg(Figure& figure, QIODevice& onto)
{
    QSvgGenerator generator;
    generator.setOutputDevice(&onto);
    generator.setResolution(vectorDpi);
    generator.setSize(vectorPixels(figure.settings()));
    generator.setViewBox(QRect(QPoint(), vectorPixels(figure.settings())));
    drawVector(figure, generator, vectorDpi);
}

void encodePdf(Figure& figure, QIODevice& onto)
{
    QPdfWriter writer(&onto);
    writer.setResolution(vectorDpi);
    writer.setPageSize(
        QPageSize(figure.settings().points(), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins({});
    drawVector(figure, writer, vectorDpi);
}

} // namespace

QByteArray encoded(Figure& figure, FigureFormat format)
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
        break;
    }
    return bytes;
}

void writeFigure(Figure& figure, const std::filesystem::path& path, bool withData)
{
    const auto write = [](const std::filesystem::path& to, const QByteArray& bytes) {
        // Not QSaveFile: as root it would put the file in a device's place where a link leads to
        // one.
        OutputFile file(to);
        file.write({bytes.constData(), static_cast<std::size_t>(bytes.size())});
        file.commit();
    };
    write(path, encoded(figure, figureFormatOf(path.string())));
    if (withData)
        write(
            std::filesystem::path(path).replace_extension(".csv"), toCsv(figure.table()).toUtf8());
}

} // namespace manyhands::app
