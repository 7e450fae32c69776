// SPDX-License-Identifier: GPL-3.0-or-later
// The lines above the charts for what a person should know of a run: warnings and failures.
#include "app/window/banner.hpp"

#include <QAccessible>
#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace manyhands::app {
namespace {

constexpr qsizetype mostLines = 3;

} // namespace

Banner::Banner(QWidget* parent)
    : QFrame(parent)
    , m_label(new QLabel(this))
    , m_button(new QToolButton(this))
{
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    setForegroundRole(QPalette::ToolTipText);
    m_label->setForegroundRole(QPalette::ToolTipText);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setWordWrap(true);
    m_label->setAccessibleName(tr("Warnings"));
    // By keyboard too: who does not see it must be able to come to it.
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_button->setFocusPolicy(Qt::StrongFocus);
    m_button->setMinimumSize(24, 24);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 3, 8, 3);
    row->addWidget(m_label, 1);
    row->addWidget(m_button);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    m_button->hide();
    hide();
}

void Banner::setMessages(const QStringList& messages, QAction* action)
{
    if (m_button->defaultAction() != action) {
        if (m_button->defaultAction())
            m_button->removeAction(m_button->defaultAction());
        m_button->setDefaultAction(action);
        if (action) {
            m_button->setText(action->text().remove(QLatin1Char('&')));
            m_button->setCheckable(false);
        }
    }
    m_button->setVisible(action);
    if (messages == m_messages)
        return;
    m_messages = messages;
    QStringList shown = messages.mid(0, mostLines);
    if (messages.size() > mostLines)
        shown.append(tr("… and %1 more").arg(messages.size() - mostLines));
    m_label->setText(shown.join(QLatin1Char('\n')));
    m_label->setToolTip(messages.join(QLatin1Char('\n')));
    m_label->setAccessibleDescription(messages.join(QLatin1Char('\n')));
    setVisible(!messages.isEmpty());
    if (!messages.isEmpty()) {
        QAccessibleEvent alert(m_label, QAccessible::Alert);
        QAccessible::updateAccessibility(&alert);
    }
}

} // namespace manyhands::app
