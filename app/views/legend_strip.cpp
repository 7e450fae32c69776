// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's legend: a strip of its own above the axes, which wraps and so never covers data.
#include "app/views/legend_strip.hpp"

#include <QFontMetrics>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int gap = 4;
constexpr int entryGap = 8;
constexpr int sideMargin = 6;
constexpr int topMargin = 2;
/// Of the plot's height: the rest is for data.
constexpr double mostOfHeight = 0.35;

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
    const Layout rows = layout(width);
    if (!rows.more.isNull())
        return rows.more.bottom() + 1 + topMargin;
    return rows.places.isEmpty() ? 0 : rows.places.last().bottom() + 1 + topMargin;
}

int LegendStrip::sampleWidth(const LegendEntry& entry) const
{
    if (entry.sample == LegendEntry::Sample::words)
        return 0;
    return std::max(18, QFontMetrics(m_font).height() * 5 / 4);
}

QFont LegendStrip::bold() const
{
    QFont font = m_font;
    font.setBold(true);
    return font;
}

QString LegendStrip::moreText(qsizetype count) const
{
    return tr("and %1 more").arg(count);
}

QString LegendStrip::letterBehind(const LegendEntry& entry) const
{
    const bool behind = entry.sample == LegendEntry::Sample::bar
        && (entry.look.height < 1 || entry.look.body == Look::Body::line);
    return behind ? entry.look.letter : QString();
}

QList<QRect> LegendStrip::allPlaces(int width) const
{
    const QFontMetrics metrics(m_font);
    const QFontMetrics boldMetrics(bold());
    const int line = metrics.height() + 2;
    const int room = std::max(1, width - 2 * sideMargin);
    QList<QRect> result;
    int x = sideMargin;
    int y = topMargin;
    int rowHeight = line;
    for (const LegendEntry& entry : m_entries) {
        const QString letter = letterBehind(entry);
        const int letterWidth = letter.isEmpty() ? 0 : boldMetrics.horizontalAdvance(letter) + gap;
        const int wanted
            = sampleWidth(entry) + gap + letterWidth + metrics.horizontalAdvance(entry.text) + gap;
        const int entryWidth = std::min(room, wanted);
        if (x > sideMargin && x + entryWidth > width - sideMargin) {
            x = sideMargin;
            y += rowHeight;
            rowHeight = line;
        }
        // A sentence takes the lines that it needs; names are cut short.
        const bool sentence = entry.sample == LegendEntry::Sample::words && wanted > room;
        const int height = sentence
            ? metrics.boundingRect(0, 0, room - gap, line, Qt::TextWordWrap, entry.text).height()
                + 2
            : line;
        rowHeight = std::max(rowHeight, height);
        result.append(QRect(x, y, entryWidth, height));
        x += entryWidth + entryGap;
    }
    return result;
}

LegendStrip::Layout LegendStrip::layout(int width) const
{
    Layout result;
    if (!m_shown)
        return result;
    result.places = allPlaces(width);
    const int rowHeight = QFontMetrics(m_font).height() + 2;
    const int allowed = std::max(
        1, static_cast<int>(mParentPlot->viewport().height() * mostOfHeight) / rowHeight);
    const int end = topMargin + allowed * rowHeight;
    const auto cutOff = [&](const QRect& place) { return place.bottom() >= end; };
    if (result.places.isEmpty() || !cutOff(result.places.last()))
        return result;
    const qsizetype count = result.places.size();
    while (!result.places.isEmpty()) {
        const QRect last = result.places.last();
        const int room = QFontMetrics(m_font).horizontalAdvance(moreText(count));
        const int left = last.right() + 1 + entryGap;
        if (!cutOff(last) && left + room <= width - sideMargin) {
            result.more = QRect(left, last.top(), width - left, rowHeight);
            return result;
        }
        result.places.removeLast();
    }
    result.more = QRect(sideMargin, topMargin, width - 2 * sideMargin, rowHeight);
    return result;
}

int LegendStrip::entryAt(const QPointF& position) const
{
    const QList<QRect> places = layout(rect().width()).places;
    const QPoint point = position.toPoint() - rect().topLeft();
    const auto found = std::find_if(places.begin(), places.end(),
        [point](const QRect& place) { return place.contains(point); });
    return found == places.end() ? -1 : static_cast<int>(found - places.begin());
}

