// SPDX-License-Identifier: GPL-3.0-or-later
// Every key of the window and what it does, made from the actions themselves.
#include "app/window/key_overlay.hpp"

#include "app/window/window_actions.hpp"

#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace manyhands::app {
namespace {

struct PartKey
{
    const char* keys;
    const char* meaning;
};

/// What the charts do with keys while one has the focus; they are no actions of the window.
constexpr PartKey chartKeys[] = {
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "W S, + −, Ctrl and wheel"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Zoom in and out")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "A D, ← →"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Go back and on in time")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "↑ ↓"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Previous and next process or value")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", ", ."),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Previous and next span of the process")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "[ ]"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys",
            "Along a message; in a replay to the event before and the next")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "F"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Fit what is selected")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "Home, Backspace"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Show the whole run; what was shown before")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "Enter"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "The chart alone, and back")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "T"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Data table")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "G, L"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Grid, legend")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "Ctrl+C"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys", "Copy the picture and what it says")},
};

/// What other parts of the window do with keys.
constexpr PartKey partKeys[] = {
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "1 to 9"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys",
            "In the microscope and the pace bar: let the process of that number go on to its next "
            "gate")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "Space"),
        QT_TRANSLATE_NOOP(
            "manyhands::app::Keys", "In the microscope: the next step of a seed or an order")},
    {QT_TRANSLATE_NOOP("manyhands::app::Keys", "Enter"),
        QT_TRANSLATE_NOOP("manyhands::app::Keys",
            "In the code: what the processes did at this line, one after the other")},
};

QString heading(const QString& text)
{
    return QStringLiteral("<tr><td colspan=\"2\"><br><b>%1</b></td></tr>")
        .arg(text.toHtmlEscaped());
}

QString row(const QString& keys, const QString& meaning)
{
    return QStringLiteral("<tr><td>%1&nbsp;&nbsp;&nbsp;</td><td>%2</td></tr>")
        .arg(keys.toHtmlEscaped(), meaning.toHtmlEscaped());
}

QString overview(const WindowActions& actions)
{
    QString html = QStringLiteral("<table>");
    for (const WindowActions::Group& group : actions.groups()) {
        html += heading(group.title);
        for (const QAction* action : group.actions) {
            QString meaning = action->whatsThis();
            if (!action->isEnabled())
                meaning += WindowActions::tr(" (not now: %1)").arg(action->toolTip());
            html += row(
                QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText), meaning);
        }
    }
    html += heading(WindowActions::tr("While a chart has the focus"));
    const auto translate = [](const char* text) {
        return QCoreApplication::translate("manyhands::app::Keys", text);
    };
    for (const PartKey& key : chartKeys)
        html += row(translate(key.keys), translate(key.meaning));
    html += heading(WindowActions::tr("While another part of the window has the focus"));
    for (const PartKey& key : partKeys)
        html += row(translate(key.keys), translate(key.meaning));
    return html + QStringLiteral("</table>");
}

} // namespace

QWidget* showKeys(const WindowActions& actions, QWidget* parent)
{
    auto* window = new QDialog(parent, Qt::Window);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(WindowActions::tr("Keys – Manyhands"));
    auto* text = new QTextBrowser(window);
    text->setAccessibleName(WindowActions::tr("Keys"));
    text->setHtml(overview(actions));
    auto* column = new QVBoxLayout(window);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(text);
    const int letter = window->fontMetrics().averageCharWidth();
    const QSize wanted(95 * letter, 42 * window->fontMetrics().lineSpacing());
    window->resize(wanted.boundedTo(parent->size()));
    window->show();
    window->activateWindow();
    text->setFocus(Qt::OtherFocusReason);
    return window;
}

} // namespace manyhands::app
