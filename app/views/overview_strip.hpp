// SPDX-License-Identifier: GPL-3.0-or-later
// All of the run in a strip: how many processes computed, waited, did anything else, and which part
// of it the charts show.
#pragma once

#include "app/views/run_facts.hpp"
#include "app/views/theme.hpp"
#include "app/views/view_state.hpp"

#include <QElapsedTimer>
#include <QImage>
#include <QWidget>

namespace manyhands::app {

/// Drag moves what is seen, a click centres it; the arrow keys pan.
class OverviewStrip : public QWidget
{
    Q_OBJECT

public:
    explicit OverviewStrip(ViewState* view, QWidget* parent = nullptr);

    /// The recording must stay until the next call or clear().
    void showRun(const RunFacts& facts);
    void clear();

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    void draw();
    QRectF window() const;
    std::int64_t timeAt(double x) const;

    ViewState* m_view;
    RunFacts m_facts;
    QImage m_image;
    QSize m_drawnSize;
    const Theme* m_drawnTheme = nullptr;
    std::uint64_t m_drawnRevision = 0;
    std::int64_t m_drawnUntilNs = -1;
    std::int64_t m_drawnExtentNs = 0;
    QElapsedTimer m_sinceDrawn;
    std::int64_t m_grabNs = 0; ///< from the begin of what is seen to where it was grabbed
};

} // namespace manyhands::app
