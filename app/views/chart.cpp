// SPDX-License-Identifier: GPL-3.0-or-later
// What all charts share: theme, fonts, focus, accessibility, legend, empty state, hover, table.
#include "app/views/chart.hpp"

#include <QAccessibleWidget>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <QWindow>

namespace manyhands::app {
namespace {

QAccessibleInterface* accessibleChart(const QString& className, QObject* object)
{
    if (className != QLatin1String(Chart::staticMetaObject.className()))
        return nullptr;
    return new QAccessibleWidget(qobject_cast<QWidget*>(object), QAccessible::Chart);
}

} // namespace

/// Title and sentence that stand where a chart has nothing to show.
class Chart::EmptyNote : public QCPLayerable
{
public:
    explicit EmptyNote(Chart* chart)
        : QCPLayerable(chart, QStringLiteral("overlay"))
        , m_chart(chart)
    {
    }

protected:
    void applyDefaultAntialiasingHint(QCPPainter*) const override { }

    void draw(QCPPainter* painter) override
    {
        if (!m_chart->isEmpty())
            return;
        const QRect area = m_chart->viewport().adjusted(12, 8, -12, -8);
        QFont font = m_chart->font();
        QFont bold = font;
        bold.setBold(true);
        const int flags = Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap;
        const int titleHeight
            = QFontMetrics(bold).boundingRect(area, flags, m_chart->m_emptyTitle).height();
        const int textHeight
            = QFontMetrics(font).boundingRect(area, flags, m_chart->m_emptyText).height();
        const int gap = QFontMetrics(font).height() / 2;
        QRect place = area;
        place.setTop(area.center().y() - (titleHeight + gap + textHeight) / 2);
        painter->setFont(bold);
        painter->setPen(m_chart->theme().text);
        painter->drawText(place, flags, m_chart->m_emptyTitle);
        place.setTop(place.top() + titleHeight + gap);
        painter->setFont(font);
        painter->setPen(m_chart->theme().secondaryText);
        painter->drawText(place, flags, m_chart->m_emptyText);
    }

private:
    Chart* m_chart;
};

Chart::Chart(const QString& title, const QString& accessibleName, QWidget* parent)
    : QCustomPlot(parent)
    , m_title(title)
    , m_theme(&Theme::matching(palette()))
    , m_legend(nullptr)
    , m_note(nullptr)
{
    [[maybe_unused]] static const bool installed
        = (QAccessible::installFactory(accessibleChart), true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(accessibleName);
    setMinimumSize(120, 90);
    setPlottingHint(QCP::phFastPolylines, true);

    setAutoAddPlottableToLegend(false);
    axisRect()->insetLayout()->remove(legend);
    plotLayout()->setRowSpacing(0);
    m_legend = new LegendStrip(this);
    plotLayout()->insertRow(0);
    plotLayout()->addElement(0, 0, m_legend);
    plotLayout()->setRowStretchFactor(0, 0.001);
    m_note = new EmptyNote(this);
}

void Chart::showRun(const RunFacts& facts)
{
    const bool changed = facts.recording != m_facts.recording || facts.running != m_facts.running
        || facts.untilNs != m_facts.untilNs || facts.points.size() != m_facts.points.size()
        || (facts.recording && facts.recording->revision() != m_drawnRevision);
    m_facts = facts;
    if (!changed && !m_stale)
        return;
    m_stale = true;
    if (isVisible())
        redraw();
}

void Chart::clear()
{
    m_facts = RunFacts{};
    m_stale = true;
    if (isVisible())
        redraw();
}

void Chart::redraw()
{
    const Recording* recording = m_facts.recording;
    const bool afresh = recording != m_drawnRecording
        || (recording
            && (recording->origin_ns() != m_drawnOrigin || recording->revision() < m_drawnRevision))
        || (m_facts.running && !m_drawnRunning);
    refresh(afresh);
    m_drawnRecording = recording;
    m_drawnRevision = recording ? recording->revision() : 0;
    m_drawnOrigin = recording ? recording->origin_ns() : 0;
    m_drawnRunning = m_facts.running;
    m_stale = false;
    replot(QCustomPlot::rpQueuedReplot);
    const QString words = isEmpty() ? m_emptyTitle + QStringLiteral(". ") + m_emptyText : summary();
    if (words != m_lastSummary) {
        m_lastSummary = words;
        setAccessibleDescription(words);
        emit summaryChanged();
    }
}

void Chart::setEmpty(const QString& title, const QString& text)
{
    m_emptyTitle = title;
    m_emptyText = text;
    for (QCPLayoutElement* element : plotLayout()->elements(true)) {
        if (element)
            element->setVisible(title.isEmpty());
    }
}

void Chart::fixTheme(const Theme& theme)
{
    m_themeFixed = true;
    m_theme = &theme;
    applyStyle();
}

QImage Chart::picture(QSize size)
{
    resize(size);
    setViewport(QRect(QPoint(), size));
    if (m_stale)
        redraw();
    QImage image(size, QImage::Format_RGB32);
    image.fill(m_theme->background);
    QCPPainter painter(&image);
    toPainter(&painter, size.width(), size.height());
    return image;
}

QString Chart::hoverText(const QPointF&) const
{
    return {};
}

void Chart::applyStyle()
{
    m_styled = true;
    if (!m_themeFixed)
        m_theme = &Theme::matching(palette());
    setBackground(QBrush(m_theme->background));
    m_legend->setTheme(*m_theme);
    m_legend->setFont(font());
    const QPen framePen(m_theme->frame, 1);
    for (QCPAxisRect* rect : axisRects()) {
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(framePen);
            axis->setTickPen(framePen);
            axis->setSubTickPen(Qt::NoPen);
            axis->setTickLabelColor(m_theme->text);
            axis->setLabelColor(m_theme->text);
            axis->setTickLabelFont(font());
            axis->setLabelFont(font());
            axis->grid()->setPen(QPen(m_theme->grid, 1, Qt::SolidLine));
            axis->grid()->setZeroLinePen(Qt::NoPen);
            axis->setTickLengthIn(0);
            axis->setTickLengthOut(4);
            axis->setLabelPadding(2);
            axis->setTickLabelPadding(3);
        }
    }
    restyle();
    m_stale = true;
    if (isVisible())
        redraw();
}

bool Chart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = isEmpty() ? QString() : hoverText(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QCustomPlot::event(event);
}

void Chart::changeEvent(QEvent* event)
{
    QCustomPlot::changeEvent(event);
    if (m_styled && (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange))
        applyStyle();
}

void Chart::showEvent(QShowEvent* event)
{
    QCustomPlot::showEvent(event);
    adoptScreen();
    if (QWindow* handle = window()->windowHandle())
        connect(handle, &QWindow::screenChanged, this, &Chart::adoptScreen, Qt::UniqueConnection);
    if (m_stale)
        redraw();
}

void Chart::adoptScreen()
{
    if (bufferDevicePixelRatio() != devicePixelRatioF()) {
        setBufferDevicePixelRatio(devicePixelRatioF());
        replot(QCustomPlot::rpQueuedReplot);
    }
}

void Chart::focusInEvent(QFocusEvent* event)
{
    QCustomPlot::focusInEvent(event);
    QWidget::update();
}

void Chart::focusOutEvent(QFocusEvent* event)
{
    QCustomPlot::focusOutEvent(event);
    QWidget::update();
}

void Chart::paintEvent(QPaintEvent* event)
{
    QCustomPlot::paintEvent(event);
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setPen(QPen(m_themeFixed ? m_theme->text : palette().color(QPalette::Highlight), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

} // namespace manyhands::app
