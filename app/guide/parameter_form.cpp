// SPDX-License-Identifier: GPL-3.0-or-later
// The form of a lesson's parameters, made from its description.
#include "app/guide/parameter_form.hpp"

#include "app/guide/flow_layout.hpp"
#include "app/views/theme.hpp"
#include "engine/observe/session.hpp"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <functional>

namespace manyhands::app {
namespace {

/// Above so many workers for each usable CPU the form warns; it never refuses.
constexpr int workersPerCpuToWarn = 4;
constexpr int fieldCharacters = 14;
constexpr int buttonHeight = 28;

} // namespace

/// One parameter: label, input with its unit, and a line on what is allowed or wrong.
class ParameterForm::Field : public QWidget
{
public:
    Field(const ParameterDescription& parameter, int usableCpus, ParameterForm* form)
        : QWidget(form)
        , m_parameter(parameter)
        , m_usableCpus(usableCpus)
        , m_hint(new QLabel(this))
    {
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(1);
        auto* label = new QLabel(QString::fromStdString(parameter.label), this);
        label->setTextFormat(Qt::PlainText);
        column->addWidget(label);
        auto* row = new QHBoxLayout;
        row->setSpacing(4);
        column->addLayout(row);
        QWidget* input = nullptr;
        if (parameter.type == ParameterType::choice) {
            m_combo = new QComboBox(this);
            for (const std::string& choice : parameter.choices)
                m_combo->addItem(QString::fromStdString(choice));
            connect(m_combo, &QComboBox::currentTextChanged, form, [this, form] {
                check();
                emit form->changed();
            });
            input = m_combo;
        } else {
            m_edit = new QLineEdit(this);
            connect(m_edit, &QLineEdit::textChanged, form, [this, form] {
                check();
                emit form->changed();
            });
            input = m_edit;
        }
        input->setMinimumHeight(buttonHeight);
        input->setAccessibleName(parameter.workers ? ParameterForm::tr("Number of processes")
                                                   : QString::fromStdString(parameter.label));
        label->setBuddy(input);
        row->addWidget(input);
        if (!parameter.unit.empty()) {
            auto* unit = new QLabel(QString::fromStdString(parameter.unit), this);
            unit->setTextFormat(Qt::PlainText);
            row->addWidget(unit);
        }
        row->addStretch();
        m_hint->setTextFormat(Qt::PlainText);
        m_hint->setForegroundRole(QPalette::WindowText);
        column->addWidget(m_hint);
        m_explanation = QString::fromStdString(parameter.help);
        setFocusProxy(input);
        fitWidth();
        reset();
    }

    /// To as many letters as values have.
    void fitWidth()
    {
        focusProxy()->setFixedWidth(fontMetrics().averageCharWidth() * fieldCharacters + 20);
    }

    const ParameterDescription& parameter() const { return m_parameter; }
    const std::optional<ParameterValue>& value() const { return m_value; }
    QString problem() const { return m_problem; }
    QString hint() const { return m_hint->text(); }

    void reset() { setText(QString::fromStdString(to_text(m_parameter.default_value))); }

    void setText(const QString& text)
    {
        if (m_combo)
            m_combo->setCurrentText(text);
        else
            m_edit->setText(text);
        check();
    }

    /// Parses what stands in the field and says below it what came of that.
    void check()
    {
        const QString text = m_combo ? m_combo->currentText() : m_edit->text();
        m_value.reset();
        m_problem.clear();
        const QString allowed = QString::fromStdString(m_parameter.allowed());
        QString hint = m_combo ? QString() : allowed;
        if (!m_combo) {
            hint += ParameterForm::tr(", default %1")
                        .arg(QString::fromStdString(to_text(m_parameter.default_value)));
        }
        const Theme& theme = Theme::matching(palette());
        QColor colour = palette().color(QPalette::WindowText);
        try {
            m_value = m_parameter.parse(text.toStdString());
            if (crowded()) {
                hint = ParameterForm::tr("⚠ more than %1 × %2 usable CPUs")
                           .arg(workersPerCpuToWarn)
                           .arg(m_usableCpus);
                colour = theme.warning;
            }
        } catch (const Error& error) {
            m_problem = QString::fromStdString(error.what());
            hint = text.trimmed().isEmpty()
                ? ParameterForm::tr("✕ is missing; allowed: %1").arg(allowed)
                : ParameterForm::tr("✕ allowed: %1").arg(allowed);
            colour = theme.error;
        }
        m_hint->setText(hint);
        QPalette hintPalette = m_hint->palette();
        hintPalette.setColor(QPalette::WindowText, colour);
        m_hint->setPalette(hintPalette);
        if (m_edit) {
            m_edit->setStyleSheet(m_problem.isEmpty()
                    ? QString()
                    : QStringLiteral("QLineEdit { border: 2px solid %1; }")
                          .arg(theme.error.name()));
        }
        const QString explanation = m_problem.isEmpty() ? m_explanation : m_problem;
        QWidget* input = focusProxy();
        input->setToolTip(explanation);
        input->setAccessibleDescription(explanation + QLatin1Char(' ') + hint);
        m_hint->setToolTip(explanation);
    }

private:
    bool crowded() const
    {
        const auto* number = std::get_if<std::int64_t>(&*m_value);
        return m_parameter.workers && number && *number > workersPerCpuToWarn * m_usableCpus;
    }

