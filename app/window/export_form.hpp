// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of the export dialog that say how a figure is to look.
#pragma once

#include "app/window/figure_export.hpp"
#include "engine/recording/recording.hpp"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QSpinBox;

namespace manyhands::app {

/// A view as the form offers it.
struct OfferedView
{
    QString name; ///< see chartsOf()
    QString title;
};

/// Settings of an order; its path is the dialog's.
class ExportForm : public QWidget
{
    Q_OBJECT

public:
    explicit ExportForm(QWidget* parent = nullptr);

    /// The charts of a lesson; the chosen one stays where it is among them.
    void setViews(const QList<OfferedView>& views);
    /// Nothing can be chosen that has nothing to show; an empty reason: it has.
    void setViewReason(const QString& name, const QString& reason);
    void setView(const QString& name);
    QString view() const;

    /// What is seen in the window, in run time; nothing: all.
    void setSeen(const std::optional<Interval>& seen);
    /// The chart's own title, where no other is written.
    void setUsualTitle(const QString& title);
    /// Fields that do not go with the format are disabled.
    void setFormat(const std::optional<MovingFormat>& moving);

    /// All of an order but its path. Throws BadValue for what is no number.
    void fill(ExportOrder& order) const;
    /// What an order says of looks; what it says of one run, its interval, lanes and title, is
    /// left aside.
    void setLooks(const ExportOrder& order);

signals:
    void changed();

private:
    void make();
    void connectFields();
    void choosePreset(int row);
    void showPreset();
    void arrangeFields();
    FigureSize size() const;

    QComboBox* m_view;
    QComboBox* m_preset;
    QDoubleSpinBox* m_width;
    QDoubleSpinBox* m_height;
    QComboBox* m_unit;
    QComboBox* m_dpi;
    QComboBox* m_theme;
    QDoubleSpinBox* m_font;
    QComboBox* m_interval;
    QLineEdit* m_from;
    QLineEdit* m_to;
    QLineEdit* m_lanes;
    QCheckBox* m_titled;
    QLineEdit* m_title;
    QCheckBox* m_caption;
    QCheckBox* m_transparent;
    QCheckBox* m_data;
    QDoubleSpinBox* m_seconds;
    QSpinBox* m_fps;
    std::optional<Interval> m_seen;
    std::optional<MovingFormat> m_moving;
    bool m_filling = false;
};

} // namespace manyhands::app
