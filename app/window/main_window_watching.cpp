// SPDX-License-Identifier: GPL-3.0-or-later
// The window and a person's own program: what is watched in the place of a lesson.
#include "app/window/main_window.hpp"
#include "app/window/watch_dialog.hpp"

#include <QAction>

namespace manyhands::app {

void MainWindow::watch(WatchedCommand command)
{
    if (m_control.isRunning())
        return say(tr("A run is under way; stop it (Esc), then watch the program"));
    try {
        const LessonReference host = {own_lesson_program(), watched_id};
        const LessonDescription description = describe_command(command);
        runAboutToStart();
        openLesson(host, description);
    } catch (const Error& error) {
        return say(QString::fromUtf8(error.what()));
    }
    m_watched = std::move(command);
    updateAll();
    run();
}

void MainWindow::askWhatToWatch()
{
    if (!m_watchDialog) {
        m_watchDialog = new WatchDialog(this);
        connect(m_watchDialog, &WatchDialog::chosen, this, &MainWindow::watch);
    }
    if (m_watched)
        m_watchDialog->setLine(QString::fromStdString(command_line_of(m_watched->words)));
    m_watchDialog->open();
    // It is kept, and may lie below the window since it was closed.
    m_watchDialog->raise();
    m_watchDialog->activateWindow();
}

QString MainWindow::whyNotMeasure() const
{
    if (m_watched)
        return tr("A watched program has no serial baseline to be measured against: F5 runs it");
    return whyNotRun();
}

} // namespace manyhands::app
