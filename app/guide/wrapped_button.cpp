// SPDX-License-Identifier: GPL-3.0-or-later
// Buttons whose text goes on in further lines where the pane is narrow.
#include "app/guide/wrapped_button.hpp"

#include "app/views/theme.hpp"

#include <QKeyEvent>
#include <QStyle>
#include <QStyleOptionButton>
#include <QStylePainter>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int leastHeight = 24;
constexpr int usualLetters = 34;
constexpr int fewestLetters = 5;
constexpr int besideText = 8;
constexpr int aboveText = 5;
constexpr int wrapped = Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap;

QString withoutMnemonics(QString text)
{
    return text.replace(QLatin1Char('&'), QStringLiteral("&&"));
}

int textHeight(const QWidget& widget, int width, const QString& text)
{
    constexpr int anyHeight = 100'000;
    return widget.fontMetrics()
        .boundingRect(QRect(0, 0, std::max(1, width), anyHeight), wrapped, text)
        .height();
}

/// Presses `button` where the key is Enter.
bool pressedByEnter(QAbstractButton& button, const QKeyEvent& event)
{
    if (event.key() != Qt::Key_Return && event.key() != Qt::Key_Enter)
        return false;
    button.click();
    return true;
}

template <class Widget>
QSize hintFor(const Widget& widget, int letters)
{
    const int width = letters * widget.fontMetrics().averageCharWidth();
    return {width, widget.heightForWidth(width)};
}

} // namespace

WrappedRadio::WrappedRadio(const QString& text, QWidget* parent)
    : QRadioButton(withoutMnemonics(text), parent)
    , m_plain(text)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

int WrappedRadio::indent() const
{
    return style()->pixelMetric(QStyle::PM_ExclusiveIndicatorWidth, nullptr, this)
        + style()->pixelMetric(QStyle::PM_RadioButtonLabelSpacing, nullptr, this);
}

int WrappedRadio::heightForWidth(int width) const
{
    return std::max(leastHeight, textHeight(*this, width - indent(), m_plain) + 4);
}

QSize WrappedRadio::sizeHint() const
{
    const int line = indent() + fontMetrics().horizontalAdvance(m_plain) + 4;
    const int width = std::min(line, usualLetters * fontMetrics().averageCharWidth());
    return {width, heightForWidth(width)};
}

QSize WrappedRadio::minimumSizeHint() const
{
    return {indent() + fewestLetters * fontMetrics().averageCharWidth(), leastHeight};
}

void WrappedRadio::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    QStyleOptionButton option;
    initStyleOption(&option);
    const int size = style()->pixelMetric(QStyle::PM_ExclusiveIndicatorHeight, &option, this);
    const int side = style()->pixelMetric(QStyle::PM_ExclusiveIndicatorWidth, &option, this);
    QStyleOptionButton mark = option;
    // The style darkens it for the edge, which is to be seen upon the ground of a text.
    mark.palette.setColor(QPalette::Window, Theme::matching(palette()).secondaryText);
    mark.rect = QRect(0, (height() - size) / 2, side, size);
    painter.drawPrimitive(QStyle::PE_IndicatorRadioButton, mark);
    const QRect room = rect().adjusted(indent(), 0, 0, 0);
    painter.drawItemText(room, wrapped, option.palette, isEnabled(), m_plain, QPalette::WindowText);
    if (hasFocus()) {
        QStyleOptionFocusRect focus;
        focus.initFrom(this);
        focus.rect = room.adjusted(-2, 0, 0, 0);
        painter.drawPrimitive(QStyle::PE_FrameFocusRect, focus);
    }
}

void WrappedRadio::keyPressEvent(QKeyEvent* event)
{
    if (!pressedByEnter(*this, *event))
        QRadioButton::keyPressEvent(event);
}

WrappedButton::WrappedButton(const QString& text, QWidget* parent)
    : QPushButton(withoutMnemonics(text), parent)
    , m_plain(text)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void WrappedButton::setPlainText(const QString& text)
{
    m_plain = text;
    setText(withoutMnemonics(text));
    updateGeometry();
}

int WrappedButton::heightForWidth(int width) const
{
    return std::max(
        leastHeight + 4, textHeight(*this, width - 2 * besideText, m_plain) + 2 * aboveText);
}

QSize WrappedButton::sizeHint() const
{
    return hintFor(*this, usualLetters);
}

QSize WrappedButton::minimumSizeHint() const
{
    return {2 * besideText + fewestLetters * fontMetrics().averageCharWidth(), leastHeight};
}

void WrappedButton::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    QStyleOptionButton option;
    initStyleOption(&option);
    option.text.clear();
    painter.drawControl(QStyle::CE_PushButton, option);
    painter.drawItemText(rect().adjusted(besideText, 0, -besideText, 0), wrapped, option.palette,
        isEnabled(), m_plain, QPalette::ButtonText);
}

void WrappedButton::keyPressEvent(QKeyEvent* event)
{
    if (!pressedByEnter(*this, *event))
        QPushButton::keyPressEvent(event);
}

} // namespace manyhands::app
