// SPDX-License-Identifier: GPL-3.0-or-later
// The lesson's text, as its author wrote it in Markdown.
#pragma once

#include "engine/description/lesson_description.hpp"

#include <QTextBrowser>

namespace manyhands::app {

/// Shows title, objectives and text. What it shows may come from a program that did not come with
/// us: no HTML, nothing is loaded, and of links only http and https lead anywhere.
class LessonText : public QTextBrowser
{
    Q_OBJECT

public:
    explicit LessonText(QWidget* parent = nullptr);

    void setLesson(const LessonDescription& lesson);

protected:
    QVariant loadResource(int type, const QUrl& name) override;

private:
    /// The pane is narrow: long lines of code go on below rather than out of sight.
    void wrapCode();
    void follow(const QUrl& link);
};

} // namespace manyhands::app
