// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's legend: a strip of its own above the axes, which wraps and so never covers data.
#include "app/views/legend_strip.hpp"

#include <QFontMetrics>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int sampleWidth = 18;
constexpr int gap = 4;
constexpr int entryGap = 8;
constexpr int sideMargin = 6;
constexpr int topMargin = 2;

} // namespace

LegendStrip::LegendStrip(QCustomPlot* plot)
    : QCPLayoutElement(plot)
    , m_theme(&Theme::light())
{
    setMargins(QMargins());
    setMinimumMargins(QMargins());
    setLayer(QStringLiteral("legend"));
}

QSize LegendStrip::minimumOuterSizeHint() const
{
    return QSize(0, heightFor(mParentPlot->viewport().width()));
}

QSize LegendStrip::maximumOuterSizeHint() const
{
    return QSize(QWIDGETSIZE_MAX, heightFor(mParentPlot->viewport().width()));
}

int LegendStrip::heightFor(int width) const
{
    const QList<QRect> rows = places(width);
    return rows.isEmpty() ? 0 : rows.last().bottom() + 1 + topMargin;
}

QFont LegendStrip::bold() const
{
    QFont font = m_font;
    font.setBold(true);
    return font;
}

QString LegendStrip::letterBehind(const LegendEntry& entry) const
{
    const bool behind = entry.sample == LegendEntry::Sample::bar
        && (entry.look.height < 1 || entry.look.body == Look::Body::line);
    return behind ? entry.look.letter : QString();
}

QList<QRect> LegendStrip::places(int width) const
{
    const QFontMetrics metrics(m_font);
    const QFontMetrics boldMetrics(bold());
    const int rowHeight = metrics.height() + 2;
    QList<QRect> result;
    int x = sideMargin;
    int y = topMargin;
    for (const LegendEntry& entry : m_entries) {
        const QString letter = letterBehind(entry);
        const int letterWidth = letter.isEmpty() ? 0 : boldMetrics.horizontalAdvance(letter) + gap;
        const int entryWidth = std::min(width - 2 * sideMargin,
            sampleWidth + gap + letterWidth + metrics.horizontalAdvance(entry.text) + gap);
        if (x > sideMargin && x + entryWidth > width - sideMargin) {
            x = sideMargin;
            y += rowHeight;
        }
        result.append(QRect(x, y, entryWidth, rowHeight));
        x += entryWidth + entryGap;
    }
    return result;
}

void LegendStrip::draw(QCPPainter* painter)
{
    const QList<QRect> rects = places(rect().width());
    const QFontMetrics metrics(m_font);
    painter->setAntialiasing(false);
    for (qsizetype i = 0; i < rects.size(); ++i) {
        const LegendEntry& entry = m_entries[i];
        const QRect place = rects[i].translated(rect().topLeft());
        const QRectF sample(place.left(), place.top() + 2, sampleWidth, place.height() - 4);
        switch (entry.sample) {
        case LegendEntry::Sample::bar:
            painter->setFont(m_font);
            paintBars(*painter, entry.look, {sample});
            if (letterBehind(entry).isEmpty())
                paintLetters(*painter, entry.look, {sample});
            break;
        case LegendEntry::Sample::area:
            painter->setPen(Qt::NoPen);
            painter->setBrush(entry.series.colour);
            painter->drawRect(sample.adjusted(0, 2, 0, -2));
            break;
        case LegendEntry::Sample::line:
            painter->setPen(QPen(entry.series.colour, 2, entry.series.line));
            painter->drawLine(
                QLineF(sample.left(), sample.center().y(), sample.right(), sample.center().y()));
            break;
        case LegendEntry::Sample::cross:
            painter->setPen(m_theme->failedColour());
            painter->setFont(m_font);
            painter->drawText(sample, Qt::AlignCenter, QStringLiteral("✕"));
            break;
        }
        painter->setFont(m_font);
        painter->setPen(m_theme->text);
        QRect words = place.adjusted(sampleWidth + gap, 0, 0, 0);
        if (const QString letter = letterBehind(entry); !letter.isEmpty()) {
            painter->setFont(bold());
            painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter, letter);
            painter->setFont(m_font);
            words.setLeft(words.left() + QFontMetrics(bold()).horizontalAdvance(letter) + gap);
        }
        painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(entry.text, Qt::ElideRight, words.width() + 1));
    }
}

} // namespace manyhands::app
