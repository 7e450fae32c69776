// SPDX-License-Identifier: GPL-3.0-or-later
// The time budgets of several runs: for each category a bar for each run.
#include "app/views/compared_budget.hpp"

#include "app/views/wording.hpp"

#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// Behind the longest bar its value has room.
constexpr double headRoom = 1.25;
constexpr double leastEnd = 1e-6;
/// Letters of the longest name of a category.
constexpr int nameLetters = 22;

} // namespace

ComparedBudget::ComparedBudget(QWidget* parent)
    : LaneChart(tr("Time budgets"), tr("Compared time budgets chart"), parent)
    , m_ticker(new UnitTicker)
{
    xAxis->setTicker(m_ticker);
    setNameRoom(nameLetters);
    addSwitch(tr("Unit"), {tr("Seconds"), tr("Per cent")}, [this](int i) { setPercent(i == 1); });
    applyStyle();
    refresh(true);
}

void ComparedBudget::setRuns(std::shared_ptr<const ComparedRuns> runs)
{
    m_runs = std::move(runs);
    refreshSoon();
}

void ComparedBudget::setPercent(bool percent)
{
    m_percent = percent;
    refreshSoon();
}

bool ComparedBudget::hasBudget(std::size_t run) const
{
    const AlignedRun& one = m_runs->runs[run];
    return one.run->traced && one.facts.budget.all.total_s > 0;
}

double ComparedBudget::valueOf(std::size_t run, BudgetCategory category) const
{
    if (!hasBudget(run))
        return 0;
    const Budget& all = m_runs->runs[run].facts.budget.all;
    return m_percent ? all[category] / all.total_s : all[category];
}

QString ComparedBudget::valueWords(std::size_t run, BudgetCategory category) const
{
    const double value = valueOf(run, category);
    return m_percent ? shareText(value) : durationText(value);
}

void ComparedBudget::refresh(bool)
{
    m_categories.clear();
    double most = 0;
    std::array<double, budget_category_count> largest = {};
    for (std::size_t run = 0; m_runs && run < m_runs->runs.size(); ++run) {
        for (std::size_t i = 0; i < largest.size(); ++i) {
            const double value = valueOf(run, static_cast<BudgetCategory>(i));
            largest[i] = std::max(largest[i], value);
            if (!isHidden(static_cast<int>(run)))
                most = std::max(most, value);
        }
    }
    for (std::size_t i = 0; i < largest.size(); ++i) {
        if (largest[i] > 0)
            m_categories.push_back(static_cast<BudgetCategory>(i));
    }
    std::stable_sort(
        m_categories.begin(), m_categories.end(), [&](BudgetCategory one, BudgetCategory other) {
            return largest[static_cast<std::size_t>(one)]
                > largest[static_cast<std::size_t>(other)];
        });
    if (m_categories.empty()) {
        setRows({}, {});
        setEmpty(tr("No budget to compare"),
            m_runs ? tr("None of these runs was recorded with a trace.")
                   : tr("Choose two to four runs in File > Compare runs…"));
        return;
    }
    setEmpty({});
    QStringList names;
    for (const BudgetCategory category : m_categories)
        names.append(wordFor(category));
    setRows(names, names);
    const double end = std::max(most, leastEnd) * headRoom;
    const Unit unit = m_percent ? Unit{QStringLiteral("%"), 100} : timeUnit(end);
    m_ticker->setUnit(unit);
    m_ticker->setEnd(m_percent ? 1.0 : end);
    xAxis->setRange(0, end);
    labelAxis(xAxis,
        m_percent ? tr("Share of all processes' time (%)")
                  : tr("All processes' time (%1)").arg(unit.symbol),
        unit.symbol);
    fillLegend();
}

void ComparedBudget::fillLegend()
{
    QList<LegendEntry> entries;
    for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
        const AlignedRun& one = m_runs->runs[run];
        const QString name = tr("%1 %2").arg(one.label, one.name);
        entries.append({.text = hasBudget(run)
                ? tr("%1: %2 in all").arg(name, durationText(one.facts.budget.all.total_s))
                : tr("%1: no trace").arg(name),
            .sample = LegendEntry::Sample::area,
            .series = lookOfRun(theme(), run),
            .id = static_cast<int>(run),
            .name = name});
    }
    legendStrip()->setEntries(entries);
}

