// SPDX-License-Identifier: GPL-3.0-or-later
// Two to four runs beside each other, in a window beside the main one.
#include "app/window/compare_window.hpp"

#include "app/views/compared_budget.hpp"
#include "app/views/compared_curves.hpp"
#include "app/views/compared_timeline.hpp"
#include "app/window/chart_panel.hpp"
#include "app/window/comparison_table.hpp"
#include "app/window/table_window.hpp"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace manyhands::app {
namespace {

/// In letters, where the screen has room for it.
constexpr int widthInLetters = 210;
constexpr int heightInLines = 56;
constexpr double shareOfScreen = 0.95;
/// Of the window's width.
constexpr int chartShare = 62;
constexpr int sideShare = 38;

QString listOf(const QStringList& sentences)
{
    QString html = QStringLiteral("<ul>");
    for (const QString& sentence : sentences)
        html += QStringLiteral("<li>%1</li>").arg(sentence.toHtmlEscaped());
    return html + QStringLiteral("</ul>");
}

QWidget* titled(const QString& title, QWidget* content, QWidget* parent)
{
    auto* box = new QWidget(parent);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto* label = new QLabel(title, box);
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    label->setBuddy(content);
    column->addWidget(label);
    column->addWidget(content, 1);
    return box;
}

} // namespace

CompareWindow::CompareWindow(std::shared_ptr<const ComparedRuns> runs, QWidget* parent)
    : QWidget(parent, Qt::Window)
    , m_runs(std::move(runs))
    , m_tabs(new QTabWidget(this))
    , m_side(nullptr)
    , m_words(new QTextBrowser(this))
    , m_table(new ComparisonTable(this))
{
    QStringList names;
    for (const AlignedRun& run : m_runs->runs)
        names.append(tr("%1 %2").arg(run.label, run.name));
    setWindowTitle(tr("Comparison of %1 – Manyhands").arg(names.join(QStringLiteral(", "))));

    m_tabs->setAccessibleName(tr("Views of the comparison"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeTimelines(), tr("&Timelines"));
    auto* budget = new ComparedBudget;
    budget->setRuns(m_runs);
    m_tabs->addTab(makePanel(budget), tr("&Budgets"));
    ViewState* common = m_views.add(m_runs->whole, 0);
    for (const auto subject : {ComparedCurves::Subject::speedup, ComparedCurves::Subject::ipc}) {
        auto* curves = new ComparedCurves(subject);
        curves->setRuns(m_runs);
        curves->setViewState(common);
        m_tabs->addTab(makePanel(curves),
            subject == ComparedCurves::Subject::speedup ? tr("&Speedups") : tr("B&ytes sent"));
    }
    m_tabs->setCornerWidget(makeButtons());
    m_views.show(m_runs->shown);

    m_words->setAccessibleName(tr("Comparison in words"));
    m_words->setOpenLinks(false);
    m_words->setTabChangesFocus(true);
    fillWords();
    m_table->setRuns(*m_runs);
    auto* side = new QSplitter(Qt::Vertical, this);
    side->addWidget(titled(tr("In &words"), m_words, side));
    side->addWidget(titled(tr("&Differences (≈: no clear one)"), m_table, side));
    side->setStretchFactor(0, 1);
    side->setStretchFactor(1, 1);
    side->setChildrenCollapsible(false);
    m_side = side;
    auto* halves = new QSplitter(Qt::Horizontal, this);
    halves->addWidget(m_tabs);
    halves->addWidget(side);
    halves->setStretchFactor(0, chartShare);
    halves->setStretchFactor(1, sideShare);
    halves->setChildrenCollapsible(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 6);
    column->addWidget(halves);

    const QFontMetrics metrics = fontMetrics();
    const QSize wanted(
        widthInLetters * metrics.averageCharWidth(), heightInLines * metrics.height());
    resize(wanted.boundedTo(screen()->availableSize() * shareOfScreen));
    halves->setSizes({width() * chartShare / 100, width() * sideShare / 100});

    const auto shortcut = [this](const QKeySequence& keys, auto does) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, does);
    };
    shortcut(Qt::Key_Escape, [this] { leave(); });
    shortcut(QKeySequence::Close, [this] { close(); });
}

QWidget* CompareWindow::makeTimelines()
{
    auto* stack = new QWidget(this);
    auto* column = new QVBoxLayout(stack);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
        auto* timeline = new ComparedTimeline;
        timeline->setViewState(m_views.add(m_runs->whole, m_runs->runs[run].originNs));
        timeline->setRun(m_runs, run);
        column->addWidget(makePanel(timeline), 1);
    }
    return stack;
}

