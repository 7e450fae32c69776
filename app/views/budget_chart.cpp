// SPDX-License-Identifier: GPL-3.0-or-later
// The time budget: what each process spent its seconds on, adding up to its lifetime.
#include "app/views/budget_chart.hpp"

#include "app/views/wording.hpp"

#include <QActionGroup>
#include <QKeyEvent>

#include <algorithm>
#include <cmath>
#include <limits>

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
    addSwitch(
        tr("Lengths"), {tr("Seconds"), tr("Per cent")}, [this](int i) { setPercent(i == 1); });
    QStringList orders = {tr("As they started"), tr("Longest lifetime first")};
    for (int i = 0; i < budget_category_count; ++i)
        orders.append(tr("Most first: %1").arg(wordFor(static_cast<BudgetCategory>(i))));
    addSwitch(tr("Order"), orders, [this](int i) { setSorting(i + byStart); });
    applyStyle();
    refresh(true);
}

void BudgetChart::setPercent(bool percent)
{
    m_percent = percent;
    m_lanesEnd = 0;
    m_allEnd = 0;
    refreshSoon();
}

void BudgetChart::setSorting(int category)
{
    m_sorting = category;
    refreshSoon();
}

void BudgetChart::addUp()
{
    const Recording& recording = *facts().recording;
    const std::vector<Budget>& lanes = facts().budget.lanes;
    Row workers{tr("All workers"), tr("Workers"), {}};
    m_rows.clear();
    m_rows.append(workers);
    for (std::size_t i = 0; i < std::min(lanes.size(), recording.lanes().size()); ++i) {
        if (!(lanes[i].total_s > 0) || !facts().shows(i))
            continue;
        m_rows.append({laneName(recording, i, false), tr("P%1").arg(i), lanes[i]});
        if (recording.lanes()[i].role != Role::worker)
            continue;
        workers.budget.total_s += lanes[i].total_s;
        for (std::size_t c = 0; c < workers.budget.seconds.size(); ++c)
            workers.budget.seconds[c] += lanes[i].seconds[c];
    }
    m_rows.first() = workers;
    sortRows();
}

void BudgetChart::sortRows()
{
    if (m_sorting == byStart)
        return;
    // In per cent the order is that of the shares, as the bars show them.
    const auto length = [this](const Row& row) {
        if (m_sorting == byLifetime)
            return row.budget.total_s;
        const double spent = row.budget.seconds[static_cast<std::size_t>(m_sorting)];
        return m_percent ? spent / row.budget.total_s : spent;
    };
    std::stable_sort(m_rows.begin() + 1, m_rows.end(),
        [&](const Row& one, const Row& other) { return length(one) > length(other); });
}

double BudgetChart::scaleOf(const Row& row) const
{
    return m_percent ? 100 / row.budget.total_s : 1;
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
        if (facts().goesOn())
            setEmpty(tr("No worker yet"),
                tr("The budget covers the repeat, from the start of its first worker."));
        else
            setEmpty(tr("No budget"), tr("In this run no worker was started."));
        return;
    }
    setEmpty({});
    QStringList names;
    QStringList shortNames;
    for (const Row& row : std::as_const(m_rows)) {
        names.append(row.name);
        shortNames.append(row.shortName);
    }
    setRows(names, shortNames);
    scaleAxes();
    fillLegend();
}

void BudgetChart::scaleAxes()
{
    double longest = 0;
    for (qsizetype i = 1; i < m_rows.size(); ++i)
        longest = std::max(longest, m_rows[i].budget.total_s);
    // Room for the total behind the longest bar.
    const double width = std::max(1, axisRect()->rect().width());
    const double label = QFontMetrics(font()).horizontalAdvance(widestTotal);
    const double room = width / std::max(width / 2, width - label);
    Unit lanesUnit{QStringLiteral("%"), 1};
    Unit allUnit = lanesUnit;
    if (m_percent) {
        m_lanesEnd = 100 * room;
        m_allEnd = 100 * room;
    } else {
        m_lanesEnd = grownEnd(m_lanesEnd, longest * room, shortestAxisS, facts().running);
        m_allEnd = grownEnd(
            m_allEnd, m_rows.first().budget.total_s * room, shortestAxisS, facts().running);
        lanesUnit = timeUnit(m_lanesEnd);
        allUnit = timeUnit(m_allEnd);
    }
    for (const auto& ticker : {m_lanesTicker, m_allTicker})
        ticker->setEnd(m_percent ? 100 : std::numeric_limits<double>::infinity());
    m_lanesTicker->setUnit(lanesUnit);
    m_allTicker->setUnit(allUnit);
    xAxis->setRange(0, m_lanesEnd);
    xAxis2->setRange(0, m_allEnd);
    labelAxis(xAxis, tr("Each process (%1)").arg(lanesUnit.symbol), lanesUnit.symbol);
    labelAxis(xAxis2, tr("All workers (%1)").arg(allUnit.symbol), allUnit.symbol);
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
                .look = theme().look(category),
                .id = i,
                .name = wordFor(category)});
    }
    legendStrip()->setEntries(entries);
}

