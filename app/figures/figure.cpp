// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of a finished run, as files: the window's own charts, drawn into memory on paper's theme.
#include "app/figures/figure.hpp"

#include "app/views/budget_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/timeline.hpp"
#include "engine/observe/output_file.hpp"

#include <QBuffer>
#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <memory>

namespace manyhands::app {
namespace {

/// Beyond this Qt's rasteriser is not safe.
constexpr int longestSide = 16'384;
constexpr int shortestSide = 64;
/// A figure of 1600 × 900 pixels is read from where 18 pixels of letter are comfortable.
constexpr int linesPerHeight = 50;
constexpr int lettersPerWidth = 88;
constexpr int smallestFont = 8;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Figure", text);
}

std::unique_ptr<Chart> chartFor(const QString& view)
{
    if (view == QLatin1String("timeline"))
        return std::make_unique<Timeline>();
    if (view == QLatin1String("ipc"))
        return std::make_unique<IpcVolume>();
    if (view == QLatin1String("speedup"))
        return std::make_unique<SpeedupChart>();
    if (view == QLatin1String("budget"))
        return std::make_unique<BudgetChart>();
    return nullptr;
}

/// What was run, where: never the host's or the user's name.
QString captionOf(const FinishedRun& run)
{
    QStringList parts;
    for (const ParameterDescription& parameter : run.description.parameters) {
        const auto value = run.parameters.find(parameter.name);
        if (value != run.parameters.end()) {
            parts.append(QString::fromStdString(parameter.name + '=' + to_text(value->second)));
        }
    }
    const Machine& machine = run.machine;
    return tr("%1  ·  %2 usable CPUs, %3  ·  Manyhands %4")
        .arg(parts.join(QLatin1Char(' ')))
        .arg(machine.usable_cpus)
        .arg(QString::fromStdString(machine.cpu), QString::fromStdString(machine.version));
}

QImage drawFigure(
    Chart& chart, const FinishedRun& run, const std::vector<ScalingPoint>& points, QSize size)
{
    const Theme& theme = Theme::light();
    QFont font = chart.font();
    font.setPixelSize(std::max(
        smallestFont, std::min(size.height() / linesPerHeight, size.width() / lettersPerWidth)));
    QFont bold = font;
    bold.setBold(true);
    const int margin = font.pixelSize() / 2;
    const int line = QFontMetrics(bold).height();
    const int head = line + 2 * margin;
    const int foot = line + 2 * margin;

    chart.fixTheme(theme);
    chart.setFont(font);
    RunFacts facts = factsOf(run);
    facts.points = points;
    chart.showRun(facts);
    const QImage picture
        = chart.picture(QSize(size.width(), std::max(1, size.height() - head - foot)));

    QImage figure(size, QImage::Format_RGB32);
    figure.fill(theme.background);
    QPainter painter(&figure);
    painter.drawImage(0, head, picture);
    painter.setPen(theme.text);
    painter.setFont(bold);
    const QString lesson = QString::fromStdString(run.description.title);
    const QRect top(margin, margin, size.width() - 2 * margin, line);
    painter.drawText(
        top, Qt::AlignLeft | Qt::AlignVCenter, tr("%1: %2").arg(chart.title(), lesson));
    painter.setFont(font);
    painter.setPen(theme.secondaryText);
    if (!chart.isEmpty())
        painter.drawText(top, Qt::AlignRight | Qt::AlignVCenter, chart.summary());
    const QRect bottom(margin, size.height() - foot + margin, size.width() - 2 * margin, line);
    painter.drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(font).elidedText(captionOf(run), Qt::ElideRight, bottom.width()));
    return figure;
}

} // namespace

QStringList figureViews()
{
    return {QStringLiteral("timeline"), QStringLiteral("ipc"), QStringLiteral("speedup"),
        QStringLiteral("budget")};
}

QString writeFigure(const QString& view, const FinishedRun& run, const QString& path,
    const std::vector<ScalingPoint>& points, QSize size)
{
    const std::unique_ptr<Chart> chart = chartFor(view);
    if (!chart) {
        return tr("%1: is no view (allowed: %2)")
            .arg(view, figureViews().join(QStringLiteral(", ")));
    }
    if (size.width() < shortestSide || size.height() < shortestSide || size.width() > longestSide
        || size.height() > longestSide) {
        return tr("%1: a figure of %2 × %3 pixels cannot be drawn (allowed: %4 to %5 a side)")
            .arg(path)
            .arg(size.width())
            .arg(size.height())
            .arg(shortestSide)
            .arg(longestSide);
    }
    const QImage figure = drawFigure(*chart, run, points, size);
    QByteArray png;
    QBuffer buffer(&png);
    if (!buffer.open(QIODevice::WriteOnly) || !figure.save(&buffer, "PNG"))
        return tr("%1: the figure could not be drawn").arg(path);
    // Not QSaveFile: as root it would put the file in a device's place where a link leads to one.
    try {
        OutputFile file(path.toStdString());
        file.write({png.constData(), static_cast<std::size_t>(png.size())});
        file.commit();
    } catch (const Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

} // namespace manyhands::app
