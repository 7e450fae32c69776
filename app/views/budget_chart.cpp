// SPDX-License-Identifier: GPL-3.0-or-later
// The time budget: what each process spent its seconds on, adding up to its lifetime.
#include "app/views/budget_chart.hpp"

#include "app/views/wording.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double shortestAxisS = 1e-6;
/// As wide as the total behind a bar will be.
const QString widestTotal = QStringLiteral("000.0 ms");

} // namespace

BudgetChart::BudgetChart(QWidget* parent)
    : LaneChart(tr("Time budget"), tr("Time budget chart"), parent)
    , m_lanesTicker(new UnitTicker)
    , m_allTicker(new UnitTicker)
{
    axisRect()->setAutoMargins(QCP::msBottom | QCP::msTop);
    xAxis->setTicker(m_lanesTicker);
    xAxis2->setTicker(m_allTicker);
    xAxis2->setVisible(true);
    xAxis2->grid()->setVisible(false);
    for (const auto& ticker : {m_lanesTicker, m_allTicker})
        ticker->setTickCount(4);
    applyStyle();
    refresh(true);
}

void BudgetChart::addUp()
{
    const Recording& recording = *facts().recording;
    const std::vector<Budget>& lanes = facts().budget.lanes;
    Row workers{tr("All workers"), tr("Workers"), {}};
    m_rows.clear();
    m_rows.append(workers);
    for (std::size_t i = 0; i < std::min(lanes.size(), recording.lanes().size()); ++i) {
        if (!(lanes[i].total_s > 0))
            continue;
        m_rows.append({laneName(recording, i, false), tr("P%1").arg(i), lanes[i]});
        if (recording.lanes()[i].role != Role::worker)
            continue;
        workers.budget.total_s += lanes[i].total_s;
        for (std::size_t c = 0; c < workers.budget.seconds.size(); ++c)
            workers.budget.seconds[c] += lanes[i].seconds[c];
    }
    m_rows.first() = workers;
}

void BudgetChart::refresh(bool afresh)
{
    if (afresh || !facts().recording) {
        m_lanesEnd = 0;
        m_allEnd = 0;
    }
    m_rows.clear();
    if (!facts().recording) {
        setEmpty(tr("No run yet"),
            tr("Run the lesson (F5) to see what its processes spend their time on."));
        return;
    }
    addUp();
    if (!(m_rows.first().budget.total_s > 0)) {
        if (facts().running)
            setEmpty(tr("No worker yet"),
                tr("The budget covers the repeat, from the start of its first worker."));
        else
            setEmpty(tr("No budget"), tr("In this run no worker was started."));
        return;
    }
    setEmpty({});
    double longest = 0;
    QStringList names;
    QStringList shortNames;
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        names.append(m_rows[i].name);
        shortNames.append(m_rows[i].shortName);
        if (i > 0)
            longest = std::max(longest, m_rows[i].budget.total_s);
    }
    setRows(names, shortNames);
    // Room for the total behind the longest bar.
    const double width = std::max(1, axisRect()->rect().width());
    const double label = QFontMetrics(font()).horizontalAdvance(widestTotal);
    const double room = width / std::max(width / 2, width - label);
    m_lanesEnd = grownEnd(m_lanesEnd, longest * room, shortestAxisS, facts().running);
    m_allEnd
        = grownEnd(m_allEnd, m_rows.first().budget.total_s * room, shortestAxisS, facts().running);
    const Unit lanesUnit = timeUnit(m_lanesEnd);
    const Unit allUnit = timeUnit(m_allEnd);
    m_lanesTicker->setUnit(lanesUnit);
    m_allTicker->setUnit(allUnit);
    xAxis->setRange(0, m_lanesEnd);
    xAxis2->setRange(0, m_allEnd);
    xAxis->setLabel(tr("Each process (%1)").arg(lanesUnit.symbol));
    xAxis2->setLabel(tr("All workers (%1)").arg(allUnit.symbol));
    fillLegend();
}

