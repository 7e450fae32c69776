// SPDX-License-Identifier: GPL-3.0-or-later
// Whether there is a display for a window; Qt would abort where there is none.
#include "app/window/display.hpp"

#include <QByteArray>
#include <QDir>
#include <QLibraryInfo>

#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace manyhands::app {
namespace {

/// Asks the X server named by DISPLAY as Qt's xcb plugin will, with the library that it uses.
bool xAnswers()
{
    using Connect = void* (*)(const char*, int*);
    using HasError = int (*)(void*);
    using Disconnect = void (*)(void*);
    void* library = dlopen("libxcb.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false; // then the plugin cannot be loaded either
    const auto connectTo = reinterpret_cast<Connect>(dlsym(library, "xcb_connect"));
    const auto hasError = reinterpret_cast<HasError>(dlsym(library, "xcb_connection_has_error"));
    const auto disconnect = reinterpret_cast<Disconnect>(dlsym(library, "xcb_disconnect"));
    bool answers = false;
    if (connectTo && hasError && disconnect) {
        void* connection = connectTo(nullptr, nullptr);
        answers = hasError(connection) == 0;
        disconnect(connection);
    }
    dlclose(library);
    return answers;
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

std::string displayProblem()
{
    // Whoever names another platform knows why: tests and remote screens.
    const QByteArray platform = qgetenv("QT_QPA_PLATFORM");
    if (!platform.isEmpty() && !platform.startsWith("xcb") && !platform.startsWith("wayland"))
        return {};
    const bool hasWayland = !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
    const bool hasX = !qEnvironmentVariableIsEmpty("DISPLAY");
    if (!hasWayland && !hasX)
        return "is missing: neither WAYLAND_DISPLAY nor DISPLAY is set";
    if ((hasWayland && waylandAnswers()) || (hasX && xAnswers()))
        return {};
    return hasX ? "does not answer: DISPLAY=" + qgetenv("DISPLAY").toStdString()
                : "does not answer: WAYLAND_DISPLAY=" + qgetenv("WAYLAND_DISPLAY").toStdString();
}

} // namespace manyhands::app
