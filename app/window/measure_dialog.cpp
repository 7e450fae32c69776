// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring a lesson again and again with other values of one parameter: what to measure, how far
// it is, what came out.
#include "app/window/measure_dialog.hpp"

#include "app/views/wording.hpp"
#include "app/window/run_control.hpp"
#include "engine/analysis/speedup.hpp"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace manyhands::app {
namespace {

/// Up to so many workers each number is measured, above only the powers of two.
constexpr std::int64_t mostInTurn = 8;

/// 1, 2, … up to twice the usable CPUs, within what the parameter allows.
std::vector<std::int64_t> workerCounts(const ParameterDescription& parameter, int usableCpus)
{
    std::set<std::int64_t> counts;
    const std::int64_t most = std::int64_t{2} * usableCpus;
    for (std::int64_t count = 1; count <= most; count += count < mostInTurn ? 1 : count)
        counts.insert(count);
    counts.insert({usableCpus, most});
    std::vector<std::int64_t> allowed;
    std::copy_if(counts.begin(), counts.end(), std::back_inserter(allowed), [&](std::int64_t one) {
        return static_cast<double>(one) >= parameter.minimum
            && static_cast<double>(one) <= parameter.maximum;
    });
    return allowed;
}

/// A quarter of the default, half of it, … four times as much.
QStringList aroundDefault(const ParameterDescription& parameter)
{
    QStringList list;
    for (const double factor : {0.25, 0.5, 1.0, 2.0, 4.0}) {
        QString text;
        if (const auto* whole = std::get_if<std::int64_t>(&parameter.default_value)) {
            const double value = std::round(static_cast<double>(*whole) * factor);
            if (value >= parameter.minimum && value <= parameter.maximum)
                text = QString::number(static_cast<qint64>(value));
        } else if (const auto* real = std::get_if<double>(&parameter.default_value)) {
            if (*real * factor >= parameter.minimum && *real * factor <= parameter.maximum)
                text = QString::fromStdString(to_text(*real * factor));
        }
        if (!text.isEmpty() && !list.contains(text))
            list.append(text);
    }
    return list;
}

QString proposal(const ParameterDescription& parameter, int usableCpus)
{
    QStringList list;
    if (parameter.type == ParameterType::choice) {
        for (const std::string& choice : parameter.choices)
            list.append(QString::fromStdString(choice));
    } else if (parameter.workers) {
        for (const std::int64_t count : workerCounts(parameter, usableCpus))
            list.append(QString::number(count));
    } else {
        list = aroundDefault(parameter);
    }
    return list.join(QLatin1Char(','));
}

QString ratioText(std::optional<double> ratio)
{
    return ratio ? QLocale().toString(*ratio, 'f', 2) : QStringLiteral("–");
}

QStringList rowOf(const SweepPoint& point)
{
    std::vector<double> walls;
    std::vector<double> speedups;
    for (const Repeat& repeat : point.repeats) {
        walls.push_back(repeat.wall_s);
        if (point.sequential_s)
            speedups.push_back(*point.sequential_s / repeat.wall_s);
    }
    const auto wall = median(walls);
    const bool spread = speedups.size() > 1;
    return {QString::fromStdString(to_text(point.value)), countText(walls.size()),
        wall ? durationText(*wall) : QStringLiteral("–"), ratioText(median(speedups)),
        spread ? MeasureDialog::tr("%1 to %2")
                     .arg(ratioText(quantile(speedups, 0.25)), ratioText(quantile(speedups, 0.75)))
               : QStringLiteral("–"),
        point.state == RunState::done ? MeasureDialog::tr("✓ done")
                                      : MeasureDialog::tr("■ partial")};
}

} // namespace

MeasureDialog::MeasureDialog(RunControl& control, QWidget* parent)
    : QDialog(parent)
    , m_control(control)
    , m_parameter(new QComboBox(this))
    , m_list(new QLineEdit(this))
    , m_repeats(new QSpinBox(this))
    , m_problem(new QLabel(this))
    , m_progress(new QLabel(this))
    , m_start(new QPushButton(tr("&Measure each"), this))
    , m_stop(new QPushButton(tr("&Stop"), this))
    , m_points(new QTableWidget(0, 6, this))
{
    setWindowTitle(tr("Measure for several values – Manyhands"));
    m_repeats->setRange(1, mostRepeats);
    m_repeats->setValue(usualRepeats);
    m_repeats->setToolTip(tr("So often each is measured; Measure (Shift+F5) as well"));
    m_parameter->setAccessibleName(tr("Parameter"));
    m_list->setAccessibleName(tr("Values"));
    m_repeats->setAccessibleName(tr("Repeats"));
    m_points->setAccessibleName(tr("Measured values"));
    m_progress->setAccessibleName(tr("Progress of the sweep"));
    for (QLabel* label : {m_problem, m_progress}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_points->setHorizontalHeaderLabels({tr("Value"), tr("Repeats"), tr("Wall time, median"),
        tr("Speedup, median"), tr("Quartiles"), tr("State")});
    m_points->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_points->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_points->verticalHeader()->hide();
    m_points->setTabKeyNavigation(false);

    auto* form = new QFormLayout;
    form->addRow(tr("&Parameter"), m_parameter);
    form->addRow(tr("&Values"), m_list);
    form->addRow(tr("&Repeats"), m_repeats);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_start);
    buttons->addWidget(m_stop);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(m_problem);
    column->addLayout(buttons);
    column->addWidget(m_progress);
    column->addWidget(m_points, 1);
    const int letter = fontMetrics().averageCharWidth();
    resize(80 * letter, 60 * letter);

    connect(m_parameter, &QComboBox::currentIndexChanged, this, &MeasureDialog::proposeValues);
    connect(m_list, &QLineEdit::textChanged, this, &MeasureDialog::check);
    connect(m_repeats, &QSpinBox::valueChanged, this, &MeasureDialog::repeatsChanged);
    connect(m_start, &QPushButton::clicked, this, &MeasureDialog::start);
    connect(m_stop, &QPushButton::clicked, &m_control, &RunControl::stop);
    connect(&m_control, &RunControl::started, this, &MeasureDialog::showPoints);
    connect(&m_control, &RunControl::changed, this, &MeasureDialog::showProgress);
    connect(&m_control, &RunControl::pointFinished, this, &MeasureDialog::showPoints);
    connect(&m_control, &RunControl::finished, this, &MeasureDialog::showPoints);
    check();
}

