// SPDX-License-Identifier: GPL-3.0-or-later
// What a person can do in every chart: by keys, by the menu, upon the legend.
#include "app/views/chart.hpp"

#include "app/views/chart_accessible.hpp"

#include <QAction>
#include <QActionGroup>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// The letters of a keyboard's left hand, by the places that they have on an American one: there
/// stand other letters on a French one. Numbers of X11 and Wayland.
int placeKey(const QKeyEvent& event)
{
    switch (event.nativeScanCode()) {
    case 25:
        return Qt::Key_W;
    case 38:
        return Qt::Key_A;
    case 39:
        return Qt::Key_S;
    case 40:
        return Qt::Key_D;
    default:
        return event.key();
    }
}

bool plain(const QKeyEvent& event)
{
    return (event.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) == Qt::NoModifier;
}

} // namespace

QActionGroup* Chart::addSwitch(
    const QString& name, const QStringList& options, const std::function<void(int)>& chosen)
{
    auto* group = new QActionGroup(this);
    group->setObjectName(name);
    for (int i = 0; i < options.size(); ++i) {
        QAction* action = group->addAction(options[i]);
        action->setCheckable(true);
        action->setChecked(i == 0);
        connect(action, &QAction::toggled, this, [chosen, i](bool checked) {
            if (checked)
                chosen(i);
        });
    }
    m_switches.append(group);
    return group;
}

void Chart::addActionsTo(QMenu* menu)
{
    const auto checkable = [](QAction* action, bool checked) {
        action->setCheckable(true);
        action->setChecked(checked);
        return action;
    };
    // Keys stand behind a tab: as shortcuts they would act outside the chart too.
    QAction* table = menu->addAction(tr("&Data table\tT"), this, [this] { emit tableRequested(); });
    table->setEnabled(!isEmpty());
    menu->addAction(tr("&Maximise\tEnter"), this, [this] { emit maximizeRequested(); });
    menu->addAction(tr("&Copy figure\tCtrl+C"), this, [this] { emit copyRequested(); })
        ->setEnabled(!isEmpty());
    menu->addAction(tr("&Export figure…\tCtrl+E"), this, [this] { emit exportRequested(); })
        ->setEnabled(!isEmpty());
    menu->addSeparator();
    checkable(menu->addAction(tr("&Grid\tG")), m_gridShown);
    connect(menu->actions().last(), &QAction::triggered, this, &Chart::setGridShown);
    checkable(menu->addAction(tr("&Legend\tL")), isLegendShown());
    connect(menu->actions().last(), &QAction::triggered, this, &Chart::setLegendShown);
    int number = 0;
    for (QActionGroup* group : std::as_const(m_switches)) {
        const QString key = number == 0 ? tr("\tM") : number == 1 ? tr("\tShift+M") : QString();
        QMenu* options = menu->addMenu(group->objectName() + key);
        options->addActions(group->actions());
        ++number;
    }
    QMenu* shown = nullptr;
    for (const LegendEntry& entry : m_legend->entries()) {
        if (entry.id < 0)
            continue;
        if (!shown)
            shown = menu->addMenu(tr("&Show\tSpace"));
        QString name = entry.name.isEmpty() ? entry.text : entry.name;
        QAction* action = shown->addAction(name.replace(QLatin1Char('&'), QStringLiteral("&&")));
        checkable(action, !isHidden(entry.id));
        const int id = entry.id;
        connect(action, &QAction::toggled, this, [this, id](bool on) { setHidden(id, !on); });
    }
    if (shown)
        shown->addAction(tr("&All"), this, &Chart::showAll)->setEnabled(!m_hidden.isEmpty());
}

void Chart::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    addActionsTo(&menu);
    menu.exec(event->globalPos());
    event->accept();
}

void Chart::setGridShown(bool shown)
{
    m_gridShown = shown;
    styleAxes();
    refreshSoon();
}

void Chart::setLegendShown(bool shown)
{
    m_legend->setShown(shown);
    refreshSoon();
}

void Chart::setHidden(int id, bool hidden)
{
    if (hidden)
        m_hidden.insert(id);
    else
        m_hidden.remove(id);
    hiddenChanged();
}

void Chart::isolate(int id)
{
    QSet<int> others;
    for (const LegendEntry& entry : m_legend->entries()) {
        if (entry.id >= 0 && entry.id != id)
            others.insert(entry.id);
    }
    QSet<int> hiddenOthers = m_hidden;
    hiddenOthers.remove(id);
    m_hidden = hiddenOthers == others ? QSet<int>() : others;
    hiddenChanged();
}

void Chart::showAll()
{
    m_hidden.clear();
    hiddenChanged();
}

void Chart::hiddenChanged()
{
    m_legend->setHidden(m_hidden);
    refreshSoon();
}

QString Chart::seriesName(int series) const
{
    const QList<LegendEntry>& entries = m_legend->entries();
    return series >= 0 && series < entries.size() ? entries[series].text : QString();
}

int Chart::datumCount(int) const
{
    return 0;
}

Datum Chart::datum(int, int) const
{
    return {};
}

QRect Chart::partRect(int) const
{
    return rect();
}

QString Chart::focusedText() const
{
    if (m_series < 0 || m_index >= datumCount(m_series))
        return {};
    return datum(m_series, m_index).text;
}

bool Chart::actsOn(const QKeyEvent& event) const
{
    if (event.matches(QKeySequence::Copy))
        return true;
    if (!plain(event))
        return false;
    switch (event.key()) {
    case Qt::Key_T:
    case Qt::Key_G:
    case Qt::Key_L:
    case Qt::Key_M:
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return true;
    default:
        return false;
    }
}

