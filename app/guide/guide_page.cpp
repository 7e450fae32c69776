// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages of the guide share: a column that scrolls, and ways to fill it.
#include "app/guide/guide_page.hpp"

#include "app/guide/lesson_text.hpp"
#include "app/guide/wrapped_button.hpp"
#include "app/views/theme.hpp"

#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Of a line: how it is meant.
constexpr const char* toneProperty = "tone";

} // namespace

GuidePage::GuidePage(const GuideContext& context, LessonStep step, QWidget* parent)
    : QScrollArea(parent)
    , m_context(context)
    , m_step(step)
    , m_body(new QWidget)
    , m_column(new QVBoxLayout(m_body))
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(titleOf(step));
    m_body->setBackgroundRole(QPalette::Base);
    m_column->setContentsMargins(8, 6, 8, 6);
    m_column->setSpacing(6);
    setWidget(m_body);
    m_body->setAutoFillBackground(true);
}

void GuidePage::focusFirst()
{
    for (QWidget* widget : m_body->findChildren<QWidget*>()) {
        if ((widget->focusPolicy() & Qt::TabFocus) && widget->isEnabled() && widget->isVisible()) {
            widget->setFocus(Qt::OtherFocusReason);
            return;
        }
    }
}

void GuidePage::clear()
{
    while (QLayoutItem* item = m_column->takeAt(0)) {
        // A button that was pressed is still at work.
        if (QWidget* widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

void GuidePage::colour(QLabel& label) const
{
    const Theme& theme = Theme::matching(palette());
    QColor colour = palette().color(QPalette::Text);
    switch (static_cast<Tone>(label.property(toneProperty).toInt())) {
    case Tone::secondary:
        colour = theme.secondaryText;
        break;
    case Tone::good:
        colour = theme.success;
        break;
    case Tone::bad:
        colour = theme.error;
        break;
    case Tone::warning:
        colour = theme.warning;
        break;
    case Tone::usual:
        break;
    }
    QPalette colours = label.palette();
    colours.setColor(QPalette::WindowText, colour);
    label.setPalette(colours);
}

QLabel* GuidePage::addLine(const QString& text, Tone tone)
{
    auto* label = new QLabel(text, m_body);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setMinimumWidth(1);
    // Upon the ground of a text it would be another.
    label->setForegroundRole(QPalette::WindowText);
    label->setProperty(toneProperty, static_cast<int>(tone));
    colour(*label);
    m_column->addWidget(label);
    return label;
}

QLabel* GuidePage::addHeading(const QString& text)
{
    QLabel* label = addLine(text);
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    return label;
}

LessonText* GuidePage::addPassages(const QString& markdown)
{
    auto* text = new LessonText(m_body);
    text->setAccessibleName(tr("Text of the lesson"));
    text->showMarkdown(markdown);
    connect(text, &LessonText::seeRequested, this, &GuidePage::seeRequested);
    // A link that Tab came to may stand below what is to be seen.
    connect(text, &QTextBrowser::highlighted, this, [this, text](const QUrl& link) {
        if (!link.isEmpty() && text->hasFocus()) {
            const QPoint place = text->mapTo(m_body, text->cursorRect().center());
            ensureVisible(place.x(), place.y(), 0, text->fontMetrics().lineSpacing() * 2);
        }
    });
    m_column->addWidget(text);
    return text;
}

WrappedButton* GuidePage::addButton(const QString& text)
{
    auto* button = new WrappedButton(text, m_body);
    m_column->addWidget(button);
    return button;
}

WrappedButton* GuidePage::addAttempt(const Attempt& attempt)
{
    WrappedButton* button = addButton(QStringLiteral("▶ ") + QString::fromStdString(attempt.label));
    const QString text = attemptText(context().lesson, attempt);
    button->setToolTip(text.toHtmlEscaped());
    button->setAccessibleDescription(text);
    connect(
        button, &QPushButton::clicked, this, [this, attempt] { emit attemptRequested(attempt); });
    return button;
}

void GuidePage::addNoRun(const QString& text)
{
    addLine(text);
    WrappedButton* button = addButton(tr("▶ Run  F5"));
    button->setAccessibleName(tr("Run this lesson"));
    connect(button, &QPushButton::clicked, this, &GuidePage::runRequested);
}

void GuidePage::addRest()
{
    m_column->addStretch(1);
    // At once, not with the next event: what is there may get the focus.
    for (int i = 0; i < m_column->count(); ++i) {
        if (QWidget* widget = m_column->itemAt(i)->widget())
            widget->show();
    }
    edgeFields();
}

void GuidePage::edgeFields() const
{
    QPalette edged = palette();
    // The style darkens it for the edge.
    edged.setColor(QPalette::Window, Theme::matching(palette()).secondaryText);
    for (QWidget* field : m_body->findChildren<QWidget*>()) {
        if (qobject_cast<QLineEdit*>(field) || qobject_cast<QPlainTextEdit*>(field))
            field->setPalette(edged);
    }
}

void GuidePage::changeEvent(QEvent* event)
{
    QScrollArea::changeEvent(event);
    if (event->type() != QEvent::PaletteChange)
        return;
    for (QLabel* label : m_body->findChildren<QLabel*>()) {
        if (label->property(toneProperty).isValid())
            colour(*label);
    }
    edgeFields();
}

QString attemptText(const LessonDescription& lesson, const Attempt& attempt)
{
    // With the names that stand over the fields, not those of the command line.
    const auto named = [&](const std::string& word) {
        const std::size_t sign = std::min(word.find('='), word.size());
        const ParameterDescription* parameter = lesson.parameter(word.substr(0, sign));
        return parameter
            ? GuidePage::tr("“%1”: %2")
                  .arg(QString::fromStdString(parameter->label),
                      QString::fromStdString(word.substr(std::min(sign + 1, word.size()))))
            : QString::fromStdString(word);
    };
    QStringList words;
    for (const std::string& word : attempt.words)
        words.append(named(word));
    const QString sets = words.join(QStringLiteral(", "));
    if (!attempt.sweep.empty()) {
        const QString sweep = named(attempt.sweep);
        return sets.isEmpty() ? GuidePage::tr("Measures for %1").arg(sweep)
                              : GuidePage::tr("Sets %1 and measures for %2").arg(sets, sweep);
    }
    return sets.isEmpty() ? GuidePage::tr("Runs again")
                          : GuidePage::tr("Sets %1 and runs").arg(sets);
}

} // namespace manyhands::app
