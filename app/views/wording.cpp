// SPDX-License-Identifier: GPL-3.0-or-later
// The words and numbers that the views show to people.
#include "app/views/wording.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Wording", text);
}

/// Three significant digits, never an exponent.
QString significant(double value)
{
    const double size = std::abs(value);
    const int decimals = size == 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return QLocale().toString(value, 'f', decimals);
}

} // namespace

QString wordFor(State state)
{
    switch (state) {
    case State::starting:
        return tr("Starting");
    case State::tearing_down:
        return tr("Ending");
    case State::computing:
        return tr("Computing");
    case State::serialising:
        return tr("Serialising");
    case State::sending:
        return tr("Sending");
    case State::receiving:
        return tr("Receiving");
    case State::waiting_data:
        return tr("Waiting for data");
    case State::waiting_space:
        return tr("Waiting for space");
    case State::waiting_lock:
        return tr("Waiting for lock");
    case State::joining:
        return tr("Joining");
    case State::idle:
        return tr("Without a task");
    case State::sleeping:
        return tr("Sleeping");
    case State::held:
        return tr("Held by the lesson");
    case State::foreign:
        return tr("Named span");
    }
    return {};
}

QString wordFor(BudgetCategory category)
{
    switch (category) {
    case BudgetCategory::computing:
        return tr("Computing");
    case BudgetCategory::starting:
        return tr("Starting");
    case BudgetCategory::tear_down:
        return tr("Ending");
    case BudgetCategory::serialising:
        return tr("Serialising");
    case BudgetCategory::transfer:
        return tr("Sending, receiving");
    case BudgetCategory::waiting_data:
        return tr("Waiting for data");
    case BudgetCategory::waiting_space:
        return tr("Waiting for space");
    case BudgetCategory::waiting_lock:
        return tr("Waiting for lock");
    case BudgetCategory::joining:
        return tr("Joining");
    case BudgetCategory::idle:
        return tr("Without a task");
    case BudgetCategory::sleeping:
        return tr("Sleeping");
    case BudgetCategory::held:
        return tr("Held by the lesson");
    case BudgetCategory::stopped:
        return tr("Stopped from outside");
    case BudgetCategory::ready:
        return tr("Ready, no free CPU");
    case BudgetCategory::unexplained:
        return tr("Unexplained");
    }
    return {};
}

QString wordFor(PhaseKind phase)
{
    switch (phase) {
    case PhaseKind::baseline:
        return tr("serial baseline");
    case PhaseKind::warm_up:
        return tr("warm-up");
    case PhaseKind::repeat:
        return tr("repeat");
    }
    return {};
}

QString wordFor(const Recording& recording, const Span& span)
{
    if (span.state != State::foreign || span.subject >= recording.names().size())
        return wordFor(span.state);
    const std::string& name = recording.names()[span.subject].name;
    return name.empty() ? tr("(no name)") : QString::fromStdString(name);
}

QString laneName(const Recording& recording, std::size_t lane, bool withPid)
{
    const Lane& process = recording.lanes()[lane];
    const QString name = QString::fromStdString(process.name);
    // A trace of another program may have processes without one.
    if (!withPid || process.pid == 0)
        return tr("P%1 %2").arg(lane).arg(name);
    return tr("P%1 %2 (pid %3)").arg(lane).arg(name).arg(process.pid);
}

bool failed(const Lane& lane)
{
    return lane.exit.has_value() && *lane.exit != 0;
}

QString exitText(int exit)
{
    if (exit >= 0)
        return tr("exit code %1").arg(exit);
    const char* name = strsignal(-exit);
    return tr("signal %1 (%2)").arg(-exit).arg(QString::fromLocal8Bit(name));
}

QString durationText(double seconds)
{
    const double size = std::abs(seconds);
    if (size >= 1 || size == 0)
        return tr("%1 s").arg(significant(seconds));
    if (size >= 1e-3)
        return tr("%1 ms").arg(significant(seconds * 1e3));
    return tr("%1 µs").arg(significant(seconds * 1e6));
}

QString bytesText(double bytes)
{
    constexpr std::array units = {"B", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    const QString number = unit == 0 ? QLocale().toString(bytes, 'f', 0) : significant(bytes);
    return tr("%1 %2").arg(number, QLatin1String(units[unit]));
}

QString figureText(double value)
{
    constexpr double mostInFull = 1e12;
    constexpr double leastInFull = 0.01;
    const double size = std::abs(value);
    if (size < mostInFull && (value == std::round(value) || size >= leastInFull))
        return value == std::round(value) ? QLocale().toString(value, 'f', 0) : significant(value);
    return QLocale().toString(value, 'g', 3);
}

QString quantityText(double value, const QString& unit)
{
    if (unit == QLatin1String("s"))
        return durationText(value);
    if (unit == QLatin1String("B"))
        return bytesText(value);
    return unit.isEmpty() ? figureText(value) : tr("%1 %2").arg(figureText(value), unit);
}

QString speedText(double nsPerSecond)
{
    const auto text = [](double value, const QString& unit) {
        return tr("1 s = %1 %2").arg(QLocale().toString(value, 'g', 3), unit);
    };
    if (nsPerSecond >= 0.9995e9)
        return text(nsPerSecond / 1e9, tr("s"));
    if (nsPerSecond >= 0.9995e6)
        return text(nsPerSecond / 1e6, tr("ms"));
    return text(nsPerSecond / 1e3, tr("µs"));
}

QString shareText(double share)
{
    const double percent = share * 100;
    if (percent > 0 && percent < 0.5)
        return tr("< 1 %");
    return tr("%1 %").arg(QLocale().toString(percent, 'f', 0));
}

QString countText(std::uint64_t count)
{
    return QLocale().toString(static_cast<qulonglong>(count));
}

QString processesText(std::uint64_t count)
{
    return count == 1 ? tr("1 process") : tr("%1 processes").arg(countText(count));
}

QString threadsText(std::uint64_t count)
{
    return count == 1 ? tr("1 thread") : tr("%1 threads").arg(countText(count));
}

QString workersText(std::uint64_t count)
{
    return count == 1 ? tr("1 worker") : tr("%1 workers").arg(countText(count));
}

QString cpusText(std::uint64_t count)
{
    return count == 1 ? tr("1 usable CPU") : tr("%1 usable CPUs").arg(countText(count));
}

QString messagesText(std::uint64_t count)
{
    return count == 1 ? tr("1 message") : tr("%1 messages").arg(countText(count));
}

QString eventsText(std::uint64_t count)
{
    return count == 1 ? tr("1 event") : tr("%1 events").arg(countText(count));
}

} // namespace manyhands::app
