// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all runs that are kept: searched, opened, named, pinned, noted, removed, compared.
#include "app/history/history_pane.hpp"

#include "app/history/history_editor.hpp"
#include "app/history/history_words.hpp"
#include "engine/observe/comparison.hpp"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

constexpr int refreshDelayMs = 20;
constexpr int idRole = Qt::UserRole;
constexpr int leastButton = 24;
constexpr int margin = 4;

QToolButton* textButton(const QString& text, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setMinimumSize(leastButton, leastButton);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

QLabel* plainLabel(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

} // namespace

HistoryPane::HistoryPane(RunHistory& history, QWidget* parent)
    : QWidget(parent)
    , m_history(history)
    , m_search(new QLineEdit(this))
    , m_more(textButton(QStringLiteral("⋯"), this))
    , m_pages(new QStackedWidget(this))
    , m_emptyPage(new QWidget(this))
    , m_empty(plainLabel(m_emptyPage))
    , m_showAll(textButton(tr("Show all runs"), m_emptyPage))
    , m_list(new QListWidget(this))
    , m_editor(new HistoryEditor(this))
    , m_strayRow(new QWidget(this))
    , m_strayLabel(plainLabel(m_strayRow))
    , m_sum(plainLabel(this))
    , m_compareButton(new QToolButton(this))
    , m_menu(new QMenu(this))
{
    m_search->setPlaceholderText(tr("Search runs"));
    m_search->setAccessibleName(tr("Search the run history"));
    m_search->setToolTip(tr("Words in the lesson, name, note, parameters or marks of a run"));
    m_search->setClearButtonEnabled(true);
    m_more->setAccessibleName(tr("Actions of the run history"));
    m_more->setToolTip(tr("What can be done with the selected runs"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(m_menu);
    m_list->setAccessibleName(tr("Run history"));
    m_list->setAccessibleDescription(
        tr("Enter opens a run, F2 names it, P pins it, N notes on it, Delete removes it"));
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setItemDelegate(m_editor);
    m_list->setWordWrap(true);
    m_list->setResizeMode(QListView::Adjust); // a narrower list needs more lines
    m_list->setAlternatingRowColors(true);
    m_list->setTextElideMode(Qt::ElideNone);
    m_list->setSpacing(2);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_emptyPage->setBackgroundRole(QPalette::Base);
    m_emptyPage->setAutoFillBackground(true);
    auto* empty = new QVBoxLayout(m_emptyPage);
    empty->addWidget(m_empty);
    empty->addWidget(m_showAll, 0, Qt::AlignLeft);
    empty->addStretch(1);
    m_pages->addWidget(m_emptyPage);
    m_pages->addWidget(m_list);
    auto* takeIn = textButton(tr("Take in"), m_strayRow);
    takeIn->setToolTip(tr("Read these files and list their runs"));
    auto* strays = new QHBoxLayout(m_strayRow);
    strays->setContentsMargins(margin, 0, margin, 0);
    strays->addWidget(m_strayLabel, 1);
    strays->addWidget(takeIn);
    m_strayRow->hide();
    m_sum->setAccessibleName(tr("Size of the run history"));
    m_compareButton->setMinimumSize(leastButton, leastButton);
    m_compareButton->setFocusPolicy(Qt::StrongFocus);

    auto* top = new QHBoxLayout;
    top->setContentsMargins(margin, margin, margin, 0);
    top->setSpacing(margin);
    top->addWidget(m_search, 1);
    top->addWidget(m_more);
    auto* bottom = new QHBoxLayout;
    bottom->setContentsMargins(margin, 0, margin, margin);
    bottom->addWidget(m_sum, 1);
    bottom->addWidget(m_compareButton);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(margin);
    column->addLayout(top);
    column->addWidget(m_pages, 1);
    column->addWidget(m_strayRow);
    column->addLayout(bottom);

    makeActions();
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(refreshDelayMs);
    connect(&m_refresh, &QTimer::timeout, this, &HistoryPane::refresh);
    connect(&m_history, &RunHistory::changed, this, [this] { m_refresh.start(); });
    connect(m_search, &QLineEdit::textChanged, this, &HistoryPane::showRuns);
    connect(m_showAll, &QToolButton::clicked, m_search, &QLineEdit::clear);
    connect(m_list, &QListWidget::itemActivated, this, &HistoryPane::openItem);
    connect(m_list, &QListWidget::itemSelectionChanged, this, &HistoryPane::updateActions);
    connect(m_list, &QListWidget::currentRowChanged, this, &HistoryPane::updateActions);
    connect(takeIn, &QToolButton::clicked, this, [this] { emit takeInRequested(m_strays); });
    connect(m_editor, &HistoryEditor::edited, this,
        [this](const QModelIndex& index, HistoryEditor::Field field, const QString& text) {
            const qint64 id = index.data(idRole).toLongLong();
            if (field == HistoryEditor::Field::name)
                m_history.rename(id, text);
            else
                m_history.setNote(id, text);
        });
    // What has changed meanwhile waits for it.
    connect(m_editor, &HistoryEditor::closed, this, [this] { m_refresh.start(); });
    m_refresh.start();
}

QAction* HistoryPane::addRunAction(const QString& text, const QString& description,
    const QKeySequence& key, void (HistoryPane::*what)())
{
    auto* action = new QAction(text, this);
    action->setToolTip(description);
    action->setShortcut(key);
    // Single letters act in the list only.
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, what);
    m_list->addAction(action);
    m_menu->addAction(action);
    return action;
}

void HistoryPane::makeActions()
{
    m_menu->setToolTipsVisible(true);
    m_open = addRunAction(tr("&Open"), tr("Show this run"), {}, &HistoryPane::openCurrent);
    m_compare = addRunAction(tr("&Compare"), tr("Show the selected runs side by side"),
        QKeySequence(Qt::Key_C), &HistoryPane::compareSelected);
    m_rename = addRunAction(tr("&Name…"), tr("Give this run a name"), QKeySequence(Qt::Key_F2),
        &HistoryPane::renameCurrent);
    m_note = addRunAction(tr("No&te…"), tr("Write something on this run"), QKeySequence(Qt::Key_N),
        &HistoryPane::noteCurrent);
    m_pin = addRunAction(tr("&Pin"), tr("Keep these runs on top, and when the history is full"),
        QKeySequence(Qt::Key_P), &HistoryPane::pinSelected);
    m_pin->setCheckable(true);
    m_remove = addRunAction(tr("&Delete"), tr("Remove these runs; Ctrl+Z brings them back"),
        QKeySequence(QKeySequence::Delete), &HistoryPane::removeSelected);
    m_menu->addSeparator();
    m_clear = new QAction(tr("Clear &all history…"), this);
    connect(m_clear, &QAction::triggered, this, &HistoryPane::askToClear);
    m_menu->addAction(m_clear);
    m_compareButton->setDefaultAction(m_compare);
    m_compareButton->setAccessibleName(tr("Compare the selected runs"));
}

bool HistoryPane::event(QEvent* event)
{
    // Another window may have done something while this one was away.
    if (m_begun && (event->type() == QEvent::WindowActivate || event->type() == QEvent::Show))
        m_history.lookForChanges();
    return QWidget::event(event);
}

void HistoryPane::refresh()
{
    if (m_editor->isOpen())
        return;
    if (!std::exchange(m_begun, true))
        m_history.tidy();
    m_runs = m_history.runs();
    showRuns();
    showStrays();
}

void HistoryPane::showRuns()
{
    // Who reads the list goes on where they were.
    const qint64 current
        = m_list->currentItem() ? m_list->currentItem()->data(idRole).toLongLong() : 0;
    const int row = m_list->currentRow();
    const QList<qint64> selected = selectedIds();
    const QStringList words
        = m_search->text().split(QLatin1Char(' '), Qt::SkipEmptyParts, Qt::CaseInsensitive);
    {
        const QSignalBlocker quiet(m_list);
        m_list->clear();
        for (const HistoryRun& run : std::as_const(m_runs)) {
            if (!matches(run, words))
                continue;
            const QStringList lines = linesOf(run);
            auto* item = new QListWidgetItem(lines.join(QLatin1Char('\n')), m_list);
            item->setFlags(item->flags() | Qt::ItemIsEditable);
            item->setData(Qt::AccessibleTextRole, lines.join(tr(", ")));
            item->setData(idRole, run.run.id);
            item->setToolTip(toolTipOf(run));
            if (run.run.id == current)
                m_list->setCurrentItem(item, QItemSelectionModel::NoUpdate);
            item->setSelected(selected.contains(run.run.id));
        }
        // Where the current one is gone, the one that has its place.
        if (!m_list->currentItem() && row >= 0 && m_list->count() > 0)
            m_list->setCurrentRow(std::min(row, m_list->count() - 1));
    }
    const bool searching = !words.isEmpty();
    m_showAll->setVisible(searching);
    m_empty->setText(searching && !m_runs.isEmpty()
            ? tr("No run has these words in its lesson, name, note, parameters or marks.")
            : tr("No run yet.\n\nRun the lesson (F5): every run is kept here, stopped ones too, "
                 "and can be opened again."));
    m_pages->setCurrentWidget(m_list->count() == 0 ? m_emptyPage : m_list);
    qint64 bytes = 0;
    for (const HistoryRun& run : std::as_const(m_runs))
        bytes += run.bytes;
    m_sum->setText(searching ? tr("%1 of %2").arg(m_list->count()).arg(runsText(m_runs.size()))
                             : tr("%1 · %2").arg(runsText(m_runs.size()), fileSizeText(bytes)));
    m_sum->setVisible(!m_runs.isEmpty());
    updateActions();
}

void HistoryPane::showStrays()
{
    m_strays = m_history.strays();
    m_strayLabel->setText(m_strays.size() == 1
            ? tr("1 more run stands in the folder of the history.")
            : tr("%1 more runs stand in the folder of the history.").arg(m_strays.size()));
    m_strayLabel->setToolTip(m_strays.join(QLatin1Char('\n')));
    m_strayRow->setVisible(!m_strays.isEmpty());
}

const HistoryRun* HistoryPane::runOf(const QListWidgetItem* item) const
{
    if (!item)
        return nullptr;
    const auto found = std::find_if(m_runs.begin(), m_runs.end(),
        [&](const HistoryRun& run) { return run.run.id == item->data(idRole).toLongLong(); });
    return found == m_runs.end() ? nullptr : &*found;
}

const HistoryRun* HistoryPane::currentRun() const
{
    return runOf(m_list->currentItem());
}

QList<const HistoryRun*> HistoryPane::selectedRuns() const
{
    QList<const HistoryRun*> runs;
    for (int row = 0; row < m_list->count(); ++row) {
        const QListWidgetItem* item = m_list->item(row);
        if (const HistoryRun* run = item->isSelected() ? runOf(item) : nullptr)
            runs.append(run);
    }
    return runs;
}

QList<qint64> HistoryPane::selectedIds() const
{
    QList<qint64> ids;
    for (const QListWidgetItem* item : m_list->selectedItems())
        ids.append(item->data(idRole).toLongLong());
    return ids;
}

void HistoryPane::updateActions()
{
    const QList<const HistoryRun*> selected = selectedRuns();
    const bool one = currentRun() != nullptr;
    m_open->setEnabled(one);
    m_rename->setEnabled(one);
    m_note->setEnabled(one);
    m_pin->setEnabled(!selected.isEmpty());
    m_pin->setChecked(!selected.isEmpty()
        && std::all_of(selected.begin(), selected.end(),
            [](const HistoryRun* run) { return run->run.pinned; }));
    m_remove->setEnabled(!selected.isEmpty());
    m_clear->setEnabled(!m_runs.isEmpty());
    const auto count = static_cast<std::size_t>(selected.size());
    const bool comparable = count >= fewest_compared && count <= most_compared;
    m_compare->setEnabled(comparable);
    m_compare->setToolTip(comparable
            ? tr("Show the selected runs side by side (C)")
            : tr("Select %1 to %2 runs (Ctrl+click, or Shift and the arrows) to compare them")
                  .arg(fewest_compared)
                  .arg(most_compared));
    m_compareButton->setVisible(count >= fewest_compared);
}

void HistoryPane::openItem(const QListWidgetItem* item)
{
    const HistoryRun* run = runOf(item);
    if (!run)
        return;
    if (const QString problem = whyNotOpened(*run); !problem.isEmpty())
        emit failed(problem);
    else
        emit openRequested(run->run.file);
}

void HistoryPane::openCurrent()
{
    openItem(m_list->currentItem());
}

void HistoryPane::renameCurrent()
{
    if (const HistoryRun* run = currentRun()) {
        m_editor->begin(HistoryEditor::Field::name, run->run.name);
        m_list->editItem(m_list->currentItem());
    }
}

void HistoryPane::noteCurrent()
{
    if (const HistoryRun* run = currentRun()) {
        m_editor->begin(HistoryEditor::Field::note, run->note);
        m_list->editItem(m_list->currentItem());
    }
}

void HistoryPane::pinSelected()
{
    const QList<const HistoryRun*> selected = selectedRuns();
    const bool allPinned = std::all_of(
        selected.begin(), selected.end(), [](const HistoryRun* run) { return run->run.pinned; });
    if (!selected.isEmpty())
        m_history.setPinned(selectedIds(), !allPinned);
}

void HistoryPane::removeSelected()
{
    const QList<qint64> ids = selectedIds();
    if (!ids.isEmpty())
        m_history.remove(ids);
}

void HistoryPane::compareSelected()
{
    QStringList files;
    for (const HistoryRun* run : selectedRuns()) {
        if (const QString problem = whyNotOpened(*run); !problem.isEmpty()) {
            emit failed(problem);
            return;
        }
        files.append(run->run.file);
    }
    emit compareRequested(files);
}

void HistoryPane::askToClear()
{
    auto* box = new QMessageBox(QMessageBox::Question, tr("Clear all history"),
        tr("Remove all %1, pinned ones too?").arg(runsText(m_runs.size())), QMessageBox::Cancel,
        window());
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("Their files are deleted at once, and cannot be brought back. Your "
                               "predictions, answers and notes stay."));
    box->setDefaultButton(QMessageBox::Cancel);
    const QPushButton* clear = box->addButton(tr("Remove all"), QMessageBox::DestructiveRole);
    connect(clear, &QPushButton::clicked, this, [this] { m_history.clear(); });
    box->open();
}

} // namespace manyhands::app
