// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's legend: a strip of its own above the axes, which wraps and so never covers data.
#pragma once

#include "app/views/theme.hpp"

#include <qcustomplot.h>

#include <QList>
#include <QString>

namespace manyhands::app {

/// One thing that a legend explains.
struct LegendEntry
{
    enum class Sample : std::uint8_t { bar, area, line, cross };

    QString text;
    Sample sample = Sample::bar;
    Look look = {}; ///< of a bar
    SeriesLook series = {}; ///< of an area or line
};

/// Lays its entries out in rows as wide as the plot.
class LegendStrip : public QCPLayoutElement
{
    Q_OBJECT

public:
    explicit LegendStrip(QCustomPlot* plot);

    void setEntries(const QList<LegendEntry>& entries) { m_entries = entries; }
    const QList<LegendEntry>& entries() const { return m_entries; }
    void setTheme(const Theme& theme) { m_theme = &theme; }
    void setFont(const QFont& font) { m_font = font; }

    QSize minimumOuterSizeHint() const override;
    QSize maximumOuterSizeHint() const override;

protected:
    void draw(QCPPainter* painter) override;

private:
    /// Where each entry stands in a strip of that width.
    QList<QRect> places(int width) const;
    int heightFor(int width) const;
    QFont bold() const;
    /// The letter of a bar that is too low to hold it; it stands behind the bar then.
    QString letterBehind(const LegendEntry& entry) const;

    QList<LegendEntry> m_entries;
    const Theme* m_theme;
    QFont m_font;
};

} // namespace manyhands::app
