// SPDX-License-Identifier: GPL-3.0-or-later
// What the processes of a run print, a line each, named by its process.
#pragma once

#include <QPlainTextEdit>

namespace manyhands {
class Recording;
}

namespace manyhands::app {

/// Grows with the recording; keeps the latest lines.
class OutputPane : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit OutputPane(QWidget* parent = nullptr);

    /// Adds what is new; begins anew where the recording has fewer lines than are shown.
    void showRun(const Recording& recording);
    void forget();
    std::size_t lines() const { return m_shown; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void takeFont();

    std::size_t m_shown = 0;
};

} // namespace manyhands::app
