// SPDX-License-Identifier: GPL-3.0-or-later
// Where an export goes: a file, whose suffix is its format, or a folder of frames.
#pragma once

#include <QWidget>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace manyhands::app {

/// A path, its format, and a button to look around. Proposes names until a person writes one.
class ExportPlace : public QWidget
{
    Q_OBJECT

public:
    explicit ExportPlace(QWidget* parent = nullptr);

    QString path() const;
    /// It is to be a folder of frames.
    bool isFrames() const;
    /// The place of an earlier export, whose folder and format are proposed again.
    void setPath(const QString& path);
    /// A name without folder and suffix.
    void propose(const QString& name);

signals:
    void changed();

private:
    void chooseFormat(int row);
    void pathEdited();
    void adoptFormat();
    void browse();

    QLineEdit* m_path;
    QComboBox* m_format;
    QPushButton* m_browse;
    bool m_written = false; ///< by a person
};

} // namespace manyhands::app
