// SPDX-License-Identifier: GPL-3.0-or-later
// The line in which a run of the list is named or noted.
#pragma once

#include <QStyledItemDelegate>

namespace manyhands::app {

/// Edits one field of an item in place.
class HistoryEditor : public QStyledItemDelegate
{
    Q_OBJECT

public:
    enum class Field { name, note };

    using QStyledItemDelegate::QStyledItemDelegate;

    /// What is edited next, and what stands in it.
    void begin(Field field, const QString& text);
    bool isOpen() const { return m_open; }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override;
    void destroyEditor(QWidget* editor, const QModelIndex& index) const override;
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;
    void setModelData(
        QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override;

signals:
    /// Only what was changed.
    void edited(const QModelIndex& index, HistoryEditor::Field field, const QString& text) const;
    void closed() const;

private:
    Field m_field = Field::name;
    QString m_text;
    mutable bool m_open = false;
};

} // namespace manyhands::app
