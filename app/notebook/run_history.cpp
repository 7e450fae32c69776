// SPDX-License-Identifier: GPL-3.0-or-later
// All runs that are kept, of every lesson: named, pinned, noted, removed and brought back, and no
// more of them than there is room for.
#include "app/notebook/run_history.hpp"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QSet>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

/// A run's file comes a little later than its row.
constexpr qint64 longestWritingS = 15;
/// A window that is open for longer gives up what was removed in it first.
constexpr int leftOverDays = 1;

QString listOf(const QList<qint64>& ids)
{
    QStringList words;
    for (const qint64 id : ids)
        words.append(QString::number(id));
    return words.join(QLatin1Char(','));
}

/// Times as the table holds them are in order as texts.
QString leftOverBefore()
{
    return notebookTime(QDateTime::currentDateTimeUtc().addDays(-leftOverDays));
}

HistoryRun listed(KeptRun run, const QString& note)
{
    HistoryRun one;
    one.note = note;
    const QFileInfo file(run.file);
    if (!run.file.isEmpty() && file.exists()) {
        one.file = HistoryRun::File::kept;
        one.bytes = file.size();
    } else if (!run.file.isEmpty()) {
        const bool young = run.time.secsTo(QDateTime::currentDateTimeUtc()) < longestWritingS;
        one.file = young ? HistoryRun::File::beingWritten : HistoryRun::File::gone;
    }
    one.run = std::move(run);
    return one;
}

} // namespace

RunHistory::RunHistory(NotebookDatabase& database, QString folder)
    : m_database(database)
    , m_folder(std::move(folder))
{
}

RunHistory::~RunHistory()
{
    for (const Change& change : std::as_const(m_changes))
        removeForGood(change.removed);
}

QList<HistoryRun> RunHistory::runs()
{
    const auto rows = m_database.read(
        QStringLiteral("SELECT %1, (SELECT text FROM note WHERE note.run = run.id ORDER BY note.id "
                       "DESC LIMIT 1) FROM run WHERE removed IS NULL "
                       "ORDER BY pinned DESC, time DESC, id DESC")
            .arg(keptRunColumns()));
    QList<HistoryRun> runs;
    for (const QVariantList& row : rows)
        runs.append(listed(keptRunFrom(row, m_folder), row.last().toString()));
    return runs;
}

void RunHistory::change(const std::function<void(Transaction&)>& what)
{
    m_database.write(what);
    emit changed();
}

void RunHistory::remember(Change change)
{
    m_changes.append(std::move(change));
    if (m_changes.size() > mostUndoable)
        removeForGood(m_changes.takeFirst().removed);
}

void RunHistory::rename(qint64 id, const QString& name)
{
    const QString sql = QStringLiteral("UPDATE run SET name = ? WHERE id = ?");
    QString before;
    change([&](Transaction& notebook) {
        before = notebook.read(QStringLiteral("SELECT name FROM run WHERE id = ?"), {id})
                     .value(0)
                     .value(0)
                     .toString();
        notebook.change(sql, {name, id});
    });
    remember({tr("name a run"),
        [=](Transaction& notebook) {
            notebook.change(sql, {before, id});
        },
        {}});
}

void RunHistory::setNote(qint64 id, const QString& text)
{
    const auto write = [id](Transaction& notebook, const QString& note) {
        notebook.change(QStringLiteral("DELETE FROM note WHERE run = ?"), {id});
        if (!note.isEmpty()) {
            notebook.change(QStringLiteral("INSERT INTO note (lesson, run, time, text) "
                                           "SELECT lesson, id, ?, ? FROM run WHERE id = ?"),
                {notebookTime(), note, id});
        }
    };
    QString before;
    change([&](Transaction& notebook) {
        before = notebook
                     .read(QStringLiteral(
                               "SELECT text FROM note WHERE run = ? ORDER BY id DESC LIMIT 1"),
                         {id})
                     .value(0)
                     .value(0)
                     .toString();
        write(notebook, text);
    });
    remember({tr("note on a run"), [=](Transaction& notebook) { write(notebook, before); }, {}});
}

