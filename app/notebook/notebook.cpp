// SPDX-License-Identifier: GPL-3.0-or-later
// What a person did in the lessons: runs, predictions, answers, notes, and the steps they reached.
#include "app/notebook/notebook.hpp"

#include <QDir>
#include <QStandardPaths>
#include <QTimeZone>

#include <algorithm>
#include <array>

namespace manyhands::app {
namespace {

using Transaction = NotebookDatabase::Transaction;

constexpr std::array verdicts = {std::pair{Verdict::unknown, "unknown"},
    std::pair{Verdict::right, "right"}, std::pair{Verdict::too_low, "too_low"},
    std::pair{Verdict::too_high, "too_high"}, std::pair{Verdict::other, "other"}};

QString textOf(Verdict verdict)
{
    const auto* const found = std::find_if(
        verdicts.begin(), verdicts.end(), [&](const auto& one) { return one.first == verdict; });
    return QLatin1String(found->second);
}

Verdict verdictOf(const QString& text)
{
    const auto* const found = std::find_if(verdicts.begin(), verdicts.end(),
        [&](const auto& one) { return text == QLatin1String(one.second); });
    return found == verdicts.end() ? Verdict::unknown : found->first;
}

QString textOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString textOf(Confidence confidence)
{
    return textOf(name_of(confidence));
}

Confidence confidenceOf(const QString& text)
{
    for (const Confidence one : {Confidence::fairly_sure, Confidence::certain}) {
        if (text == textOf(one))
            return one;
    }
    return Confidence::guessing;
}

template <class Value>
QVariant orNull(const std::optional<Value>& value)
{
    return value ? QVariant(*value) : QVariant();
}

template <class Value>
std::optional<Value> optionalOf(const QVariant& value)
{
    return value.isNull() ? std::nullopt : std::optional<Value>(value.value<Value>());
}

QDateTime timeOf(const QVariant& value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
}

/// Holds what waits against the run that was waited for.
void settle(Transaction& notebook, const FinishedRun& run, const QString& lesson, qint64 id)
{
    const auto waiting
        = notebook.read(QStringLiteral("SELECT id, name, value, choice FROM prediction "
                                       "WHERE lesson = ? AND run IS NULL AND NOT skipped"),
            {lesson});
    const auto& described = run.description.guide.predictions;
    for (const QVariantList& row : waiting) {
        Prediction prediction;
        prediction.name = row[1].toString().toStdString();
        prediction.value = optionalOf<double>(row[2]);
        if (!row[3].isNull())
            prediction.choice = row[3].value<std::size_t>();
        const auto asked = std::find_if(described.begin(), described.end(),
            [&](const PredictionDescription& one) { return one.name == prediction.name; });
        if (asked == described.end() || !run.description.holds(asked->when, run.parameters))
            continue;
        const std::optional<Measured> outcome = measured(run, asked->quantity);
        notebook.change(
            QStringLiteral("UPDATE prediction SET run = ?, measured = ?, low = ?, high = ?, "
                           "verdict = ? WHERE id = ?"),
            {id, outcome ? QVariant(outcome->value) : QVariant(),
                outcome ? orNull(outcome->low) : QVariant(),
                outcome ? orNull(outcome->high) : QVariant(),
                textOf(judged(*asked, prediction, outcome)), row[0]});
    }
}

} // namespace

Notebook::Notebook(const QString& folder, QObject* parent)
    : QObject(parent)
    , m_runsFolder(folder + QStringLiteral("/runs"))
    , m_database(folder + QStringLiteral("/notebook.sqlite"),
          [this](const QString& line) { emit failed(line); })
    , m_history(m_database, m_runsFolder)
{
    connect(this, &Notebook::changed, &m_history, &RunHistory::changed);
}

QString Notebook::usualFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
        + QStringLiteral("/manyhands");
}

QString Notebook::newRunPath(const QString& lessonId) const
{
    QDir().mkpath(m_runsFolder);
    const QString time
        = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyy-MM-ddThh-mm-ss.zzzZ"));
    // The process, since two windows may end runs at one moment.
    return QStringLiteral("%1/%2-%3-%4.manyhands.json.gz")
        .arg(m_runsFolder, time, lessonId)
        .arg(QCoreApplication::applicationPid());
}

QVariant Notebook::shownRun(const QString& lessonId) const
{
    const auto found = m_shownRuns.find(lessonId);
    return found == m_shownRuns.end() ? QVariant() : QVariant(*found);
}

