// SPDX-License-Identifier: GPL-3.0-or-later
// One source text, to be read: line numbers, and marks at the lines that a run was at.
#include "app/guide/source_view.hpp"

#include <QApplication>
#include <QFontDatabase>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QTextBlock>

#include <algorithm>

namespace manyhands::app {

/// The strip at the left.
class SourceView::Gutter : public QWidget
{
public:
    explicit Gutter(SourceView* view)
        : QWidget(view)
        , m_view(view)
    {
        setToolTip(
            SourceView::tr("● processes were at this line: a click selects what they did there\n"
                           "▶ what is selected comes from this line"));
    }

protected:
    void paintEvent(QPaintEvent* event) override { m_view->paintGutter(event->rect()); }
    void mousePressEvent(QMouseEvent* event) override
    {
        const int line = m_view->lineAt(qRound(event->position().y()));
        if (event->button() != Qt::LeftButton || line == 0)
            return;
        m_view->setFocus(Qt::MouseFocusReason);
        m_view->setCurrentLine(line);
        emit m_view->lineChosen(line);
    }

private:
    SourceView* m_view;
};

SourceView::SourceView(const QString& text, SourceColours::Language language, QWidget* parent)
    : QPlainTextEdit(parent)
    , m_colouring(new SourceColours(document(), language))
    , m_colours(Theme::light())
    , m_gutter(new Gutter(this))
{
    setReadOnly(true);
    setLineWrapMode(NoWrap);
    setTabChangesFocus(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setPlainText(text);
    takeFont();
    takeColours();
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& part, int scrolled) {
        if (scrolled != 0)
            m_gutter->scroll(0, scrolled);
        else
            m_gutter->update(0, part.y(), m_gutter->width(), part.height());
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        showLines();
        emit currentLineChanged(currentLine());
    });
}

void SourceView::setSpanCounts(const QHash<int, quint64>& counts)
{
    if (m_counts == counts)
        return;
    m_counts = counts;
    m_gutter->update();
}

int SourceView::currentLine() const
{
    return textCursor().blockNumber() + 1;
}

void SourceView::setCurrentLine(int line)
{
    const QTextBlock block = document()->findBlockByNumber(line - 1);
    if (block.isValid() && line != currentLine())
        setTextCursor(QTextCursor(block));
}

void SourceView::goTo(int line)
{
    setCurrentLine(line);
    // What stands around the line belongs to it.
    const QRect place = cursorRect();
    const int height = viewport()->height();
    if (place.top() < height / 4 || place.bottom() > height * 3 / 4)
        centerCursor();
}

void SourceView::light(int line)
{
    m_lit = line;
    if (line > 0)
        goTo(line);
    showLines();
    m_gutter->update();
}

void SourceView::showLines()
{
    QList<QTextEdit::ExtraSelection> lines;
    const auto paint = [&](int line, const QColor& ground) {
        QTextEdit::ExtraSelection selection;
        selection.format.setBackground(ground);
        selection.format.setProperty(QTextFormat::FullWidthSelection, true);
        selection.cursor = QTextCursor(document()->findBlockByNumber(line - 1));
        lines.append(selection);
    };
    paint(currentLine(), m_colours.currentGround);
    if (m_lit > 0)
        paint(m_lit, m_colours.litGround);
    setExtraSelections(lines);
    m_gutter->update();
}

void SourceView::takeFont()
{
    // Of the usual size, which a person may have changed, with letters of one width.
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (QApplication::font().pointSizeF() > 0)
        font.setPointSizeF(QApplication::font().pointSizeF());
    if (this->font() != font)
        setFont(font);
    setTabStopDistance(4 * fontMetrics().horizontalAdvance(QLatin1Char(' ')));
    placeGutter();
}

void SourceView::takeColours()
{
    m_colours = CodeColours(Theme::matching(QApplication::palette()));
    QPalette wanted = QApplication::palette();
    wanted.setColor(QPalette::Base, m_colours.ground);
    wanted.setColor(QPalette::Text, m_colours.text);
    m_painting = true;
    setPalette(wanted);
    m_painting = false;
    m_colouring->setColours(m_colours);
    showLines();
}

void SourceView::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange)
        takeFont();
    if (event->type() == QEvent::ApplicationPaletteChange && !m_painting)
        takeColours();
}

int SourceView::gutterWidth() const
{
    const auto digits = std::max<qsizetype>(2, QString::number(blockCount()).size());
    // A mark at the left, a little air at both sides of the number.
    return fontMetrics().horizontalAdvance(QLatin1Char('9')) * static_cast<int>(digits + 3);
}

void SourceView::placeGutter()
{
    setViewportMargins(gutterWidth(), 0, 0, 0);
    const QRect inside = contentsRect();
    m_gutter->setGeometry(inside.left(), inside.top(), gutterWidth(), inside.height());
}

void SourceView::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    placeGutter();
}

int SourceView::lineAt(int y) const
{
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset());
        if (y < place.bottom())
            return y >= place.top() ? block.blockNumber() + 1 : 0;
    }
    return 0;
}

void SourceView::paintGutter(const QRect& part)
{
    QPainter painter(m_gutter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(part, m_colours.currentGround);
    const int letter = fontMetrics().horizontalAdvance(QLatin1Char('9'));
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset());
        if (place.top() > part.bottom())
            break;
        const int line = block.blockNumber() + 1;
        const QRectF row(0, place.top(), m_gutter->width(), place.height());
        QFont font = this->font();
        font.setBold(line == m_lit);
        painter.setFont(font);
        painter.setPen(line == m_lit ? m_colours.text : m_colours.comment);
        painter.drawText(row.adjusted(0, 0, -letter, 0), Qt::AlignRight | Qt::AlignVCenter,
            QString::number(line));
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_colours.mark);
        const double size = 0.8 * letter;
        const QRectF mark(0.4 * letter, row.center().y() - size / 2, size, size);
        if (line == m_lit) {
            painter.drawPolygon(QPolygonF({mark.topLeft(), mark.bottomLeft(),
                QPointF(mark.right() + 0.2 * letter, mark.center().y())}));
        } else if (spansAt(line) > 0) {
            painter.drawEllipse(mark);
        }
    }
}

void SourceView::mousePressEvent(QMouseEvent* event)
{
    m_pressed = event->position().toPoint();
    QPlainTextEdit::mousePressEvent(event);
}

void SourceView::mouseReleaseEvent(QMouseEvent* event)
{
    QPlainTextEdit::mouseReleaseEvent(event);
    const QPoint released = event->position().toPoint();
    // Who drags wants to mark text.
    if (event->button() != Qt::LeftButton || textCursor().hasSelection()
        || (released - m_pressed).manhattanLength() >= QApplication::startDragDistance())
        return;
    if (const int line = lineAt(released.y()))
        emit lineChosen(line);
}

void SourceView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        emit lineChosen(currentLine());
        event->accept();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

} // namespace manyhands::app
