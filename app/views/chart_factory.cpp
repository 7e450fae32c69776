// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/chart_factory.hpp"

#include "app/views/budget_chart.hpp"
#include "app/views/channel_matrix.hpp"
#include "app/views/durations_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/lesson_view.hpp"
#include "app/views/memory_chart.hpp"
#include "app/views/prediction_chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/sweep_chart.hpp"
#include "app/views/timeline.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

using Maker = std::unique_ptr<Chart> (*)();

template <typename OneChart>
std::unique_ptr<Chart> make()
{
    return std::make_unique<OneChart>();
}

std::unique_ptr<Chart> makeEfficiency()
{
    auto chart = std::make_unique<SpeedupChart>();
    chart->setMode(SpeedupChart::Mode::efficiency);
    return chart;
}

struct CommonChart
{
    const char* name;
    Maker make;
};

constexpr CommonChart common[] = {
    {"timeline", make<Timeline>},
    {"ipc", make<IpcVolume>},
    {"matrix", make<ChannelMatrix>},
    {"speedup", make<SpeedupChart>},
    {"efficiency", makeEfficiency},
    {"budget", make<BudgetChart>},
    {"memory", make<MemoryChart>},
    {"durations", make<DurationsChart>},
    {"sweep", make<SweepChart>},
};

constexpr QLatin1String prediction("prediction");

} // namespace

const QStringList& commonCharts()
{
    static const QStringList names = [] {
        QStringList list;
        for (const CommonChart& chart : common)
            list.append(QLatin1String(chart.name));
        return list;
    }();
    return names;
}

QStringList chartsOf(const LessonDescription& lesson)
{
    QStringList names = commonCharts();
    for (const ViewDescription& view : lesson.guide.views)
        names.append(QString::fromStdString(view.name));
    if (!lesson.guide.predictions.empty())
        names.append(prediction);
    return names;
}

std::unique_ptr<Chart> makeChart(const QString& name, const LessonDescription& lesson)
{
    for (const CommonChart& chart : common) {
        if (name == QLatin1String(chart.name))
            return chart.make();
    }
    const auto& views = lesson.guide.views;
    const auto view = std::find_if(views.begin(), views.end(),
        [&](const ViewDescription& own) { return QString::fromStdString(own.name) == name; });
    if (view != views.end())
        return std::make_unique<LessonView>(*view);
    if (name == prediction && !lesson.guide.predictions.empty())
        return std::make_unique<PredictionChart>();
    return nullptr;
}

} // namespace manyhands::app