void Notebook::runFinished(const FinishedRun& run, const QString& file)
{
    const QString lesson = QString::fromStdString(run.description.id);
    qint64 id = 0;
    m_database.write([&](Transaction& notebook) {
        id = keepRun(notebook, run, QDateTime::currentDateTimeUtc(), nameBelow(m_runsFolder, file));
        if (run.state == RunState::done)
            settle(notebook, run, lesson, id);
    });
    m_shownRuns.insert(lesson, id);
    emit changed(lesson);
}

void Notebook::runNotKept(const QString& file)
{
    QString lesson;
    m_database.write([&](Transaction& notebook) {
        const auto rows = notebook.read(QStringLiteral("SELECT lesson FROM run WHERE file = ?"),
            {nameBelow(m_runsFolder, file)});
        lesson = rows.value(0).value(0).toString();
        notebook.change(QStringLiteral("UPDATE run SET file = NULL WHERE file = ?"),
            {nameBelow(m_runsFolder, file)});
    });
    emit changed(lesson);
}

void Notebook::runOpened(const QString& lessonId, const QString& file)
{
    const auto rows
        = m_database.read(QStringLiteral("SELECT id FROM run WHERE lesson = ? AND file = ?"),
            {lessonId, nameBelow(m_runsFolder, file)});
    if (rows.isEmpty())
        m_shownRuns.remove(lessonId);
    else
        m_shownRuns.insert(lessonId, rows.first().first().toLongLong());
}

QList<KeptRun> Notebook::runs(const QString& lessonId)
{
    const auto rows
        = m_database.read(QStringLiteral("SELECT %1 FROM run WHERE lesson = ? AND removed IS NULL "
                                         "ORDER BY id DESC LIMIT ?")
                              .arg(keptRunColumns()),
            {lessonId, mostRuns});
    QList<KeptRun> runs;
    for (const QVariantList& row : rows)
        runs.append(keptRunFrom(row, m_runsFolder));
    return runs;
}

QList<KeptPrediction> Notebook::lastPredictions(const QString& lessonId)
{
    const auto rows = m_database.read(
        QStringLiteral("SELECT name, value, choice, confidence, run, time, measured, low, high, "
                       "verdict FROM prediction WHERE id IN (SELECT max(id) FROM prediction WHERE "
                       "lesson = ? AND NOT skipped GROUP BY name) ORDER BY id"),
        {lessonId});
    QList<KeptPrediction> predictions;
    for (const QVariantList& row : rows) {
        KeptPrediction kept;
        kept.prediction.name = row[0].toString().toStdString();
        kept.prediction.value = optionalOf<double>(row[1]);
        if (!row[2].isNull())
            kept.prediction.choice = row[2].value<std::size_t>();
        kept.prediction.confidence = confidenceOf(row[3].toString());
        kept.run = optionalOf<qint64>(row[4]);
        kept.time = timeOf(row[5]);
        kept.measured = optionalOf<double>(row[6]);
        kept.low = optionalOf<double>(row[7]);
        kept.high = optionalOf<double>(row[8]);
        kept.verdict = verdictOf(row[9].toString());
        predictions.append(kept);
    }
    return predictions;
}

bool Notebook::wasAskedPredictions(const QString& lessonId)
{
    return !m_database
                .read(
                    QStringLiteral("SELECT 1 FROM prediction WHERE lesson = ? LIMIT 1"), {lessonId})
                .isEmpty();
}

QList<KeptAnswer> Notebook::answers(const QString& lessonId)
{
    const auto rows = m_database.read(
        QStringLiteral("SELECT name, question, chosen, is_right, run, time FROM answer WHERE id IN "
                       "(SELECT max(id) FROM answer WHERE lesson = ? GROUP BY name) ORDER BY id"),
        {lessonId});
    QList<KeptAnswer> answers;
    for (const QVariantList& row : rows)
        answers.append({row[0].toString(), row[1].toString(), row[2].toString(), row[3].toBool(),
            optionalOf<qint64>(row[4]), timeOf(row[5])});
    return answers;
}

QList<KeptNote> Notebook::notes(const QString& lessonId)
{
    const auto rows = m_database.read(
        QStringLiteral("SELECT text, run, time FROM note WHERE lesson = ? ORDER BY id DESC"),
        {lessonId});
    QList<KeptNote> notes;
    for (const QVariantList& row : rows)
        notes.append({row[0].toString(), optionalOf<qint64>(row[1]), timeOf(row[2])});
    return notes;
}

