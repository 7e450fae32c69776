// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/watch_dialog.hpp"

#include "engine/observe/lesson_program.hpp"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace manyhands::app {
namespace {

constexpr int usualWidth = 560;

} // namespace

WatchDialog::WatchDialog(QWidget* parent)
    : QDialog(parent)
    , m_line(new QLineEdit(this))
    , m_problem(new QLabel(this))
{
    setWindowTitle(tr("Watch a program – Manyhands"));
    auto* label = new QLabel(tr("&Program and its arguments"), this);
    label->setBuddy(m_line);
    m_line->setPlaceholderText(tr("python3 script.py"));
    m_line->setAccessibleName(tr("Program and its arguments"));
    m_line->setClearButtonEnabled(true);
    auto* hint = new QLabel(tr("It runs at once, in the folder that Manyhands was started in, and "
                               "reads nothing. Words are split as in a shell, but none is run: "
                               "for a pipeline, name one, as in sh -c 'seq 9 | sort'."),
        this);
    hint->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setAccessibleName(tr("What is wrong with it"));
    m_problem->hide();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    QPushButton* watch = buttons->addButton(tr("&Watch"), QDialogButtonBox::AcceptRole);
    watch->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &WatchDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &WatchDialog::reject);
    connect(m_line, &QLineEdit::textEdited, m_problem, &QLabel::hide);

    auto* column = new QVBoxLayout(this);
    column->addWidget(label);
    column->addWidget(m_line);
    column->addWidget(hint);
    column->addWidget(m_problem);
    column->addStretch();
    column->addWidget(buttons);
    resize(usualWidth, sizeHint().height());
}

void WatchDialog::setLine(const QString& line)
{
    m_line->setText(line);
    m_line->selectAll();
}

void WatchDialog::accept()
{
    if (m_line->text().trimmed().isEmpty())
        return say(tr("Nothing is named: type a program and its arguments, as in python3 script.py"));
    try {
        const WatchedCommand command = find_command(words_of(m_line->text().toStdString()));
        QDialog::accept();
        emit chosen(command);
    } catch (const Error& error) {
        say(QString::fromUtf8(error.what()));
    }
}

void WatchDialog::say(const QString& problem)
{
    m_problem->setText(tr("✕ %1").arg(problem));
    m_problem->show();
    m_line->setFocus();
}

} // namespace manyhands::app
