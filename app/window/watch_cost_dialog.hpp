// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what watching costs while it is measured.
#pragma once

#include "app/window/watch_cost.hpp"

#include <QDialog>

#include <functional>

class QLabel;
class QPushButton;
class QSpinBox;
class QTableWidget;

namespace manyhands::app {

/// Non-modal: rounds, a table of the three ways, a sentence.
class WatchCostDialog : public QDialog
{
    Q_OBJECT

public:
    /// `order` says what would be run at this moment; nothing, and why, where that is not possible.
    WatchCostDialog(RunControl& control,
        std::function<std::optional<RunOrder>(QString& problem)> order, QWidget* parent);

    WatchCost& cost() { return m_cost; }

private:
    void start();
    void showState();

    RunControl& m_control;
    WatchCost m_cost;
    std::function<std::optional<RunOrder>(QString&)> m_order;
    QSpinBox* m_rounds;
    QPushButton* m_start;
    QPushButton* m_stop;
    QLabel* m_progress;
    QTableWidget* m_table;
};

} // namespace manyhands::app
