// SPDX-License-Identifier: GPL-3.0-or-later
// What all charts share: theme, fonts, focus, accessibility, legend, empty state, hover, table.
#pragma once

#include "app/views/legend_strip.hpp"
#include "app/views/run_facts.hpp"
#include "app/views/theme.hpp"

#include <qcustomplot.h>

#include <QImage>
#include <QStringList>

namespace manyhands::app {

class ViewState;

/// A chart's content as a table, for people and programs that do not see pictures.
struct ChartTable
{
    QStringList header;
    QList<QStringList> rows;
};

/// A chart of a run. Draws only when it is visible and its run has changed.
class Chart : public QCustomPlot
{
    Q_OBJECT

public:
    /// `accessibleName` is fixed; `title` is what stands above the chart.
    Chart(const QString& title, const QString& accessibleName, QWidget* parent = nullptr);

    QString title() const { return m_title; }
    /// Shows the run as it is now; the recording must stay until the next call or clear().
    void showRun(const RunFacts& facts);
    /// Forgets the run.
    void clear();

    /// One sentence on what is to be seen, for the panel's head and for screen readers.
    virtual QString summary() const = 0;
    virtual ChartTable table() const = 0;

    bool isEmpty() const { return !m_emptyTitle.isEmpty(); }
    QString emptyTitle() const { return m_emptyTitle; }
    QString emptyText() const { return m_emptyText; }

    /// Keeps one theme, whatever the palette.
    void fixTheme(const Theme& theme);
    const Theme& theme() const { return *m_theme; }

    /// The chart as a picture of its own, drawn without a display.
    QImage picture(QSize size);

    /// What all views of one run share; must outlive the chart's use of it.
    void setViewState(ViewState* view) { m_view = view; }
    ViewState* viewState() const { return m_view; }

signals:
    void summaryChanged();
    void tableRequested();
    void maximizeRequested();
    void copyRequested();
    void emptyActionRequested();

protected:
    const RunFacts& facts() const { return m_facts; }
    LegendStrip* legendStrip() const { return m_legend; }

    /// Brings what is drawn up to facts(). `afresh`: another run than before, so nothing that was
    /// kept from earlier calls holds.
    virtual void refresh(bool afresh) = 0;
    /// Takes on theme() and font() where the base does not.
    virtual void restyle() { }
    virtual QString hoverText(const QPointF& position) const;
    /// In place of the chart. An empty title: there is something to show.
    void setEmpty(const QString& title, const QString& text = {});

    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

    /// Styles what was added to the plot. To be called at the end of a constructor.
    void applyStyle();

private:
    class EmptyNote;

    void redraw();
    void adoptScreen();

    QString m_title;
    RunFacts m_facts;
    const Theme* m_theme;
    LegendStrip* m_legend;
    EmptyNote* m_note;
    QString m_emptyTitle;
    QString m_emptyText;
    QString m_lastSummary;
    ViewState* m_view = nullptr;
    std::uint64_t m_drawnRevision = 0;
    const Recording* m_drawnRecording = nullptr;
    std::int64_t m_drawnOrigin = 0;
    bool m_drawnRunning = false;
    bool m_stale = true;
    bool m_themeFixed = false;
    bool m_styled = false;
};

} // namespace manyhands::app
