// SPDX-License-Identifier: GPL-3.0-or-later
// Exporting a figure: how it is to look, how it will look, where it goes, and the command line
// that does the same.
#include "app/window/export_dialog.hpp"

#include "app/views/chart.hpp"
#include "app/views/chart_factory.hpp"
#include "app/views/time_axis.hpp"
#include "app/window/export_form.hpp"
#include "app/window/export_place.hpp"
#include "app/window/figure_preview.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

/// After the last change; so nobody waits for a drawing while typing.
constexpr int previewAfterMs = 150;
/// Of the dialog's width, at the usual size of letters.
constexpr int usualLetters = 150;
/// Of a chart that is drawn for nothing but to see whether it has something to show.
constexpr QSize trialSize(480, 320);

} // namespace

ExportDialog::ExportDialog(std::function<ExportSource()> source, QWidget* parent)
    : QDialog(parent)
    , m_source(std::move(source))
    , m_form(new ExportForm(this))
    , m_preview(new FigurePreview(this))
    , m_place(new ExportPlace(this))
    , m_command(new QLineEdit(this))
    , m_commandNote(new QLabel(this))
    , m_copy(new QPushButton(tr("&Copy"), this))
    , m_said(new QLabel(this))
    , m_progress(new QProgressBar(this))
    , m_do(new QPushButton(tr("E&xport"), this))
    , m_cancel(new QPushButton(tr("Close"), this))
{
    setWindowTitle(tr("Export a figure – Manyhands"));
    make();
    connectParts();
    m_soon.setSingleShot(true);
    m_soon.setInterval(previewAfterMs);
    m_untilTried.setSingleShot(true);
    m_untilTried.setInterval(0);
}

ExportDialog::~ExportDialog() = default;

void ExportDialog::make()
{
    m_command->setAccessibleName(tr("Command line that does the same"));
    m_command->setReadOnly(true);
    m_copy->setAccessibleName(tr("Copy the command line"));
    m_said->setAccessibleName(tr("What came of the export"));
    m_progress->setAccessibleName(tr("Frames written"));
    for (QLabel* label : {m_said, m_commandNote}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->hide();
    }
    m_said->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress->setFormat(tr("frame %v of %m"));
    m_progress->hide();
    m_do->setDefault(true);
    m_cancel->setAutoDefault(false);
    m_copy->setAutoDefault(false);

    auto* upper = new QHBoxLayout;
    auto* left = new QVBoxLayout;
    left->addWidget(m_form);
    left->addStretch(1);
    upper->addLayout(left);
    upper->addWidget(m_preview, 1);
    const auto line = [](const QList<QWidget*>& parts) {
        auto* row = new QHBoxLayout;
        for (QWidget* part : parts)
            row->addWidget(part, qobject_cast<QLineEdit*>(part) ? 1 : 0);
        return row;
    };
    auto* lower = new QFormLayout;
    lower->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    lower->addRow(tr("&File"), m_place);
    lower->addRow(new QLabel(tr("Command"), this), line({m_command, m_copy}));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_progress, 1);
    buttons->addStretch(1);
    buttons->addWidget(m_do);
    buttons->addWidget(m_cancel);
    auto* column = new QVBoxLayout(this);
    column->addLayout(upper, 1);
    column->addLayout(lower);
    column->addWidget(m_commandNote);
    column->addWidget(m_said);
    column->addLayout(buttons);
    const int letter = fontMetrics().averageCharWidth();
    resize(usualLetters * letter, usualLetters * letter / 2);
}

void ExportDialog::connectParts()
{
    connect(m_form, &ExportForm::changed, this, &ExportDialog::changeSoon);
    connect(m_place, &ExportPlace::changed, this, &ExportDialog::changeSoon);
    connect(m_copy, &QPushButton::clicked, this,
        [this] { QApplication::clipboard()->setText(m_command->text()); });
    connect(m_do, &QPushButton::clicked, this, &ExportDialog::exportNow);
    connect(m_cancel, &QPushButton::clicked, this, &ExportDialog::reject);
    connect(m_preview, &FigurePreview::resized, this, [this] {
        if (isVisible())
            m_soon.start();
    });
    connect(&m_soon, &QTimer::timeout, this, &ExportDialog::preview);
    connect(&m_untilTried, &QTimer::timeout, this, &ExportDialog::tryNextView);
    connect(&m_export, &FigureExport::progressed, this, [this](int done, int of) {
        m_progress->setMaximum(of);
        m_progress->setValue(done);
        m_progress->show();
        m_cancel->setText(tr("Cancel"));
    });
    connect(&m_export, &FigureExport::written, this, [this](const QString& path) {
        m_last = m_doing;
        ended({});
        say({}, tr("✓ Written: %1").arg(QDir::toNativeSeparators(path)));
        emit written(path);
    });
    connect(&m_export, &FigureExport::failed, this, [this](const QString& problem) {
        ended(problem);
        emit failed(problem);
    });
    connect(&m_export, &FigureExport::cancelled, this,
        [this] { ended(tr("Given up: nothing was written")); });
}

