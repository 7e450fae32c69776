// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what watching costs while it is measured.
#include "app/window/watch_cost_dialog.hpp"

#include "app/views/wording.hpp"
#include "engine/analysis/speedup.hpp"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>

namespace manyhands::app {
namespace {

constexpr int usualRounds = 5;
constexpr int mostRounds = 100;

} // namespace

WatchCostDialog::WatchCostDialog(RunControl& control,
    std::function<std::optional<RunOrder>(QString& problem)> order, QWidget* parent)
    : QDialog(parent)
    , m_control(control)
    , m_cost(control)
    , m_order(std::move(order))
    , m_rounds(new QSpinBox(this))
    , m_start(new QPushButton(tr("&Measure"), this))
    , m_stop(new QPushButton(tr("&Stop"), this))
    , m_progress(new QLabel(this))
    , m_table(new QTableWidget(WatchCost::wayCount, 4, this))
{
    setWindowTitle(tr("The cost of watching – Manyhands"));
    auto* purpose = new QLabel(
        tr("Runs the lesson with the present parameters in this window, without a window, and "
           "without any record, in turn, and compares the wall times."),
        this);
    purpose->setWordWrap(true);
    m_rounds->setRange(1, mostRounds);
    m_rounds->setValue(usualRounds);
    m_rounds->setAccessibleName(tr("Rounds"));
    m_progress->setTextFormat(Qt::PlainText);
    m_progress->setWordWrap(true);
    m_progress->setAccessibleName(tr("The cost of watching"));
    m_table->setAccessibleName(tr("Wall times by way of watching"));
    m_table->setHorizontalHeaderLabels(
        {tr("Rounds"), tr("Wall time, median"), tr("Quartiles"), tr("In the window ÷ this")});
    m_table->setVerticalHeaderLabels(
        {tr("In this window"), tr("Without a window"), tr("Without any record")});
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);

    auto* form = new QFormLayout;
    form->addRow(tr("&Rounds"), m_rounds);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_start);
    buttons->addWidget(m_stop);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->addWidget(purpose);
    column->addLayout(form);
    column->addLayout(buttons);
    column->addWidget(m_progress);
    column->addWidget(m_table, 1);
    const int letter = fontMetrics().averageCharWidth();
    resize(95 * letter, 48 * letter);

    connect(m_start, &QPushButton::clicked, this, &WatchCostDialog::start);
    connect(m_stop, &QPushButton::clicked, &m_cost, &WatchCost::stop);
    connect(&m_cost, &WatchCost::changed, this, &WatchCostDialog::showState);
    connect(&m_cost, &WatchCost::failed, m_progress, &QLabel::setText);
    connect(&m_control, &RunControl::started, this, &WatchCostDialog::showState);
    connect(&m_control, &RunControl::finished, this, &WatchCostDialog::showState);
    connect(this, &QDialog::finished, &m_cost, &WatchCost::stop);
    showState();
}

void WatchCostDialog::start()
{
    QString problem;
    if (const std::optional<RunOrder> order = m_order(problem))
        m_cost.start(*order, m_rounds->value());
    else
        m_progress->setText(problem);
}

void WatchCostDialog::showState()
{
    const bool running = m_cost.isRunning();
    const bool free = !running && !m_control.isRunning();
    m_start->setEnabled(free);
    m_start->setToolTip(free ? QString() : tr("A run is under way"));
    m_stop->setEnabled(running);
    m_stop->setToolTip(running ? tr("Stop and keep what was measured") : tr("Nothing is running"));
    m_progress->setText(running
            ? tr("Run %1 of %2 …").arg(m_cost.done() + 1).arg(m_cost.rounds() * WatchCost::wayCount)
            : m_cost.sentence());
    for (int row = 0; row < WatchCost::wayCount; ++row) {
        const auto way = static_cast<WatchCost::Way>(row);
        const std::vector<double>& times = m_cost.times(way);
        const auto wall = median(times);
        const auto ratio = m_cost.ratio(way);
        const QString none = QStringLiteral("–");
        const QStringList cells = {countText(times.size()), wall ? durationText(*wall) : none,
            times.size() > 1 ? tr("%1 to %2")
                                   .arg(durationText(*quantile(times, 0.25)),
                                       durationText(*quantile(times, 0.75)))
                             : none,
            ratio ? QLocale().toString(*ratio, 'f', 3) : none};
        for (int column = 0; column < cells.size(); ++column)
            m_table->setItem(row, column, new QTableWidgetItem(cells[column]));
    }
    m_table->resizeColumnsToContents();
}

} // namespace manyhands::app
