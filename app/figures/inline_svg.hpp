// SPDX-License-Identifier: GPL-3.0-or-later
// An SVG file made fit to stand inside an HTML page, beside others.
#pragma once

#include <QByteArray>
#include <QString>

namespace manyhands::app {

/// The element alone, as wide as its place: without prolog and metadata, every id and reference to
/// one with `prefix` before it, references to anywhere else left out, `label` for those who do not
/// see it. Empty where `svg` is none.
QString inlineSvg(const QByteArray& svg, const QString& prefix, const QString& label);

} // namespace manyhands::app