void ExportDialog::openFor(const QString& view)
{
    if (!m_listed)
        listViews();
    m_form->setView(view);
    say({});
    seenChanged();
    show();
    raise();
    activateWindow();
    m_form->setFocus(Qt::OtherFocusReason);
}

void ExportDialog::showEvent(QShowEvent* event)
{
    QDialog::showEvent(event);
    changeSoon();
}

void ExportDialog::sourceChanged()
{
    m_listed = false;
    m_untried.clear();
    if (!isVisible())
        return;
    listViews();
    changeSoon();
}

void ExportDialog::seenChanged()
{
    m_form->setSeen(m_source().seen);
    if (isVisible())
        changeSoon();
}

void ExportDialog::listViews()
{
    const ExportSource source = m_source();
    if (!source.subject)
        return;
    m_listed = true;
    const LessonDescription& lesson = source.subject->run.description;
    QList<OfferedView> views;
    for (const QString& name : chartsOf(lesson))
        views.append({name, makeChart(name, lesson)->title()});
    m_form->setViews(views);
    m_untried = chartsOf(lesson);
    m_untilTried.start();
}

void ExportDialog::tryNextView()
{
    const ExportSource source = m_source();
    if (m_untried.isEmpty() || !source.subject)
        return;
    // One between other events: of a long run each takes its time.
    const QString name = m_untried.takeFirst();
    const FigureSubject& subject = *source.subject;
    const std::unique_ptr<Chart> chart = makeChart(name, subject.run.description);
    if (chart) {
        RunFacts facts = factsOf(subject.run);
        facts.points = subject.points;
        facts.swept = subject.swept;
        facts.predictions = subject.predictions;
        chart->showRun(facts);
        chart->picture(trialSize);
        m_form->setViewReason(name, chart->isEmpty() ? chart->emptyTitle() : QString());
    }
    if (!m_untried.isEmpty())
        m_untilTried.start();
}

void ExportDialog::changeSoon()
{
    if (!isVisible())
        return;
    if (const ExportSource source = m_source(); source.subject)
        m_place->propose(QString::fromStdString(source.subject->run.description.id)
            + QLatin1Char('-') + m_form->view());
    change();
    m_soon.start();
}

ExportOrder ExportDialog::order() const
{
    ExportOrder order;
    m_form->fill(order);
    order.path = m_place->path();
    order.frames = m_place->isFrames();
    return order;
}

