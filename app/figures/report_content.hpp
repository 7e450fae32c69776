// SPDX-License-Identifier: GPL-3.0-or-later
// What a report says, as a value: the writers of HTML and PDF know no more than this.
#pragma once

#include "app/figures/figure.hpp"

#include <QByteArray>
#include <QList>
#include <QLocale>
#include <QSizeF>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <variant>
#include <vector>

namespace manyhands::app {

/// All texts are plain: whoever writes them down escapes them.
struct ReportHeading
{
    QString text;
};

struct ReportParagraph
{
    enum class Kind : std::uint8_t { plain, warning };

    QString text;
    Kind kind = Kind::plain;
};

struct ReportList
{
    QStringList items;
};

struct ReportTable
{
    QString title; ///< what the table is of; empty where a heading says it
    QStringList header; ///< empty: the first column names its row
    QList<QStringList> rows;
    QString alignment; ///< a letter for each column: 'r' is right-aligned, all else left

    /// A row of name and value; those without a value are left out.
    void add(const QString& name, const QString& value);
};

/// What a person wrote, as it was written.
struct ReportQuote
{
    QString text;
    QString source; ///< when, on what
};

/// To be copied into a terminal.
struct ReportCommand
{
    QString text;
};

/// A line to be filled in by hand.
struct ReportBlank
{
    QString label;
};

/// A figure that has been drawn.
struct ReportFigure
{
    using Draw = std::function<void(QCPPainter& painter, QSize pixels, double dpi)>;

    QString title;
    QString summary; ///< one sentence on what is to be seen, for those too who do not see it
    QSizeF points; ///< on paper, of 1/72 inch
    QByteArray svg;
    Draw draw; ///< upon (0, 0) to `pixels`; for the PDF
};

using ReportBlock = std::variant<ReportHeading, ReportParagraph, ReportList, ReportTable,
    ReportQuote, ReportCommand, ReportBlank, ReportFigure>;

struct ReportContent
{
    QString title;
    QString subtitle; ///< what kind of report it is
    std::vector<ReportBlock> blocks;

    void add(ReportBlock block) { blocks.push_back(std::move(block)); }
    void heading(const QString& text) { add(ReportHeading{text}); }
    void paragraph(const QString& text) { add(ReportParagraph{text}); }
    void warning(const QString& text)
    {
        add(ReportParagraph{text, ReportParagraph::Kind::warning});
    }
    /// Below a heading of its own; nothing for a table without rows.
    void section(const QString& name, ReportTable table);
    /// Likewise; a sentence where there are none.
    void figures(const QString& name, std::vector<ReportFigure> drawn, const QString& ifNone);
};

/// The width and height of a report's figures: all that an A4 page has between its margins.
inline constexpr QSizeF reportFigureMm{174, 92};

/// A figure that is still to be drawn. Drawing one takes the main thread for as long as the chart
/// takes, so a window draws one at a time. Nothing comes of one that has nothing to show.
using FigureMaker = std::function<std::optional<ReportFigure>()>;

/// The figures of these views.
std::vector<FigureMaker> figureMakers(const FigureSubject& subject, const QStringList& views);
/// How a report's figures are drawn: of reportFigureMm, without title and caption.
FigureSettings reportFigureSettings(const QString& view);
/// Draws a figure, which must have something to show.
ReportFigure drawnFigure(
    std::shared_ptr<FigureDrawing> figure, const QString& title, const QString& summary);

/// As long as it lives numbers are written as in files: with dots and without grouping, whatever
/// the person's language. What makes a report's texts and figures stands in its shelter.
class FileNumbers
{
public:
    FileNumbers();
    ~FileNumbers();
    FileNumbers(const FileNumbers&) = delete;
    FileNumbers& operator=(const FileNumbers&) = delete;

private:
    QLocale m_before;
};

} // namespace manyhands::app
