// SPDX-License-Identifier: GPL-3.0-or-later
// Runs beside each other, on one time: what the views of a comparison share.
#include "app/views/compared_runs.hpp"

#include "app/views/wording.hpp"
#include "engine/analysis/parallel_part.hpp"
#include "engine/description/parameter_words.hpp"
#include "engine/description/shown_text.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace manyhands::app {
namespace {

/// At both ends of what is shown at first.
constexpr double sideRoom = 0.02;
/// Differences smaller than this are none: what is left of sums.
constexpr double nothing = 1e-12;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ComparedRuns", text);
}

QString textOf(double value, const ComparedQuantity& quantity)
{
    if (quantity.unit == "×")
        return tr("%1 ×").arg(QLocale().toString(value, 'f', 2));
    return quantityText(value, QString::fromStdString(quantity.unit));
}

} // namespace

std::int64_t AlignedRun::commonTime(std::int64_t recorded_ns) const
{
    return run->recording->run_time(recorded_ns) - originNs;
}

std::int64_t AlignedRun::recordedTime(std::int64_t common_ns) const
{
    return run->recording->recorded_time(common_ns + originNs);
}

std::shared_ptr<const ComparedRuns> comparedRuns(const std::vector<ComparedRun>& runs)
{
    auto compared = std::make_shared<ComparedRuns>();
    compared->comparison = compare(runs);
    compared->whole = compared->shown = {open_end, -open_end};
    const auto widen = [](Interval& interval, std::int64_t begin_ns, std::int64_t end_ns) {
        interval = {std::min(interval.begin_ns, begin_ns), std::max(interval.end_ns, end_ns)};
    };
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Recording& recording = *runs[i].run->recording;
        AlignedRun one{QString::fromStdString(label_of(i)),
            QString::fromStdString(shown(runs[i].name)), runs[i].run, factsOf(*runs[i].run),
            recording.run_time(parallel_begin(recording))};
        widen(compared->whole, one.commonTime(0), one.commonTime(recording.now_ns()));
        const Interval interval = recording.shown_interval();
        widen(compared->shown, one.commonTime(interval.begin_ns), one.commonTime(interval.end_ns));
        compared->runs.push_back(std::move(one));
    }
    const auto room = static_cast<std::int64_t>(
        std::llround(static_cast<double>(compared->shown.length_ns()) * sideRoom));
    compared->shown.begin_ns = std::max(compared->whole.begin_ns, compared->shown.begin_ns - room);
    compared->shown.end_ns = std::min(compared->whole.end_ns, compared->shown.end_ns + room);
    return compared;
}

SeriesLook lookOfRun(const Theme& theme, std::size_t run)
{
    constexpr std::array hatches
        = {Qt::NoBrush, Qt::BDiagPattern, Qt::HorPattern, Qt::DiagCrossPattern};
    SeriesLook look = theme.series(static_cast<int>(run));
    look.hatch = hatches[run % hatches.size()];
    return look;
}

QCPScatterStyle::ScatterShape markerOfRun(std::size_t run)
{
    constexpr std::array shapes = {QCPScatterStyle::ssDisc, QCPScatterStyle::ssSquare,
        QCPScatterStyle::ssTriangle, QCPScatterStyle::ssDiamond};
    return shapes[run % shapes.size()];
}

QString signOfRun(std::size_t run)
{
    constexpr std::array<char16_t, most_compared> signs = {u'●', u'■', u'▲', u'◇'};
    return QChar(signs[run % signs.size()]) + QLatin1Char(' ')
        + QString::fromStdString(label_of(run));
}

QString settingsText(const FinishedRun& run)
{
    QStringList parts;
    for (const std::string& word : parameter_words(run.description, run.parameters))
        parts.append(QString::fromStdString(word));
    return parts.join(QLatin1Char(' '));
}

QString valueText(const ComparedQuantity& quantity, std::size_t run)
{
    const std::optional<Measured>& value = quantity.values[run];
    return value ? textOf(value->value, quantity) : QStringLiteral("–");
}

QString differenceText(const ComparedQuantity& quantity, std::size_t run)
{
    const std::optional<Difference>& difference = quantity.differences[run];
    if (!difference)
        return QStringLiteral("–");
    if (std::abs(difference->absolute) < nothing)
        return textOf(0, quantity);
    const QString size = textOf(std::abs(difference->absolute), quantity);
    return (difference->absolute < 0 ? QChar(u'−') : QChar(u'+')) + size;
}

QString ratioText(const ComparedQuantity& quantity, std::size_t run)
{
    const std::optional<Difference>& difference = quantity.differences[run];
    if (!difference || !difference->ratio)
        return QStringLiteral("–");
    const QString ratio = QLocale().toString(*difference->ratio, 'f', 2);
    return difference->clear || difference->absolute == 0 ? ratio : QStringLiteral("≈ ") + ratio;
}

} // namespace manyhands::app
