// SPDX-License-Identifier: GPL-3.0-or-later
// Figures inside a text document.
#pragma once

#include "app/figures/report_content.hpp"

#include <QObject>
#include <QRectF>
#include <QTextCharFormat>
#include <QTextObjectInterface>

namespace manyhands::app {

/// Paints each figure where the document has a character for it. The document is to be painted by a
/// QCPPainter, page by page.
class ReportFigureObject : public QObject, public QTextObjectInterface
{
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)

public:
    static constexpr int type = QTextFormat::UserObject + 1;

    /// `dpi`: of the document's layout.
    explicit ReportFigureObject(int dpi)
        : m_dpi(dpi)
    {
    }

    /// Of the character that stands for the figure, which must outlive this.
    QTextCharFormat add(const ReportFigure& figure);
    /// The part of the document that is painted next.
    void setPage(const QRectF& page) { m_page = page; }

    QSizeF intrinsicSize(QTextDocument* document, int position, const QTextFormat& format) override;
    void drawObject(QPainter* painter, const QRectF& place, QTextDocument* document, int position,
        const QTextFormat& format) override;

private:
    const ReportFigure& figure(const QTextFormat& format) const;

    int m_dpi;
    std::vector<const ReportFigure*> m_figures;
    QRectF m_page;
};

} // namespace manyhands::app
