// SPDX-License-Identifier: GPL-3.0-or-later
// Asks a person for a program of their own to watch.
#pragma once

#include "engine/observe/watched_command.hpp"

#include <QDialog>

class QLabel;
class QLineEdit;

namespace manyhands::app {

/// One line, taken apart as a shell would, which no shell ever sees. Nothing but a person's typing
/// fills it in.
class WatchDialog : public QDialog
{
    Q_OBJECT

public:
    explicit WatchDialog(QWidget* parent);

    void setLine(const QString& line);

public slots:
    /// Announces the program and closes; says what is wrong, and stays, where it is none.
    void accept() override;

signals:
    void chosen(const manyhands::WatchedCommand& command);

private:
    void say(const QString& problem);

    QLineEdit* m_line;
    QLabel* m_problem;
};

} // namespace manyhands::app
