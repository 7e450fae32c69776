// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/overview_strip.hpp"

#include "app/views/lane_bars.hpp"
#include "engine/analysis/state_columns.hpp"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// While a run lasts, all of it changes little in so much time, and going through it costs.
constexpr qint64 liveIntervalMs = 500;
constexpr int dimAlpha = 150;

/// What stands at the foot of the strip, and upwards from there.
int orderOf(Fill fill)
{
    if (fill >= fill_stopped)
        return 3;
    switch (category_of(static_cast<State>(fill))) {
    case BudgetCategory::computing:
        return 0;
    case BudgetCategory::serialising:
    case BudgetCategory::transfer:
        return 1;
    default:
        return 2;
    }
}

} // namespace

OverviewStrip::OverviewStrip(ViewState* view, QWidget* parent)
    : QWidget(parent)
    , m_view(view)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Overview of the run"));
    setAccessibleDescription(
        tr("All of the run, and which part of it is seen; arrow keys move the part."));
    setToolTip(tr("All of the run: how many processes computed, sent and received, or waited. "
                  "Drag the frame to see another part."));
    connect(m_view, &ViewState::visibleChanged, this, qOverload<>(&QWidget::update));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize OverviewStrip::sizeHint() const
{
    return {200, std::max(24, fontMetrics().height() * 3 / 2)};
}

void OverviewStrip::showRun(const RunFacts& facts)
{
    m_facts = facts;
    update();
}

void OverviewStrip::clear()
{
    m_facts = RunFacts{};
    m_drawnRevision = 0;
    m_image = {};
    update();
}

void OverviewStrip::draw()
{
    const Recording& recording = *m_facts.recording;
    const Theme& theme = Theme::matching(palette());
    const std::int64_t extent
        = m_view->mode() == ViewState::Mode::all ? m_view->visible().end_ns : m_view->extentNs();
    const bool same = m_drawnSize == size() && m_drawnTheme == &theme
        && m_drawnUntilNs == m_facts.nowNs() && m_drawnExtentNs == extent
        && m_drawnRevision == recording.revision();
    if (!m_image.isNull()
        && (same
            || (m_facts.running && m_sinceDrawn.isValid() && m_sinceDrawn.elapsed() < liveIntervalMs
                && m_drawnSize == size())))
        return;
    m_image = QImage(size(), QImage::Format_RGB32);
    m_image.fill(theme.background);
    const auto width = static_cast<std::size_t>(std::max(1, m_image.width()));
    const std::vector<Interval> columns = columns_of(recording, {0, extent}, width);
    std::vector<std::array<int, fill_nothing + 1>> counts(width);
    std::vector<StateColumn> filled(width);
    for (const Lane& lane : recording.lanes()) {
        state_columns(recording, lane, columns, m_facts.nowNs(), filled);
        for (std::size_t x = 0; x < width; ++x)
            ++counts[x][filled[x].fill];
    }
    std::array<Fill, fill_nothing> order;
    for (Fill fill = 0; fill < fill_nothing; ++fill)
        order[fill] = fill;
    std::stable_sort(
        order.begin(), order.end(), [](Fill a, Fill b) { return orderOf(a) < orderOf(b); });
    const double perLane = static_cast<double>(m_image.height())
        / static_cast<double>(std::max<std::size_t>(1, recording.lanes().size()));
    QPainter painter(&m_image);
    for (std::size_t x = 0; x < width; ++x) {
        double foot = m_image.height();
        for (const Fill fill : order) {
            if (counts[x][fill] == 0)
                continue;
            const double top = foot - counts[x][fill] * perLane;
            painter.fillRect(
                QRectF(static_cast<double>(x), top, 1, foot - top), lookOf(theme, fill).colour);
            foot = top;
        }
    }
    m_drawnSize = size();
    m_drawnTheme = &theme;
    m_drawnRevision = recording.revision();
    m_drawnUntilNs = m_facts.nowNs();
    m_drawnExtentNs = extent;
    m_sinceDrawn.start();
}

QRectF OverviewStrip::window() const
{
    const Interval seen = m_view->visible();
    const double all = static_cast<double>(
        std::max(m_view->mode() == ViewState::Mode::all ? seen.end_ns : m_view->extentNs(),
            std::int64_t{1}));
    const double left = static_cast<double>(seen.begin_ns) / all * width();
    const double right = static_cast<double>(seen.end_ns) / all * width();
    return QRectF(left, 0, std::max(4.0, right - left), height());
}

std::int64_t OverviewStrip::timeAt(double x) const
{
    return std::llround(x / std::max(1, width()) * static_cast<double>(m_view->extentNs()));
}

void OverviewStrip::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::matching(palette());
    QPainter painter(this);
    if (!m_facts.recording || m_facts.recording->lanes().empty()) {
        painter.fillRect(rect(), theme.background);
        return;
    }
    draw();
    painter.drawImage(rect(), m_image);
    const QRectF seen = window();
    QColor dim = theme.background;
    dim.setAlpha(dimAlpha);
    painter.fillRect(QRectF(0, 0, seen.left(), height()), dim);
    painter.fillRect(QRectF(seen.right(), 0, width() - seen.right(), height()), dim);
    painter.setPen(QPen(hasFocus() ? palette().color(QPalette::Highlight) : theme.text, 2));
    painter.drawRect(seen.adjusted(1, 1, -1, -1));
}

void OverviewStrip::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        m_view->panBySteps(-1);
        break;
    case Qt::Key_Right:
        m_view->panBySteps(1);
        break;
    case Qt::Key_Home:
        m_view->fit();
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void OverviewStrip::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_facts.recording)
        return;
    const Interval seen = m_view->visible();
    const std::int64_t time = timeAt(event->position().x());
    if (!window().contains(event->position())) {
        const std::int64_t half = seen.length_ns() / 2;
        m_view->show({time - half, time - half + seen.length_ns()}, ViewState::Gesture::pan);
    }
    m_grabNs = time - m_view->visible().begin_ns;
}

void OverviewStrip::mouseMoveEvent(QMouseEvent* event)
{
    if (!(event->buttons() & Qt::LeftButton) || !m_facts.recording)
        return;
    const std::int64_t begin = timeAt(event->position().x()) - m_grabNs;
    m_view->show({begin, begin + m_view->visible().length_ns()}, ViewState::Gesture::pan);
}

} // namespace manyhands::app