QRectF ComparedBudget::barOf(int row, std::size_t run) const
{
    const QRectF lane = laneRect(row);
    const double height = lane.height() / static_cast<double>(m_runs->runs.size());
    const double left = lane.left();
    const double right = std::round(
        xAxis->coordToPixel(valueOf(run, m_categories[static_cast<std::size_t>(row)])));
    const double top = std::round(lane.top() + static_cast<double>(run) * height);
    return QRectF(left, top, std::max(0.0, right - left), std::max(1.0, std::floor(height) - 1));
}

void ComparedBudget::drawRows(QCPPainter& painter)
{
    if (isEmpty() || !m_runs)
        return;
    painter.setFont(font());
    const QFontMetrics metrics(font());
    const auto [first, last] = rowsInSight();
    for (int row = first; row < last; ++row) {
        const BudgetCategory category = m_categories[static_cast<std::size_t>(row)];
        for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
            if (isHidden(static_cast<int>(run)) || !hasBudget(run))
                continue;
            const QRectF bar = barOf(row, run);
            if (bar.width() > 0)
                paintArea(painter, lookOfRun(theme(), run), bar);
            if (bar.height() < metrics.ascent())
                continue;
            painter.setPen(theme().text);
            const QRectF words(bar.right() + 5, bar.center().y() - metrics.height() / 2.0,
                axisRect()->right() - bar.right() - 5, metrics.height());
            painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                tr("%1  %2").arg(m_runs->runs[run].label, valueWords(run, category)));
        }
    }
}

QString ComparedBudget::textOf(int row, std::size_t run) const
{
    const BudgetCategory category = m_categories[static_cast<std::size_t>(row)];
    const AlignedRun& one = m_runs->runs[run];
    if (!hasBudget(run))
        return tr("%1: no trace, so no budget").arg(one.label);
    const Budget& all = one.facts.budget.all;
    return tr("%1, %2: %3, %4 of its processes' time")
        .arg(one.label, wordFor(category), durationText(all[category]),
            shareText(all[category] / all.total_s));
}

QString ComparedBudget::hoverText(const QPointF& position) const
{
    const int row = isEmpty() ? -1 : laneAt(position.y());
    if (row < 0)
        return {};
    QStringList lines;
    for (std::size_t run = 0; run < m_runs->runs.size(); ++run)
        lines.append(textOf(row, run));
    return lines.join(QLatin1Char('\n'));
}

QString ComparedBudget::seriesName(int series) const
{
    return wordFor(m_categories[static_cast<std::size_t>(series)]);
}

int ComparedBudget::datumCount(int) const
{
    return m_runs ? static_cast<int>(m_runs->runs.size()) : 0;
}

Datum ComparedBudget::datum(int series, int index) const
{
    const auto run = static_cast<std::size_t>(index);
    const QRectF bar = barOf(series, run);
    return {textOf(series, run), QPointF(bar.right(), bar.center().y())};
}

// Up and down walk through the categories instead of scrolling; what has the focus is in sight.
void ComparedBudget::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        Chart::keyPressEvent(event);
    else
        LaneChart::keyPressEvent(event);
}

QString ComparedBudget::summary() const
{
    QStringList totals;
    for (std::size_t run = 0; m_runs && run < m_runs->runs.size(); ++run) {
        const AlignedRun& one = m_runs->runs[run];
        totals.append(hasBudget(run)
                ? tr("%1 %2").arg(one.label, durationText(one.facts.budget.all.total_s))
                : tr("%1 none").arg(one.label));
    }
    return tr("All processes' time: %1").arg(totals.join(QStringLiteral(", ")));
}

ChartTable ComparedBudget::table() const
{
    ChartTable table;
    table.header = {tr("category")};
    if (!m_runs)
        return table;
    for (const AlignedRun& one : m_runs->runs)
        table.header << tr("%1 (s)").arg(one.label) << tr("%1 (share)").arg(one.label);
    for (const BudgetCategory category : m_categories) {
        QStringList row = {wordFor(category)};
        for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
            if (!hasBudget(run)) {
                row << tr("none") << tr("none");
                continue;
            }
            const Budget& all = m_runs->runs[run].facts.budget.all;
            row << QString::number(all[category], 'g', 9)
                << QString::number(all[category] / all.total_s, 'g', 6);
        }
        table.rows.append(row);
    }
    return table;
}

} // namespace manyhands::app
