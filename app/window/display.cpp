// SPDX-License-Identifier: GPL-3.0-or-later
// Whether there is a display for a window; Qt would abort where there is none.
#include "app/window/display.hpp"

#include <QByteArray>
#include <QDir>
#include <QLibraryInfo>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace manyhands::app {
namespace {

using Connect = void* (*)(const char*, int*);
using HasError = int (*)(void*);
using Disconnect = void (*)(void*);

/// A server that is just resetting answers a moment later.
constexpr int attempts = 4;
constexpr std::chrono::milliseconds betweenAttempts(50);

template <typename Function>
Function functionOf(void* library, const char* name)
{
    return reinterpret_cast<Function>(dlsym(library, name));
}

/// Whether the socket that WAYLAND_DISPLAY names takes connections, and Qt has a plugin for it.
bool waylandAnswers()
{
    const QDir plugins(
        QLibraryInfo::path(QLibraryInfo::PluginsPath) + QStringLiteral("/platforms"));
    if (plugins.entryList({QStringLiteral("libqwayland*")}).isEmpty())
        return false;
    QByteArray path = qgetenv("WAYLAND_DISPLAY");
    if (!path.startsWith('/'))
        path = qgetenv("XDG_RUNTIME_DIR") + '/' + path;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (static_cast<std::size_t>(path.size()) >= sizeof address.sun_path)
        return false;
    std::memcpy(address.sun_path, path.constData(), static_cast<std::size_t>(path.size()));
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    const bool answers
        = connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(descriptor);
    return answers;
}

} // namespace

DisplayProbe::DisplayProbe()
{
    // Whoever names another platform knows why: tests and remote screens.
    const QByteArray platform = qgetenv("QT_QPA_PLATFORM");
    if (!platform.isEmpty() && !platform.startsWith("xcb") && !platform.startsWith("wayland"))
        return;
    const bool hasWayland = !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
    const bool hasX = !qEnvironmentVariableIsEmpty("DISPLAY");
    if (!hasWayland && !hasX)
        m_problem = "is missing: neither WAYLAND_DISPLAY nor DISPLAY is set";
    else if ((hasWayland && waylandAnswers()) || (hasX && xAnswers()))
        m_problem.clear();
    else if (hasX)
        m_problem = "does not answer: DISPLAY=" + qgetenv("DISPLAY").toStdString();
    else
        m_problem = "does not answer: WAYLAND_DISPLAY=" + qgetenv("WAYLAND_DISPLAY").toStdString();
}

DisplayProbe::~DisplayProbe()
{
    if (m_connection)
        functionOf<Disconnect>(m_library, "xcb_disconnect")(m_connection);
    if (m_library)
        dlclose(m_library);
}

/// Asks the X server named by DISPLAY as Qt's xcb plugin will, with the library that it uses.
bool DisplayProbe::xAnswers()
{
    m_library = dlopen("libxcb.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!m_library)
        return false; // then the plugin cannot be loaded either
    const auto connectTo = functionOf<Connect>(m_library, "xcb_connect");
    const auto hasError = functionOf<HasError>(m_library, "xcb_connection_has_error");
    const auto disconnect = functionOf<Disconnect>(m_library, "xcb_disconnect");
    if (!connectTo || !hasError || !disconnect)
        return false;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (attempt > 0)
            std::this_thread::sleep_for(betweenAttempts);
        void* connection = connectTo(nullptr, nullptr);
        if (hasError(connection) == 0) {
            m_connection = connection;
            return true;
        }
        disconnect(connection);
    }
    return false;
}

} // namespace manyhands::app
