// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of a finished run: the window's own chart, between a title and a caption.
#include "app/figures/figure.hpp"

#include "app/views/chart.hpp"
#include "app/views/chart_factory.hpp"
#include "app/views/time_axis.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

constexpr double pointsPerInch = 72;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Figure", text);
}

const Theme& themeOf(FigureTheme theme)
{
    return theme == FigureTheme::dark ? Theme::dark() : Theme::light();
}

} // namespace

Figure::Figure(FigureSubject subject, FigureSettings settings)
    : m_subject(std::move(subject))
    , m_settings(std::move(settings))
    , m_facts(factsOf(m_subject.run))
    , m_view(std::make_unique<ViewState>())
    , m_chart(makeChart(m_settings.view, m_subject.run.description))
{
    if (!m_chart)
        throw BadValue({.object = "the figure's view",
            .problem = "is unknown",
            .value = m_settings.view.toStdString(),
            .limit = chartsOf(m_subject.run.description).join(QStringLiteral(", ")).toStdString()});
    checkFigure(m_settings);
    m_chart->fixTheme(themeOf(m_settings.theme));
    m_facts.points = m_subject.points;
    m_facts.swept = m_subject.swept;
    m_facts.predictions = m_subject.predictions;
    const Recording& recording = *m_subject.run.recording;
    m_view->setExtent(recording.run_time(recording.now_ns()), false);
    if (m_settings.fromS || m_settings.toS)
        m_view->show({nanosecondsOf(m_settings.fromS.value_or(0)),
            m_settings.toS ? nanosecondsOf(*m_settings.toS) : m_view->extentNs()});
    m_chart->setViewState(m_view.get());
    m_chart->showRun(m_facts);
}

Figure::~Figure() = default;

bool Figure::isEmpty() const
{
    return m_chart->isEmpty();
}

QString Figure::title() const
{
    if (!m_settings.title.isNull())
        return m_settings.title;
    return tr("%1: %2").arg(
        m_chart->title(), QString::fromStdString(m_subject.run.description.title));
}

QString Figure::caption() const
{
    const FinishedRun& run = m_subject.run;
    QStringList parts;
    for (const ParameterDescription& parameter : run.description.parameters) {
        const auto value = run.parameters.find(parameter.name);
        if (value != run.parameters.end())
            parts.append(QString::fromStdString(parameter.name + '=' + to_text(value->second)));
    }
    const Machine& machine = run.machine;
    return tr("%1  ·  %2 usable CPUs, %3  ·  Manyhands %4")
        .arg(parts.join(QLatin1Char(' ')))
        .arg(machine.usable_cpus)
        .arg(QString::fromStdString(machine.cpu), QString::fromStdString(machine.version));
}

QString Figure::summary() const
{
    return m_chart->summary();
}

ChartTable Figure::table() const
{
    return m_chart->table();
}

void Figure::draw(QCPPainter& painter, QSize pixels, double dpi)
{
    const Theme& theme = m_chart->theme();
    QFont font = m_chart->font();
    font.setPixelSize(std::max(1, qRound(m_settings.fontPt * dpi / pointsPerInch)));
    QFont bold = font;
    bold.setBold(true);
    const int margin = font.pixelSize() / 2;
    const int line = QFontMetrics(bold).height();
    const int head = title().isEmpty() ? 0 : line + 2 * margin;
    const int foot = m_settings.caption ? line + 2 * margin : 0;
    if (!m_settings.transparent)
        painter.fillRect(QRect(QPoint(), pixels), theme.background);

    m_chart->setFont(font);
    painter.save();
    painter.translate(0, head);
    m_chart->drawOn(painter, {pixels.width(), std::max(1, pixels.height() - head - foot)});
    painter.restore();

    if (head > 0) {
        painter.setPen(theme.text);
        painter.setFont(bold);
        const QRect top(margin, margin, pixels.width() - 2 * margin, line);
        painter.drawText(top, Qt::AlignLeft | Qt::AlignVCenter, title());
    }
    if (foot > 0) {
        painter.setFont(font);
        painter.setPen(theme.secondaryText);
        const QRect bottom(
            margin, pixels.height() - foot + margin, pixels.width() - 2 * margin, line);
        painter.drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(font).elidedText(caption(), Qt::ElideRight, bottom.width()));
    }
}

const Theme& Figure::theme() const
{
    return m_chart->theme();
}

void Figure::showUntil(std::int64_t runNs)
{
    QCPLayoutElement* legend = m_chart->plotLayout()->element(0, 0);
    legend->setMinimumSize(0, legend->outerRect().height());
    legend->setMaximumSize(QWIDGETSIZE_MAX, legend->outerRect().height());

    const Recording& recording = *m_subject.run.recording;
    RunFacts facts = m_facts;
    facts.untilNs = recording.recorded_time(runNs);
    Interval interval = recording.shown_interval();
    interval.end_ns = std::clamp(*facts.untilNs, interval.begin_ns, interval.end_ns);
    facts.budget = time_budget(recording, interval);
    // What came out at the end is not known yet.
    if (*facts.untilNs < recording.shown_interval().end_ns) {
        facts.finalSpeedup.reset();
        facts.document = nullptr;
    }
    m_chart->viewState()->select(Target::ofMoment(*facts.untilNs));
    m_chart->showRun(facts);
}

QImage Figure::image()
{
    const QSize pixels = m_settings.pixels();
    QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QCPPainter painter(&image);
    draw(painter, pixels, m_settings.dpi);
    painter.end();
    return image;
}

} // namespace manyhands::app
