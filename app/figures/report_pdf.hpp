// SPDX-License-Identifier: GPL-3.0-or-later
// A report as PDF, on A4.
#pragma once

#include "app/figures/report_content.hpp"

namespace manyhands::app {

/// The whole file: texts as texts with their fonts inside, figures as lines, page numbers; no
/// heading stands alone at a page's end, and tables say on each page what their columns are.
QByteArray reportPdf(const ReportContent& content);

} // namespace manyhands::app
