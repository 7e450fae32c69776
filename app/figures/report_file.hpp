// SPDX-License-Identifier: GPL-3.0-or-later
// Reports as files.
#pragma once

#include "app/figures/report_content.hpp"

#include <filesystem>
#include <string>

namespace manyhands::app {

/// By the file's suffix.
enum class ReportFormat : std::uint8_t { html, pdf };

/// Of a path's suffix: .html or .pdf. Throws BadValue naming them.
ReportFormat reportFormatOf(const std::string& path);

QByteArray encoded(const ReportContent& content, ReportFormat format);

/// Writes the report in the format of the path's suffix. Throws Error for what cannot be written;
/// an old file is left as it was.
void writeReportFile(const ReportContent& content, const std::filesystem::path& path);

} // namespace manyhands::app
