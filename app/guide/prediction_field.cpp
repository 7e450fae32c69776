// SPDX-License-Identifier: GPL-3.0-or-later
// One question to answer before the run, and how sure one is of the answer.
#include "app/guide/prediction_field.hpp"

#include "app/guide/flow_layout.hpp"
#include "app/guide/guide_words.hpp"
#include "app/guide/wrapped_button.hpp"
#include "app/views/theme.hpp"

#include <QButtonGroup>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace manyhands::app {
namespace {

constexpr int scaleSteps = 1000;
constexpr int fieldLetters = 14;

/// Three digits that count: a scale is no finer.
double rounded(double value)
{
    if (value == 0)
        return 0;
    const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2);
    return std::round(value / unit) * unit;
}

QLabel* plainLabel(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setMinimumWidth(1);
    // Upon the ground of a text it would be another.
    label->setForegroundRole(QPalette::WindowText);
    return label;
}

} // namespace

PredictionField::PredictionField(PredictionDescription description, QWidget* parent)
    : QWidget(parent)
    , m_description(std::move(description))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 8);
    column->setSpacing(4);
    const QString words = QString::fromStdString(m_description.question);
    setAccessibleName(words);
    QLabel* question = plainLabel(words, this);
    QFont bold = font();
    bold.setBold(true);
    question->setFont(bold);
    column->addWidget(question);
    if (m_description.kind == PredictionKind::choice)
        addChoices(column);
    else
        addScale(column);
    addConfidence(column);
}

void PredictionField::addChoices(QVBoxLayout* column)
{
    m_choices = new QButtonGroup(this);
    int number = 0;
    for (const PredictionChoice& choice : m_description.choices) {
        auto* button = new WrappedRadio(QString::fromStdString(choice.label), this);
        button->setAccessibleDescription(accessibleName());
        m_choices->addButton(button, number++);
        column->addWidget(button);
    }
    connect(m_choices, &QButtonGroup::idToggled, this, [this](int, bool on) {
        if (on)
            emit changed();
    });
}

void PredictionField::addScale(QVBoxLayout* column)
{
    auto* row = new QHBoxLayout;
    m_edit = new QLineEdit(this);
    m_edit->setAccessibleName(accessibleName());
    m_edit->setMinimumHeight(28);
    m_edit->setMaximumWidth(fontMetrics().averageCharWidth() * fieldLetters + 20);
    row->addWidget(m_edit, 1);
    if (!m_description.unit.empty())
        row->addWidget(plainLabel(QString::fromStdString(m_description.unit), this));
    row->addStretch(1);
    column->addLayout(row);
    m_slider = new QSlider(Qt::Horizontal, this);
    // Who scrolls the page over it does not mean to predict.
    m_slider->installEventFilter(this);
    m_slider->setRange(0, scaleSteps);
    m_slider->setPageStep(scaleSteps / 10);
    m_slider->setSingleStep(scaleSteps / 100);
    m_slider->setMinimumHeight(24);
    m_slider->setAccessibleName(tr("Scale: %1").arg(accessibleName()));
    column->addWidget(m_slider);
    m_hint = plainLabel({}, this);
    column->addWidget(m_hint);
    if (m_description.kind == PredictionKind::point) {
        column->addWidget(plainLabel(
            tr("The same point can be dragged on the chart that the run will fill."), this));
    }
    hint();
    connect(m_edit, &QLineEdit::textEdited, this, &PredictionField::typed);
    connect(m_slider, &QSlider::valueChanged, this, &PredictionField::slid);
}

