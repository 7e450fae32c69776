// SPDX-License-Identifier: GPL-3.0-or-later
// The notebook's SQLite file: opened when first needed, brought up to date, set aside where it is
// damaged, and replaced by memory where it cannot be used.
#pragma once

#include <QCoreApplication>
#include <QString>
#include <QVariantList>

#include <functional>

namespace manyhands::app {

/// Statements with their values bound, all or none of them. Never throws: what does not work is
/// said once, and goes on in memory with what could still be read; that ends with this object.
class NotebookDatabase
{
    Q_DECLARE_TR_FUNCTIONS(manyhands::app::NotebookDatabase)

public:
    /// `said`: one line on what is wrong with the file and what became of it.
    NotebookDatabase(QString path, std::function<void(const QString& line)> said);
    ~NotebookDatabase();
    NotebookDatabase(const NotebookDatabase&) = delete;
    NotebookDatabase& operator=(const NotebookDatabase&) = delete;

    /// The rows that a query finds.
    QList<QVariantList> read(const QString& sql, const QVariantList& values = {});

    /// Inside of write().
    class Transaction
    {
    public:
        QList<QVariantList> read(const QString& sql, const QVariantList& values = {});
        /// Returns the id of the row that was put in.
        qint64 change(const QString& sql, const QVariantList& values);

    private:
        friend class NotebookDatabase;
        explicit Transaction(QString connection);
        QString m_connection;
    };
    /// Does all that `statements` does, or nothing of it. Calls it again where only memory can take
    /// it.
    void write(const std::function<void(Transaction&)>& statements);

    /// Whether another window has written since this was asked the last time.
    bool changedElsewhere();

    /// Whether what is written outlives the program. Opens the file.
    bool isKept();

private:
    enum class Place { unopened, file, memory, nowhere };

    bool open();
    void openFile();
    void migrate();
    void setAside();
    void connectTo(const QString& file);
    void disconnect();
    void goOnInMemory(const QString& line);
    bool beginInMemory();
    void copyToMemory();
    void attempt(const std::function<void(Transaction&)>& statements);

    QString m_path;
    std::function<void(const QString&)> m_said;
    QString m_connection;
    qint64 m_seenVersion = 0; ///< of the file, as others have written it
    Place m_place = Place::unopened;
};

} // namespace manyhands::app
