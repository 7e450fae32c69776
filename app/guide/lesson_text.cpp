// SPDX-License-Identifier: GPL-3.0-or-later
// The lesson's text, as its author wrote it in Markdown.
#include "app/guide/lesson_text.hpp"

#include <QDesktopServices>
#include <QTextBlock>
#include <QTextDocument>
#include <QUrl>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Qt's parser takes time with the square of open brackets: 20 kB of them, half a second. No
/// lesson needs a twentieth of either limit; a text beyond them is shown as it stands.
constexpr qsizetype mostCharacters = 100'000;
constexpr qsizetype mostBrackets = 2'000;

bool parsedQuickly(const QString& text)
{
    return text.size() <= mostCharacters
        && std::count(text.begin(), text.end(), QLatin1Char('[')) <= mostBrackets;
}

} // namespace

LessonText::LessonText(QWidget* parent)
    : QTextBrowser(parent)
{
    setOpenLinks(false);
    setAccessibleName(tr("Lesson guide"));
    document()->setDocumentMargin(10);
    connect(this, &QTextBrowser::anchorClicked, this, &LessonText::follow);
}

void LessonText::setLesson(const LessonDescription& lesson)
{
    QString text;
    const QString body = QString::fromStdString(lesson.text).trimmed();
    if (!body.startsWith(QStringLiteral("# ")))
        text = QStringLiteral("# %1\n\n").arg(QString::fromStdString(lesson.title));
    text += body;
    if (!lesson.objectives.empty()) {
        text += tr("\n\n## What you will learn\n\n");
        for (const std::string& objective : lesson.objectives)
            text += QStringLiteral("- %1\n").arg(QString::fromStdString(objective).simplified());
    }
    if (parsedQuickly(text)) {
        document()->setMarkdown(text,
            QTextDocument::MarkdownFeatures(QTextDocument::MarkdownDialectGitHub)
                | QTextDocument::MarkdownNoHTML);
    } else {
        setPlainText(text);
    }
    wrapCode();
    moveCursor(QTextCursor::Start);
}

void LessonText::wrapCode()
{
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        if (!block.blockFormat().nonBreakableLines())
            continue;
        QTextBlockFormat format = block.blockFormat();
        format.setNonBreakableLines(false);
        QTextCursor(block).setBlockFormat(format);
    }
}

QVariant LessonText::loadResource(int, const QUrl&)
{
    return {};
}

void LessonText::follow(const QUrl& link)
{
    if (link.scheme() == QLatin1String("http") || link.scheme() == QLatin1String("https"))
        QDesktopServices::openUrl(link);
}

} // namespace manyhands::app
