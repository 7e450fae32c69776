// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages of the guide share: a column that scrolls, and ways to fill it.
#pragma once

#include "app/guide/lesson_steps.hpp"

#include <QScrollArea>

class QLabel;
class QVBoxLayout;

namespace manyhands::app {

class LessonText;
class WrappedButton;

/// The page of one step. Shows what the context says; the context outlives it.
class GuidePage : public QScrollArea
{
    Q_OBJECT

public:
    GuidePage(const GuideContext& context, LessonStep step, QWidget* parent);

    LessonStep step() const { return m_step; }
    /// Brings the page up to the context.
    virtual void refresh() = 0;
    /// Gives the focus to the first thing that takes it.
    void focusFirst();

signals:
    void seeRequested(const QString& link);
    void targetRequested(const manyhands::app::Target& target);
    void attemptRequested(const manyhands::Attempt& attempt);
    void runRequested();

protected:
    /// How a line is meant; never told by its colour alone.
    enum class Tone : std::uint8_t { usual, secondary, good, bad, warning };

    const GuideContext& context() const { return m_context; }
    QWidget* body() const { return m_body; }
    QVBoxLayout* column() const { return m_column; }
    void clear();

    /// Plain text that wraps.
    QLabel* addLine(const QString& text, Tone tone = Tone::usual);
    QLabel* addHeading(const QString& text);
    LessonText* addPassages(const QString& markdown);
    WrappedButton* addButton(const QString& text);
    WrappedButton* addAttempt(const Attempt& attempt);
    /// In place of what a run would show; with a button that runs.
    void addNoRun(const QString& text);
    /// At the end: what lies above keeps to the top.
    void addRest();

    void changeEvent(QEvent* event) override;

private:
    void colour(QLabel& label) const;
    /// Fields stand upon the ground of a text, where the style's own edges are hardly seen.
    void edgeFields() const;

    const GuideContext& m_context;
    LessonStep m_step;
    QWidget* m_body;
    QVBoxLayout* m_column;
};

/// What an attempt does: "Sets “Worker processes”: 8 and runs".
QString attemptText(const LessonDescription& lesson, const Attempt& attempt);

} // namespace manyhands::app
