// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_pdf.hpp"

#include "app/figures/report_figure_object.hpp"
#include "app/figures/report_text.hpp"

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QCoreApplication>
#include <QPdfWriter>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>
#include <qcustomplot.h>

#include <cmath>

namespace manyhands::app {
namespace {

constexpr int dpi = 600;
constexpr double millimetresPerInch = 25.4;
constexpr QSizeF pageMm(210, 297);
constexpr QMarginsF marginsMm(18, 16, 18, 18);
constexpr double usualPt = 9.5;
constexpr double smallPt = 8;
/// Of the layout, in its own units.
constexpr double rounding = 1;
/// Of a block that must not be the last one of a page.
constexpr int keptWithNext = QTextFormat::UserProperty + 2;
const QColor faint(0x55, 0x55, 0x55);
const QColor ruleColour(0xc8, 0xc8, 0xc8);

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ReportPdf", text);
}

double fromMm(double millimetres)
{
    return millimetres * dpi / millimetresPerInch;
}

QTextCharFormat letters(double points, bool bold = false, const QColor& colour = Qt::black)
{
    QTextCharFormat format;
    format.setFontPointSize(points);
    format.setFontWeight(bold ? QFont::Bold : QFont::Normal);
    format.setForeground(colour);
    return format;
}

/// Puts one block after the other into a document. Lengths are in the units of a screen's pixel,
/// which the document scales.
class Typesetter
{
public:
    Typesetter(QTextDocument& document, ReportFigureObject& objects)
        : m_cursor(&document)
        , m_objects(objects)
    {
    }

    void title(const QString& text, const QString& subtitle)
    {
        paragraph(text, letters(17, true), 0, 2, true);
        paragraph(subtitle, letters(usualPt, false, faint), 0, 10);
    }

    void operator()(const ReportHeading& heading)
    {
        paragraph(heading.text, letters(12.5, true), 14, 4, true);
    }

    void operator()(const ReportParagraph& one)
    {
        const bool warns = one.kind == ReportParagraph::Kind::warning;
        paragraph(one.text, letters(usualPt, warns), 2, 4);
    }

    void operator()(const ReportList& list)
    {
        QStringList items = list.items;
        items.removeAll(QString());
        for (const QString& item : std::as_const(items))
            paragraph(QStringLiteral("• ") + item, letters(usualPt), 0, 2);
    }

    void operator()(const ReportTable& table);

    void operator()(const ReportQuote& quote)
    {
        paragraph(quote.text, letters(usualPt), 6, 0, false, 14);
        if (!quote.source.isEmpty())
            paragraph(quote.source, letters(smallPt, false, faint), 0, 6, false, 14);
    }

