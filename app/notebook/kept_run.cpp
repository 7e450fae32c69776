// SPDX-License-Identifier: GPL-3.0-or-later
// A run as the notebook's table has it.
#include "app/notebook/kept_run.hpp"

#include "engine/description/parameter_words.hpp"
#include "engine/observe/measured.hpp"

#include <QDir>
#include <QFileInfo>

#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

using Transaction = NotebookDatabase::Transaction;

QString textOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

RunState stateOf(const QString& text)
{
    for (const RunState one : {RunState::done, RunState::stopped, RunState::timed_out}) {
        if (text == textOf(name_of(one)))
            return one;
    }
    return RunState::failed;
}

template <class Value>
std::optional<Value> optionalOf(const QVariant& value)
{
    return value.isNull() ? std::nullopt : std::optional<Value>(value.value<Value>());
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

QString nameAndValue(const std::string& name, const ParameterValue& value)
{
    return QString::fromStdString(name + '=' + to_text(value));
}

QString allParameters(const ParameterValues& values)
{
    QStringList words;
    for (const auto& [name, value] : values)
        words.append(nameAndValue(name, value));
    return words.join(QLatin1String(", "));
}

QString changedParameters(const FinishedRun& run)
{
    QStringList words;
    for (const std::string& word :
        parameter_words(run.description, run.parameters, ToldParameters::changed))
        words.append(QString::fromStdString(word));
    return words.join(QLatin1String(", "));
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

} // namespace

QString notebookTime(const QDateTime& time)
{
    return time.toUTC().toString(Qt::ISODateWithMs);
}

QString notebookTime()
{
    return notebookTime(QDateTime::currentDateTimeUtc());
}

QString nameBelow(const QString& folder, const QString& path)
{
    const QFileInfo file(path);
    return file.absolutePath() == QFileInfo(folder).absoluteFilePath() ? file.fileName() : path;
}

QString keptRunColumns()
{
    return QStringLiteral("run.id, run.lesson, run.time, run.parameters, run.seed, run.state, "
                          "run.marks, run.wall_s, run.sequential_s, run.speedup, run.repeats, "
                          "run.workers, run.file, run.title, run.changed, run.name, run.pinned");
}

KeptRun keptRunFrom(const QVariantList& row, const QString& folder)
{
    KeptRun run;
    run.id = row[0].toLongLong();
    run.lesson = row[1].toString();
    run.time = QDateTime::fromString(row[2].toString(), Qt::ISODateWithMs);
    run.parameters = parametersOf(row[3].toString());
    run.seed = static_cast<std::uint64_t>(row[4].toLongLong());
    run.state = stateOf(row[5].toString());
    run.marks = row[6].toString().split(QLatin1Char(','), Qt::SkipEmptyParts);
    run.wallS = optionalOf<double>(row[7]);
    run.sequentialS = optionalOf<double>(row[8]);
    run.speedup = optionalOf<double>(row[9]);
    run.repeats = row[10].toInt();
    run.workers = optionalOf<int>(row[11]);
    if (!row[12].isNull())
        run.file = QDir(folder).absoluteFilePath(row[12].toString());
    run.title = row[13].toString();
    run.changedParameters = row[14].isNull() ? allParameters(run.parameters) : row[14].toString();
    run.name = row[15].toString();
    run.pinned = row[16].toBool();
    return run;
}

qint64 keepRun(
    Transaction& notebook, const FinishedRun& run, const QDateTime& time, const QString& fileName)
{
    QStringList marks;
    for (const std::string& mark : run.marks)
        marks.append(QString::fromStdString(mark));
    return notebook.change(
        QStringLiteral("INSERT INTO run (lesson, time, parameters, seed, state, marks, wall_s, "
                       "sequential_s, speedup, repeats, workers, file, title, changed) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {QString::fromStdString(run.description.id), notebookTime(time),
            QString::fromStdString(to_json(run.parameters).dump()), static_cast<qint64>(run.seed),
            textOf(name_of(run.state)), marks.join(QLatin1Char(',')), figure(run, "wall_s"),
            run.sequential_s ? QVariant(*run.sequential_s) : QVariant(), figure(run, "speedup"),
            static_cast<qint64>(run.repeats.size()), workersOf(run),
            fileName.isEmpty() ? QVariant() : QVariant(fileName),
            QString::fromStdString(run.description.title), changedParameters(run)});
}

} // namespace manyhands::app