QList<KeptStep> Notebook::steps(const QString& lessonId)
{
    const auto rows = m_database.read(
        QStringLiteral("SELECT name, done, time FROM step WHERE lesson = ? ORDER BY id"),
        {lessonId});
    QList<KeptStep> steps;
    for (const QVariantList& row : rows)
        steps.append({row[0].toString(), row[1].toBool(), timeOf(row[2])});
    return steps;
}

QHash<QString, LessonProgress> Notebook::progress()
{
    const auto rows
        = m_database.read(QStringLiteral("SELECT lesson, max(done) FROM ("
                                         "SELECT lesson, done AND name = ? AS done FROM step "
                                         "UNION ALL SELECT lesson, 0 FROM run "
                                         "UNION ALL SELECT lesson, 0 FROM prediction "
                                         "UNION ALL SELECT lesson, 0 FROM answer "
                                         "UNION ALL SELECT lesson, 0 FROM note) GROUP BY lesson"),
            {lastStep()});
    QHash<QString, LessonProgress> progress;
    for (const QVariantList& row : rows) {
        progress.insert(
            row[0].toString(), row[1].toBool() ? LessonProgress::done : LessonProgress::begun);
    }
    return progress;
}

void Notebook::keepPrediction(const QString& lessonId, const Prediction& prediction)
{
    const QString name = QString::fromStdString(prediction.name);
    const QVariant choice
        = prediction.choice ? QVariant(static_cast<qint64>(*prediction.choice)) : QVariant();
    m_database.write([&](Transaction& notebook) {
        notebook.change(
            QStringLiteral("DELETE FROM prediction WHERE lesson = ? AND name = ? AND run IS NULL"),
            {lessonId, name});
        notebook.change(
            QStringLiteral("INSERT INTO prediction (lesson, time, name, value, choice, confidence, "
                           "skipped, verdict) VALUES (?, ?, ?, ?, ?, ?, 0, ?)"),
            {lessonId, notebookTime(), name, orNull(prediction.value), choice,
                textOf(prediction.confidence), textOf(Verdict::unknown)});
    });
    emit changed(lessonId);
}

void Notebook::skipPredictions(const QString& lessonId)
{
    m_database.write([&](Transaction& notebook) {
        notebook.change(
            QStringLiteral("INSERT INTO prediction (lesson, time, name, confidence, skipped, "
                           "verdict) VALUES (?, ?, '', ?, 1, ?)"),
            {lessonId, notebookTime(), textOf(Confidence::guessing), textOf(Verdict::unknown)});
    });
    emit changed(lessonId);
}

void Notebook::keepAnswer(
    const QString& lessonId, const QuizQuestion& question, const QString& chosen, bool right)
{
    m_database.write([&](Transaction& notebook) {
        notebook.change(QStringLiteral("INSERT INTO answer (lesson, run, time, name, question, "
                                       "chosen, is_right) VALUES (?, ?, ?, ?, ?, ?, ?)"),
            {lessonId, shownRun(lessonId), notebookTime(), QString::fromStdString(question.name),
                QString::fromStdString(question.question), chosen, right});
    });
    emit changed(lessonId);
}

void Notebook::keepNote(const QString& lessonId, const QString& text)
{
    m_database.write([&](Transaction& notebook) {
        notebook.change(QStringLiteral("DELETE FROM note WHERE lesson = ? AND run IS ?"),
            {lessonId, shownRun(lessonId)});
        if (!text.isEmpty()) {
            notebook.change(
                QStringLiteral("INSERT INTO note (lesson, run, time, text) VALUES (?, ?, ?, ?)"),
                {lessonId, shownRun(lessonId), notebookTime(), text});
        }
    });
    emit changed(lessonId);
}

void Notebook::stepReached(const QString& lessonId, const QString& stepName, bool done)
{
    m_database.write([&](Transaction& notebook) {
        // A new row, and so the latest.
        notebook.change(
            QStringLiteral(
                "INSERT OR REPLACE INTO step (lesson, time, name, done) VALUES (?, ?, ?, "
                "? OR EXISTS (SELECT 1 FROM step WHERE lesson = ? AND name = ? AND "
                "done))"),
            {lessonId, notebookTime(), stepName, done, lessonId, stepName});
    });
    emit changed(lessonId);
}

} // namespace manyhands::app
