// SPDX-License-Identifier: GPL-3.0-or-later
// The code of a lesson beside its run: the C++ that runs, the same in Python, and in words.
#include "app/guide/code_pane.hpp"

#include "app/views/wording.hpp"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <tuple>

namespace manyhands::app {
namespace {

/// Compilers name a file as the build gave it to them: from the root of the tree, from the folder
/// of the build, or in full.
bool isFile(const std::string& named, const std::string& path)
{
    return named == path || (!path.empty() && named.ends_with("/" + path));
}

QString spansText(quint64 count)
{
    return count == 1 ? CodePane::tr("1 span") : CodePane::tr("%1 spans").arg(countText(count));
}

} // namespace

CodePane::CodePane(ViewState* view, QWidget* parent)
    : QWidget(parent)
    , m_view(view)
    , m_path(new QLabel(this))
    , m_tabs(new QTabWidget(this))
    , m_status(new QLabel(this))
{
    setAccessibleName(tr("Code"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    m_tabs->setDocumentMode(true);
    column->addWidget(m_tabs, 1);
    auto* copyButton = new QToolButton(m_tabs);
    copyButton->setText(tr("Copy"));
    copyButton->setToolTip(tr("Copy what is marked, or the whole text (Ctrl+C copies the mark)"));
    copyButton->setAccessibleName(tr("Copy the code"));
    copyButton->setMinimumSize(24, 24);
    copyButton->setFocusPolicy(Qt::StrongFocus);
    m_tabs->setCornerWidget(copyButton);
    for (QLabel* label : {m_path, m_status}) {
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setContentsMargins(6, 0, 6, 2);
        // A long one is cut rather than making the pane wider.
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        column->addWidget(label);
    }
    m_status->setWordWrap(true);
    m_path->setAccessibleName(tr("File of the code"));
    m_status->setAccessibleName(tr("Line of the code"));
    connect(copyButton, &QToolButton::clicked, this, &CodePane::copy);
    connect(m_tabs, &QTabWidget::currentChanged, this, &CodePane::showPath);
    connect(m_view, &ViewState::selectionChanged, this, &CodePane::selectionChanged);
    setSources({});
    say(tr("Choose a lesson: its code stands here."));
}

void CodePane::setLesson(const LessonDescription& lesson, const ParameterValues& values)
{
    std::vector<Source> sources;
    const auto ofLanguage = [&](const std::string& language) {
        return std::count_if(lesson.sources.begin(), lesson.sources.end(),
            [&](const SourceFile& file) { return file.language == language; });
    };
    for (const SourceFile& file : lesson.sources) {
        const bool cpp = file.language == "cpp";
        QString title = cpp ? tr("C++") : tr("Python");
        if (ofLanguage(file.language) > 1)
            title = QString::fromStdString(file.path).section(QLatin1Char('/'), -1);
        sources.push_back({file.path, file.text,
            cpp ? SourceColours::Language::cpp : SourceColours::Language::python, title});
    }
    std::string words;
    for (const GuideText& passage : guide_texts_from(lesson.text)) {
        if (passage.step == GuideStep::pseudo_code && lesson.holds(passage.when, values))
            words += (words.empty() ? "" : "\n\n") + passage.text;
    }
    if (!words.empty())
        sources.push_back({{}, words, SourceColours::Language::none, tr("Pseudo-code")});
    const bool same = std::equal(sources.begin(), sources.end(), m_sources.begin(), m_sources.end(),
        [](const Source& a, const Source& b) { return a.path == b.path && a.text == b.text; });
    if (!same)
        setSources(std::move(sources));
    if (m_sources.empty())
        say(tr("No code is shown: the program does not carry its source, and the file that it was "
               "built from is not there or was changed since."));
}

void CodePane::setSources(std::vector<Source> sources)
{
    const QString front = m_tabs->tabText(m_tabs->currentIndex());
    const QSignalBlocker quiet(m_tabs);
    while (m_tabs->count() > 0) {
        // Later: it may be in the middle of something.
        QWidget* page = m_tabs->widget(0);
        m_tabs->removeTab(0);
        page->deleteLater();
    }
    m_sources = std::move(sources);
    for (Source& source : m_sources) {
        source.view = new SourceView(QString::fromStdString(source.text), source.language);
        source.view->setAccessibleName(tr("%1 of the lesson").arg(source.title));
        m_tabs->addTab(source.view, source.title);
        if (source.title == front)
            m_tabs->setCurrentWidget(source.view);
        connect(source.view, &SourceView::lineChosen, this, &CodePane::selectFromLine);
        connect(source.view, &SourceView::currentLineChanged, this, &CodePane::showCurrentLine);
    }
    m_tabs->setVisible(!m_sources.empty());
    m_places.clear();
    m_counted.clear();
    m_counts.assign(m_sources.size(), {});
    countSpans();
    showPath();
}

SourceView* CodePane::frontView() const
{
    const auto front = static_cast<std::size_t>(std::max(0, m_tabs->currentIndex()));
    return front < m_sources.size() ? m_sources[front].view : nullptr;
}

QString CodePane::status() const
{
    return m_status->text();
}

void CodePane::say(const QString& text)
{
    m_status->setText(text);
    m_status->setAccessibleDescription(text);
}

void CodePane::showPath()
{
    const auto front = static_cast<std::size_t>(std::max(0, m_tabs->currentIndex()));
    QString path;
    if (front < m_sources.size()) {
        path = m_sources[front].path.empty() ? tr("in words")
                                             : QString::fromStdString(m_sources[front].path);
    }
    m_path->setText(path);
    m_path->setToolTip(path);
    showCurrentLine();
}

void CodePane::showRun(const RunFacts& facts)
{
    const bool first = !m_facts.recording;
    m_facts = facts;
    if (!isVisible())
        return;
    countSpans();
    if (first)
        showCurrentLine();
}

void CodePane::clear()
{
    m_facts = {};
    m_places.clear();
    m_counted.clear();
    m_counts.assign(m_sources.size(), {});
    for (const Source& source : m_sources) {
        source.view->light(0);
        source.view->setSpanCounts({});
    }
    if (!m_sources.empty())
        showCurrentLine();
}

void CodePane::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    countSpans();
    selectionChanged();
}

void CodePane::learnPlaces()
{
    const std::vector<Place>& places = m_facts.recording->places();
    while (m_places.size() < places.size()) {
        const Place& place = places[m_places.size()];
        const auto source = std::find_if(m_sources.begin(), m_sources.end(),
            [&](const Source& one) { return isFile(place.file, one.path); });
        m_places.push_back(source == m_sources.end()
                ? Line{}
                : Line{static_cast<int>(source - m_sources.begin()), static_cast<int>(place.line)});
    }
}

void CodePane::countSpans()
{
    if (!m_facts.recording)
        return;
    learnPlaces();
    const std::vector<Lane>& lanes = m_facts.recording->lanes();
    m_counted.resize(lanes.size());
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
        const Spans& spans = lanes[lane].spans;
        for (; m_counted[lane] < spans.size(); ++m_counted[lane]) {
            const Line& line = m_places[spans[m_counted[lane]].place];
            if (line.source >= 0)
                ++m_counts[static_cast<std::size_t>(line.source)][line.line];
        }
    }
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        SourceView* view = m_sources[i].view;
        view->setSpanCounts(m_counts[i]);
        // Who has not looked around yet finds what ran, not the file's head.
        if (view->currentLine() == 1 && !m_counts[i].isEmpty())
            view->goTo(*std::min_element(m_counts[i].keyBegin(), m_counts[i].keyEnd()));
    }
}