void BudgetChart::fillLegend()
{
    const Budget& all = m_rows.first().budget;
    QList<LegendEntry> entries;
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        if (!(all[category] > 0) && category != BudgetCategory::unexplained)
            continue;
        entries.append(
            {.text = tr("%1 %2").arg(wordFor(category), shareText(all[category] / all.total_s)),
                .look = theme().look(category)});
    }
    legendStrip()->setEntries(entries);
}

QList<BudgetChart::Part> BudgetChart::parts(const Budget& budget)
{
    QList<Part> result;
    double sum = 0;
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        const double length = budget[category];
        if (!(length > 0))
            continue;
        result.append({category, sum, sum + length});
        sum += length;
    }
    return result;
}

void BudgetChart::drawRows(QCPPainter& painter)
{
    const auto [first, last] = rowsInSight();
    std::array<QList<QRectF>, budget_category_count> bars;
    painter.setFont(font());
    const QFontMetrics metrics(font());
    for (int row = first; row < std::min<int>(last, static_cast<int>(m_rows.size())); ++row) {
        const QRectF place = laneRect(row);
        const QCPAxis* axis = axisOf(row);
        for (const Part& part : parts(m_rows[row].budget)) {
            const double left = std::round(axis->coordToPixel(part.begin));
            const double right = std::round(axis->coordToPixel(part.end));
            if (right > left) {
                bars[static_cast<std::size_t>(part.category)].append(
                    QRectF(left, place.top(), right - left, place.height()));
            }
        }
        const double total = m_rows[row].budget.total_s;
        const double end = axis->coordToPixel(total);
        painter.setPen(theme().text);
        painter.drawText(QRectF(end + 4, place.top(), place.right() - end + 8, place.height()),
            Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(durationText(total), Qt::ElideRight,
                std::max(0, static_cast<int>(place.right() - end))));
    }
    for (int i = 0; i < budget_category_count; ++i) {
        const Look look = theme().look(static_cast<BudgetCategory>(i));
        painter.setFont(font());
        paintBars(painter, look, bars[static_cast<std::size_t>(i)]);
        paintLetters(painter, look, bars[static_cast<std::size_t>(i)]);
    }
    if (first == 0 && last > 1) {
        // The two scales meet here.
        const double y = std::round((laneRect(0).bottom() + laneRect(1).top()) / 2);
        painter.setPen(QPen(theme().frame, 1));
        painter.drawLine(QLineF(axisRect()->left(), y, axisRect()->right(), y));
    }
}

QString BudgetChart::hoverText(const QPointF& position) const
{
    const int row = laneAt(position.y());
    if (row < 0 || row >= m_rows.size())
        return {};
    const double time = axisOf(row)->pixelToCoord(position.x());
    const Budget& budget = m_rows[row].budget;
    for (const Part& part : parts(budget)) {
        if (part.begin <= time && time < part.end) {
            const double length = part.end - part.begin;
            return tr("%1\n%2: %3 of %4 (%5)")
                .arg(m_rows[row].name, wordFor(part.category), durationText(length),
                    durationText(budget.total_s), shareText(length / budget.total_s));
        }
    }
    return m_rows[row].name;
}

QString BudgetChart::summary() const
{
    if (m_rows.isEmpty() || !(m_rows.first().budget.total_s > 0))
        return {};
    const Budget& all = m_rows.first().budget;
    return tr("%1 computing, overhead %2, unexplained %3")
        .arg(shareText(all[BudgetCategory::computing] / all.total_s),
            shareText(facts().budget.overhead),
            shareText(all[BudgetCategory::unexplained] / all.total_s));
}

ChartTable BudgetChart::table() const
{
    ChartTable table;
    table.header = {tr("process"), tr("spent on"), tr("seconds")};
    for (const Row& row : m_rows) {
        for (const Part& part : parts(row.budget)) {
            table.rows.append(
                {row.name, wordFor(part.category), QString::number(part.end - part.begin, 'f', 9)});
        }
        table.rows.append({row.name, tr("total"), QString::number(row.budget.total_s, 'f', 9)});
    }
    return table;
}

} // namespace manyhands::app
