// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the real program as a child, without a display, and says what a script sees.
#pragma once

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

#include <csignal>
#include <memory>

namespace command_test {

/// Long enough for any machine; only a hang reaches it.
inline constexpr int patienceMs = 120'000;

struct Outcome
{
    int exitCode = -1; ///< 128 + n where signal n ended it
    QByteArray output;
    QByteArray errors;
};

/// Names and values, beside those of this process.
using Variables = QList<std::pair<QString, QString>>;

inline QProcessEnvironment environment(const Variables& variables = {})
{
    QProcessEnvironment all = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "LANGUAGE"})
        all.remove(name);
    for (const auto& [name, value] : variables)
        all.insert(name, value);
    return all;
}

inline std::unique_ptr<QProcess> start(
    const QString& program, const QStringList& arguments, const Variables& variables = {})
{
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environment(variables));
    process->setStandardInputFile(QProcess::nullDevice());
    // A script's background job ignores SIGINT, and so would all below it.
    process->setChildProcessModifier([] {
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            std::signal(number, SIG_DFL);
    });
    process->start(program, arguments);
    return process;
}

inline Outcome finish(QProcess& process)
{
    if (!process.waitForFinished(patienceMs)) {
        process.kill();
        process.waitForFinished();
        return {.exitCode = -1,
            .output = process.readAllStandardOutput(),
            .errors = "did not end: " + process.readAllStandardError()};
    }
    const bool normal = process.exitStatus() == QProcess::NormalExit;
    return {.exitCode = normal ? process.exitCode() : 128 + process.exitCode(),
        .output = process.readAllStandardOutput(),
        .errors = process.readAllStandardError()};
}

inline Outcome run(
    const QString& program, const QStringList& arguments, const Variables& variables = {})
{
    return finish(*start(program, arguments, variables));
}

inline Outcome manyhands(const QStringList& arguments, const QString& locale = "C.UTF-8")
{
    return run(MANYHANDS_BINARY, arguments, {{"LC_ALL", locale}});
}

inline QJsonObject object(const QByteArray& text)
{
    return QJsonDocument::fromJson(text).object();
}

inline QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace command_test
