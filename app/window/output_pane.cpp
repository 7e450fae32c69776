// SPDX-License-Identifier: GPL-3.0-or-later
// What the processes of a run print, a line each, named by its process.
#include "app/window/output_pane.hpp"

#include "app/views/wording.hpp"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>

namespace manyhands::app {
namespace {

constexpr int mostLines = 10'000;

} // namespace

OutputPane::OutputPane(QWidget* parent)
    : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setMaximumBlockCount(mostLines);
    setAccessibleName(tr("Output of the processes"));
    setPlaceholderText(tr("What the processes print stands here."));
    setTabChangesFocus(true);
    takeFont();
}

void OutputPane::takeFont()
{
    // Of the usual size, which a person may have changed, with letters of one width.
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (QApplication::font().pointSizeF() > 0)
        font.setPointSizeF(QApplication::font().pointSizeF());
    if (this->font() != font)
        setFont(font);
}

void OutputPane::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange)
        takeFont();
}

void OutputPane::forget()
{
    clear();
    m_shown = 0;
}

void OutputPane::showRun(const Recording& recording)
{
    const std::vector<OutputLine>& lines = recording.output();
    if (lines.size() < m_shown)
        forget();
    if (lines.size() == m_shown)
        return;
    QStringList fresh;
    for (; m_shown < lines.size(); ++m_shown) {
        const OutputLine& line = lines[m_shown];
        const QString text = QString::fromStdString(line.text);
        fresh.append(line.lane < recording.lanes().size()
                ? tr("%1: %2").arg(laneName(recording, line.lane, false), text)
                : text);
    }
    appendPlainText(fresh.join(QLatin1Char('\n')));
}

} // namespace manyhands::app
