// SPDX-License-Identifier: GPL-3.0-or-later
// Reports that a person saves from the window.
#pragma once

#include "app/figures/report_content.hpp"

#include <QObject>
#include <QString>

namespace manyhands::app {

class FileWorker;

/// A report before its figures are drawn.
struct ReportPlan
{
    std::vector<FigureMaker> makers;
    std::function<ReportContent(std::vector<ReportFigure>)> contentOf;
};

/// Draws a report's figures one at a time, so that the window answers in between, and has the file
/// written by the worker. One report at a time.
class ReportSaver : public QObject
{
    Q_OBJECT

public:
    /// Both must outlive it.
    ReportSaver(FileWorker& worker, QWidget* window);

    /// Asks for a file's name; `plan` is called once there is one. `name`: what is suggested.
    void ask(const QString& title, const QString& name, std::function<ReportPlan()> plan);
    /// Says failed() for a suffix that is none of a report's.
    void save(const ReportPlan& plan, const QString& path);
    bool isBusy() const { return !m_path.isEmpty(); }
    /// For the status line: "report.html: figure 2 of 9"; empty while nothing is drawn.
    QString progress() const;

signals:
    void failed(const QString& problem);
    void progressChanged();

private:
    void step();
    void finish();

    FileWorker& m_worker;
    QWidget* m_window;
    ReportPlan m_plan;
    std::vector<ReportFigure> m_figures;
    std::size_t m_next = 0;
    QString m_path; ///< empty while there is none
};

} // namespace manyhands::app
