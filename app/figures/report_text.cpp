// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_text.hpp"

#include "app/command_line/plain_text.hpp"
#include "engine/description/shown_text.hpp"

#include <QRegularExpression>

#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

const QString none = QStringLiteral("–");

nlohmann::json at(const nlohmann::json& object, const char* name)
{
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nlohmann::json() : *found;
}

} // namespace

QString shownText(const QString& text)
{
    static const QRegularExpression noCharacters(QStringLiteral("[\\x{FFFE}\\x{FFFF}]"));
    QString shown = QString::fromStdString(plain_text(text.toStdString()));
    shown.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    shown.replace(QLatin1Char('\r'), QLatin1Char('\n'));
    return shown.replace(noCharacters, QStringLiteral("?"));
}

QString shellWord(const QString& word)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./:=,+@%-]+$"));
    if (plain.match(word).hasMatch())
        return word;
    QString quoted = word;
    quoted.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return QLatin1Char('\'') + quoted + QLatin1Char('\'');
}

QString shellLine(const QStringList& words)
{
    QStringList quoted;
    for (const QString& word : words)
        quoted.append(shellWord(word));
    return quoted.join(QLatin1Char(' '));
}

QString fixedOf(const nlohmann::json& object, const char* name, int decimals)
{
    const nlohmann::json value = at(object, name);
    return value.is_number() ? QString::fromStdString(fixedText(value.get<double>(), decimals))
                             : none;
}

QString secondsOf(const nlohmann::json& object, const char* name)
{
    const nlohmann::json value = at(object, name);
    return value.is_number() ? QString::fromStdString(secondsText(value.get<double>())) : none;
}

QString textOf(const nlohmann::json& object, const char* name)
{
    const nlohmann::json value = at(object, name);
    if (value.is_string())
        return QString::fromStdString(value.get<std::string>());
    return value.is_number() ? QString::fromStdString(numberText(value.get<double>())) : none;
}

} // namespace manyhands::app
