// SPDX-License-Identifier: GPL-3.0-or-later
// The language of a figure's own words.
#pragma once

#include <QLocale>
#include <QString>
#include <QStringList>

namespace manyhands::app {

/// Those that a figure can be drawn in; the first is the usual one.
const QStringList& figureLanguages();

/// While it lives, words and numbers to be read are in that language, whatever the person's own:
/// the same figure comes out in every locale. Numbers in data are not touched.
class FigureLanguage
{
public:
    /// One of figureLanguages(), or empty.
    explicit FigureLanguage(const QString& language);
    ~FigureLanguage();
    FigureLanguage(const FigureLanguage&) = delete;
    FigureLanguage& operator=(const FigureLanguage&) = delete;

private:
    QLocale m_before;
    bool m_german;
};

} // namespace manyhands::app
