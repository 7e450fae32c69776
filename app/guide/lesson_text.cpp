// SPDX-License-Identifier: GPL-3.0-or-later
// A lesson's text, as its author wrote it in Markdown.
#include "app/guide/lesson_text.hpp"

#include <QDesktopServices>
#include <QEvent>
#include <QKeyEvent>
#include <QTextBlock>
#include <QTextDocument>
#include <QUrl>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// Qt's parser takes time with the square of open brackets: 20 kB of them, half a second. No
/// lesson needs a twentieth of either limit; a text beyond them is shown as it stands.
constexpr qsizetype mostCharacters = 100'000;
constexpr qsizetype mostBrackets = 2'000;
constexpr int usualLetters = 36;
constexpr int fewestLetters = 6;

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
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    document()->setDocumentMargin(2);
    viewport()->setAutoFillBackground(false);
    connect(this, &QTextBrowser::anchorClicked, this, &LessonText::follow);
}

void LessonText::showMarkdown(const QString& text)
{
    if (parsedQuickly(text)) {
        document()->setMarkdown(text,
            QTextDocument::MarkdownFeatures(QTextDocument::MarkdownDialectGitHub)
                | QTextDocument::MarkdownNoHTML);
    } else {
        setPlainText(text);
    }
    wrapCode();
    moveCursor(QTextCursor::Start);
    measureAgain();
}

void LessonText::measureAgain()
{
    m_measure.reset();
    updateGeometry();
}

int LessonText::heightForWidth(int width) const
{
    if (!m_measure) {
        m_measure.reset(document()->clone());
        m_measure->setDefaultFont(document()->defaultFont());
    }
    m_measure->setTextWidth(std::max(1, width - 2 * frameWidth()));
    return static_cast<int>(std::ceil(m_measure->size().height())) + 2 * frameWidth();
}

QSize LessonText::sizeHint() const
{
    const int width = usualLetters * fontMetrics().averageCharWidth();
    return {width, heightForWidth(width)};
}

QSize LessonText::minimumSizeHint() const
{
    return {fewestLetters * fontMetrics().averageCharWidth(), fontMetrics().lineSpacing()};
}

void LessonText::changeEvent(QEvent* event)
{
    QTextBrowser::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        measureAgain();
}

void LessonText::wheelEvent(QWheelEvent* event)
{
    event->ignore(); // the page scrolls
}

void LessonText::keyPressEvent(QKeyEvent* event)
{
    // The page scrolls.
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        event->ignore();
        return;
    default:
        QTextBrowser::keyPressEvent(event);
    }
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
    if (link.scheme() == QLatin1String("see"))
        emit seeRequested(link.toString(QUrl::FullyEncoded));
    else if (link.scheme() == QLatin1String("http") || link.scheme() == QLatin1String("https"))
        QDesktopServices::openUrl(link);
}

} // namespace manyhands::app