void RunHistory::setPinned(const QList<qint64>& ids, bool pinned)
{
    const auto sql = [](const QList<qint64>& which) {
        return QStringLiteral("UPDATE run SET pinned = ? WHERE id IN (%1)").arg(listOf(which));
    };
    QList<qint64> turned;
    change([&](Transaction& notebook) {
        turned.clear();
        for (const QVariantList& row :
            notebook.read(QStringLiteral("SELECT id FROM run WHERE pinned = ? AND id IN (%1)")
                              .arg(listOf(ids)),
                {!pinned}))
            turned.append(row.first().toLongLong());
        notebook.change(sql(turned), {pinned});
    });
    remember({pinned ? tr("pin") : tr("unpin"),
        [=](Transaction& notebook) { notebook.change(sql(turned), {!pinned}); }, {}});
}

bool RunHistory::removeAll(Transaction& notebook, const QList<qint64>& ids)
{
    if (ids.isEmpty())
        return false;
    notebook.change(QStringLiteral("UPDATE run SET removed = ? WHERE id IN (%1)").arg(listOf(ids)),
        {notebookTime()});
    return true;
}

void RunHistory::rememberRemoved(const QList<qint64>& ids)
{
    remember({ids.size() == 1 ? tr("remove a run") : tr("remove %1 runs").arg(ids.size()),
        [ids](Transaction& notebook) {
            // Those that another program has taken for left over do not come back.
            notebook.change(QStringLiteral("UPDATE run SET removed = NULL WHERE removed <> ? AND "
                                           "id IN (%1)")
                                .arg(listOf(ids)),
                {QString()});
        },
        ids});
}

void RunHistory::remove(const QList<qint64>& ids)
{
    QList<qint64> there;
    QString name;
    change([&](Transaction& notebook) {
        there.clear();
        for (const QVariantList& row : notebook.read(
                 QStringLiteral("SELECT id, name, title, lesson FROM run WHERE removed IS NULL "
                                "AND id IN (%1)")
                     .arg(listOf(ids)))) {
            there.append(row[0].toLongLong());
            for (int column = 3; column > 0; --column) {
                if (!row[column].toString().isEmpty())
                    name = row[column].toString();
            }
        }
        removeAll(notebook, there);
    });
    if (there.isEmpty())
        return;
    rememberRemoved(there);
    emit removed(there.size() == 1 ? tr("A run of the history was removed: %1").arg(name)
                                   : tr("%1 runs were removed from the history").arg(there.size()));
}

void RunHistory::keepWithinCap()
{
    QList<qint64> over;
    m_database.write([&](Transaction& notebook) {
        over.clear();
        struct Row
        {
            qint64 id;
            bool pinned;
            qint64 bytes;
        };
        QList<Row> rows; // the oldest first
        qint64 bytes = 0;
        qint64 latest = 0;
        for (const QVariantList& row :
            notebook.read(QStringLiteral("SELECT id, pinned, file FROM run WHERE removed IS NULL "
                                         "ORDER BY time, id"))) {
            const QString file = row[2].toString();
            const qint64 size
                = file.isEmpty() ? 0 : QFileInfo(QDir(m_folder).absoluteFilePath(file)).size();
            rows.append({row[0].toLongLong(), row[1].toBool(), size});
            bytes += size;
            latest = std::max(latest, rows.last().id);
        }
        qsizetype count = rows.size();
        for (const Row& row : std::as_const(rows)) {
            if (count <= m_cap.runs && bytes <= m_cap.bytes)
                break;
            if (row.pinned || row.id == latest)
                continue;
            over.append(row.id);
            bytes -= row.bytes;
            --count;
        }
        removeAll(notebook, over);
    });
    if (over.isEmpty())
        return;
    emit changed();
    rememberRemoved(over);
    const QString cap
        = tr("The history is full (%1 runs or %2)")
              .arg(m_cap.runs)
              .arg(QLocale().formattedDataSize(m_cap.bytes, 0, QLocale::DataSizeSIFormat));
    emit removed(over.size() == 1 ? tr("%1: its oldest run that is not pinned was removed").arg(cap)
                                  : tr("%1: its %2 oldest runs that are not pinned were removed")
                                        .arg(cap)
                                        .arg(over.size()));
}

