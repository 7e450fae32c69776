// SPDX-License-Identifier: GPL-3.0-or-later
// A report as one HTML file that needs nothing beside it.
#pragma once

#include "app/figures/report_content.hpp"

namespace manyhands::app {

/// The whole file, in UTF-8: figures as inline SVG, no script, no reference to anywhere; what the
/// report's texts hold is shown and never obeyed.
QByteArray reportHtml(const ReportContent& content);

} // namespace manyhands::app