void MeasureDialog::setLesson(const LessonDescription& lesson, int usableCpus)
{
    m_lesson = lesson;
    m_usableCpus = usableCpus;
    const QSignalBlocker quiet(m_parameter);
    m_parameter->clear();
    int workers = 0;
    for (const ParameterDescription& parameter : lesson.parameters) {
        if (parameter.workers)
            workers = m_parameter->count();
        m_parameter->addItem(
            QString::fromStdString(parameter.label), QString::fromStdString(parameter.name));
    }
    m_parameter->setCurrentIndex(workers);
    proposeValues();
}

int MeasureDialog::repeats() const
{
    return m_repeats->value();
}

void MeasureDialog::setRepeats(int repeats)
{
    m_repeats->setValue(repeats);
}

void MeasureDialog::setParameter(const QString& name)
{
    m_parameter->setCurrentIndex(m_parameter->findData(name));
}

void MeasureDialog::setValues(const QString& list)
{
    m_list->setText(list);
}

QString MeasureDialog::problem() const
{
    return m_problem->text();
}

QString MeasureDialog::parameter() const
{
    return m_parameter->currentData().toString();
}

void MeasureDialog::proposeValues()
{
    const ParameterDescription* described = m_lesson.parameter(parameter().toStdString());
    m_list->setText(described ? proposal(*described, m_usableCpus) : QString());
    if (described)
        m_list->setToolTip(tr("Allowed: %1").arg(QString::fromStdString(described->allowed())));
    check();
}

void MeasureDialog::check()
{
    QString problem;
    m_values.clear();
    try {
        m_values
            = sweep_values_from(m_lesson, parameter().toStdString(), m_list->text().toStdString());
    } catch (const std::exception& error) {
        problem = QString::fromUtf8(error.what());
    }
    if (m_lesson.parameters.empty())
        problem = tr("This lesson has no parameter");
    if (problem.isEmpty() && m_control.isRunning())
        problem = tr("A run is under way");
    m_problem->setText(problem);
    m_start->setEnabled(problem.isEmpty());
    m_start->setToolTip(problem);
    m_stop->setEnabled(m_control.isRunning());
    m_stop->setToolTip(
        m_control.isRunning() ? tr("Stop and keep what was measured") : tr("Nothing is running"));
}

void MeasureDialog::start()
{
    emit sweepRequested(parameter().toStdString(), m_values, repeats());
}

void MeasureDialog::showProgress()
{
    const Sweep* sweep = m_control.sweep();
    if (!sweep)
        return;
    const Sweep::Progress progress = sweep->progress();
    if (sweep->finished()) {
        m_progress->setText(sweep->problem().empty()
                ? tr("%1 of %2 measured").arg(sweep->points().size()).arg(progress.points)
                : QString::fromStdString(sweep->problem()));
        return;
    }
    QString text = tr("%1 = %2 (%3 of %4), repeat %5 of %6, %7")
                       .arg(QString::fromStdString(sweep->parameter()),
                           QString::fromStdString(to_text(sweep->values()[progress.point])))
                       .arg(progress.point + 1)
                       .arg(progress.points)
                       .arg(progress.run.number + 1)
                       .arg(sweep->repeats())
                       .arg(durationText(progress.elapsed_s));
    if (progress.left_s)
        text += tr(", about %1 left").arg(durationText(*progress.left_s));
    m_progress->setText(text);
}

void MeasureDialog::showPoints()
{
    check();
    const Sweep* sweep = m_control.sweep();
    if (!sweep)
        return;
    showProgress();
    m_points->setRowCount(static_cast<int>(sweep->points().size()));
    for (int row = 0; row < m_points->rowCount(); ++row) {
        const QStringList cells = rowOf(sweep->points()[static_cast<std::size_t>(row)]);
        for (int column = 0; column < cells.size(); ++column)
            m_points->setItem(row, column, new QTableWidgetItem(cells[column]));
    }
    m_points->resizeColumnsToContents();
}

} // namespace manyhands::app
