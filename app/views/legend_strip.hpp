// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's legend: a strip of its own above the axes, which wraps and so never covers data.
#pragma once

#include "app/views/theme.hpp"

#include <qcustomplot.h>

#include <QList>
#include <QSet>
#include <QString>

namespace manyhands::app {

/// One thing that a legend explains.
struct LegendEntry
{
    enum class Sample : std::uint8_t { bar, area, line, marker, scale, cross, words };

    QString text;
    Sample sample = Sample::bar;
    Look look = {}; ///< of a bar
    SeriesLook series = {}; ///< of an area, line or marker
    QCPScatterStyle::ScatterShape shape = QCPScatterStyle::ssDisc; ///< of a marker
    /// What a person hides and shows by this entry, the same in all calls; -1: nothing.
    int id = -1;
    QString name = {}; ///< of what is hidden, in menus; the text where it is empty
};

/// Lays its entries out in rows as wide as the plot. Rows that would take more than their share of
/// the plot's height are replaced by a count of what they held.
class LegendStrip : public QCPLayoutElement
{
    Q_OBJECT

public:
    explicit LegendStrip(QCustomPlot* plot);

    void setEntries(const QList<LegendEntry>& entries) { m_entries = entries; }
    const QList<LegendEntry>& entries() const { return m_entries; }
    void setTheme(const Theme& theme) { m_theme = &theme; }
    void setFont(const QFont& font) { m_font = font; }
    /// The ids of what is not drawn at present.
    void setHidden(const QSet<int>& hidden) { m_hidden = hidden; }
    /// Without it there is more room for data.
    void setShown(bool shown) { m_shown = shown; }
    bool isShown() const { return m_shown; }

    /// The entry at a position in the plot, or -1.
    int entryAt(const QPointF& position) const;

    QSize minimumOuterSizeHint() const override;
    QSize maximumOuterSizeHint() const override;

protected:
    void draw(QCPPainter* painter) override;

private:
    struct Layout
    {
        QList<QRect> places; ///< of the first entries
        QRect more; ///< where the number of those left out stands; null if there are none
    };

    Layout layout(int width) const;
    QList<QRect> allPlaces(int width) const;
    int heightFor(int width) const;
    int sampleWidth(const LegendEntry& entry) const;
    QFont bold() const;
    QString moreText(qsizetype count) const;
    /// The letter of a bar that is too low to hold it; it stands behind the bar then.
    QString letterBehind(const LegendEntry& entry) const;
    void drawMarker(QCPPainter& painter, const LegendEntry& entry, const QRectF& sample) const;
    void drawSample(QCPPainter& painter, const LegendEntry& entry, const QRectF& sample) const;

    QList<LegendEntry> m_entries;
    QSet<int> m_hidden;
    const Theme* m_theme;
    QFont m_font;
    bool m_shown = true;
};

} // namespace manyhands::app
