// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/report_file.hpp"

#include "app/figures/report_html.hpp"
#include "app/figures/report_pdf.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/output_file.hpp"

namespace manyhands::app {

ReportFormat reportFormatOf(const std::string& path)
{
    if (path.ends_with(".html"))
        return ReportFormat::html;
    if (path.ends_with(".pdf"))
        return ReportFormat::pdf;
    throw BadValue({.object = "the report " + (path.empty() ? "''" : shown(path)),
        .problem = "has another suffix",
        .limit = ".html, .pdf"});
}

QByteArray encoded(const ReportContent& content, ReportFormat format)
{
    return format == ReportFormat::html ? reportHtml(content) : reportPdf(content);
}

void writeReportFile(const ReportContent& content, const std::filesystem::path& path)
{
    const QByteArray bytes = encoded(content, reportFormatOf(path.string()));
    OutputFile file(path);
    file.write({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    file.commit();
}

} // namespace manyhands::app
