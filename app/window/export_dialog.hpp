// SPDX-License-Identifier: GPL-3.0-or-later
// Exporting a figure: how it is to look, how it will look, where it goes, and the command line
// that does the same.
#pragma once

#include "app/window/figure_export.hpp"
#include "engine/recording/recording.hpp"

#include <QDialog>
#include <QTimer>

#include <functional>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace manyhands::app {

class ExportForm;
class ExportPlace;
class FigurePreview;

/// What a window has to export.
struct ExportSource
{
    std::optional<FigureSubject> subject; ///< nothing: no run has ended
    QString runFile; ///< the saved run; empty where it is in no file
    std::optional<Interval> seen; ///< part of its run time; nothing: all
};

/// Non-modal; the window and its charts go on beside it.
class ExportDialog : public QDialog
{
    Q_OBJECT

public:
    /// `source` is asked whenever something is drawn or written.
    ExportDialog(std::function<ExportSource()> source, QWidget* parent);
    ~ExportDialog() override;

    /// Opens for a chart, by its name.
    void openFor(const QString& view);
    /// The source has another run, or none.
    void sourceChanged();
    /// Something else of it is seen.
    void seenChanged();

    /// Does the last export again, for the present run and under a name that is free.
    void repeat();
    /// Why not; empty where it can be done.
    QString whyNotRepeat() const;

    /// What is remembered from one time to the next.
    QString remembered() const;
    void setRemembered(const QString& text);

    ExportOrder order() const;
    QString command() const;
    /// What keeps the figure from being exported, in one line; empty for nothing.
    QString problem() const;

signals:
    void written(const QString& path);
    void failed(const QString& problem);

public slots:
    void reject() override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void make();
    void connectParts();
    void listViews();
    void tryNextView();
    void changeSoon();
    void change();
    void preview();
    void exportNow();
    void ask(const ExportOrder& order);
    void start(const ExportOrder& order);
    void ended(const QString& said);
    void say(const QString& problem, const QString& done = {});
    QString problemOf(const ExportOrder& order, const ExportSource& source) const;

    std::function<ExportSource()> m_source;
    FigureExport m_export;
    ExportForm* m_form;
    FigurePreview* m_preview;
    ExportPlace* m_place;
    QLineEdit* m_command;
    QLabel* m_commandNote;
    QPushButton* m_copy;
    QLabel* m_said;
    QProgressBar* m_progress;
    QPushButton* m_do;
    QPushButton* m_cancel;
    QTimer m_soon; ///< until what was changed is drawn
    QTimer m_untilTried; ///< the next view that may have nothing to show
    QStringList m_untried;
    bool m_listed = false; ///< the views of the present run
    ExportOrder m_doing;
    std::optional<ExportOrder> m_last;
};

} // namespace manyhands::app