void LegendStrip::drawSample(
    QCPPainter& painter, const LegendEntry& entry, const QRectF& sample) const
{
    const QPen line(entry.series.colour, 2, entry.series.line);
    const QLineF middle(sample.left(), sample.center().y(), sample.right(), sample.center().y());
    switch (entry.sample) {
    case LegendEntry::Sample::bar:
        paintBars(painter, entry.look, {sample});
        if (letterBehind(entry).isEmpty())
            paintLetters(painter, entry.look, {sample});
        break;
    case LegendEntry::Sample::area:
        paintArea(painter, entry.series, sample.adjusted(0, 2, 0, -2));
        break;
    case LegendEntry::Sample::line:
        painter.setPen(line);
        painter.drawLine(middle);
        break;
    case LegendEntry::Sample::marker:
        drawMarker(painter, entry, sample);
        break;
    case LegendEntry::Sample::scale: {
        painter.setPen(Qt::NoPen);
        const double step = sample.width() / 10;
        for (int i = 0; i < 10; ++i) {
            painter.setBrush(m_theme->amountColour(i / 9.0));
            painter.drawRect(QRectF(
                sample.left() + i * step, sample.top() + 2, step + 0.5, sample.height() - 4));
        }
        break;
    }
    case LegendEntry::Sample::words:
        break;
    case LegendEntry::Sample::cross:
        painter.setPen(m_theme->failedColour());
        painter.drawText(sample, Qt::AlignCenter, QStringLiteral("✕"));
        break;
    }
}

void LegendStrip::drawMarker(
    QCPPainter& painter, const LegendEntry& entry, const QRectF& sample) const
{
    // The diamond is a prediction's, which is hollow in charts too.
    const bool hollow = entry.shape == QCPScatterStyle::ssDiamond;
    const QCPScatterStyle marker(entry.shape, QPen(entry.series.colour, hollow ? 2 : 1),
        hollow ? QBrush(Qt::NoBrush) : QBrush(entry.series.colour), sample.height() * 2 / 3);
    painter.setAntialiasing(true);
    marker.applyTo(&painter, QPen(entry.series.colour));
    marker.drawShape(&painter, sample.center());
    painter.setAntialiasing(false);
}

void LegendStrip::draw(QCPPainter* painter)
{
    const Layout rows = layout(rect().width());
    const QFontMetrics metrics(m_font);
    painter->setAntialiasing(false);
    for (qsizetype i = 0; i < rows.places.size(); ++i) {
        const LegendEntry& entry = m_entries[i];
        const bool hidden = entry.id >= 0 && m_hidden.contains(entry.id);
        const QRect place = rows.places[i].translated(rect().topLeft());
        const QRectF sample(place.left(), place.top() + 2, sampleWidth(entry), place.height() - 4);
        painter->setFont(m_font);
        if (hidden) {
            painter->setPen(QPen(m_theme->frame, 1));
            painter->setBrush(Qt::NoBrush);
            painter->drawRect(sample.adjusted(0, 2, -1, -3));
        } else {
            drawSample(*painter, entry, sample);
        }
        painter->setPen(hidden ? m_theme->secondaryText : m_theme->text);
        QRect words = place.adjusted(sampleWidth(entry) + gap, 0, 0, 0);
        if (const QString letter = letterBehind(entry); !letter.isEmpty()) {
            painter->setFont(bold());
            painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter, letter);
            words.setLeft(words.left() + QFontMetrics(bold()).horizontalAdvance(letter) + gap);
        }
        QFont font = m_font;
        font.setStrikeOut(hidden);
        painter->setFont(font);
        if (entry.sample == LegendEntry::Sample::words)
            painter->drawText(
                words, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, entry.text);
        else
            painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                metrics.elidedText(entry.text, Qt::ElideRight, words.width() + 1));
    }
    if (!rows.more.isNull()) {
        painter->setFont(m_font);
        painter->setPen(m_theme->secondaryText);
        painter->drawText(rows.more.translated(rect().topLeft()), Qt::AlignLeft | Qt::AlignVCenter,
            moreText(m_entries.size() - rows.places.size()));
    }
}

} // namespace manyhands::app
