// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/figure_layout.hpp"

#include "app/views/theme.hpp"

#include <QPainter>
#include <QTextLayout>

namespace manyhands::app {
namespace {

constexpr double pointsPerInch = 72;

} // namespace

const Theme& themeOf(FigureTheme theme)
{
    switch (theme) {
    case FigureTheme::dark:
        return Theme::dark();
    case FigureTheme::grey:
        return Theme::grey();
    case FigureTheme::paper:
    case FigureTheme::light:
        break;
    }
    return Theme::light();
}

QFont figureFont()
{
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(letterUnits);
    // Letters are as wide at any size: they are laid out once and scaled.
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

double pixelsPerUnit(const FigureSettings& settings, double dpi)
{
    return dpi * settings.fontPt / (pointsPerInch * letterUnits);
}

QStringList wrappedLines(const QString& text, const QFont& font, int width, int most)
{
    QStringList lines;
    QTextLayout layout(text, font);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        if (lines.size() + 1 == most) {
            lines.append(
                QFontMetrics(font).elidedText(text.mid(line.textStart()), Qt::ElideRight, width));
            break;
        }
        lines.append(text.mid(line.textStart(), line.textLength()).trimmed());
    }
    layout.endLayout();
    // They have done their work; whoever copies the text wants to find it.
    for (QString& line : lines)
        line.replace(QChar::Nbsp, QLatin1Char(' '));
    return lines;
}

void drawLines(QPainter& painter, const QStringList& lines, const QFont& font, int x, int y)
{
    const QFontMetrics metrics(font);
    painter.setFont(font);
    for (const QString& line : lines) {
        painter.drawText(QPointF(x, y + metrics.ascent()), line);
        y += metrics.height();
    }
}

} // namespace manyhands::app
