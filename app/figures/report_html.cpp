// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_html.hpp"

#include "app/figures/inline_svg.hpp"
#include "app/figures/report_text.hpp"

namespace manyhands::app {
namespace {

/// A4 with the margins of the PDF; on a screen a column that is read with ease.
constexpr auto style = R"css(
:root { color-scheme: light; }
body { margin: 0 auto; padding: 2rem 1.5rem; max-width: 50rem; background: #fff; color: #1a1a1a;
  font: 1rem/1.5 "DejaVu Sans", "Noto Sans", "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-top: .5rem; border-top: 1px solid #c8c8c8; }
h1, h2, p, li, figcaption, blockquote { overflow-wrap: anywhere; }
td, th { overflow-wrap: break-word; }
p.kind { margin: 0 0 1.5rem; color: #555; }
p.warning { margin: .5rem 0; padding: .5rem .75rem; border: 1px solid #98250a;
  border-left-width: .4rem; background: #fff6f2; }
p.blank { display: flex; gap: .5rem; margin: 1rem 0; }
p.blank span { flex: 1; border-bottom: 1px solid #1a1a1a; }
ul { margin: .5rem 0; padding-left: 1.5rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .875rem; }
caption { text-align: left; padding: .25rem 0; color: #555; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid #d8d8d8; font-variant-numeric: tabular-nums; }
thead th { border-bottom: 2px solid #1a1a1a; vertical-align: bottom; }
tbody th { font-weight: normal; color: #333; }
th:last-child, td:last-child { padding-right: 0; }
.right { text-align: right; }
blockquote { margin: .75rem 0; padding: .25rem 0 .25rem 1rem; border-left: .25rem solid #185ba8; }
blockquote p { margin: 0; white-space: pre-wrap; }
blockquote footer { color: #555; font-size: .875rem; }
pre { margin: .75rem 0; padding: .75rem; background: #f3f3f3; border: 1px solid #d8d8d8;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; }
pre, code { font-family: "DejaVu Sans Mono", "Noto Sans Mono", Consolas, monospace; }
figure { margin: 1rem 0 1.75rem; }
figure svg { display: block; width: 100%; height: auto; fill: none; }
figure svg text { white-space: pre; }
figcaption { font-size: .875rem; }
figcaption strong { display: block; font-size: 1rem; }
@page { size: A4; margin: 16mm 18mm 18mm; @bottom-right { content: counter(page); } }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, caption { break-after: avoid; }
  figure, blockquote, pre, tr, p.warning, p.blank { break-inside: avoid; }
  thead { display: table-header-group; }
  p, li { orphans: 3; widows: 3; }
}
)css";

QString escaped(const QString& text)
{
    return shownText(text).toHtmlEscaped();
}

/// Writes one block after the other.
class Writer
{
public:
    void operator()(const ReportHeading& heading)
    {
        m_html += QLatin1String("<h2>") + escaped(heading.text) + QLatin1String("</h2>\n");
    }

    void operator()(const ReportParagraph& paragraph)
    {
        if (paragraph.text.isEmpty())
            return;
        m_html += paragraph.kind == ReportParagraph::Kind::warning
            ? QLatin1String("<p class=\"warning\">")
            : QLatin1String("<p>");
        m_html += escaped(paragraph.text) + QLatin1String("</p>\n");
    }

    void operator()(const ReportList& list)
    {
        QStringList items = list.items;
        items.removeAll(QString());
        if (items.isEmpty())
            return;
        m_html += QLatin1String("<ul>\n");
        for (const QString& item : std::as_const(items))
            m_html += QLatin1String("<li>") + escaped(item) + QLatin1String("</li>\n");
        m_html += QLatin1String("</ul>\n");
    }

    void operator()(const ReportTable& table);

    void operator()(const ReportQuote& quote)
    {
        m_html += QLatin1String("<blockquote>\n<p dir=\"auto\">") + escaped(quote.text)
            + QLatin1String("</p>\n");
        if (!quote.source.isEmpty())
            m_html
                += QLatin1String("<footer>") + escaped(quote.source) + QLatin1String("</footer>\n");
        m_html += QLatin1String("</blockquote>\n");
    }

    void operator()(const ReportCommand& command)
    {
        m_html += QLatin1String("<pre><code>") + escaped(command.text)
            + QLatin1String("</code></pre>\n");
    }

    void operator()(const ReportBlank& blank)
    {
        m_html += QLatin1String("<p class=\"blank\">") + escaped(blank.label)
            + QLatin1String("<span>&#160;</span></p>\n");
    }

    void operator()(const ReportFigure& figure)
    {
        const QString id = QStringLiteral("figure-%1-").arg(++m_figures);
        m_html += QLatin1String("<figure>\n<figcaption><strong>") + escaped(figure.title)
            + QLatin1String("</strong> ") + escaped(figure.summary)
            + QLatin1String("</figcaption>\n")
            + inlineSvg(
                figure.svg, id, shownText(figure.title + QLatin1String(". ") + figure.summary))
            + QLatin1String("</figure>\n");
    }

    QString take() { return std::move(m_html); }

private:
    void cell(const QString& text, const QString& tag, const QString& alignment, qsizetype column);

    QString m_html;
    int m_figures = 0;
};

void Writer::cell(
    const QString& text, const QString& tag, const QString& alignment, qsizetype column)
{
    const bool right = column < alignment.size() && alignment[column] == QLatin1Char('r');
    m_html += QLatin1Char('<') + tag
        + (right ? QLatin1String(" class=\"right\">") : QLatin1String(">")) + escaped(text)
        + QLatin1String("</") + tag.section(QLatin1Char(' '), 0, 0) + QLatin1Char('>');
}

void Writer::operator()(const ReportTable& table)
{
    if (table.rows.isEmpty())
        return;
    m_html += QLatin1String("<table>\n");
    if (!table.title.isEmpty())
        m_html += QLatin1String("<caption>") + escaped(table.title) + QLatin1String("</caption>\n");
    if (!table.header.isEmpty()) {
        m_html += QLatin1String("<thead><tr>");
        for (qsizetype column = 0; column < table.header.size(); ++column)
            cell(table.header[column], QStringLiteral("th scope=\"col\""), table.alignment, column);
        m_html += QLatin1String("</tr></thead>\n");
    }
    m_html += QLatin1String("<tbody>\n");
    for (const QStringList& row : table.rows) {
        m_html += QLatin1String("<tr>");
        for (qsizetype column = 0; column < row.size(); ++column) {
            const bool names = column == 0;
            cell(row[column], names ? QStringLiteral("th scope=\"row\"") : QStringLiteral("td"),
                table.alignment, column);
        }
        m_html += QLatin1String("</tr>\n");
    }
    m_html += QLatin1String("</tbody>\n</table>\n");
}

} // namespace

QByteArray reportHtml(const ReportContent& content)
{
    Writer writer;
    for (const ReportBlock& block : content.blocks)
        std::visit(writer, block);
    const QString title = escaped(content.title);
    // Were anything in it a reference or a script after all, no browser would follow it.
    const QString html = QLatin1String("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                                       "<meta charset=\"utf-8\">\n"
                                       "<meta http-equiv=\"Content-Security-Policy\" "
                                       "content=\"default-src 'none'; style-src 'unsafe-inline'; "
                                       "img-src data:\">\n"
                                       "<meta name=\"viewport\" content=\"width=device-width\">\n"
                                       "<title>")
        + title + QLatin1String("</title>\n<style>") + QLatin1String(style)
        + QLatin1String("</style>\n</head>\n<body>\n<main>\n<h1>") + title
        + QLatin1String("</h1>\n<p class=\"kind\">") + escaped(content.subtitle)
        + QLatin1String("</p>\n") + writer.take() + QLatin1String("</main>\n</body>\n</html>\n");
    return html.toUtf8();
}

} // namespace manyhands::app
