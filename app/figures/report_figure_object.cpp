// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_figure_object.hpp"

#include <qcustomplot.h>

namespace manyhands::app {
namespace {

constexpr int figureDpi = 192;
constexpr double pointsPerInch = 72;
constexpr int figureNumber = QTextFormat::UserProperty + 1;

} // namespace

QTextCharFormat ReportFigureObject::add(const ReportFigure& figure)
{
    QTextCharFormat format;
    format.setObjectType(type);
    format.setProperty(figureNumber, static_cast<int>(m_figures.size()));
    m_figures.push_back(&figure);
    return format;
}

const ReportFigure& ReportFigureObject::figure(const QTextFormat& format) const
{
    return *m_figures[static_cast<std::size_t>(format.intProperty(figureNumber))];
}

QSizeF ReportFigureObject::intrinsicSize(QTextDocument*, int, const QTextFormat& format)
{
    return figure(format).points * m_dpi / pointsPerInch;
}

void ReportFigureObject::drawObject(
    QPainter* painter, const QRectF& place, QTextDocument*, int, const QTextFormat& format)
{
    // What touches the page is asked for; charts set clips of their own and would show.
    if (!m_page.contains(place.center()))
        return;
    const ReportFigure& drawn = figure(format);
    const QSize pixels = (drawn.points * figureDpi / pointsPerInch).toSize();
    const double scale = static_cast<double>(m_dpi) / figureDpi;
    painter->save();
    painter->translate(place.topLeft());
    painter->scale(scale, scale);
    drawn.draw(*static_cast<QCPPainter*>(painter), pixels, figureDpi);
    painter->restore();
}

} // namespace manyhands::app
