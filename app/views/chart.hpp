// SPDX-License-Identifier: GPL-3.0-or-later
// What all charts share: theme, fonts, focus, keys, menu, accessibility, legend, empty state,
// hover, table.
#pragma once

#include "app/views/chart_table.hpp"
#include "app/views/legend_strip.hpp"
#include "app/views/run_facts.hpp"
#include "app/views/theme.hpp"
#include "app/views/view_state.hpp"

#include <qcustomplot.h>

#include <QHash>
#include <QImage>
#include <QPointer>
#include <QSet>

class QActionGroup;
class QMenu;
class QPushButton;

namespace manyhands::app {

/// A value that keys come to: what it says, and where it stands in the chart.
struct Datum
{
    QString text;
    QPointF place; ///< in pixels
};

/// A chart of a run. Draws only when it is visible and its run has changed.
class Chart : public QCustomPlot
{
    Q_OBJECT

public:
    /// What the button of an empty chart asks for.
    enum class EmptyAction : std::uint8_t { none, run, measure };
    Q_ENUM(EmptyAction)

    /// `accessibleName` is fixed; `title` is what stands above the chart.
    Chart(const QString& title, const QString& accessibleName, QWidget* parent = nullptr);

    QString title() const { return m_title; }
    /// Of one of several of its kind: what tells it from the others.
    void setTitle(const QString& title) { m_title = title; }
    /// Shows the run as it is now; the recording must stay until the next call or clear().
    void showRun(const RunFacts& facts);
    /// Forgets the run.
    void clear();
    bool hasRun() const { return m_facts.recording != nullptr; }

    /// What is seen and selected, shared with the other views; it must outlive the chart or say so
    /// by its destruction.
    void setViewState(ViewState* view);
    ViewState* viewState() const { return m_view; }

    /// One sentence on what is to be seen, for the panel's head and for screen readers.
    virtual QString summary() const = 0;
    virtual ChartTable table() const = 0;

    bool isEmpty() const { return !m_emptyTitle.isEmpty(); }
    QString emptyTitle() const { return m_emptyTitle; }
    QString emptyText() const { return m_emptyText; }

    /// Keeps one theme, whatever the palette.
    void fixTheme(const Theme& theme);
    const Theme& theme() const { return *m_theme; }

    /// Nobody can scroll or point at it: all of it is shown at once.
    void setStill() { m_still = true; }
    bool isStill() const { return m_still; }

    /// Lays the chart out for that size, and refreshes it.
    void layOut(QSize size);
    /// Draws the chart, laid out anew for that size, without focus or hover; needs no display.
    void drawOn(QCPPainter& painter, QSize size);
    /// The same as a picture of its own.
    QImage picture(QSize size);

    /// What a person can switch in this chart: of each group one action is checked.
    const QList<QActionGroup*>& switches() const { return m_switches; }
    /// Everything that can be done with the chart.
    void addActionsTo(QMenu* menu);

    void setGridShown(bool shown);
    bool isGridShown() const { return m_gridShown; }
    void setLegendShown(bool shown);
    bool isLegendShown() const { return m_legend->isShown(); }

    /// By LegendEntry::id.
    bool isHidden(int id) const { return m_hidden.contains(id); }
    void setHidden(int id, bool hidden);
    /// Hides all others; where they are hidden already, shows all.
    void isolate(int id);
    void showAll();

    /// The value that keys have come to; empty before they have.
    virtual QString focusedText() const;
    int focusedSeries() const { return m_series; }

    /// The parts of the chart for screen readers: the series, unless a chart has others.
    virtual int partCount() const { return seriesCount(); }
    virtual QString partName(int part) const { return seriesName(part); }
    virtual QRect partRect(int part) const;

signals:
    void summaryChanged();
    /// What table() says has changed, or is gone.
    void tableChanged();
    void tableRequested();
    void maximizeRequested();
    void copyRequested();
    void exportRequested();
    void emptyActionRequested(manyhands::app::Chart::EmptyAction action);
    /// A person has moved a prediction, by mouse or keys; comes at each step.
    void predictionDragged(const QString& name, double value);

protected:
    const RunFacts& facts() const { return m_facts; }
    const std::vector<PredictedPoint>& predictions() const;
    /// Gives a prediction, by its place among predictions(), another value and says so.
    void movePrediction(std::size_t number, double value);
    LegendStrip* legendStrip() const { return m_legend; }

