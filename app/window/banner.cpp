// SPDX-License-Identifier: GPL-3.0-or-later
// The line above the charts for what a person should know of a run: warnings and failures.
#include "app/window/banner.hpp"

#include <QHBoxLayout>
#include <QLabel>

namespace manyhands::app {
namespace {

constexpr qsizetype mostLines = 3;

} // namespace

Banner::Banner(QWidget* parent)
    : QFrame(parent)
    , m_label(new QLabel(this))
{
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    setForegroundRole(QPalette::ToolTipText);
    m_label->setForegroundRole(QPalette::ToolTipText);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setWordWrap(true);
    m_label->setAccessibleName(tr("Warnings"));
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 3, 8, 3);
    row->addWidget(m_label);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    hide();
}

void Banner::setMessages(const QStringList& messages)
{
    if (messages == m_messages)
        return;
    m_messages = messages;
    QStringList shown = messages.mid(0, mostLines);
    if (messages.size() > mostLines)
        shown.append(tr("… and %1 more").arg(messages.size() - mostLines));
    m_label->setText(shown.join(QLatin1Char('\n')));
    m_label->setToolTip(messages.join(QLatin1Char('\n')));
    setVisible(!messages.isEmpty());
}

} // namespace manyhands::app
