// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_content.hpp"

#include "app/figures/figure_file.hpp"
#include "app/views/chart.hpp"
#include "app/views/chart_factory.hpp"

#include <QCoreApplication>

#include <iterator>
#include <memory>
#include <utility>

namespace manyhands::app {
namespace {

std::optional<ReportFigure> make(const FigureSubject& subject, const QString& view)
{
    const FileNumbers numbers;
    const auto figure = std::make_shared<Figure>(subject, reportFigureSettings(view));
    if (figure->isEmpty())
        return std::nullopt;
    // Speedup and efficiency are two faces of one chart, which has one title.
    const QString title = view == QLatin1String("efficiency")
        ? QCoreApplication::translate("manyhands::app::ReportFigure", "Efficiency")
        : makeChart(view, subject.run.description)->title();
    return drawnFigure(figure, title, figure->summary());
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

FigureSettings reportFigureSettings(const QString& view)
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

ReportFigure drawnFigure(
    std::shared_ptr<FigureDrawing> figure, const QString& title, const QString& summary)
{
    const FileNumbers numbers;
    ReportFigure made;
    made.title = title;
    made.summary = summary;
    made.points = figure->settings().points();
    made.svg = encoded(*figure, FigureFormat::svg);
    made.draw = [figure = std::move(figure)](QCPPainter& painter, QSize pixels, double dpi) {
        figure->draw(painter, pixels, dpi);
    };
    return made;
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
