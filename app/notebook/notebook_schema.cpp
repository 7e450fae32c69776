// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of the notebook, as the steps that lead from each version to the next.
#include "app/notebook/notebook_schema.hpp"

namespace manyhands::app {

// Times are UTC, "2026-11-28T19:05:12.123Z". `run`: nothing where there was none yet.
const QList<QStringList>& notebookMigrations()
{
    static const QList<QStringList> migrations = {
        {
            QStringLiteral(R"(
                CREATE TABLE run (
                    id INTEGER PRIMARY KEY,
                    lesson TEXT NOT NULL,
                    time TEXT NOT NULL,
                    parameters TEXT NOT NULL, -- a JSON object
                    seed INTEGER NOT NULL, -- its 64 bits as a signed number
                    state TEXT NOT NULL,
                    marks TEXT NOT NULL, -- with commas between
                    wall_s REAL, -- medians
                    sequential_s REAL,
                    speedup REAL,
                    repeats INTEGER NOT NULL,
                    workers INTEGER,
                    file TEXT -- below the folder of runs
                ))"),
            QStringLiteral("CREATE INDEX run_of_lesson ON run (lesson, id)"),
            QStringLiteral(R"(
                CREATE TABLE prediction (
                    id INTEGER PRIMARY KEY,
                    lesson TEXT NOT NULL,
                    run INTEGER REFERENCES run (id) ON DELETE SET NULL, -- that answered it
                    time TEXT NOT NULL,
                    name TEXT NOT NULL, -- '' where all were skipped
                    value REAL,
                    choice INTEGER, -- index
                    confidence TEXT NOT NULL,
                    skipped INTEGER NOT NULL,
                    measured REAL,
                    low REAL,
                    high REAL,
                    verdict TEXT NOT NULL
                ))"),
            QStringLiteral("CREATE INDEX prediction_of_lesson ON prediction (lesson, id)"),
            QStringLiteral(R"(
                CREATE TABLE answer (
                    id INTEGER PRIMARY KEY,
                    lesson TEXT NOT NULL,
                    run INTEGER REFERENCES run (id) ON DELETE SET NULL, -- that was shown
                    time TEXT NOT NULL,
                    name TEXT NOT NULL,
                    question TEXT NOT NULL,
                    chosen TEXT NOT NULL,
                    is_right INTEGER NOT NULL
                ))"),
            QStringLiteral("CREATE INDEX answer_of_lesson ON answer (lesson, id)"),
            QStringLiteral(R"(
                CREATE TABLE note (
                    id INTEGER PRIMARY KEY,
                    lesson TEXT NOT NULL,
                    run INTEGER REFERENCES run (id) ON DELETE SET NULL, -- that was shown
                    time TEXT NOT NULL,
                    text TEXT NOT NULL
                ))"),
            QStringLiteral("CREATE INDEX note_of_lesson ON note (lesson, id)"),
            QStringLiteral(R"(
                CREATE TABLE step (
                    id INTEGER PRIMARY KEY, -- the greater, the later it was reached
                    lesson TEXT NOT NULL,
                    time TEXT NOT NULL,
                    name TEXT NOT NULL,
                    done INTEGER NOT NULL,
                    UNIQUE (lesson, name)
                ))"),
        },
        {
            QStringLiteral("ALTER TABLE run ADD COLUMN title TEXT NOT NULL DEFAULT ''"),
            // "a=1, b=2": what is not at its default; nothing where that is not known.
            QStringLiteral("ALTER TABLE run ADD COLUMN changed TEXT"),
            QStringLiteral("ALTER TABLE run ADD COLUMN name TEXT NOT NULL DEFAULT ''"),
            QStringLiteral("ALTER TABLE run ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0"),
            // Nothing: it is there. A time: since then, and it may come back. '': for good; the row
            // stays for the predictions that the run answered and the notes that were made on it.
            QStringLiteral("ALTER TABLE run ADD COLUMN removed TEXT"),
        },
    };
    return migrations;
}

const QStringList& notebookTables()
{
    static const QStringList tables = {QStringLiteral("run"), QStringLiteral("prediction"),
        QStringLiteral("answer"), QStringLiteral("note"), QStringLiteral("step")};
    return tables;
}

} // namespace manyhands::app
