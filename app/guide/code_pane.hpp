// SPDX-License-Identifier: GPL-3.0-or-later
// The code of a lesson beside its run: the C++ that runs, the same in Python, and in words.
#pragma once

#include "app/guide/source_view.hpp"
#include "app/views/run_facts.hpp"
#include "app/views/view_state.hpp"
#include "engine/description/lesson_description.hpp"

#include <QWidget>

#include <vector>

class QLabel;
class QTabWidget;

namespace manyhands::app {

/// A tab for each source. What is selected in the run lights its line; a line selects what the
/// processes did at it.
class CodePane : public QWidget
{
    Q_OBJECT

public:
    explicit CodePane(ViewState* view, QWidget* parent = nullptr);

    /// The sources of a lesson, or of a run with `values`, which choose the passages in
    /// pseudo-code.
    void setLesson(const LessonDescription& lesson, const ParameterValues& values);
    /// The run whose spans are meant; it must stay until clear(). Its spans are counted while the
    /// pane is seen.
    void showRun(const RunFacts& facts);
    /// No run.
    void clear();

    /// Selects the first span that comes from a line of the front source, at or after the selected
    /// one; again: the next.
    void selectFromLine(int line);
    /// Puts the selected text, or all of the front source, on the clipboard.
    void copy();

    /// Gives the focus to the front source: at the line of what is selected, else at the first one
    /// that has spans.
    void focusSource();
    SourceView* frontView() const;
    /// What stands below the source.
    QString status() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Source
    {
        std::string path; ///< empty for pseudo-code
        std::string text;
        SourceColours::Language language;
        QString title;
        SourceView* view = nullptr;
    };
    /// Where in the sources a place is.
    struct Line
    {
        int source = -1;
        int line = 0;
    };

    void setSources(std::vector<Source> sources);
    void countSpans();
    void learnPlaces();
    void selectionChanged();
    void showCurrentLine();
    void showPath();
    void say(const QString& text);

    ViewState* m_view;
    std::vector<Source> m_sources;
    RunFacts m_facts;
    std::vector<Line> m_places; ///< by Place
    std::vector<std::size_t> m_counted; ///< spans, by lane
    std::vector<QHash<int, quint64>> m_counts; ///< by source and line
    bool m_selecting = false; ///< by the pane itself
    QLabel* m_path;
    QTabWidget* m_tabs;
    QLabel* m_status;
};

} // namespace manyhands::app