void PredictionField::addConfidence(QVBoxLayout* column)
{
    auto* row = new QWidget(this);
    auto* flow = new FlowLayout(row);
    flow->setContentsMargins(0, 0, 0, 0);
    flow->setSpacing(8);
    m_confidence = new QButtonGroup(this);
    for (const Confidence one :
        {Confidence::guessing, Confidence::fairly_sure, Confidence::certain}) {
        auto* button = new WrappedRadio(confidenceText(one), row);
        button->setAccessibleDescription(tr("How sure: %1").arg(accessibleName()));
        button->setChecked(one == Confidence::guessing);
        m_confidence->addButton(button, static_cast<int>(one));
        flow->addWidget(button);
    }
    column->addWidget(row);
    connect(m_confidence, &QButtonGroup::idToggled, this, [this](int, bool on) {
        if (on && prediction())
            emit changed();
    });
}

double PredictionField::valueAt(int place) const
{
    const double share = static_cast<double>(place) / scaleSteps;
    const double low = m_description.minimum;
    const double high = m_description.maximum;
    const double value = m_description.logarithmic && low > 0 ? low * std::pow(high / low, share)
                                                              : low + (high - low) * share;
    return std::clamp(rounded(value), low, high);
}

int PredictionField::placeOf(double value) const
{
    const double low = m_description.minimum;
    const double high = m_description.maximum;
    if (!(high > low))
        return 0;
    const double share = m_description.logarithmic && low > 0
        ? std::log(value / low) / std::log(high / low)
        : (value - low) / (high - low);
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * scaleSteps));
}

QString PredictionField::textOf(double value) const
{
    constexpr int digits = 12;
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator);
    return locale.toString(value, 'g', digits);
}

QString PredictionField::allowed() const
{
    return tr("%1 to %2").arg(roundedText(m_description.minimum), roundedText(m_description.maximum));
}

void PredictionField::hint()
{
    m_hint->setText(m_problem.isEmpty() ? allowed() : m_problem);
    QPalette colours = palette();
    const Theme& theme = Theme::matching(palette());
    colours.setColor(QPalette::WindowText, m_problem.isEmpty() ? theme.secondaryText : theme.error);
    m_hint->setPalette(colours);
    m_edit->setAccessibleDescription(m_hint->text());
}

void PredictionField::typed()
{
    m_value = numberFrom(m_edit->text());
    if (m_value && (*m_value < m_description.minimum || *m_value > m_description.maximum))
        m_value.reset();
    const bool bad = !m_value && !m_edit->text().trimmed().isEmpty();
    m_problem = bad ? tr("✕ A number from %1").arg(allowed()) : QString();
    hint();
    if (m_value) {
        const QSignalBlocker quiet(m_slider);
        m_slider->setValue(placeOf(*m_value));
    }
    emit changed();
}

bool PredictionField::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_slider && event->type() == QEvent::Wheel) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void PredictionField::slid(int place)
{
    m_value = valueAt(place);
    m_edit->setText(textOf(*m_value));
    m_problem.clear();
    hint();
    emit changed();
}

std::optional<Prediction> PredictionField::prediction() const
{
    Prediction made;
    made.name = m_description.name;
    made.confidence = static_cast<Confidence>(m_confidence->checkedId());
    if (m_choices) {
        if (m_choices->checkedId() < 0)
            return std::nullopt;
        made.choice = static_cast<std::size_t>(m_choices->checkedId());
    } else {
        if (!m_value)
            return std::nullopt;
        made.value = m_value;
    }
    return made;
}

void PredictionField::setPrediction(const Prediction& prediction)
{
    const QSignalBlocker quiet(this);
    if (QAbstractButton* sure = m_confidence->button(static_cast<int>(prediction.confidence)))
        sure->setChecked(true);
    if (m_choices && prediction.choice) {
        if (QAbstractButton* choice = m_choices->button(static_cast<int>(*prediction.choice)))
            choice->setChecked(true);
    } else if (m_edit && prediction.value) {
        const QSignalBlocker quietSlider(m_slider);
        m_value = prediction.value;
        m_edit->setText(textOf(*m_value));
        m_slider->setValue(placeOf(*m_value));
        m_problem.clear();
        hint();
    }
}

void PredictionField::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_hint)
        hint();
}

} // namespace manyhands::app
