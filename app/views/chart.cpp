// SPDX-License-Identifier: GPL-3.0-or-later
// What all charts share: theme, fonts, legend, empty state, hover; when they draw.
#include "app/views/chart.hpp"

#include "app/views/chart_accessible.hpp"

#include <QActionGroup>
#include <QHelpEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolTip>
#include <QWindow>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

/// Of letters at which a line is as wide as its number says, in pixels.
constexpr double usualLetterHeight = 18;
constexpr double mostLineScale = 4;
/// Of room for a tick's label, in lines of text.
constexpr double linesPerTick = 2.2;
/// And in letters, along an axis at the bottom.
constexpr double lettersPerTick = 9;

/// Names come from runs: what looks like markup in them is none.
QString plainTip(const QString& text)
{
    return QStringLiteral("<qt>%1</qt>")
        .arg(text.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")));
}

} // namespace

/// What stands upon a chart: title and sentence where it has nothing to show, and the value that
/// keys have come to.
class Chart::Overlay : public QCPLayerable
{
public:
    explicit Overlay(Chart* chart)
        : QCPLayerable(chart, QStringLiteral("overlay"))
        , m_chart(chart)
    {
    }

protected:
    void applyDefaultAntialiasingHint(QCPPainter*) const override { }

    void draw(QCPPainter* painter) override
    {
        if (m_chart->isEmpty())
            drawNote(*painter);
        else if (m_chart->m_series >= 0 && m_chart->hasFocus() && !m_chart->m_picturing)
            drawFocus(*painter);
    }

private:
    void drawNote(QCPPainter& painter) const
    {
        QFont font = m_chart->font();
        QFont bold = font;
        bold.setBold(true);
        const int flags = Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap;
        int titleHeight = 0;
        int textHeight = 0;
        QRect place = m_chart->emptyArea(titleHeight, textHeight);
        painter.setFont(bold);
        painter.setPen(m_chart->theme().text);
        painter.drawText(place, flags, m_chart->m_emptyTitle);
        place.setTop(place.top() + titleHeight + QFontMetrics(font).height() / 2);
        painter.setFont(font);
        painter.setPen(m_chart->theme().secondaryText);
        painter.drawText(place, flags, m_chart->m_emptyText);
    }

    void drawFocus(QCPPainter& painter) const
    {
        if (m_chart->m_index >= m_chart->datumCount(m_chart->m_series))
            return;
        const Datum datum = m_chart->datum(m_chart->m_series, m_chart->m_index);
        const double radius = 5 * m_chart->lineScale();
        const Theme& theme = m_chart->theme();
        painter.setAntialiasing(true);
        painter.setBrush(Qt::NoBrush);
        for (const bool rim : {true, false}) {
            painter.setPen(QPen(rim ? theme.background : theme.text, rim ? 5 : 2));
            painter.drawEllipse(datum.place, radius, radius);
        }
        const QRect area = m_chart->viewport().adjusted(4, 4, -4, -4);
        const QFontMetrics metrics(m_chart->font());
        QRect words = metrics.boundingRect(
            QRect(0, 0, area.width() - 12, area.height()), Qt::TextWordWrap, datum.text);
        QRect box = words.adjusted(-6, -4, 6, 4);
        box.moveBottomLeft((datum.place + QPointF(radius, -radius - 2)).toPoint());
        if (box.top() < area.top())
            box.moveTop(static_cast<int>(datum.place.y() + radius + 2));
        box.moveLeft(std::max(area.left(), std::min(box.left(), area.right() - box.width())));
        box.moveTop(std::max(area.top(), std::min(box.top(), area.bottom() - box.height())));
        painter.setAntialiasing(false);
        painter.setPen(QPen(theme.text, 1));
        painter.setBrush(theme.background);
        painter.drawRect(box);
        painter.setFont(m_chart->font());
        painter.drawText(box.adjusted(6, 4, -6, -4), Qt::TextWordWrap, datum.text);
    }

    Chart* m_chart;
};

Chart::Chart(const QString& title, const QString& accessibleName, QWidget* parent)
    : QCustomPlot(parent)
    , m_title(title)
    , m_theme(&Theme::matching(palette()))
    , m_legend(nullptr)
    , m_button(new QPushButton(this))
{
    installChartAccessibility();
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
    // A buffer of its own for it would be laid over the whole chart in every frame.
    layer(QStringLiteral("overlay"))->setMode(QCPLayer::lmLogical);
    new Overlay(this); // owned by the plot
    m_button->hide();
    m_button->setMinimumHeight(24);
    connect(m_button, &QPushButton::clicked, this,
        [this] { emit emptyActionRequested(m_emptyAction); });
    connect(this, &QCustomPlot::afterLayout, this, &Chart::fitAxes);
}

