// SPDX-License-Identifier: GPL-3.0-or-later
// The looks of the whole program: its colours, and one scale for everything.
#include "app/window/appearance.hpp"

#include <QApplication>
#include <QCoreApplication>
#include <QProxyStyle>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr int steps[] = {80, 90, 100, 110, 125, 150, 175, 200, 250, 300};

/// The system's style, larger or smaller.
class ScaledStyle : public QProxyStyle
{
public:
    ScaledStyle(const QString& base, int percent)
        : QProxyStyle(base)
        , m_percent(percent)
    {
    }

    int pixelMetric(
        PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override
    {
        const int pixels = QProxyStyle::pixelMetric(metric, option, widget);
        switch (metric) {
        case PM_SmallIconSize:
        case PM_ToolBarIconSize:
        case PM_ButtonIconSize:
        case PM_TabBarIconSize:
        case PM_ListViewIconSize:
        case PM_MessageBoxIconSize:
        case PM_IndicatorWidth:
        case PM_IndicatorHeight:
        case PM_ExclusiveIndicatorWidth:
        case PM_ExclusiveIndicatorHeight:
        case PM_ScrollBarExtent:
        case PM_ScrollBarSliderMin:
        case PM_SliderThickness:
        case PM_SliderLength:
        case PM_SliderControlThickness:
        case PM_SplitterWidth:
        case PM_MenuButtonIndicator:
        case PM_DockWidgetTitleMargin:
        case PM_DockWidgetTitleBarButtonMargin:
        case PM_TitleBarButtonIconSize:
            return std::max(1, static_cast<int>(std::lround(pixels * m_percent / 100.0)));
        default:
            return pixels;
        }
    }

private:
    int m_percent;
};

struct Shades
{
    QRgb window;
    QRgb text;
    QRgb base;
    QRgb alternate;
    QRgb button;
    QRgb faint; ///< text of what is disabled
    QRgb highlight;
    QRgb highlightedText;
    QRgb link;
    QRgb tip;
    QRgb tipText;
};

constexpr Shades lightShades = {0xffefefef, 0xff111111, 0xffffffff, 0xfff5f5f5, 0xffe6e6e6,
    0xff6b6b6b, 0xff185ba8, 0xffffffff, 0xff0b4f9e, 0xfffff4ce, 0xff111111};
constexpr Shades darkShades = {0xff2b2d30, 0xffe8e8e8, 0xff1e1f22, 0xff26282b, 0xff3a3d41,
    0xff9a9da3, 0xff3572be, 0xffffffff, 0xff7ab4ff, 0xff4a431c, 0xfff5f5f5};
constexpr Shades contrastShades = {0xff000000, 0xffffffff, 0xff1c1c1c, 0xff282828, 0xff3a3a3a,
    0xffb0b0b0, 0xffffff00, 0xff000000, 0xff66d9ff, 0xff000000, 0xffffff00};

QPalette paletteOf(const Shades& shades)
{
    QPalette palette(QColor(shades.button), QColor(shades.window));
    const auto set
        = [&](QPalette::ColorRole role, QRgb colour) { palette.setColor(role, QColor(colour)); };
    set(QPalette::Window, shades.window);
    set(QPalette::WindowText, shades.text);
    set(QPalette::Base, shades.base);
    set(QPalette::AlternateBase, shades.alternate);
    set(QPalette::Text, shades.text);
    set(QPalette::Button, shades.button);
    set(QPalette::ButtonText, shades.text);
    set(QPalette::BrightText, shades.text);
    set(QPalette::Highlight, shades.highlight);
    set(QPalette::HighlightedText, shades.highlightedText);
    set(QPalette::Link, shades.link);
    set(QPalette::LinkVisited, shades.link);
    set(QPalette::ToolTipBase, shades.tip);
    set(QPalette::ToolTipText, shades.tipText);
    set(QPalette::PlaceholderText, shades.faint);
    for (const QPalette::ColorRole role :
        {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(shades.faint));
    return palette;
}

} // namespace

QList<Colours> allColours()
{
    return {Colours::system, Colours::light, Colours::dark, Colours::highContrast};
}

QString wordFor(Colours colours)
{
    switch (colours) {
    case Colours::system:
        return Appearance::tr("As the &system");
    case Colours::light:
        return Appearance::tr("&Light");
    case Colours::dark:
        return Appearance::tr("&Dark");
    case Colours::highContrast:
        return Appearance::tr("&High contrast");
    }
    return {};
}

QPalette paletteFor(Colours colours)
{
    switch (colours) {
    case Colours::light:
        return paletteOf(lightShades);
    case Colours::dark:
        return paletteOf(darkShades);
    case Colours::highContrast:
        return paletteOf(contrastShades);
    case Colours::system:
        break;
    }
    return {};
}

Appearance::Appearance(QObject* parent)
    : QObject(parent)
    , m_usualFont(QApplication::font())
    , m_usualStyle(QApplication::style()->name())
{
}

Appearance::~Appearance()
{
    if (QCoreApplication::closingDown())
        return;
    // Whoever listens is going, too.
    blockSignals(true);
    if (m_scaled) {
        QApplication::setStyle(m_usualStyle);
        QApplication::setFont(m_usualFont);
    }
    setColours(Colours::system);
}

void Appearance::setColours(Colours colours)
{
    if (colours == m_colours)
        return;
    m_colours = colours;
    QApplication::setPalette(paletteFor(colours));
    emit changed();
}

void Appearance::setPercent(int percent)
{
    percent = std::clamp(percent, leastPercent, mostPercent);
    if (percent == m_percent)
        return;
    m_percent = percent;
    QFont font = m_usualFont;
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * percent / 100);
    else
        font.setPixelSize(std::max(1, font.pixelSize() * percent / 100));
    // The style first: it brings fonts of its own.
    QApplication::setStyle(new ScaledStyle(m_usualStyle, percent));
    m_scaled = true;
    QApplication::setFont(font);
    emit changed();
}

void Appearance::step(int direction)
{
    if (direction > 0) {
        const auto* next = std::upper_bound(std::begin(steps), std::end(steps), m_percent);
        setPercent(next == std::end(steps) ? mostPercent : *next);
    } else {
        const auto* here = std::lower_bound(std::begin(steps), std::end(steps), m_percent);
        setPercent(here == std::begin(steps) ? leastPercent : *(here - 1));
    }
}

} // namespace manyhands::app
