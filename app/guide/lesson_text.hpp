// SPDX-License-Identifier: GPL-3.0-or-later
// A lesson's text, as its author wrote it in Markdown.
#pragma once

#include <QTextBrowser>

#include <memory>

namespace manyhands::app {

/// As high as its text: it stands in a page that scrolls. What it shows may come from a program
/// that did not come with us: no HTML, nothing is loaded, and links lead to the web (http and
/// https) or to what a chart can select (see:).
class LessonText : public QTextBrowser
{
    Q_OBJECT

public:
    explicit LessonText(QWidget* parent = nullptr);

    void showMarkdown(const QString& text);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    /// A link to something in the run, or to a chart: "see:lane/2".
    void seeRequested(const QString& link);

protected:
    QVariant loadResource(int type, const QUrl& name) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// The pane is narrow: long lines of code go on below rather than out of sight.
    void wrapCode();
    void follow(const QUrl& link);
    void measureAgain();

    mutable std::unique_ptr<QTextDocument> m_measure; ///< a copy to try widths with
};

} // namespace manyhands::app
