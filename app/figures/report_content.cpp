// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_content.hpp"

#include "app/figures/figure_file.hpp"
#include "app/views/chart.hpp"
#include "app/views/chart_factory.hpp"

#include <QBuffer>
#include <QCoreApplication>
#include <QSvgGenerator>

#include <iterator>
#include <memory>
#include <utility>

namespace manyhands::app {
namespace {

constexpr int svgDpi = 192;
constexpr double pointsPerInch = 72;

FigureSettings reportSettings(const QString& view)
{
    FigureSettings settings;
    settings.view = view;
    settings.size
        = {reportFigureMm.width(), reportFigureMm.height(), FigureSize::Unit::millimetres};
    // The report says itself what the figure is of, and on what machine.
    settings.title = QStringLiteral("");
    settings.caption = false;
    return settings;
}

std::optional<ReportFigure> make(const FigureSubject& subject, const QString& view)
{
    const FileNumbers numbers;
    const FigureSettings settings = reportSettings(view);
    const auto figure = std::make_shared<Figure>(subject, settings);
    ReportFigure made;
    made.svg = encoded(*figure, FigureFormat::svg);
    // A chart knows once it was drawn whether it has anything to show.
    if (figure->isEmpty())
        return std::nullopt;
    // Speedup and efficiency are two faces of one chart, which has one title.
    made.title = view == QLatin1String("efficiency")
        ? QCoreApplication::translate("manyhands::app::ReportFigure", "Efficiency")
        : makeChart(view, subject.run.description)->title();
    made.summary = figure->summary();
    made.points = settings.points();
    made.draw = [figure](QCPPainter& painter, QSize pixels, double dpi) {
        figure->draw(painter, pixels, dpi);
    };
    return made;
}

} // namespace

void ReportTable::add(const QString& name, const QString& value)
{
    if (!value.isEmpty())
        rows.append(QStringList{name, value});
}

void ReportContent::section(const QString& name, ReportTable table)
{
    if (table.rows.isEmpty())
        return;
    heading(name);
    add(std::move(table));
}

void ReportContent::figures(
    const QString& name, std::vector<ReportFigure> drawn, const QString& ifNone)
{
    heading(name);
    if (drawn.empty())
        paragraph(ifNone);
    blocks.insert(
        blocks.end(), std::make_move_iterator(drawn.begin()), std::make_move_iterator(drawn.end()));
}

std::vector<FigureMaker> figureMakers(const FigureSubject& subject, const QStringList& views)
{
    const auto shared = std::make_shared<const FigureSubject>(subject);
    std::vector<FigureMaker> makers;
    for (const QString& view : views)
        makers.emplace_back([shared, view] { return make(*shared, view); });
    return makers;
}

ReportFigure drawnFigure(
    const QString& title, const QString& summary, QSizeF points, ReportFigure::Draw draw)
{
    const FileNumbers numbers;
    ReportFigure figure{title, summary, points, {}, std::move(draw)};
    const QSize pixels = (points * svgDpi / pointsPerInch).toSize();
    QBuffer buffer(&figure.svg);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(svgDpi);
    generator.setSize(pixels);
    generator.setViewBox(QRect(QPoint(), pixels));
    QCPPainter painter(&generator);
    painter.setMode(QCPPainter::pmVectorized);
    figure.draw(painter, pixels, svgDpi);
    painter.end();
    return figure;
}

FileNumbers::FileNumbers()
{
    QLocale::setDefault(QLocale::c());
}

FileNumbers::~FileNumbers()
{
    QLocale::setDefault(m_before);
}

} // namespace manyhands::app
