// SPDX-License-Identifier: GPL-3.0-or-later
// The line above the charts for what a person should know of a run: warnings and failures.
#pragma once

#include <QFrame>
#include <QStringList>

class QLabel;

namespace manyhands::app {

/// Shows messages, one a line, and takes no room while there is none.
class Banner : public QFrame
{
    Q_OBJECT

public:
    explicit Banner(QWidget* parent = nullptr);

    /// Each message says in words and with a sign what it is.
    void setMessages(const QStringList& messages);
    const QStringList& messages() const { return m_messages; }

private:
    QLabel* m_label;
    QStringList m_messages;
};

} // namespace manyhands::app
