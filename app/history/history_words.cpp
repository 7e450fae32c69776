// SPDX-License-Identifier: GPL-3.0-or-later
// What the history says of a run, and which runs a search finds.
#include "app/history/history_words.hpp"

#include "app/views/wording.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Of a note in the list.
constexpr qsizetype longestNote = 80;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::HistoryWords", text);
}

/// What stands together in a line stays together in a narrow list.
QString unbroken(QString text)
{
    return text.replace(QLatin1Char(' '), QChar(QChar::Nbsp));
}

QString inALine(const QStringList& pieces)
{
    QStringList shown;
    for (const QString& piece : pieces) {
        if (!piece.isEmpty())
            shown.append(unbroken(piece));
    }
    return shown.join(tr(" · "));
}

QString stateText(RunState state)
{
    switch (state) {
    case RunState::done:
        return tr("✓ done");
    case RunState::stopped:
        return tr("■ stopped");
    case RunState::timed_out:
        return tr("■ timed out");
    case RunState::failed:
        return tr("✕ failed");
    case RunState::running:
    case RunState::stopping:
        break;
    }
    return {};
}

QStringList figuresOf(const KeptRun& run)
{
    QStringList figures;
    if (run.wallS)
        figures.append(durationText(*run.wallS));
    if (run.speedup)
        figures.append(tr("%1 ×").arg(QLocale().toString(*run.speedup, 'f', 2)));
    if (run.repeats > 1)
        figures.append(tr("n = %1").arg(run.repeats));
    return figures;
}

QString fileText(const HistoryRun& run)
{
    switch (run.file) {
    case HistoryRun::File::kept:
        return fileSizeText(run.bytes);
    case HistoryRun::File::beingWritten:
        return tr("being written");
    case HistoryRun::File::gone:
        return tr("✕ its file is gone");
    case HistoryRun::File::none:
        return tr("✕ its file could not be kept");
    }
    return {};
}

QString lessonOf(const KeptRun& run)
{
    return run.title.isEmpty() ? run.lesson : run.title;
}

QString marksText(const KeptRun& run)
{
    return run.marks.isEmpty()
        ? QString()
        : tr("⚠ %1").arg(run.marks.join(tr(", ")).replace(QLatin1Char('_'), QLatin1Char(' ')));
}

QString noteText(const QString& note)
{
    if (note.isEmpty())
        return {};
    const QString text = note.simplified();
    return tr("Note: %1")
        .arg(text.size() > longestNote ? text.left(longestNote - 1) + QChar(0x2026) : text);
}

QStringList allParameters(const KeptRun& run)
{
    QStringList words;
    for (const auto& [name, value] : run.parameters)
        words.append(QString::fromStdString(name + '=' + to_text(value)));
    return words;
}

} // namespace

QString timeText(const QDateTime& utc)
{
    const QDateTime local = utc.toLocalTime();
    QString time = QLocale().toString(local.time(), QLocale::ShortFormat);
    if (local.date() == QDate::currentDate())
        return time;
    return tr("%1 %2").arg(QLocale().toString(local.date(), QLocale::ShortFormat), time);
}

QString runsText(qsizetype count)
{
    return count == 1 ? tr("1 run") : tr("%1 runs").arg(count);
}

QString fileSizeText(qint64 bytes)
{
    return unbroken(QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeSIFormat));
}

QString nameOf(const HistoryRun& run)
{
    return run.run.name.isEmpty() ? lessonOf(run.run) : run.run.name;
}

QStringList linesOf(const HistoryRun& run)
{
    QStringList lines;
    QString first = nameOf(run);
    if (run.run.pinned)
        first.prepend(tr("★ pinned · "));
    lines.append(first);
    if (!run.run.name.isEmpty())
        lines.append(lessonOf(run.run));
    lines.append(inALine({timeText(run.run.time), stateText(run.run.state)}));
    lines.append(inALine(figuresOf(run.run) + QStringList{fileText(run)}));
    for (const QString& text :
        {run.run.changedParameters, marksText(run.run), noteText(run.note)}) {
        if (!text.isEmpty())
            lines.append(text);
    }
    return lines;
}

QString toolTipOf(const HistoryRun& run)
{
    QStringList lines = {nameOf(run),
        tr("%1 · %2").arg(QLocale().toString(run.run.time.toLocalTime(), QLocale::ShortFormat),
            stateText(run.run.state))};
    if (!run.run.name.isEmpty())
        lines.insert(1, lessonOf(run.run));
    lines.append(allParameters(run.run));
    lines.append(tr("seed %1").arg(run.run.seed));
    if (!run.run.marks.isEmpty())
        lines.append(marksText(run.run));
    if (!run.note.isEmpty())
        lines.append(tr("Note: %1").arg(run.note));
    switch (run.file) {
    case HistoryRun::File::kept:
    case HistoryRun::File::beingWritten:
        lines.append(tr("Enter or double click opens it"));
        break;
    case HistoryRun::File::gone:
    case HistoryRun::File::none:
        lines.append(fileText(run));
        break;
    }
    return lines.join(QLatin1Char('\n'));
}

QString whyNotOpened(const HistoryRun& run)
{
    switch (run.file) {
    case HistoryRun::File::kept:
    case HistoryRun::File::beingWritten:
        break;
    case HistoryRun::File::gone:
        return tr("The run of %1 cannot be opened: its file %2 is gone")
            .arg(timeText(run.run.time), run.run.file);
    case HistoryRun::File::none:
        return tr("The run of %1 cannot be opened: its file could not be kept")
            .arg(timeText(run.run.time));
    }
    return {};
}

bool matches(const HistoryRun& run, const QStringList& words)
{
    const QString text
        = QStringList({run.run.name, run.run.title, run.run.lesson, run.note,
                          allParameters(run.run).join(QLatin1Char(' ')),
                          run.run.marks.join(QLatin1Char(' ')), stateText(run.run.state),
                          timeText(run.run.time), run.run.pinned ? tr("pinned") : QString()})
              .join(QLatin1Char('\n'));
    return std::all_of(words.begin(), words.end(),
        [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

} // namespace manyhands::app
