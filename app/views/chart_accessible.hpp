// SPDX-License-Identifier: GPL-3.0-or-later
// What screen readers are told of a chart: its name, what is to be seen, its parts, and the value
// that keys have come to.
#pragma once

#include <QAccessibleWidget>

#include <vector>

namespace manyhands::app {

class Chart;

/// Of a chart that is a widget. The value that keys have come to stands behind the fixed name,
/// since readers speak a name that changes.
class ChartAccessible : public QAccessibleWidget
{
public:
    explicit ChartAccessible(Chart* chart);
    ~ChartAccessible() override;

    int childCount() const override;
    QAccessibleInterface* child(int index) const override;
    int indexOfChild(const QAccessibleInterface* child) const override;
    QString text(QAccessible::Text kind) const override;

private:
    Chart* chart() const;

    mutable std::vector<QAccessible::Id> m_parts;
};

/// Makes Qt use ChartAccessible for charts. May be called any number of times.
void installChartAccessibility();

/// Tells screen readers that keys have come to another value.
void announce(Chart* chart);

} // namespace manyhands::app
