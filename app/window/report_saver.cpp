// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/report_saver.hpp"

#include "app/figures/report_file.hpp"
#include "app/window/file_worker.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QFileDialog>
#include <QFileInfo>
#include <QTimer>

#include <utility>

namespace manyhands::app {

ReportSaver::ReportSaver(FileWorker& worker, QWidget* window)
    : QObject(window)
    , m_worker(worker)
    , m_window(window)
{
}

void ReportSaver::ask(const QString& title, const QString& name, std::function<ReportPlan()> plan)
{
    const QString pages = tr("Web page (*.html)");
    const QString paper = tr("PDF (*.pdf)");
    auto* dialog = new QFileDialog(m_window, title, {}, pages + QStringLiteral(";;") + paper);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("html"));
    dialog->selectFile(name);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog, paper](const QString& filter) {
        dialog->setDefaultSuffix(filter == paper ? QStringLiteral("pdf") : QStringLiteral("html"));
    });
    connect(dialog, &QFileDialog::fileSelected, this,
        [this, plan = std::move(plan)](const QString& path) { save(plan(), path); });
    dialog->open();
}

void ReportSaver::save(const ReportPlan& plan, const QString& path)
{
    if (isBusy())
        return;
    try {
        reportFormatOf(path.toStdString());
    } catch (const Error& error) {
        emit failed(QString::fromUtf8(error.what()));
        return;
    }
    m_plan = plan;
    m_figures.clear();
    m_next = 0;
    m_path = path;
    emit progressChanged();
    QTimer::singleShot(0, this, &ReportSaver::step);
}

QString ReportSaver::progress() const
{
    if (!isBusy())
        return {};
    return tr("%1: figure %2 of %3")
        .arg(QFileInfo(m_path).fileName())
        .arg(std::min(m_next + 1, m_plan.makers.size()))
        .arg(m_plan.makers.size());
}

void ReportSaver::step()
{
    if (m_next == m_plan.makers.size()) {
        finish();
        return;
    }
    if (std::optional<ReportFigure> figure = m_plan.makers[m_next]())
        m_figures.push_back(std::move(*figure));
    ++m_next;
    emit progressChanged();
    QTimer::singleShot(0, this, &ReportSaver::step);
}

void ReportSaver::finish()
{
    const QString path = std::exchange(m_path, {});
    const ReportPlan plan = std::exchange(m_plan, {});
    m_worker.write(
        encoded(plan.contentOf(std::exchange(m_figures, {})), reportFormatOf(path.toStdString())),
        path);
    emit progressChanged();
}

} // namespace manyhands::app