    ParameterDescription m_parameter;
    int m_usableCpus;
    QComboBox* m_combo = nullptr;
    QLineEdit* m_edit = nullptr;
    QLabel* m_hint;
    QString m_explanation;
    QString m_problem;
    std::optional<ParameterValue> m_value;
};

ParameterForm::ParameterForm(QWidget* parent)
    : QWidget(parent)
    , m_layout(new FlowLayout(this))
    , m_more(new QToolButton(this))
    , m_moreSlot(besideFields(m_more))
{
    m_layout->setContentsMargins(4, 2, 4, 2);
    m_layout->setSpacing(10);
    m_more->setText(tr("More settings"));
    m_more->setCheckable(true);
    m_more->setMinimumHeight(buttonHeight);
    m_moreSlot->hide();
    connect(m_more, &QToolButton::toggled, this, &ParameterForm::showFolded);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ParameterForm::setLesson(const LessonDescription& lesson, int usableCpus)
{
    qDeleteAll(m_fields);
    m_fields.clear();
    m_parameters = lesson.parameters;
    while (m_layout->count() > 0)
        delete m_layout->takeAt(0);
    for (QWidget* widget : std::as_const(m_leading))
        m_layout->addWidget(widget);
    bool folded = false;
    for (const ParameterDescription& parameter : m_parameters) {
        m_fields.append(new Field(parameter, usableCpus, this));
        m_layout->addWidget(m_fields.last());
        folded = folded || parameter.folded;
    }
    m_layout->addWidget(m_moreSlot);
    m_moreSlot->setVisible(folded);
    for (QWidget* widget : std::as_const(m_trailing))
        m_layout->addWidget(widget);
    QWidget* previous = nullptr;
    for (QWidget* widget : std::as_const(m_fields)) {
        if (previous)
            setTabOrder(previous->focusProxy(), widget->focusProxy());
        previous = widget;
    }
    showFolded(m_more->isChecked());
    emit changed();
}

void ParameterForm::showFolded(bool shown)
{
    for (Field* field : std::as_const(m_fields))
        field->setVisible(shown || !field->parameter().folded);
    fitHeight();
}

void ParameterForm::setValues(const ParameterValues& values)
{
    for (const auto& [name, value] : values)
        setText(QString::fromStdString(name), QString::fromStdString(to_text(value)));
}

void ParameterForm::reset()
{
    for (Field* field : std::as_const(m_fields))
        field->reset();
}

void ParameterForm::setText(const QString& name, const QString& text)
{
    for (Field* field : std::as_const(m_fields)) {
        if (QString::fromStdString(field->parameter().name) == name)
            field->setText(text);
    }
}

std::optional<ParameterValues> ParameterForm::values() const
{
    ParameterValues values;
    for (const Field* field : m_fields) {
        if (!field->value())
            return std::nullopt;
        values[field->parameter().name] = *field->value();
    }
    return values;
}

QString ParameterForm::problem() const
{
    for (const Field* field : m_fields) {
        if (!field->problem().isEmpty())
            return field->problem();
    }
    return {};
}

const ParameterForm::Field* ParameterForm::field(const QString& name) const
{
    for (const Field* field : m_fields) {
        if (QString::fromStdString(field->parameter().name) == name)
            return field;
    }
    return nullptr;
}

QString ParameterForm::problemOf(const QString& name) const
{
    const Field* found = field(name);
    return found ? found->problem() : QString();
}

QString ParameterForm::hintOf(const QString& name) const
{
    const Field* found = field(name);
    return found ? found->hint() : QString();
}

QWidget* ParameterForm::besideFields(QWidget* widget)
{
    auto* slot = new QWidget(this);
    auto* row = new QHBoxLayout(slot);
    row->setContentsMargins(0, fontMetrics().height(), 0, 0);
    row->addWidget(widget, 0, Qt::AlignTop);
    return slot;
}

void ParameterForm::addLeading(QWidget* widget)
{
    m_leading.append(besideFields(widget));
    m_layout->addWidget(m_leading.last());
}

void ParameterForm::addTrailing(QWidget* widget)
{
    m_trailing.append(besideFields(widget));
    m_layout->addWidget(m_trailing.last());
}

QSize ParameterForm::sizeHint() const
{
    return QSize(m_layout->sizeHint().width(), m_layout->heightForWidth(width()));
}

QSize ParameterForm::minimumSizeHint() const
{
    return QSize(m_layout->minimumSize().width(), m_layout->heightForWidth(width()));
}

void ParameterForm::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitHeight();
}

void ParameterForm::fitHeight()
{
    const int height = m_layout->heightForWidth(width());
    if (height != minimumHeight() || height != maximumHeight())
        setFixedHeight(height);
}

void ParameterForm::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        // Once the fields have taken it on, too.
        QMetaObject::invokeMethod(
            this,
            [this] {
                for (Field* field : std::as_const(m_fields))
                    field->check();
            },
            Qt::QueuedConnection);
    } else if (event->type() == QEvent::FontChange && m_layout) {
        for (Field* field : std::as_const(m_fields))
            field->fitWidth();
        // Once the fonts of the fields have changed, too.
        QMetaObject::invokeMethod(this, &ParameterForm::fitHeight, Qt::QueuedConnection);
    }
}

} // namespace manyhands::app
