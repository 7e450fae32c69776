// SPDX-License-Identifier: GPL-3.0-or-later
// What a person did in the lessons: runs, predictions, answers, notes, and the steps they reached.
#include "app/notebook/notebook.hpp"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTimeZone>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

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

RunState stateOf(const QString& text)
{
    for (const RunState one : {RunState::done, RunState::stopped, RunState::timed_out}) {
        if (text == textOf(name_of(one)))
            return one;
    }
    return RunState::failed;
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

QString now()
{
    return QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
}

QDateTime timeOf(const QVariant& value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
}

ParameterValues parametersOf(const QString& text)
{
    ParameterValues values;
    const auto json = nlohmann::json::parse(text.toStdString(), nullptr, false);
    if (!json.is_object())
        return values;
    for (const auto& [name, value] : json.items()) {
        if (value.is_number_integer())
            values.emplace(name, value.get<std::int64_t>());
        else if (value.is_number())
            values.emplace(name, value.get<double>());
        else if (value.is_string())
            values.emplace(name, value.get<std::string>());
    }
    return values;
}

QVariant workersOf(const FinishedRun& run)
{
    for (const ParameterDescription& parameter : run.description.parameters) {
        const auto value = run.parameters.find(parameter.name);
        if (!parameter.workers || value == run.parameters.end())
            continue;
        if (const auto* workers = std::get_if<std::int64_t>(&value->second))
            return QVariant::fromValue<qint64>(*workers);
    }
    return {};
}

QVariant figure(const FinishedRun& run, std::string_view name)
{
    const std::optional<Measured> found = measured(run, name);
    return found ? QVariant(found->value) : QVariant();
}

void putIn(Transaction& notebook, const FinishedRun& run, const QString& lesson,
    const QString& file, qint64& id)
{
    QStringList marks;
    for (const std::string& mark : run.marks)
        marks.append(QString::fromStdString(mark));
    id = notebook.change(
        QStringLiteral("INSERT INTO run (lesson, time, parameters, seed, state, marks, wall_s, "
                       "sequential_s, speedup, repeats, workers, file) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {lesson, now(), QString::fromStdString(to_json(run.parameters).dump()),
            static_cast<qint64>(run.seed), textOf(name_of(run.state)), marks.join(QLatin1Char(',')),
            figure(run, "wall_s"), orNull(run.sequential_s), figure(run, "speedup"),
            static_cast<qint64>(run.repeats.size()), workersOf(run),
            file.isEmpty() ? QVariant() : QVariant(file)});
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
{
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

QString Notebook::fileName(const QString& path) const
{
    // What stands in our folder is found again where that was moved to.
    const QFileInfo file(path);
    return file.absolutePath() == QFileInfo(m_runsFolder).absoluteFilePath() ? file.fileName()
                                                                             : path;
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
        putIn(notebook, run, lesson, fileName(file), id);
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
        const auto rows = notebook.read(
            QStringLiteral("SELECT lesson FROM run WHERE file = ?"), {fileName(file)});
        lesson = rows.value(0).value(0).toString();
        notebook.change(
            QStringLiteral("UPDATE run SET file = NULL WHERE file = ?"), {fileName(file)});
    });
    emit changed(lesson);
}

void Notebook::runOpened(const QString& lessonId, const QString& file)
{
    const auto rows
        = m_database.read(QStringLiteral("SELECT id FROM run WHERE lesson = ? AND file = ?"),
            {lessonId, fileName(file)});
    if (rows.isEmpty())
        m_shownRuns.remove(lessonId);
    else
        m_shownRuns.insert(lessonId, rows.first().first().toLongLong());
}

QList<KeptRun> Notebook::runs(const QString& lessonId)
{
    const auto rows = m_database.read(
        QStringLiteral("SELECT id, time, parameters, seed, state, marks, wall_s, sequential_s, "
                       "speedup, repeats, workers, file FROM run WHERE lesson = ? "
                       "ORDER BY id DESC LIMIT ?"),
        {lessonId, mostRuns});
    QList<KeptRun> runs;
    for (const QVariantList& row : rows) {
        KeptRun run;
        run.id = row[0].toLongLong();
        run.lesson = lessonId;
        run.time = timeOf(row[1]);
        run.parameters = parametersOf(row[2].toString());
        run.seed = static_cast<std::uint64_t>(row[3].toLongLong());
        run.state = stateOf(row[4].toString());
        run.marks = row[5].toString().split(QLatin1Char(','), Qt::SkipEmptyParts);
        run.wallS = optionalOf<double>(row[6]);
        run.sequentialS = optionalOf<double>(row[7]);
        run.speedup = optionalOf<double>(row[8]);
        run.repeats = row[9].toInt();
        run.workers = optionalOf<int>(row[10]);
        if (!row[11].isNull())
            run.file = QDir(m_runsFolder).absoluteFilePath(row[11].toString());
        runs.append(run);
    }
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
            {lessonId, now(), name, orNull(prediction.value), choice, textOf(prediction.confidence),
                textOf(Verdict::unknown)});
    });
    emit changed(lessonId);
}

void Notebook::skipPredictions(const QString& lessonId)
{
    m_database.write([&](Transaction& notebook) {
        notebook.change(
            QStringLiteral("INSERT INTO prediction (lesson, time, name, confidence, skipped, "
                           "verdict) VALUES (?, ?, '', ?, 1, ?)"),
            {lessonId, now(), textOf(Confidence::guessing), textOf(Verdict::unknown)});
    });
    emit changed(lessonId);
}

void Notebook::keepAnswer(
    const QString& lessonId, const QuizQuestion& question, const QString& chosen, bool right)
{
    m_database.write([&](Transaction& notebook) {
        notebook.change(QStringLiteral("INSERT INTO answer (lesson, run, time, name, question, "
                                       "chosen, is_right) VALUES (?, ?, ?, ?, ?, ?, ?)"),
            {lessonId, shownRun(lessonId), now(), QString::fromStdString(question.name),
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
                {lessonId, shownRun(lessonId), now(), text});
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
            {lessonId, now(), stepName, done, lessonId, stepName});
    });
    emit changed(lessonId);
}

} // namespace manyhands::app