void CodePane::showCurrentLine()
{
    const SourceView* view = frontView();
    if (!view || m_selecting)
        return;
    const int line = view->currentLine();
    const quint64 spans = view->spansAt(line);
    if (m_sources[static_cast<std::size_t>(m_tabs->currentIndex())].language
        != SourceColours::Language::cpp)
        say(tr("The C++ runs here; this says the same."));
    else if (!m_facts.recording)
        say(tr("Run the lesson: each line that its processes were at gets a mark (●)."));
    else if (spans == 0)
        say(tr("Line %1: nothing that was recorded comes from it.").arg(line));
    else
        say(tr("Line %1: %2; Enter or a click selects one after the other.")
                .arg(line)
                .arg(spansText(spans)));
}

void CodePane::selectionChanged()
{
    if (m_selecting || !isVisible())
        return;
    Line line;
    const Target& target = m_view->selection();
    const Recording* run = m_facts.recording;
    const bool isSpan = run && target.kind == Target::Kind::span
        && target.lane < run->lanes().size()
        && target.number < run->lanes()[target.lane].spans.size();
    std::uint16_t place = 0;
    if (isSpan) {
        learnPlaces();
        place = run->lanes()[target.lane].spans[target.number].place;
        line = m_places[place];
    }
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        m_sources[i].view->light(static_cast<int>(i) == line.source ? line.line : 0);
    if (line.source >= 0) {
        countSpans();
        const Source& source = m_sources[static_cast<std::size_t>(line.source)];
        say(tr("What is selected comes from line %1 (▶), as do %2 in all.")
                .arg(line.line)
                .arg(spansText(source.view->spansAt(line.line))));
    } else if (isSpan && place == 0) {
        say(tr("From which line this comes was not recorded: a pool takes its tasks itself."));
    } else if (isSpan) {
        const Place& at = run->places()[place];
        say(tr("What is selected comes from %1:%2, which is no code of the lesson.")
                .arg(QString::fromStdString(at.file).section(QLatin1Char('/'), -3))
                .arg(at.line));
    } else {
        showCurrentLine();
    }
}

