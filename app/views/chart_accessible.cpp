// SPDX-License-Identifier: GPL-3.0-or-later
// What screen readers are told of a chart.
#include "app/views/chart_accessible.hpp"

#include "app/views/chart.hpp"

#include <QPointer>

namespace manyhands::app {
namespace {

/// A series, a lane: something in a chart that has a name and a place.
class PartAccessible : public QAccessibleInterface
{
public:
    PartAccessible(Chart* chart, int part)
        : m_chart(chart)
        , m_part(part)
    {
    }

    bool isValid() const override { return m_chart && m_part < m_chart->partCount(); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override
    {
        return QAccessible::queryAccessibleInterface(m_chart);
    }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override
    {
        return isValid() && kind == QAccessible::Name ? m_chart->partName(m_part) : QString();
    }
    void setText(QAccessible::Text, const QString&) override { }
    QRect rect() const override
    {
        if (!isValid())
            return {};
        const QRect place = m_chart->partRect(m_part);
        return QRect(m_chart->mapToGlobal(place.topLeft()), place.size());
    }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.readOnly = true;
        state.invisible = !isValid() || !m_chart->isVisible();
        return state;
    }

private:
    QPointer<Chart> m_chart;
    int m_part;
};

QAccessibleInterface* accessibleChart(const QString& className, QObject* object)
{
    if (className != QLatin1String(Chart::staticMetaObject.className()))
        return nullptr;
    auto* chart = qobject_cast<Chart*>(object);
    return chart ? new ChartAccessible(chart) : nullptr;
}

} // namespace

ChartAccessible::ChartAccessible(Chart* chart)
    : QAccessibleWidget(chart, QAccessible::Chart)
{
}

ChartAccessible::~ChartAccessible()
{
    for (const QAccessible::Id id : m_parts)
        QAccessible::deleteAccessibleInterface(id);
}

Chart* ChartAccessible::chart() const
{
    return qobject_cast<Chart*>(object());
}

int ChartAccessible::childCount() const
{
    const int widgets = QAccessibleWidget::childCount();
    return chart() && !chart()->isEmpty() ? widgets + chart()->partCount() : widgets;
}

QAccessibleInterface* ChartAccessible::child(int index) const
{
    const int widgets = QAccessibleWidget::childCount();
    if (index < widgets)
        return QAccessibleWidget::child(index);
    if (index >= childCount())
        return nullptr;
    const auto part = static_cast<std::size_t>(index - widgets);
    while (m_parts.size() <= part) {
        m_parts.push_back(QAccessible::registerAccessibleInterface(
            new PartAccessible(chart(), static_cast<int>(m_parts.size()))));
    }
    return QAccessible::accessibleInterface(m_parts[part]);
}

int ChartAccessible::indexOfChild(const QAccessibleInterface* child) const
{
    for (std::size_t part = 0; part < m_parts.size(); ++part) {
        if (QAccessible::accessibleInterface(m_parts[part]) == child)
            return QAccessibleWidget::childCount() + static_cast<int>(part);
    }
    return QAccessibleWidget::indexOfChild(child);
}

QString ChartAccessible::text(QAccessible::Text kind) const
{
    const QString text = QAccessibleWidget::text(kind);
    if (kind != QAccessible::Name || !chart() || chart()->focusedText().isEmpty())
        return text;
    QString value = chart()->focusedText();
    return Chart::tr("%1: %2").arg(text, value.replace(QLatin1Char('\n'), QStringLiteral(", ")));
}

void installChartAccessibility()
{
    [[maybe_unused]] static const bool installed
        = (QAccessible::installFactory(accessibleChart), true);
}

void announce(Chart* chart)
{
    QAccessibleEvent event(chart, QAccessible::NameChanged);
    QAccessible::updateAccessibility(&event);
}

} // namespace manyhands::app