QString ExportDialog::problemOf(const ExportOrder& order, const ExportSource& source) const
{
    if (!source.subject)
        return tr("There is no finished run: run the lesson (F5), or open one");
    if (order.path.isEmpty())
        return tr("Name a file to write");
    try {
        if (order.moving())
            checkMovingPicture(order.settings);
        else
            checkFigure(order.settings.figure);
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

void ExportDialog::change()
{
    const ExportSource source = m_source();
    QString problem;
    QStringList warnings;
    try {
        const ExportOrder wanted = order();
        problem = problemOf(wanted, source);
        warnings = warningsOf(wanted.settings.figure);
        if (problem.isEmpty()) {
            m_form->setFormat(wanted.moving());
            m_command->setText(commandOf(
                wanted, source.runFile.isEmpty() ? tr("RUN.manyhands.json") : source.runFile));
            m_command->setCursorPosition(0);
        }
    } catch (const Error& error) {
        problem = QString::fromUtf8(error.what());
    }
    m_commandNote->setText(tr("RUN.manyhands.json stands for this run, which is in no file yet: "
                              "save it (Ctrl+S) and put the file's name there"));
    m_commandNote->setVisible(problem.isEmpty() && source.runFile.isEmpty());
    m_copy->setEnabled(problem.isEmpty());
    m_do->setEnabled(problem.isEmpty() && !m_export.isBusy());
    m_do->setToolTip(problem);
    if (!m_export.isBusy())
        say(problem,
            warnings.isEmpty() ? QString() : tr("⚠ %1").arg(warnings.join(QLatin1Char(' '))));
}

QString ExportDialog::command() const
{
    return m_command->text();
}

QString ExportDialog::problem() const
{
    return m_do->isEnabled() || m_export.isBusy() ? QString() : m_said->text();
}

void ExportDialog::say(const QString& problem, const QString& done)
{
    m_said->setText(problem.isEmpty() ? done : tr("✕ %1").arg(problem));
    m_said->setVisible(!m_said->text().isEmpty());
}

void ExportDialog::preview()
{
    const ExportSource source = m_source();
    if (!source.subject) {
        m_preview->setNote(tr("There is no finished run."));
        return;
    }
    try {
        const ExportOrder wanted = order();
        const FigureSettings& settings = wanted.settings.figure;
        Figure figure(*source.subject, settings);
        const QSize whole = settings.pixels();
        const QSize size = m_preview->room(whole);
        QImage image(size,
            settings.transparent ? QImage::Format_ARGB32_Premultiplied : QImage::Format_RGB32);
        image.fill(settings.transparent ? Qt::transparent : Qt::white);
        QCPPainter painter(&image);
        figure.draw(painter, size, double(settings.dpi) * size.width() / whole.width());
        painter.end();
        m_preview->setPicture(image);
        m_preview->setAccessibleDescription(figure.summary());
        FigureSettings usual = settings;
        usual.title = QString();
        m_form->setUsualTitle(Figure(*source.subject, usual).title());
        if (figure.isEmpty() && m_do->isEnabled()) {
            m_do->setEnabled(false);
            say(figure.emptyReason());
        }
    } catch (const Error& error) {
        m_preview->setNote(tr("No preview: see below."));
        if (m_do->isEnabled()) {
            m_do->setEnabled(false);
            say(QString::fromUtf8(error.what()));
        }
    }
}

void ExportDialog::exportNow()
{
    change();
    if (!m_do->isEnabled())
        return;
    try {
        const ExportOrder wanted = order();
        checkOrder(wanted);
        if (wanted.wouldReplace())
            ask(wanted);
        else
            start(wanted);
    } catch (const Error& error) {
        say(QString::fromUtf8(error.what()));
    }
}

void ExportDialog::ask(const ExportOrder& order)
{
    auto* question = new QMessageBox(QMessageBox::Question, tr("Replace?"),
        tr("%1 is there already. Replace it?").arg(QDir::toNativeSeparators(order.path)),
        QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setTextFormat(Qt::PlainText);
    QPushButton* replace = question->addButton(tr("&Replace"), QMessageBox::AcceptRole);
    question->setDefaultButton(QMessageBox::Cancel);
    connect(replace, &QPushButton::clicked, this, [this, order] { start(order); });
    question->open();
}

void ExportDialog::start(const ExportOrder& order)
{
    ExportSource source = m_source();
    if (!source.subject || m_export.isBusy())
        return;
    m_doing = order;
    m_do->setEnabled(false);
    m_export.start(std::move(*source.subject), order);
}

void ExportDialog::ended(const QString& said)
{
    m_progress->hide();
    m_cancel->setText(tr("Close"));
    m_do->setEnabled(true);
    say(said);
}

QString ExportDialog::whyNotRepeat() const
{
    if (!m_last)
        return tr("Nothing was exported yet: Ctrl+E does");
    if (m_export.isBusy())
        return tr("A moving picture is being written");
    return {};
}

void ExportDialog::repeat()
{
    const ExportSource source = m_source();
    if (!whyNotRepeat().isEmpty() || !source.subject)
        return;
    // What was made before is kept: one wants to see it beside the new.
    ExportOrder again = m_last->underFreeName();
    if (again.seen) {
        FigureSettings& figure = again.settings.figure;
        figure.fromS.reset();
        figure.toS.reset();
        if (source.seen) {
            figure.fromS = secondsOf(source.seen->begin_ns);
            figure.toS = secondsOf(source.seen->end_ns);
        }
    }
    start(again);
}

void ExportDialog::reject()
{
    if (m_export.isBusy())
        m_export.cancel();
    else
        QDialog::reject();
}

QString ExportDialog::remembered() const
{
    return m_last ? textOf(*m_last) : QString();
}

void ExportDialog::setRemembered(const QString& text)
{
    m_last = exportOrderFrom(text);
    if (!m_last)
        return;
    m_form->setLooks(*m_last);
    m_place->setPath(m_last->path);
}

} // namespace manyhands::app
