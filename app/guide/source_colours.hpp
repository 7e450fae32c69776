// SPDX-License-Identifier: GPL-3.0-or-later
// The colours of source text: light ones, for C++ and Python.
#pragma once

#include "app/views/theme.hpp"

#include <QColor>
#include <QSyntaxHighlighter>

namespace manyhands::app {

/// Of one theme. Every ink has 4.5:1 upon every ground.
struct CodeColours
{
    explicit CodeColours(const Theme& theme);

    QColor text;
    QColor comment; ///< and what the preprocessor reads
    QColor keyword;
    QColor literal; ///< text in quotes
    QColor number;
    QColor mark; ///< of a line that has spans
    QColor ground;
    QColor currentGround;
    QColor litGround;
};

/// Colours a document line by line, keywords bold and comments slanted as well.
class SourceColours : public QSyntaxHighlighter
{
    Q_OBJECT

public:
    enum class Language : std::uint8_t { none, cpp, python };

    SourceColours(QTextDocument* document, Language language);

    void setColours(const CodeColours& colours);

protected:
    void highlightBlock(const QString& line) override;

private:
    /// Goes on with what an earlier line has begun, up to its end; all of the line where that is
    /// not in it.
    qsizetype finish(const QString& line, qsizetype from, int state);
    qsizetype quoted(const QString& line, qsizetype from);
    qsizetype word(const QString& line, qsizetype from);
    void paint(qsizetype from, qsizetype to, const QTextCharFormat& format);

    Language m_language;
    QTextCharFormat m_comment;
    QTextCharFormat m_keyword;
    QTextCharFormat m_literal;
    QTextCharFormat m_number;
};

} // namespace manyhands::app
