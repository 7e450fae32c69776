// SPDX-License-Identifier: GPL-3.0-or-later
// The form of a lesson's parameters, made from its description.
#pragma once

#include "engine/description/lesson_description.hpp"

#include <QList>
#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

class QToolButton;

namespace manyhands::app {

class FlowLayout;

/// A field for each parameter, with what is allowed below it, and there what is wrong with it.
class ParameterForm : public QWidget
{
    Q_OBJECT

public:
    explicit ParameterForm(QWidget* parent = nullptr);

    /// Makes the fields, at their defaults. `usableCpus`: above four times as many workers it
    /// warns.
    void setLesson(const LessonDescription& lesson, int usableCpus);
    void setValues(const ParameterValues& values);
    void reset();
    /// What a person would type into a field. Nothing happens where there is none of that name.
    void setText(const QString& name, const QString& text);

    /// All values, or nothing while one is bad.
    std::optional<ParameterValues> values() const;
    /// What is wrong with the first bad value, in one line; empty where all are good.
    QString problem() const;
    /// What is wrong with one.
    QString problemOf(const QString& name) const;
    /// The line below a field: its range, or what is wrong.
    QString hintOf(const QString& name) const;

    /// The room at the head of the form's first row, for the window's buttons.
    void addLeading(QWidget* widget);
    void addTrailing(QWidget* widget);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void changed();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    class Field;

    QWidget* besideFields(QWidget* widget);
    const Field* field(const QString& name) const;
    void fitHeight();
    void showFolded(bool shown);

    FlowLayout* m_layout;
    std::vector<ParameterDescription> m_parameters;
    QList<Field*> m_fields;
    QList<QWidget*> m_leading;
    QList<QWidget*> m_trailing;
    QToolButton* m_more;
    QWidget* m_moreSlot; ///< holds it at the height of the fields
};

} // namespace manyhands::app