void Chart::showRun(const RunFacts& facts)
{
    const bool changed = facts.recording != m_facts.recording || facts.foreign != m_facts.foreign
        || facts.running != m_facts.running
        || (facts.recording && facts.recording->revision() != m_drawnRevision)
        || facts.untilNs != m_facts.untilNs || facts.points.size() != m_facts.points.size()
        || facts.finalSpeedup != m_facts.finalSpeedup || facts.swept != m_facts.swept
        || facts.document != m_facts.document || facts.predictions != m_facts.predictions
        || facts.budget.interval.begin_ns != m_facts.budget.interval.begin_ns
        || facts.budget.interval.end_ns != m_facts.budget.interval.end_ns;
    const bool another = facts.recording != m_facts.recording;
    m_facts = facts;
    if (m_facts.foreign && !showsForeign())
        m_facts.recording = nullptr;
    if (another) {
        forgetFocus();
        emit tableChanged();
    }
    if (changed)
        refreshSoon();
    else if (m_stale && isVisible())
        redraw();
}

void Chart::clear()
{
    m_facts = RunFacts{};
    forgetFocus();
    emit tableChanged();
    refreshSoon();
}

const std::vector<PredictedPoint>& Chart::predictions() const
{
    static const std::vector<PredictedPoint> none;
    return m_facts.predictions ? *m_facts.predictions : none;
}

void Chart::movePrediction(std::size_t number, double value)
{
    const PredictedPoint& point = predictions()[number];
    if (!isMovable(point) || point.prediction.value == value)
        return;
    const QString name = QString::fromStdString(point.description.name);
    auto moved = std::make_shared<std::vector<PredictedPoint>>(predictions());
    (*moved)[number].prediction.value = value;
    m_facts.predictions = std::move(moved);
    refreshSoon();
    announceFocus();
    emit predictionDragged(name, value);
}

void Chart::setViewState(ViewState* view)
{
    if (m_view)
        m_view->disconnect(this);
    m_view = view;
    if (!view)
        return;
    connect(view, &ViewState::visibleChanged, this, [this] { visibleIntervalChanged(); });
    connect(view, &ViewState::selectionChanged, this, [this] { selectionChanged(); });
    refreshSoon();
}

void Chart::refreshSoon()
{
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
    if (m_facts.foreign && !m_facts.recording) {
        setEmpty(tr("Not known of another program's trace"),
            tr("“%1” needs to know what a process does: compute, send, wait. Such a trace has "
               "spans with names, and does not say.")
                .arg(m_title));
    }
    m_drawnRecording = recording;
    m_drawnRevision = recording ? recording->revision() : 0;
    m_drawnOrigin = recording ? recording->origin_ns() : 0;
    m_drawnRunning = m_facts.running;
    m_stale = false;
    placeButton();
    replot(QCustomPlot::rpQueuedReplot);
    const QString words = isEmpty() ? m_emptyTitle + QStringLiteral(". ") + m_emptyText : summary();
    if (words != m_lastSummary) {
        m_lastSummary = words;
        setAccessibleDescription(words);
        emit summaryChanged();
    }
    emit tableChanged();
}

void Chart::setEmpty(
    const QString& title, const QString& text, EmptyAction action, const QString& button)
{
    m_emptyTitle = title;
    m_emptyText = text;
    m_emptyAction = title.isEmpty() ? EmptyAction::none : action;
    m_button->setText(button);
    for (QCPLayoutElement* element : plotLayout()->elements(true)) {
        if (element)
            element->setVisible(title.isEmpty());
    }
}

QRect Chart::emptyArea(int& titleHeight, int& textHeight) const
{
    const QRect area = viewport().adjusted(12, 8, -12, -8);
    QFont bold = font();
    bold.setBold(true);
    const int flags = Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap;
    titleHeight = QFontMetrics(bold).boundingRect(area, flags, m_emptyTitle).height();
    textHeight = QFontMetrics(font()).boundingRect(area, flags, m_emptyText).height();
    const int gap = QFontMetrics(font()).height() / 2;
    const int button = m_emptyAction == EmptyAction::none ? 0 : gap + m_button->sizeHint().height();
    QRect place = area;
    const int height = titleHeight + gap + textHeight + button;
    place.setTop(std::max(area.top(), area.center().y() - height / 2));
    return place;
}

void Chart::placeButton()
{
    m_button->setVisible(m_emptyAction != EmptyAction::none);
    if (m_emptyAction == EmptyAction::none)
        return;
    int titleHeight = 0;
    int textHeight = 0;
    const QRect place = emptyArea(titleHeight, textHeight);
    const int gap = QFontMetrics(font()).height() / 2;
    const QSize size = m_button->sizeHint();
    m_button->setGeometry(place.center().x() - size.width() / 2,
        place.top() + titleHeight + textHeight + 2 * gap, size.width(), size.height());
}

void Chart::fixTheme(const Theme& theme)
{
    m_themeFixed = true;
    m_theme = &theme;
    applyStyle();
}

void Chart::layOut(QSize size)
{
    const bool picturing = std::exchange(m_picturing, true);
    resize(size);
    setViewport(QRect(QPoint(), size));
    // Laid out before, so that what depends on the room for data finds it.
    updateLayout();
    m_stale = true;
    redraw();
    updateLayout();
    m_picturing = picturing;
}

