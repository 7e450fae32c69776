// SPDX-License-Identifier: GPL-3.0-or-later
// A chart in its place in the window, under a head with its title and what it comes to.
#include "app/window/chart_panel.hpp"

#include "app/views/chart.hpp"

#include <QAction>
#include <QActionGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Of the chart's letters: to be read from afar, and seen through.
constexpr int markFontFactor = 3;
constexpr int markAlpha = 110;

} // namespace

ChartPanel::ChartPanel(Chart* chart, QWidget* parent)
    : QFrame(parent)
    , m_chart(chart)
    , m_head(new QHBoxLayout)
    , m_title(new QLabel(chart->title(), this))
    , m_summary(new QLabel(this))
    , m_mark(nullptr)
{
    setFrameShape(QFrame::StyledPanel);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_title->setBuddy(chart);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setMinimumWidth(0);
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);

    m_head->setContentsMargins(6, 1, 2, 1);
    m_head->setSpacing(4);
    m_head->addWidget(m_title);
    m_head->addWidget(m_summary, 1);
    for (QActionGroup* group : chart->switches())
        addSwitch(*group);
    QToolButton* table = addButton({}, tr("Show %1 as a table (T in the chart)"));
    m_signs = {{table, Sign::table}};
    connect(table, &QToolButton::clicked, this, &ChartPanel::tableRequested);
    QToolButton* large
        = addButton({}, tr("Give the whole window to %1, and back (Enter in the chart)"));
    m_signs.append({large, Sign::large});
    drawSigns();
    connect(large, &QToolButton::clicked, this, &ChartPanel::maximizeRequested);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(m_head);
    chart->setParent(this);
    column->addWidget(chart, 1);
    connect(chart, &Chart::summaryChanged, this, &ChartPanel::showSummary);

    m_mark = new QLabel(this);
    m_mark->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_mark->setAlignment(Qt::AlignCenter);
    m_mark->hide();
}

void ChartPanel::addSwitch(QActionGroup& group)
{
    QToolButton* button
        = addButton({}, tr("%2 of %1").arg(QStringLiteral("%1"), group.objectName()));
    auto* menu = new QMenu(button);
    menu->addActions(group.actions());
    button->setMenu(menu);
    button->setPopupMode(QToolButton::InstantPopup);
    const auto name = [this, button, &group] {
        if (group.checkedAction())
            button->setText(group.checkedAction()->text().remove(QLatin1Char('&')));
        showSummary();
    };
    for (const QAction* action : group.actions())
        connect(action, &QAction::toggled, button, name);
    button->setText(group.checkedAction() ? group.checkedAction()->text() : QString());
}

QToolButton* ChartPanel::addButton(const QString& text, const QString& tip)
{
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(tip.arg(m_chart->title()));
    button->setAccessibleName(button->toolTip());
    button->setAutoRaise(true);
    button->setMinimumSize(24, 24);
    // By keyboard the chart itself has a key for it; one stop a chart is enough.
    button->setFocusPolicy(Qt::NoFocus);
    m_head->addWidget(button);
    return button;
}

void ChartPanel::addAction(QAction* action)
{
    auto* button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setMinimumSize(24, 24);
    button->setFocusPolicy(Qt::NoFocus);
    // Before the two that every panel has.
    m_head->insertWidget(m_head->count() - 2, button);
}

void ChartPanel::setTitleShown(bool shown)
{
    m_title->setVisible(shown);
    m_summary->setAlignment((shown ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    showSummary();
}

void ChartPanel::setMark(const QString& mark)
{
    m_mark->setText(mark);
    m_mark->setVisible(!mark.isEmpty());
    placeMark();
}

QString ChartPanel::mark() const
{
    return m_mark->text();
}

void ChartPanel::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    showSummary();
    placeMark();
}

void ChartPanel::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (m_mark && (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange)) {
        placeMark();
        showSummary();
        drawSigns();
    }
}

void ChartPanel::drawSigns()
{
    for (const auto& [button, sign] : std::as_const(m_signs))
        button->setIcon(drawnSign(sign, palette()));
}

void ChartPanel::showSummary()
{
    const QString words = m_chart->isEmpty() ? QString() : m_chart->summary();
    m_summary->setToolTip(words);
    int taken = m_head->spacing() * m_head->count() + 8;
    for (int i = 0; i < m_head->count(); ++i) {
        const QWidget* widget = m_head->itemAt(i)->widget();
        if (widget && widget != m_summary && !widget->isHidden())
            taken += widget->sizeHint().width();
    }
    m_summary->setText(
        m_summary->fontMetrics().elidedText(words, Qt::ElideRight, std::max(0, width() - taken)));
}

void ChartPanel::placeMark()
{
    if (m_mark->isHidden())
        return;
    QFont font = m_chart->font();
    font.setBold(true);
    font.setPixelSize(QFontInfo(font).pixelSize() * markFontFactor);
    QPalette palette = m_mark->palette();
    QColor colour = m_chart->theme().secondaryText;
    colour.setAlpha(markAlpha);
    palette.setColor(QPalette::WindowText, colour);
    m_mark->setPalette(palette);
    m_mark->setFont(font);
    m_mark->setGeometry(m_chart->geometry());
    m_mark->raise();
}

} // namespace manyhands::app
