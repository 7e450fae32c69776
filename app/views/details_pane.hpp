// SPDX-License-Identifier: GPL-3.0-or-later
// The details of whatever is selected: one plain sentence, a table, and the way to what has to do
// with it.
#pragma once

#include "app/views/run_facts.hpp"
#include "app/views/view_state.hpp"

#include <QWidget>

class QLabel;
class QTableWidget;
class QVBoxLayout;

namespace manyhands::app {

class DetailsPane : public QWidget
{
    Q_OBJECT

public:
    explicit DetailsPane(ViewState* view, QWidget* parent = nullptr);

    /// The run that the selection is one of; it must stay until the next call.
    void showRun(const RunFacts& facts);
    void clear();

protected:
    void showEvent(QShowEvent* event) override;

private:
    /// Now, or when the pane is seen next: finding messages goes through all of the run.
    void selectionChanged();
    void showSelection();
    void showLinks(const QList<std::pair<QString, Target>>& links);

    ViewState* m_view;
    RunFacts m_facts;
    QLabel* m_title;
    QLabel* m_sentence;
    QTableWidget* m_table;
    QVBoxLayout* m_links;
    bool m_stale = false;
};

} // namespace manyhands::app