void CodePane::selectFromLine(int line)
{
    SourceView* view = frontView();
    if (!view || !m_facts.recording)
        return;
    learnPlaces();
    const int source = m_tabs->currentIndex();
    // In the order of time: begin, lane, number.
    using Key = std::tuple<std::int64_t, std::uint32_t, std::uint32_t>;
    const auto fits = [&](const Span& span) {
        const Line& at = m_places[span.place];
        return at.source == source && at.line == line && span.begin_ns <= m_facts.nowNs();
    };
    const std::vector<Lane>& lanes = m_facts.recording->lanes();
    const Target& selected = m_view->selection();
    Key current = {-1, 0, 0};
    if (selected.kind == Target::Kind::span && selected.lane < lanes.size()
        && selected.number < lanes[selected.lane].spans.size()) {
        current = {
            lanes[selected.lane].spans[selected.number].begin_ns, selected.lane, selected.number};
    }
    std::vector<Key> keys;
    for (std::uint32_t lane = 0; lane < lanes.size(); ++lane) {
        const Spans& spans = lanes[lane].spans;
        for (std::uint32_t number = 0; number < spans.size(); ++number) {
            if (const Span span = spans[number]; fits(span))
                keys.emplace_back(span.begin_ns, lane, number);
        }
    }
    if (keys.empty()) {
        showCurrentLine();
        return;
    }
    std::sort(keys.begin(), keys.end());
    // One that comes from this very line gives way to the next.
    auto next = std::upper_bound(keys.begin(), keys.end(), current);
    if (next == keys.end())
        next = keys.begin();
    m_selecting = true;
    m_view->select(Target::ofSpan(std::get<1>(*next), std::get<2>(*next)));
    for (const Source& one : m_sources)
        one.view->light(one.view == view ? line : 0);
    m_selecting = false;
    say(tr("%1 of %2 from this line (%3)")
            .arg(countText(static_cast<std::uint64_t>(next - keys.begin() + 1)),
                spansText(keys.size()))
            .arg(line));
}

void CodePane::copy()
{
    const SourceView* view = frontView();
    if (!view)
        return;
    QString text = view->textCursor().selectedText();
    text.replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
    QApplication::clipboard()->setText(text.isEmpty() ? view->toPlainText() : text);
}

void CodePane::focusSource()
{
    SourceView* view = frontView();
    if (!view)
        return;
    // To what can be chosen, where nobody has gone to another line yet.
    if (view->litLine() == 0 && view->currentLine() == 1) {
        int line = 1;
        while (line <= view->blockCount() && view->spansAt(line) == 0)
            ++line;
        view->setCurrentLine(line);
        view->centerCursor();
    }
    view->setFocus(Qt::OtherFocusReason);
}

} // namespace manyhands::app
