// SPDX-License-Identifier: GPL-3.0-or-later
// Texts and numbers of reports, the same in every locale.
#pragma once

#include <QString>
#include <QStringList>

#include <nlohmann/json_fwd.hpp>

namespace manyhands::app {

/// What a report can show of a text: what would be obeyed instead (control characters, changes of
/// direction) or is no character at all becomes "?". Line breaks and tabulators stay.
QString shownText(const QString& text);

/// A word as a shell takes it: in quotes where it needs them.
QString shellWord(const QString& word);
/// Words as one line of a shell.
QString shellLine(const QStringList& words);

/// The number that stands under a name, with so many decimals; "–" where there is none.
QString fixedOf(const nlohmann::json& object, const char* name, int decimals);
QString secondsOf(const nlohmann::json& object, const char* name);
/// A text or a whole number likewise.
QString textOf(const nlohmann::json& object, const char* name);

} // namespace manyhands::app
