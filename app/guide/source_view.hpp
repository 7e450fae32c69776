// SPDX-License-Identifier: GPL-3.0-or-later
// One source text, to be read: line numbers, and marks at the lines that a run was at.
#pragma once

#include "app/guide/source_colours.hpp"

#include <QHash>
#include <QPlainTextEdit>

namespace manyhands::app {

/// Lines count from 1.
class SourceView : public QPlainTextEdit
{
    Q_OBJECT

public:
    SourceView(const QString& text, SourceColours::Language language, QWidget* parent = nullptr);

    /// How many spans of the run come from a line: those that have any get a mark.
    void setSpanCounts(const QHash<int, quint64>& counts);
    quint64 spansAt(int line) const { return m_counts.value(line); }

    /// Lights a line and brings it into sight; 0 lights none.
    void light(int line);
    int litLine() const { return m_lit; }
    int currentLine() const;
    /// Makes a line the current one, and shows it with what stands around it.
    void goTo(int line);
    void setCurrentLine(int line);

signals:
    void lineChosen(int line); ///< by a click, or Enter
    void currentLineChanged(int line);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    class Gutter;

    void takeFont();
    void takeColours();
    void showLines();
    void placeGutter();
    int gutterWidth() const;
    void paintGutter(const QRect& part);
    int lineAt(int y) const;

    SourceColours* m_colouring;
    CodeColours m_colours;
    Gutter* m_gutter;
    QHash<int, quint64> m_counts;
    int m_lit = 0;
    QPoint m_pressed;
    bool m_painting = false; ///< its own colours: the palette changes by itself
};

} // namespace manyhands::app