    /// Whether the chart has something to say of a trace of another program, whose spans have
    /// names and no states. Else it sees no run then, and says why.
    virtual bool showsForeign() const { return false; }
    /// Brings what is drawn up to facts(). `afresh`: another run than before, so nothing that was
    /// kept from earlier calls holds.
    virtual void refresh(bool afresh) = 0;
    /// Takes on theme() and font() where the base does not.
    virtual void restyle() { }
    virtual QString hoverText(const QPointF& position) const;
    /// In place of the chart. An empty title: there is something to show.
    void setEmpty(const QString& title, const QString& text = {},
        EmptyAction action = EmptyAction::none, const QString& button = {});

    /// What keys walk through: up and down the series, left and right the values of one.
    virtual int seriesCount() const { return 0; }
    virtual QString seriesName(int series) const;
    virtual int datumCount(int series) const;
    virtual Datum datum(int series, int index) const;
    /// The legend's entry of a value; -1 where it cannot be hidden.
    virtual int legendIdOf(int series, int) const { return series; }
    /// Keys have come to a series.
    virtual void seriesFocused(int) { }
    /// A person pressed the left button upon the chart's own area.
    virtual void pressedAt(const QPointF&) { }

    /// The x axis is run time: keys and wheel change what the view state shows.
    virtual bool showsTime() const { return false; }
    /// The moment of run time that stays where it is when keys zoom: the middle of what is seen.
    virtual std::int64_t zoomCentre() const;
    /// Does what the key does to the seen interval; false where it is none of these keys.
    bool changeTime(const QKeyEvent& event);
    virtual void visibleIntervalChanged() { }
    virtual void selectionChanged() { }

    /// A choice of one of several, in menu and panel; `chosen` is called with the number of the
    /// one.
    QActionGroup* addSwitch(
        const QString& name, const QStringList& options, const std::function<void(int)>& chosen);
    /// Calls refresh() before the next drawing.
    void refreshSoon();

    /// Keys come to a value.
    void focusDatum(int series, int index);
    int focusedIndex() const { return m_index; }
    /// Tells screen readers that focusedText() has changed.
    void announceFocus();

    /// 1 at the usual size of letters: lines and symbols grow with them.
    double lineScale() const;
    /// An axis' title, and a shorter one for where it has no room.
    void labelAxis(QCPAxis* axis, const QString& label, const QString& brief);

    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

    /// Styles what was added to the plot. To be called at the end of a constructor.
    void applyStyle();

private:
    class Overlay;

    void redraw();
    void adoptScreen();
    void styleAxes();
    void fitAxes();
    void placeButton();
    QRect emptyArea(int& titleHeight, int& textHeight) const;
    bool toldByTip(const QPoint& position, QString& text) const;
    bool actsOn(const QKeyEvent& event) const;
    bool walk(int key);
    void forgetFocus();
    void toggleSeries();
    void nextOption(int number);
    void hiddenChanged();

    struct AxisLabel
    {
        QString full;
        QString brief;
    };

    QString m_title;
    RunFacts m_facts;
    const Theme* m_theme;
    LegendStrip* m_legend;
    QPushButton* m_button;
    QPointer<ViewState> m_view;
    QList<QActionGroup*> m_switches;
    QHash<QCPAxis*, AxisLabel> m_labels;
    QSet<int> m_hidden;
    QString m_emptyTitle;
    QString m_emptyText;
    EmptyAction m_emptyAction = EmptyAction::none;
    QString m_lastSummary;
    int m_series = -1; ///< that keys have come to
    int m_index = -1;
    std::uint64_t m_drawnRevision = 0;
    const Recording* m_drawnRecording = nullptr;
    std::int64_t m_drawnOrigin = 0;
    bool m_drawnRunning = false;
    bool m_stale = true;
    bool m_themeFixed = false;
    bool m_styled = false;
    bool m_gridShown = true;
    bool m_still = false;
    bool m_picturing = false; ///< what is drawn is no window: without focus
};

} // namespace manyhands::app