void Chart::drawOn(QCPPainter& painter, QSize size)
{
    m_picturing = true;
    layOut(size);
    toPainter(&painter, size.width(), size.height());
    m_picturing = false;
}

QImage Chart::picture(QSize size)
{
    QImage image(size, QImage::Format_RGB32);
    image.fill(m_theme->background);
    QCPPainter painter(&image);
    drawOn(painter, size);
    return image;
}

QString Chart::hoverText(const QPointF&) const
{
    return {};
}

double Chart::lineScale() const
{
    return std::clamp(fontMetrics().height() / usualLetterHeight, 1.0, mostLineScale);
}

void Chart::labelAxis(QCPAxis* axis, const QString& label, const QString& brief)
{
    m_labels[axis] = {label, brief};
    if (axis->label() != label && axis->label() != brief)
        axis->setLabel(label);
}

void Chart::fitAxes()
{
    if (isEmpty())
        return;
    bool changed = false;
    const QFontMetrics metrics(font());
    for (QCPAxisRect* rect : axisRects()) {
        if (rect->width() <= 0 || rect->height() <= 0)
            continue;
        for (QCPAxis* axis : rect->axes()) {
            const bool across = axis->orientation() == Qt::Horizontal;
            const int length = across ? rect->width() : rect->height();
            const double perTick = across ? lettersPerTick * metrics.averageCharWidth()
                                          : linesPerTick * metrics.height();
            const int ticks = std::clamp(static_cast<int>(length / perTick), 2, across ? 6 : 5);
            if (axis->ticker()->tickCount() != ticks) {
                axis->ticker()->setTickCount(ticks);
                changed = true;
            }
            const auto label = m_labels.constFind(axis);
            if (label == m_labels.constEnd())
                continue;
            const bool fits = metrics.horizontalAdvance(label->full) <= length;
            const QString& wanted = fits ? label->full : label->brief;
            if (axis->label() != wanted) {
                axis->setLabel(wanted);
                changed = true;
            }
        }
    }
    if (changed && !m_picturing)
        replot(QCustomPlot::rpQueuedReplot);
}

void Chart::applyStyle()
{
    m_styled = true;
    if (!m_themeFixed)
        m_theme = &Theme::matching(palette());
    setBackground(QBrush(m_theme->background));
    m_legend->setTheme(*m_theme);
    m_legend->setFont(font());
    m_button->setFont(font());
    styleAxes();
    restyle();
    refreshSoon();
}

void Chart::styleAxes()
{
    const double scale = lineScale();
    const QPen framePen(m_theme->frame, scale);
    const QPen gridPen(m_theme->grid, scale, Qt::SolidLine);
    for (QCPAxisRect* rect : axisRects()) {
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(framePen);
            axis->setTickPen(framePen);
            axis->setSubTickPen(Qt::NoPen);
            axis->setTickLabelColor(m_theme->text);
            axis->setLabelColor(m_theme->text);
            axis->setTickLabelFont(font());
            axis->setLabelFont(font());
            axis->grid()->setPen(m_gridShown ? gridPen : QPen(Qt::NoPen));
            axis->grid()->setZeroLinePen(Qt::NoPen);
            axis->setTickLengthIn(0);
            axis->setTickLengthOut(static_cast<int>(4 * scale));
            axis->setLabelPadding(2);
            axis->setTickLabelPadding(static_cast<int>(3 * scale));
        }
    }
}

bool Chart::toldByTip(const QPoint& position, QString& text) const
{
    const int entry = m_legend->entryAt(position);
    if (entry >= 0 && m_legend->entries()[entry].id < 0)
        text = m_legend->entries()[entry].text;
    else if (entry >= 0)
        text = tr("%1\nClick: hide or show; double-click: show this alone")
                   .arg(m_legend->entries()[entry].text);
    else
        text = hoverText(position);
    return !text.isEmpty();
}

bool Chart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QString text;
        if (!isEmpty() && toldByTip(help->pos(), text))
            QToolTip::showText(help->globalPos(), plainTip(text), this);
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::ShortcutOverride) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (actsOn(*key)) {
            key->accept();
            return true;
        }
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

void Chart::resizeEvent(QResizeEvent* event)
{
    QCustomPlot::resizeEvent(event);
    // How much is drawn, and which names are short, follows the room.
    if (m_styled && event->size() != event->oldSize()) {
        updateLayout();
        refreshSoon();
    }
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
    if (m_series >= 0)
        replot(QCustomPlot::rpQueuedReplot);
    QWidget::update();
}

void Chart::focusOutEvent(QFocusEvent* event)
{
    QCustomPlot::focusOutEvent(event);
    if (m_series >= 0)
        replot(QCustomPlot::rpQueuedReplot);
    QWidget::update();
}

void Chart::paintEvent(QPaintEvent* event)
{
    QCustomPlot::paintEvent(event);
    placeButton();
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setPen(
        QPen(m_themeFixed ? m_theme->text : palette().color(QPalette::Highlight), 2 * lineScale()));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

} // namespace manyhands::app
