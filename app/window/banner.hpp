// SPDX-License-Identifier: GPL-3.0-or-later
// The lines above the charts for what a person should know of a run: warnings and failures.
#pragma once

#include <QFrame>
#include <QStringList>

class QAction;
class QLabel;
class QToolButton;

namespace manyhands::app {

/// Shows messages, one a line, for as long as they hold, and takes no room while there is none.
class Banner : public QFrame
{
    Q_OBJECT

public:
    explicit Banner(QWidget* parent = nullptr);

    /// Each message says in words and with a sign what it is. `action`: what may be done about
    /// them, as a button; nullptr for nothing.
    void setMessages(const QStringList& messages, QAction* action = nullptr);
    const QStringList& messages() const { return m_messages; }

private:
    QLabel* m_label;
    QToolButton* m_button;
    QStringList m_messages;
};

} // namespace manyhands::app
