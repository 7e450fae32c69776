// SPDX-License-Identifier: GPL-3.0-or-later
// The line in which a run of the list is named or noted.
#include "app/history/history_editor.hpp"

#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int longestName = 200;
/// Of a note that is being written.
constexpr int noteLines = 4;

} // namespace

void HistoryEditor::begin(Field field, const QString& text)
{
    m_field = field;
    m_text = text;
}

QSize HistoryEditor::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    // Qt asks for the height at the width of the whole list at times, and draws between the spaces
    // beside the item, where the text may need a line more.
    QStyleOptionViewItem drawn(option);
    if (const auto* list = qobject_cast<const QListView*>(option.widget))
        drawn.rect.setWidth(list->viewport()->width() - 2 * list->spacing());
    return QStyledItemDelegate::sizeHint(drawn, index);
}

QWidget* HistoryEditor::createEditor(
    QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const
{
    m_open = true;
    if (m_field == Field::name) {
        auto* line = new QLineEdit(parent);
        line->setMaxLength(longestName);
        line->setPlaceholderText(tr("Name of the run"));
        line->setAccessibleName(line->placeholderText());
        return line;
    }
    auto* note = new QPlainTextEdit(parent);
    note->setPlaceholderText(tr("Note on the run: Tab keeps it, Esc does not"));
    note->setAccessibleName(tr("Note on the run"));
    note->setTabChangesFocus(true);
    return note;
}

void HistoryEditor::destroyEditor(QWidget* editor, const QModelIndex& index) const
{
    QStyledItemDelegate::destroyEditor(editor, index);
    m_open = false;
    emit closed();
}

void HistoryEditor::setEditorData(QWidget* editor, const QModelIndex&) const
{
    if (auto* line = qobject_cast<QLineEdit*>(editor)) {
        line->setText(m_text);
        line->selectAll();
    } else if (auto* note = qobject_cast<QPlainTextEdit*>(editor)) {
        note->setPlainText(m_text);
        note->moveCursor(QTextCursor::End);
    }
}

void HistoryEditor::setModelData(
    QWidget* editor, QAbstractItemModel*, const QModelIndex& index) const
{
    QString text;
    if (const auto* line = qobject_cast<QLineEdit*>(editor))
        text = line->text().trimmed();
    else if (const auto* note = qobject_cast<QPlainTextEdit*>(editor))
        text = note->toPlainText().trimmed();
    if (text != m_text)
        emit edited(index, m_field, text);
}

void HistoryEditor::updateEditorGeometry(
    QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const
{
    QRect place = option.rect;
    place.setHeight(m_field == Field::name
            ? editor->sizeHint().height()
            : std::max(place.height(), noteLines * option.fontMetrics.lineSpacing()));
    editor->setGeometry(place);
}

} // namespace manyhands::app