void RunHistory::clear()
{
    QList<qint64> all;
    change([&](Transaction& notebook) {
        all.clear();
        // Those too that wait here or in another window.
        for (const QVariantList& row : notebook.read(
                 QStringLiteral("SELECT id FROM run WHERE removed IS NULL OR removed <> ''")))
            all.append(row.first().toLongLong());
        removeAll(notebook, all);
    });
    m_changes.clear();
    removeForGood(all);
    emit changed();
}

QString RunHistory::undoable() const
{
    return m_changes.isEmpty() ? QString() : m_changes.last().words;
}

void RunHistory::undo()
{
    if (m_changes.isEmpty())
        return;
    const Change last = m_changes.takeLast();
    change(last.takeBack);
}

void RunHistory::lookForChanges()
{
    if (m_database.changedElsewhere())
        emit changed();
}

QStringList RunHistory::strays()
{
    QSet<QString> named;
    for (const QVariantList& row :
        m_database.read(QStringLiteral("SELECT file FROM run WHERE file IS NOT NULL")))
        named.insert(row.first().toString());
    const QDir folder(m_folder);
    QStringList paths;
    for (const QString& name : folder.entryList(
             {QStringLiteral("*.manyhands.json.gz"), QStringLiteral("*.manyhands.json")},
             QDir::Files, QDir::Name)) {
        if (!named.contains(name))
            paths.append(folder.absoluteFilePath(name));
    }
    return paths;
}

void RunHistory::takeIn(const FinishedRun& run, const QString& file)
{
    const QString name = nameBelow(m_folder, file);
    change([&](Transaction& notebook) {
        // Another window may have been quicker.
        if (notebook.read(QStringLiteral("SELECT 1 FROM run WHERE file = ?"), {name}).isEmpty())
            keepRun(notebook, run, QFileInfo(file).lastModified(), name);
    });
}

void RunHistory::tidy()
{
    QList<qint64> left;
    for (const QVariantList& row :
        m_database.read(QStringLiteral("SELECT id FROM run WHERE removed <> '' AND removed < ?"),
            {leftOverBefore()}))
        left.append(row.first().toLongLong());
    removeForGood(left);
    const QDir folder(m_folder);
    const QDateTime before = QDateTime::currentDateTime().addDays(-leftOverDays);
    for (const QFileInfo& file :
        folder.entryInfoList({QStringLiteral(".manyhands-*.tmp")}, QDir::Files | QDir::Hidden)) {
        if (file.lastModified() < before)
            QFile::remove(file.absoluteFilePath());
    }
}

void RunHistory::removeForGood(const QList<qint64>& ids)
{
    // A notebook in memory is a copy: the rows that name the files may still be there.
    if (ids.isEmpty() || !m_database.isKept())
        return;
    m_database.write([&](Transaction& notebook) {
        for (const QVariantList& row : notebook.read(
                 QStringLiteral("SELECT id, file FROM run WHERE removed <> '' AND id IN (%1)")
                     .arg(listOf(ids)))) {
            // The file first: a crash between leaves the row, and it is tried again another day.
            const QString file = row[1].toString();
            const QString path = QDir(m_folder).absoluteFilePath(file);
            // What stands elsewhere is none of ours.
            const bool ours = !file.isEmpty() && QFileInfo(file).fileName() == file;
            if (ours && !QFile::remove(path) && QFile::exists(path))
                continue;
            notebook.change(
                QStringLiteral("UPDATE run SET removed = '', file = NULL, name = '' WHERE id = ?"),
                {row[0]});
        }
    });
}

} // namespace manyhands::app