ChartPanel* CompareWindow::makePanel(Chart* chart)
{
    auto* panel = new ChartPanel(chart, this);
    m_charts.append(chart);
    m_panels.append(panel);
    connect(panel, &ChartPanel::tableRequested, this, [this, chart] { openTable(chart); });
    connect(panel, &ChartPanel::maximizeRequested, this, [this, panel] { toggleMaximized(panel); });
    connect(chart, &Chart::tableRequested, this, [this, chart] { openTable(chart); });
    connect(chart, &Chart::maximizeRequested, this, [this, panel] { toggleMaximized(panel); });
    connect(chart, &Chart::copyRequested, this, [this, chart] { copy(chart); });
    return panel;
}

QWidget* CompareWindow::makeButtons()
{
    auto* buttons = new QWidget(this);
    auto* row = new QHBoxLayout(buttons);
    row->setContentsMargins(0, 0, 0, 2);
    const auto add = [&](const QString& text, const QString& tip, auto does) {
        auto* button = new QPushButton(text, buttons);
        button->setToolTip(tip);
        button->setMinimumHeight(24);
        connect(button, &QPushButton::clicked, this, does);
        row->addWidget(button);
    };
    add(tr("&Repeats"), tr("Show the repeats, without baseline and warm-up"),
        [this] { m_views.show(m_runs->shown); });
    add(tr("&All"), tr("Show the runs from start to end (Home in a chart)"),
        [this] { m_views.show(m_runs->whole); });
    add(tr("Save re&port…"),
        tr("Write a report of this comparison: words, differences and figures, as a web page or "
           "PDF"),
        [this] { emit reportRequested(); });
    return buttons;
}

void CompareWindow::fillWords()
{
    QStringList differences;
    QStringList limits;
    for (const ComparisonSentence& sentence : m_runs->comparison.sentences)
        (sentence.limit ? limits : differences).append(QString::fromStdString(sentence.text));
    QString html;
    for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
        const AlignedRun& one = m_runs->runs[run];
        const auto repeats = one.run->repeats.size();
        html += QStringLiteral("<p><b>%1</b> %2<br>%3</p>")
                    .arg(signOfRun(run), one.name.toHtmlEscaped(),
                        tr("%1, n = %2; %3")
                            .arg(one.facts.lesson)
                            .arg(repeats)
                            .arg(settingsText(*one.run))
                            .toHtmlEscaped());
    }
    if (!differences.isEmpty())
        html += QStringLiteral("<p><b>%1</b></p>").arg(tr("What differs")) + listOf(differences);
    if (!limits.isEmpty())
        html
            += QStringLiteral("<p><b>%1</b></p>").arg(tr("What this cannot tell")) + listOf(limits);
    m_words->setHtml(html);
}

void CompareWindow::toggleMaximized(ChartPanel* panel)
{
    m_maximized = m_maximized == panel ? nullptr : panel;
    m_side->setVisible(!m_maximized);
    // Each tab but that of the timelines has one panel, which is large with the tab.
    const bool one = m_maximized && qobject_cast<ComparedTimeline*>(m_maximized->chart());
    for (ChartPanel* other : std::as_const(m_panels)) {
        auto* timeline = qobject_cast<ComparedTimeline*>(other->chart());
        if (!timeline)
            continue;
        other->setVisible(!one || other == m_maximized);
        timeline->setTimeLabelled(one ? other == m_maximized : timeline->isLowest());
    }
    panel->chart()->setFocus(Qt::OtherFocusReason);
}

void CompareWindow::leave()
{
    if (m_maximized)
        toggleMaximized(m_maximized);
    else
        close();
}

void CompareWindow::openTable(Chart* chart)
{
    QPointer<QWidget>& window = m_tables[chart];
    if (window)
        window->close();
    window = openTableWindow(*chart, this);
}

void CompareWindow::copy(Chart* chart)
{
    auto* content = new QMimeData;
    content->setImageData(chart->grab().toImage());
    content->setText(tr("%1: %2").arg(chart->title(), chart->summary()));
    QApplication::clipboard()->setMimeData(content);
}

CompareWindow* openCompareWindow(std::shared_ptr<const ComparedRuns> runs, QWidget* parent)
{
    auto* window = new CompareWindow(std::move(runs), parent);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->show();
    window->activateWindow();
    window->charts().first()->setFocus(Qt::OtherFocusReason);
    return window;
}

} // namespace manyhands::app
