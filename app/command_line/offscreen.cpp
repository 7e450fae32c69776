// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/offscreen.hpp"

#include <clocale>

namespace manyhands::app {

OffscreenApplication::OffscreenApplication()
{
    if (QCoreApplication::instance() != nullptr)
        return;
    // There may be no display, and none is needed.
    qputenv("QT_QPA_PLATFORM", "offscreen");
    // Without a folder for sockets and the like (cron, containers) Qt would make one in /tmp, say
    // so, and leave it there.
    if (qEnvironmentVariableIsEmpty("XDG_RUNTIME_DIR")) {
        m_runtimeFolder.emplace();
        qputenv("XDG_RUNTIME_DIR", m_runtimeFolder->path().toLocal8Bit());
    }
    m_application.emplace(m_count, m_arguments);
    // It has taken the user's locale; our numbers have dots in every one.
    std::setlocale(LC_NUMERIC, "C");
}

OffscreenApplication::~OffscreenApplication()
{
    m_application.reset();
    // The folder goes with us; the next application makes its own.
    if (m_runtimeFolder)
        qunsetenv("XDG_RUNTIME_DIR");
}

} // namespace manyhands::app
