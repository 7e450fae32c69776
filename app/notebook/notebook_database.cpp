// SPDX-License-Identifier: GPL-3.0-or-later
// The notebook's SQLite file: opened when first needed, brought up to date, set aside where it is
// damaged, and replaced by memory where it cannot be used.
#include "app/notebook/notebook_database.hpp"

#include "app/notebook/notebook_schema.hpp"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QLockFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QUrl>

#include <atomic>
#include <utility>

namespace manyhands::app {
namespace {

const QString driver = QStringLiteral("QSQLITE");
const QString inMemory = QStringLiteral(":memory:");
/// Another window writes for milliseconds; the window must not stand still for longer than this.
constexpr int longestBusyMs = 500;
/// For another window that is opening the file.
constexpr int longestOpeningMs = 1000;

/// A statement that failed.
struct SqlFailure
{
    QString text;
    QString code; ///< SQLite's own, extended
};

[[noreturn]] void fail(const QSqlError& error)
{
    throw SqlFailure{error.databaseText(), error.nativeErrorCode()};
}

int primaryCode(const SqlFailure& failure)
{
    return failure.code.toInt() & 0xff;
}

/// Another window has stood still in the midst of writing.
bool isBusy(const SqlFailure& failure)
{
    constexpr int busy = 5; // SQLITE_BUSY
    constexpr int locked = 6; // SQLITE_LOCKED
    return primaryCode(failure) == busy || primaryCode(failure) == locked;
}

bool isDamage(const SqlFailure& failure)
{
    constexpr int corrupt = 11; // SQLITE_CORRUPT
    constexpr int noDatabase = 26; // SQLITE_NOTADB
    return primaryCode(failure) == corrupt || primaryCode(failure) == noDatabase;
}

QString wordsFor(const SqlFailure& failure)
{
    return isBusy(failure) ? NotebookDatabase::tr("another window holds on to it") : failure.text;
}

QList<QVariantList> rowsOf(QSqlQuery& query)
{
    QList<QVariantList> rows;
    while (query.next()) {
        QVariantList row;
        for (int column = 0; column < query.record().count(); ++column)
            row.append(query.value(column));
        rows.append(row);
    }
    if (query.lastError().isValid())
        fail(query.lastError());
    return rows;
}

QSqlQuery executed(const QString& connection, const QString& sql, const QVariantList& values = {})
{
    QSqlQuery query(QSqlDatabase::database(connection, false));
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        fail(query.lastError());
    for (const QVariant& value : values) {
        // A QString that is null would be bound as no text at all.
        const bool nullText = value.userType() == QMetaType::QString && value.toString().isNull();
        query.addBindValue(nullText ? QVariant(QStringLiteral("")) : value);
    }
    if (!query.exec())
        fail(query.lastError());
    return query;
}

QVariant firstOf(const QString& connection, const QString& sql)
{
    QSqlQuery query = executed(connection, sql);
    return rowsOf(query).value(0).value(0);
}

QString nextConnection()
{
    static std::atomic<int> number = 0;
    return QStringLiteral("notebook %1").arg(++number);
}

} // namespace

NotebookDatabase::Transaction::Transaction(QString connection)
    : m_connection(std::move(connection))
{
}

QList<QVariantList> NotebookDatabase::Transaction::read(
    const QString& sql, const QVariantList& values)
{
    QSqlQuery query = executed(m_connection, sql, values);
    return rowsOf(query);
}

qint64 NotebookDatabase::Transaction::change(const QString& sql, const QVariantList& values)
{
    return executed(m_connection, sql, values).lastInsertId().toLongLong();
}

NotebookDatabase::NotebookDatabase(QString path, std::function<void(const QString&)> said)
    : m_path(std::move(path))
    , m_said(std::move(said))
{
}

NotebookDatabase::~NotebookDatabase()
{
    disconnect();
}

QList<QVariantList> NotebookDatabase::read(const QString& sql, const QVariantList& values)
{
    QList<QVariantList> rows;
    // Twice: from memory where the file fails.
    for (int i = 0; i < 2 && open(); ++i) {
        try {
            return Transaction(m_connection).read(sql, values);
        } catch (const SqlFailure& failure) {
            if (m_place == Place::memory)
                break;
            goOnInMemory(tr("The notebook %1 cannot be read (%2): what you do is remembered until "
                            "this window closes")
                             .arg(m_path, wordsFor(failure)));
        }
    }
    return rows;
}

void NotebookDatabase::write(const std::function<void(Transaction&)>& statements)
{
    for (int i = 0; i < 2 && open(); ++i) {
        try {
            return attempt(statements);
        } catch (const SqlFailure& failure) {
            if (m_place == Place::memory)
                return;
            goOnInMemory(tr("The notebook %1 cannot be written (%2): what you do is remembered "
                            "until this window closes")
                             .arg(m_path, wordsFor(failure)));
        }
    }
}

void NotebookDatabase::attempt(const std::function<void(Transaction&)>& statements)
{
    // IMMEDIATE: two windows that read first and write then would be refused, not made to wait.
    executed(m_connection, QStringLiteral("BEGIN IMMEDIATE"));
    try {
        Transaction transaction(m_connection);
        statements(transaction);
        executed(m_connection, QStringLiteral("COMMIT"));
    } catch (const SqlFailure&) {
        QSqlQuery(QSqlDatabase::database(m_connection, false)).exec(QStringLiteral("ROLLBACK"));
        throw;
    }
}

bool NotebookDatabase::changedElsewhere()
{
    // SQLite counts what others have written, not what this connection has.
    const qint64 version
        = read(QStringLiteral("PRAGMA data_version")).value(0).value(0).toLongLong();
    return std::exchange(m_seenVersion, version) != version;
}

bool NotebookDatabase::isKept()
{
    return open() && m_place == Place::file;
}

bool NotebookDatabase::open()
{
    if (m_place != Place::unopened)
        return m_place != Place::nowhere;
    if (!QSqlDatabase::isDriverAvailable(driver)) {
        m_place = Place::nowhere;
        m_said(tr("There is no notebook: Qt's driver for SQLite is missing (Debian's package "
                  "libqt6sql6-sqlite)"));
        return false;
    }
    QDir().mkpath(QFileInfo(m_path).absolutePath());
    // Who finds a damaged file must not set aside the new one that another window has begun.
    QLockFile lock(m_path + QStringLiteral(".lock"));
    lock.tryLock(longestOpeningMs);
    try {
        openFile();
    } catch (const SqlFailure& failure) {
        goOnInMemory(tr("The notebook %1 cannot be used (%2): what you do is remembered until this "
                        "window closes")
                         .arg(m_path, wordsFor(failure)));
    }
    return m_place != Place::nowhere;
}

void NotebookDatabase::openFile()
{
    try {
        connectTo(m_path);
        migrate();
    } catch (const SqlFailure& failure) {
        if (!isDamage(failure))
            throw;
        setAside();
        connectTo(m_path);
        migrate();
    }
    m_place = Place::file;
    changedElsewhere(); // what others did before is seen already
}

void NotebookDatabase::migrate()
{
    const auto version
        = [this] { return firstOf(m_connection, QStringLiteral("PRAGMA user_version")).toInt(); };
    const int newest = static_cast<int>(notebookMigrations().size());
    // Before anything is written.
    if (version() > newest)
        throw SqlFailure{tr("it was made by a newer version of Manyhands"), {}};
    const QString check = firstOf(m_connection, QStringLiteral("PRAGMA quick_check(1)")).toString();
    if (check != QLatin1String("ok"))
        throw SqlFailure{check, QStringLiteral("11")};
    firstOf(m_connection, QStringLiteral("PRAGMA journal_mode = WAL"));
    // With WAL a crash of the system can lose the last rows, never damage the file.
    executed(m_connection, QStringLiteral("PRAGMA synchronous = NORMAL"));
    executed(m_connection, QStringLiteral("PRAGMA foreign_keys = ON"));
    // A transaction even where nothing is to be done: it shows whether the file can be written.
    attempt([&](Transaction&) {
        for (int next = version(); next < newest; ++next) {
            for (const QString& statement : notebookMigrations()[next])
                executed(m_connection, statement);
        }
        executed(m_connection, QStringLiteral("PRAGMA user_version = %1").arg(newest));
    });
}

void NotebookDatabase::setAside()
{
    disconnect();
    const QFileInfo file(m_path);
    const QString aside = file.absolutePath()
        + QStringLiteral("/%1.corrupt-%2.%3")
              .arg(file.completeBaseName(),
                  QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMddThhmmsszzzZ")),
                  file.suffix());
    if (!QFile::rename(m_path, aside))
        throw SqlFailure{tr("it is damaged and cannot be set aside"), {}};
    // They belong to it, and would spoil the new one.
    for (const char* const end : {"-wal", "-shm"})
        QFile::rename(m_path + QLatin1String(end), aside + QLatin1String(end));
    m_said(tr("The notebook was damaged: it is kept as %1, and a new one is begun").arg(aside));
}

void NotebookDatabase::connectTo(const QString& file)
{
    disconnect();
    m_connection = nextConnection();
    QSqlDatabase database = QSqlDatabase::addDatabase(driver, m_connection);
    database.setConnectOptions(
        QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1;QSQLITE_OPEN_URI").arg(longestBusyMs));
    // Qt hands names that are no addresses on as they are.
    database.setDatabaseName(file);
    if (!database.open())
        fail(database.lastError());
}

void NotebookDatabase::disconnect()
{
    if (!m_connection.isEmpty())
        QSqlDatabase::removeDatabase(std::exchange(m_connection, {}));
}

void NotebookDatabase::goOnInMemory(const QString& line)
{
    const bool readable = m_place == Place::file;
    // Held on to while it is read: on a full disk it could not be opened again.
    const QString file = std::exchange(m_connection, {});
    m_place = Place::memory;
    m_said(line);
    if (beginInMemory() && readable)
        copyToMemory();
    QSqlDatabase::removeDatabase(file);
}

bool NotebookDatabase::beginInMemory()
{
    try {
        connectTo(inMemory);
        for (const QStringList& migration : notebookMigrations()) {
            for (const QString& statement : migration)
                executed(m_connection, statement);
        }
        return true;
    } catch (const SqlFailure&) {
        disconnect();
        m_place = Place::nowhere;
        return false;
    }
}

void NotebookDatabase::copyToMemory()
{
    try {
        const QString address = QString::fromUtf8(QUrl::fromLocalFile(m_path).toEncoded());
        executed(m_connection, QStringLiteral("ATTACH DATABASE ? AS kept"),
            {address + QStringLiteral("?mode=ro")});
        for (const QString& table : notebookTables())
            executed(m_connection,
                QStringLiteral("INSERT INTO main.%1 SELECT * FROM kept.%1").arg(table));
        executed(m_connection, QStringLiteral("DETACH DATABASE kept"));
    } catch (const SqlFailure&) {
        // What could be read is there; the rest is said to be lost already.
    }
}

} // namespace manyhands::app