void Chart::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        emit copyRequested();
        return;
    }
    if (!plain(*event)) {
        QCustomPlot::keyPressEvent(event);
        return;
    }
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    switch (event->key()) {
    case Qt::Key_T:
        emit tableRequested();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        emit maximizeRequested();
        return;
    case Qt::Key_G:
        setGridShown(!m_gridShown);
        return;
    case Qt::Key_L:
        setLegendShown(!isLegendShown());
        return;
    case Qt::Key_M:
        nextOption(shift ? 1 : 0);
        return;
    case Qt::Key_Space:
        if (shift && m_series >= 0)
            isolate(legendIdOf(m_series, m_index));
        else
            toggleSeries();
        return;
    default:
        break;
    }
    if (!changeTime(*event) && !walk(event->key()))
        QCustomPlot::keyPressEvent(event);
}

void Chart::nextOption(int number)
{
    if (number >= m_switches.size())
        return;
    const QList<QAction*> options = m_switches[number]->actions();
    const qsizetype now = options.indexOf(m_switches[number]->checkedAction());
    options[(now + 1) % options.size()]->setChecked(true);
}

void Chart::toggleSeries()
{
    if (m_series < 0)
        return;
    const int id = legendIdOf(m_series, m_index);
    if (id >= 0)
        setHidden(id, !isHidden(id));
}

std::int64_t Chart::zoomCentre() const
{
    const Interval seen = m_view->visible();
    return seen.begin_ns + seen.length_ns() / 2;
}

bool Chart::changeTime(const QKeyEvent& event)
{
    if (!showsTime() || !m_view)
        return false;
    switch (placeKey(event)) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_W:
        m_view->zoomBySteps(1, zoomCentre());
        return true;
    case Qt::Key_Minus:
    case Qt::Key_S:
        m_view->zoomBySteps(-1, zoomCentre());
        return true;
    case Qt::Key_A:
        m_view->panBySteps(-1);
        return true;
    case Qt::Key_D:
        m_view->panBySteps(1);
        return true;
    case Qt::Key_Home:
        m_view->fit();
        return true;
    case Qt::Key_Backspace:
        m_view->back();
        return true;
    default:
        return false;
    }
}

bool Chart::walk(int key)
{
    const int series = isEmpty() ? 0 : seriesCount();
    if (series == 0)
        return false;
    const int now = std::clamp(m_series, 0, series - 1);
    switch (key) {
    case Qt::Key_Up:
        focusDatum(m_series < 0 ? series - 1 : std::max(0, now - 1), m_index);
        return true;
    case Qt::Key_Down:
        focusDatum(m_series < 0 ? 0 : std::min(series - 1, now + 1), m_index);
        return true;
    case Qt::Key_Left:
        focusDatum(now, m_series < 0 ? datumCount(now) - 1 : m_index - 1);
        return true;
    case Qt::Key_Right:
        focusDatum(now, m_series < 0 ? 0 : m_index + 1);
        return true;
    case Qt::Key_Home:
        focusDatum(now, 0);
        return true;
    case Qt::Key_End:
        focusDatum(now, datumCount(now) - 1);
        return true;
    default:
        return false;
    }
}

void Chart::focusDatum(int series, int index)
{
    const int count = datumCount(series);
    const bool another = series != m_series;
    m_series = series;
    m_index = count > 0 ? std::clamp(index, 0, count - 1) : 0;
    if (another)
        seriesFocused(series);
    replot(QCustomPlot::rpQueuedReplot);
    announce(this);
}

void Chart::announceFocus()
{
    announce(this);
}

void Chart::forgetFocus()
{
    m_series = -1;
    m_index = -1;
}

void Chart::mousePressEvent(QMouseEvent* event)
{
    const int entry = isEmpty() ? -1 : m_legend->entryAt(event->position());
    if (event->button() == Qt::LeftButton && entry >= 0) {
        const int id = m_legend->entries()[entry].id;
        if (id >= 0)
            setHidden(id, !isHidden(id));
        event->accept();
        return;
    }
    if (event->button() == Qt::LeftButton && !isEmpty())
        pressedAt(event->position());
    QCustomPlot::mousePressEvent(event);
}

void Chart::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int entry = isEmpty() ? -1 : m_legend->entryAt(event->position());
    if (event->button() == Qt::LeftButton && entry >= 0) {
        const int id = m_legend->entries()[entry].id;
        if (id >= 0)
            isolate(id);
        event->accept();
        return;
    }
    QCustomPlot::mouseDoubleClickEvent(event);
}

void Chart::wheelEvent(QWheelEvent* event)
{
    const QCPAxisRect* area = axisRect();
    const double notches = event->angleDelta().y() / double{QWheelEvent::DefaultDeltasPerStep};
    if (!showsTime() || !m_view || isEmpty() || notches == 0) {
        QCustomPlot::wheelEvent(event);
        return;
    }
    const Interval seen = m_view->visible();
    if (event->modifiers() & Qt::ControlModifier) {
        const double share = std::clamp(
            (event->position().x() - area->left()) / std::max(1, area->width()), 0.0, 1.0);
        const auto around = seen.begin_ns
            + static_cast<std::int64_t>(static_cast<double>(seen.length_ns()) * share);
        m_view->zoomBySteps(notches, around);
        event->accept();
    } else if (event->modifiers() & Qt::ShiftModifier) {
        m_view->panBySteps(-notches);
        event->accept();
    } else {
        QCustomPlot::wheelEvent(event);
    }
}

} // namespace manyhands::app