QList<BudgetChart::Part> BudgetChart::parts(const Budget& budget) const
{
    QList<Part> result;
    double sum = 0;
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        const double length = budget[category];
        if (!(length > 0) || isHidden(i))
            continue;
        result.append({category, sum, sum + length});
        sum += length;
    }
    return result;
}

void BudgetChart::drawTotal(QCPPainter& painter, int row) const
{
    const QFontMetrics metrics(font());
    const QRectF place = laneRect(row);
    const Row& one = m_rows[row];
    const double end = axisOf(row)->coordToPixel(one.budget.total_s * scaleOf(one));
    painter.setPen(theme().text);
    painter.drawText(QRectF(end + 4, place.top(), place.right() - end + 8, place.height()),
        Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(durationText(one.budget.total_s), Qt::ElideRight,
            std::max(0, static_cast<int>(place.right() - end))));
}

void BudgetChart::drawRows(QCPPainter& painter)
{
    const auto [first, last] = rowsInSight();
    std::array<QList<QRectF>, budget_category_count> bars;
    painter.setFont(font());
    for (int row = first; row < std::min<int>(last, static_cast<int>(m_rows.size())); ++row) {
        const QRectF place = laneRect(row);
        const QCPAxis* axis = axisOf(row);
        const double scale = scaleOf(m_rows[row]);
        for (const Part& part : parts(m_rows[row].budget)) {
            const double left = std::round(axis->coordToPixel(part.begin * scale));
            const double right = std::round(axis->coordToPixel(part.end * scale));
            if (right > left) {
                bars[static_cast<std::size_t>(part.category)].append(
                    QRectF(left, place.top(), right - left, place.height()));
            }
        }
        drawTotal(painter, row);
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
    const Row& one = m_rows[row];
    const double time = axisOf(row)->pixelToCoord(position.x()) / scaleOf(one);
    for (const Part& part : parts(one.budget)) {
        if (part.begin <= time && time < part.end)
            return partText(one, part);
    }
    return one.name;
}

QString BudgetChart::partText(const Row& row, const Part& part) const
{
    const double length = part.end - part.begin;
    return tr("%1\n%2: %3 of %4 (%5)")
        .arg(row.name, wordFor(part.category), durationText(length),
            durationText(row.budget.total_s), shareText(length / row.budget.total_s));
}

QString BudgetChart::seriesName(int series) const
{
    return m_rows[series].name;
}

int BudgetChart::datumCount(int series) const
{
    return series < m_rows.size() ? static_cast<int>(parts(m_rows[series].budget).size()) : 0;
}

Datum BudgetChart::datum(int series, int index) const
{
    const Row& row = m_rows[series];
    const QList<Part> all = parts(row.budget);
    if (index >= all.size())
        return {row.name, laneRect(series).center()};
    const double middle = (all[index].begin + all[index].end) / 2 * scaleOf(row);
    return {partText(row, all[index]),
        QPointF(axisOf(series)->coordToPixel(middle), laneRect(series).center().y())};
}

int BudgetChart::legendIdOf(int series, int index) const
{
    const QList<Part> all = parts(m_rows[series].budget);
    return index < all.size() ? static_cast<int>(all[index].category) : -1;
}

void BudgetChart::keyPressEvent(QKeyEvent* event)
{
    // Up and down go from bar to bar, and scroll with them.
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        Chart::keyPressEvent(event);
    else
        LaneChart::keyPressEvent(event);
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
    table.header = {tr("process"), tr("spent on"), tr("time (s)"), tr("share (%)")};
    const auto add = [&](const Row& row, const QString& what, double seconds) {
        table.rows.append({row.name, what, QString::number(seconds, 'f', 9),
            QString::number(seconds / row.budget.total_s * 100, 'f', 4)});
    };
    for (const Row& row : m_rows) {
        for (int i = 0; i < budget_category_count; ++i) {
            const auto category = static_cast<BudgetCategory>(i);
            if (row.budget[category] > 0)
                add(row, wordFor(category), row.budget[category]);
        }
        add(row, tr("total"), row.budget.total_s);
    }
    return table;
}

} // namespace manyhands::app
