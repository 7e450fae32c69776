// SPDX-License-Identifier: GPL-3.0-or-later
// The colours of source text: light ones, for C++ and Python.
#include "app/guide/source_colours.hpp"

#include <QSet>

namespace manyhands::app {
namespace {

/// What a line leaves open for the next.
enum Open : int { nothing = -1, comment = 1, doubleQuotes = 2, singleQuotes = 3 };

const QSet<QString>& keywordsOf(SourceColours::Language language)
{
    static const QSet<QString> cpp = {"alignas", "alignof", "auto", "bool", "break", "case",
        "catch", "char", "class", "const", "const_cast", "constexpr", "continue", "decltype",
        "default", "delete", "do", "double", "else", "enum", "explicit", "extern", "false", "final",
        "float", "for", "friend", "if", "inline", "int", "long", "mutable", "namespace", "new",
        "noexcept", "nullptr", "operator", "override", "private", "protected", "public",
        "reinterpret_cast", "return", "short", "signed", "sizeof", "static", "static_assert",
        "static_cast", "struct", "switch", "template", "this", "throw", "true", "try", "typename",
        "union", "unsigned", "using", "virtual", "void", "volatile", "while"};
    static const QSet<QString> python = {"False", "None", "True", "and", "as", "assert", "async",
        "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally",
        "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
        "pass", "raise", "return", "try", "while", "with", "yield"};
    static const QSet<QString> none;
    switch (language) {
    case SourceColours::Language::cpp:
        return cpp;
    case SourceColours::Language::python:
        return python;
    case SourceColours::Language::none:
        break;
    }
    return none;
}

QString endOf(int open)
{
    return open == comment     ? QStringLiteral("*/")
        : open == doubleQuotes ? QStringLiteral("\"\"\"")
                               : QStringLiteral("'''");
}

QColor mixed(const QColor& ground, const QColor& ink, double share)
{
    const auto mix = [&](float a, float b) { return a + (b - a) * static_cast<float>(share); };
    return QColor::fromRgbF(mix(ground.redF(), ink.redF()), mix(ground.greenF(), ink.greenF()),
        mix(ground.blueF(), ink.blueF()));
}

} // namespace

CodeColours::CodeColours(const Theme& theme)
    : text(theme.text)
    , comment(theme.secondaryText)
    , keyword(theme.series(0).colour)
    , literal(theme.success)
    , number(theme.warning)
    , mark(theme.series(0).colour)
    , ground(theme.background)
    , currentGround(mixed(theme.background, theme.text, 0.03))
    , litGround(mixed(theme.background, theme.warning, 0.09))
{
}

SourceColours::SourceColours(QTextDocument* document, Language language)
    : QSyntaxHighlighter(document)
    , m_language(language)
{
}

void SourceColours::setColours(const CodeColours& colours)
{
    m_comment.setForeground(colours.comment);
    m_comment.setFontItalic(true);
    m_keyword.setForeground(colours.keyword);
    m_keyword.setFontWeight(QFont::Bold);
    m_literal.setForeground(colours.literal);
    m_number.setForeground(colours.number);
    rehighlight();
}

void SourceColours::paint(qsizetype from, qsizetype to, const QTextCharFormat& format)
{
    setFormat(static_cast<int>(from), static_cast<int>(to - from), format);
}

qsizetype SourceColours::finish(const QString& line, qsizetype from, int state)
{
    const QString end = endOf(state);
    // What opens it is no end of it.
    const bool begins = from > 0 || previousBlockState() != state;
    const qsizetype found = line.indexOf(end, begins ? from + end.size() : from);
    const qsizetype to = found < 0 ? line.size() : found + end.size();
    paint(from, to, state == comment ? m_comment : m_literal);
    if (found < 0)
        setCurrentBlockState(state);
    return to;
}

qsizetype SourceColours::quoted(const QString& line, qsizetype from)
{
    qsizetype to = from + 1;
    while (to < line.size() && line[to] != line[from])
        to += line[to] == QLatin1Char('\\') ? 2 : 1;
    to = std::min(to + 1, line.size());
    paint(from, to, m_literal);
    return to;
}

qsizetype SourceColours::word(const QString& line, qsizetype from)
{
    const bool isNumber = line[from].isDigit();
    const auto belongs = [&](QChar letter) {
        return letter.isLetterOrNumber() || letter == QLatin1Char('_')
            || (isNumber && (letter == QLatin1Char('.') || letter == QLatin1Char('\'')));
    };
    qsizetype to = from + 1;
    while (to < line.size() && belongs(line[to]))
        ++to;
    if (isNumber)
        paint(from, to, m_number);
    else if (keywordsOf(m_language).contains(line.mid(from, to - from)))
        paint(from, to, m_keyword);
    return to;
}

void SourceColours::highlightBlock(const QString& line)
{
    setCurrentBlockState(nothing);
    if (m_language == Language::none)
        return;
    const bool cpp = m_language == Language::cpp;
    qsizetype at = previousBlockState() > 0 ? finish(line, 0, previousBlockState()) : 0;
    while (at < line.size()) {
        const QStringView rest = QStringView(line).mid(at);
        const QChar letter = line[at];
        if (rest.startsWith(cpp ? QLatin1String("//") : QLatin1String("#"))
            || (cpp && letter == QLatin1Char('#') && line.left(at).trimmed().isEmpty())) {
            paint(at, line.size(), m_comment);
            return;
        }
        if (cpp && rest.startsWith(QLatin1String("/*")))
            at = finish(line, at, comment);
        else if (!cpp && rest.startsWith(QLatin1String("\"\"\"")))
            at = finish(line, at, doubleQuotes);
        else if (!cpp && rest.startsWith(QLatin1String("'''")))
            at = finish(line, at, singleQuotes);
        else if (letter == QLatin1Char('"') || letter == QLatin1Char('\''))
            at = quoted(line, at);
        else if (letter.isLetterOrNumber() || letter == QLatin1Char('_'))
            at = word(line, at);
        else
            ++at;
    }
}

} // namespace manyhands::app