    void operator()(const ReportCommand& command)
    {
        QTextCharFormat format = letters(smallPt);
        format.setFontFamilies({QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
        paragraph(command.text, format, 4, 6);
    }

    void operator()(const ReportBlank& blank)
    {
        paragraph(
            blank.label + QLatin1Char(' ') + QString(60, QLatin1Char('_')), letters(usualPt), 4, 6);
    }

    void operator()(const ReportFigure& figure)
    {
        paragraph(figure.title, letters(usualPt + 1, true), 8, 0, true);
        paragraph(figure.summary, letters(smallPt, false, faint), 0, 2, true);
        paragraph({}, letters(usualPt), 0, 8);
        m_cursor.insertText(QString(QChar::ObjectReplacementCharacter), m_objects.add(figure));
    }

private:
    void paragraph(const QString& text, const QTextCharFormat& format, double above, double below,
        bool kept = false, double indent = 0);
    void cell(QTextTable& table, int row, int column, const QString& text,
        const QTextCharFormat& format, bool right);

    QTextCursor m_cursor;
    ReportFigureObject& m_objects;
    bool m_begun = false;
};

void Typesetter::paragraph(const QString& text, const QTextCharFormat& format, double above,
    double below, bool kept, double indent)
{
    QTextBlockFormat block;
    block.setTopMargin(above);
    block.setBottomMargin(below);
    block.setLeftMargin(indent);
    block.setProperty(keptWithNext, kept);
    // A new document has one block already.
    if (std::exchange(m_begun, true)) {
        m_cursor.insertBlock(block, format);
    } else {
        m_cursor.setBlockFormat(block);
        m_cursor.setBlockCharFormat(format);
    }
    QString lines = shownText(text);
    m_cursor.insertText(lines.replace(QLatin1Char('\n'), QChar::LineSeparator), format);
}

void Typesetter::cell(QTextTable& table, int row, int column, const QString& text,
    const QTextCharFormat& format, bool right)
{
    QTextTableCell place = table.cellAt(row, column);
    QTextTableCellFormat looks;
    looks.setBottomBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    looks.setBottomBorder(0.5);
    looks.setBottomBorderBrush(
        row < table.format().headerRowCount() ? QColor(Qt::black) : ruleColour);
    looks.setTopPadding(1.5);
    looks.setBottomPadding(1.5);
    looks.setRightPadding(6);
    place.setFormat(looks);
    QTextCursor cursor = place.firstCursorPosition();
    QTextBlockFormat block;
    block.setAlignment(right ? Qt::AlignRight : Qt::AlignLeft);
    cursor.setBlockFormat(block);
    QString lines = shownText(text);
    cursor.insertText(lines.replace(QLatin1Char('\n'), QChar::LineSeparator), format);
}

void Typesetter::operator()(const ReportTable& table)
{
    if (table.rows.isEmpty())
        return;
    const int heads = table.header.isEmpty() ? 0 : 1;
    const auto columns
        = static_cast<int>(heads > 0 ? table.header.size() : table.rows.first().size());
    if (!table.title.isEmpty())
        paragraph(table.title, letters(smallPt, false, faint), 2, 2, true);
    QTextTableFormat format;
    format.setHeaderRowCount(heads);
    format.setBorder(0);
    format.setCellSpacing(0);
    format.setCellPadding(0);
    format.setBorderCollapse(true);
    format.setTopMargin(2);
    format.setBottomMargin(8);
    // As wide as the page where there is much to say, else no wider than it needs to be.
    if (columns > 2)
        format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    QTextTable* const made
        = m_cursor.insertTable(static_cast<int>(table.rows.size()) + heads, columns, format);
    // Many columns have to share the width.
    const double points = columns > 6 ? smallPt - 1 : smallPt + 0.5;
    const auto isRight = [&](int column) {
        return column < table.alignment.size() && table.alignment[column] == QLatin1Char('r');
    };
    for (int column = 0; heads > 0 && column < columns; ++column)
        cell(*made, 0, column, table.header[column], letters(points, true), isRight(column));
    for (int row = 0; row < table.rows.size(); ++row) {
        const QStringList& cells = table.rows[row];
        for (int column = 0; column < std::min(columns, static_cast<int>(cells.size())); ++column)
            cell(*made, row + heads, column, cells[column], letters(points), isRight(column));
    }
    m_cursor.movePosition(QTextCursor::End);
}

/// Where the first line of a block begins, from the document's beginning. A line that was moved to
/// the next page begins there but for rounding.
double topOf(const QTextDocument& document, const QTextBlock& block)
{
    const double top = document.documentLayout()->blockBoundingRect(block).top() + rounding;
    const QTextLayout* layout = block.layout();
    return layout->lineCount() > 0 ? top + layout->lineAt(0).y() : top;
}

/// The block that one which is kept with the next must share a page with: of a short table the last
/// row, of a long one the first below its header.
QTextBlock companionOf(const QTextBlock& next)
{
    constexpr int shortTable = 14;
    const QTextTable* table = QTextCursor(next).currentTable();
    if (!table)
        return next;
    const int last = table->rows() - 1;
    const int row
        = table->rows() <= shortTable ? last : std::min(table->format().headerRowCount(), last);
    return table->cellAt(row, 0).firstCursorPosition().block();
}

/// Moves what would be parted from what it belongs to on to the next page.
void keepTogether(QTextDocument& document, double pageHeight)
{
    const auto pageOf
        = [&](const QTextBlock& block) { return std::floor(topOf(document, block) / pageHeight); };
    for (QTextBlock first = document.begin(); first.isValid(); first = first.next()) {
        if (!first.blockFormat().boolProperty(keptWithNext))
            continue;
        QTextBlock last = first;
        while (last.isValid() && last.blockFormat().boolProperty(keptWithNext))
            last = last.next();
        if (!last.isValid())
            return;
        if (pageOf(first) != pageOf(companionOf(last))) {
            QTextBlockFormat format = first.blockFormat();
            format.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
            QTextCursor(first).setBlockFormat(format);
        }
        first = last;
    }
}

void print(QTextDocument& document, ReportFigureObject& objects, QPdfWriter& writer, QSizeF page,
    const QString& title)
{
    QCPPainter painter(&writer);
    painter.setMode(QCPPainter::pmVectorized);
    const QPointF corner(fromMm(marginsMm.left()), fromMm(marginsMm.top()));
    const int pages = document.pageCount();
    for (int number = 0; number < pages; ++number) {
        if (number > 0)
            writer.newPage();
        const QRectF part(0, number * page.height(), page.width(), page.height());
        objects.setPage(part);
        painter.save();
        painter.translate(corner.x(), corner.y() - part.top());
        painter.setClipRect(part);
        QAbstractTextDocumentLayout::PaintContext context;
        // What ends or begins at the page's very edge is of the other page, but for rounding.
        context.clip = part.adjusted(0, 2 * rounding, 0, -2 * rounding);
        context.palette.setColor(QPalette::Text, Qt::black);
        document.documentLayout()->draw(&painter, context);
        painter.restore();

        QFont font = document.defaultFont();
        font.setPointSizeF(smallPt);
        painter.setFont(font);
        painter.setPen(faint);
        const QRectF foot(
            corner.x(), corner.y() + page.height() + fromMm(4), page.width(), fromMm(5));
        const QString count = tr("%1 of %2").arg(number + 1).arg(pages);
        const QFontMetricsF metrics(font, &writer);
        painter.drawText(foot, Qt::AlignRight | Qt::AlignTop, count);
        painter.drawText(foot, Qt::AlignLeft | Qt::AlignTop,
            metrics.elidedText(
                title, Qt::ElideRight, page.width() - 2 * metrics.horizontalAdvance(count)));
    }
}

} // namespace

QByteArray reportPdf(const ReportContent& content)
{
    const FileNumbers numbers;
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setResolution(dpi);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageMargins({});
    const QString title = shownText(content.title);
    writer.setTitle(title);
    writer.setCreator(QStringLiteral("Manyhands"));

    const QSizeF page(fromMm(pageMm.width() - marginsMm.left() - marginsMm.right()),
        fromMm(pageMm.height() - marginsMm.top() - marginsMm.bottom()));
    QTextDocument document;
    ReportFigureObject objects(dpi);
    document.documentLayout()->setPaintDevice(&writer);
    document.documentLayout()->registerHandler(ReportFigureObject::type, &objects);
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPointSizeF(usualPt);
    document.setDefaultFont(font);
    // Whatever stands in a note or name stays on the paper.
    QTextOption wrapping;
    wrapping.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    document.setDefaultTextOption(wrapping);
    document.setDocumentMargin(0);
    document.setPageSize(page);
    // Laid out once, when all stands there.
    QTextCursor whole(&document);
    whole.beginEditBlock();
    Typesetter typesetter(document, objects);
    typesetter.title(content.title, content.subtitle);
    for (const ReportBlock& block : content.blocks)
        std::visit(typesetter, block);
    whole.endEditBlock();
    keepTogether(document, page.height());
    print(document, objects, writer, page, title);
    return bytes;
}

} // namespace manyhands::app
