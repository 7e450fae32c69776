// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of the export dialog that say how a figure is to look.
#include "app/window/export_form.hpp"

#include "app/views/time_axis.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QIntValidator>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QStandardItemModel>

#include <cmath>

namespace manyhands::app {
namespace {

constexpr double mostSide = 20'000;
constexpr int millimetreDecimals = 1;
enum IntervalRow { all, seen, fromTo };

/// An empty field: no bound.
std::optional<double> boundIn(const QLineEdit& field)
{
    const QString text = field.text().trimmed();
    if (text.isEmpty())
        return std::nullopt;
    bool understood = false;
    // As it is written on the command line; and as the person's own numbers are.
    double value = QLocale::c().toDouble(text, &understood);
    if (!understood)
        value = QLocale().toDouble(text, &understood);
    if (!understood || !std::isfinite(value))
        throw BadValue({.object = "the interval",
            .problem = "is not understood",
            .value = shown(text.toStdString()),
            .limit = "seconds, such as 0.25"});
    return value;
}

QString presetText(const FigurePreset& preset)
{
    const QString unit = preset.size.unit == FigureSize::Unit::millimetres ? QStringLiteral("mm")
                                                                           : QStringLiteral("px");
    const QString size
        = QStringLiteral("%1 × %2 %3").arg(preset.size.width).arg(preset.size.height).arg(unit);
    const QString name = QLatin1String(preset.name);
    if (name == QLatin1String("one column"))
        return ExportForm::tr("One column, %1").arg(size);
    if (name == QLatin1String("two columns"))
        return ExportForm::tr("Two columns, %1").arg(size);
    return ExportForm::tr("Slide, %1").arg(size);
}

} // namespace

ExportForm::ExportForm(QWidget* parent)
    : QWidget(parent)
    , m_view(new QComboBox(this))
    , m_preset(new QComboBox(this))
    , m_width(new QDoubleSpinBox(this))
    , m_height(new QDoubleSpinBox(this))
    , m_unit(new QComboBox(this))
    , m_dpi(new QComboBox(this))
    , m_theme(new QComboBox(this))
    , m_font(new QDoubleSpinBox(this))
    , m_interval(new QComboBox(this))
    , m_from(new QLineEdit(this))
    , m_to(new QLineEdit(this))
    , m_lanes(new QLineEdit(this))
    , m_titled(new QCheckBox(tr("Titl&e"), this))
    , m_title(new QLineEdit(this))
    , m_caption(new QCheckBox(tr("Captio&n"), this))
    , m_transparent(new QCheckBox(tr("T&ransparent"), this))
    , m_data(new QCheckBox(tr("&Data beside it (CSV)"), this))
    , m_seconds(new QDoubleSpinBox(this))
    , m_fps(new QSpinBox(this))
{
    make();
    connectFields();
    setLooks({});
    arrangeFields();
}

void ExportForm::make()
{
    setFocusProxy(m_view);
    m_view->setAccessibleName(tr("View"));
    m_preset->setAccessibleName(tr("Size"));
    m_width->setAccessibleName(tr("Width"));
    m_height->setAccessibleName(tr("Height"));
    m_unit->setAccessibleName(tr("Unit of the size"));
    m_dpi->setAccessibleName(tr("Dots per inch"));
    m_theme->setAccessibleName(tr("Theme"));
    m_font->setAccessibleName(tr("Size of letters"));
    m_interval->setAccessibleName(tr("Interval"));
    m_from->setAccessibleName(tr("From, in seconds"));
    m_to->setAccessibleName(tr("To, in seconds"));
    m_lanes->setAccessibleName(tr("Lanes"));
    m_titled->setAccessibleName(tr("With a title"));
    m_title->setAccessibleName(tr("Title"));
    m_seconds->setAccessibleName(tr("Seconds that the interval takes"));
    m_fps->setAccessibleName(tr("Frames a second"));
    // Long titles make no wide dialog.
    m_view->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_view->setMinimumContentsLength(20);
    for (const FigurePreset& preset : figurePresets())
        m_preset->addItem(presetText(preset));
    m_preset->addItem(tr("Custom"));
    for (QDoubleSpinBox* side : {m_width, m_height}) {
        side->setRange(1, mostSide);
        side->setDecimals(millimetreDecimals);
    }
    m_unit->addItems({tr("mm"), tr("px")});
    m_dpi->setEditable(true);
    m_dpi->addItems({QStringLiteral("150"), QStringLiteral("300"), QStringLiteral("600")});
    m_dpi->setValidator(new QIntValidator(1, 9999, m_dpi));
    m_dpi->setToolTip(tr("Pixels of a PNG per inch; of a size in pixels, how large it is"));
    m_theme->addItem(tr("Paper"), static_cast<int>(FigureTheme::paper));
    m_theme->addItem(tr("Light"), static_cast<int>(FigureTheme::light));
    m_theme->addItem(tr("Dark"), static_cast<int>(FigureTheme::dark));
    m_theme->addItem(tr("Grey"), static_cast<int>(FigureTheme::grey));
    m_font->setRange(4, 96);
    m_font->setDecimals(1);
    m_font->setSingleStep(0.5);
    m_font->setSuffix(tr(" pt"));
    m_interval->addItems({tr("All"), tr("What is seen now"), tr("From – to")});
    m_from->setPlaceholderText(tr("from, s"));
    m_to->setPlaceholderText(tr("to, s"));
    m_lanes->setPlaceholderText(tr("all; or such as 1-4,7"));
    m_seconds->setRange(0.1, 3600);
    m_seconds->setDecimals(1);
    m_seconds->setSuffix(tr(" s"));
    m_fps->setRange(1, 50);
    m_fps->setSuffix(tr(" frames/s"));

    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(4);
    const auto row = [&](const QString& label, const QList<QWidget*>& fields) {
        auto* line = new QHBoxLayout;
        for (QWidget* field : fields)
            line->addWidget(field, qobject_cast<QLineEdit*>(field) ? 1 : 0);
        auto* words = new QLabel(label, this);
        words->setBuddy(fields.first());
        form->addRow(words, line);
        return line;
    };
    form->addRow(tr("&View"), m_view);
    form->addRow(tr("&Size"), m_preset);
    row(QString(), {m_width, new QLabel(QStringLiteral("×"), this), m_height, m_unit})
        ->addStretch();
    row(tr("Dots per inc&h"), {m_dpi})->addStretch();
    row(tr("&Theme"), {m_theme})->addStretch();
    row(tr("&Letters"), {m_font})->addStretch();
    form->addRow(tr("&Interval"), m_interval);
    row(QString(), {m_from, new QLabel(QStringLiteral("–"), this), m_to});
    form->addRow(tr("L&anes"), m_lanes);
    form->addRow(m_titled, m_title);
    row(QString(), {m_caption, m_transparent})->addStretch();
    form->addRow(QString(), m_data);
    row(tr("&Moving"), {m_seconds, m_fps})->addStretch();
}

void ExportForm::connectFields()
{
    const auto tell = [this] {
        arrangeFields();
        if (!m_filling)
            emit changed();
    };
    for (QComboBox* box : {m_view, m_theme, m_interval, m_unit})
        connect(box, &QComboBox::currentIndexChanged, this, tell);
    connect(m_dpi, &QComboBox::currentTextChanged, this, tell);
    for (QDoubleSpinBox* box : {m_width, m_height, m_font, m_seconds})
        connect(box, &QDoubleSpinBox::valueChanged, this, tell);
    connect(m_fps, &QSpinBox::valueChanged, this, tell);
    for (QLineEdit* field : {m_from, m_to, m_lanes, m_title})
        connect(field, &QLineEdit::textChanged, this, tell);
    for (QCheckBox* box : {m_titled, m_caption, m_transparent, m_data})
        connect(box, &QCheckBox::toggled, this, tell);
    connect(m_preset, &QComboBox::activated, this, &ExportForm::choosePreset);
    for (QDoubleSpinBox* box : {m_width, m_height})
        connect(box, &QDoubleSpinBox::valueChanged, this, &ExportForm::showPreset);
    connect(m_unit, &QComboBox::currentIndexChanged, this, &ExportForm::showPreset);
}

void ExportForm::choosePreset(int row)
{
    if (static_cast<std::size_t>(row) >= figurePresets().size()) {
        m_width->setFocus(Qt::OtherFocusReason);
        m_width->selectAll();
        return;
    }
    const FigurePreset& preset = figurePresets()[static_cast<std::size_t>(row)];
    {
        const QScopedValueRollback<bool> filling(m_filling, true);
        m_unit->setCurrentIndex(static_cast<int>(preset.size.unit));
        m_width->setValue(preset.size.width);
        m_height->setValue(preset.size.height);
        m_dpi->setCurrentText(QString::number(preset.dpi));
        m_font->setValue(preset.fontPt);
    }
    emit changed();
}

void ExportForm::showPreset()
{
    int row = 0;
    for (const FigurePreset& preset : figurePresets()) {
        if (textOf(preset.size) == textOf(size()))
            break;
        ++row;
    }
    m_preset->setCurrentIndex(row);
    m_width->setDecimals(m_unit->currentIndex() == 0 ? millimetreDecimals : 0);
    m_height->setDecimals(m_width->decimals());
}

FigureSize ExportForm::size() const
{
    return {
        m_width->value(), m_height->value(), static_cast<FigureSize::Unit>(m_unit->currentIndex())};
}

void ExportForm::arrangeFields()
{
    const auto allow = [](QWidget* field, const QString& reason, const QString& usual = {}) {
        field->setEnabled(reason.isEmpty());
        field->setToolTip(reason.isEmpty() ? usual : reason);
    };
    const bool fixed = m_interval->currentIndex() == fromTo;
    for (QLineEdit* bound : {m_from, m_to})
        allow(bound, fixed ? QString() : tr("Choose the interval “From – to” first"));
    allow(m_title, m_titled->isChecked() ? QString() : tr("There is no title"));
    const QString still = tr("Of moving pictures only: choose an animated GIF or PNG frames");
    allow(m_seconds, m_moving ? QString() : still, tr("So long the interval is played"));
    allow(m_fps, m_moving ? QString() : still, tr("More are smoother and take more room"));
    allow(m_data, m_moving ? tr("A moving picture has no data beside it") : QString());
    allow(m_transparent,
        m_moving == MovingFormat::gif ? tr("An animated GIF has no transparent background")
                                      : QString());
}

void ExportForm::setViews(const QList<OfferedView>& views)
{
    const QString before = view();
    {
        const QScopedValueRollback<bool> filling(m_filling, true);
        m_view->clear();
        for (const OfferedView& one : views)
            m_view->addItem(one.title, one.name);
    }
    setView(before);
}

void ExportForm::setViewReason(const QString& name, const QString& reason)
{
    const int row = m_view->findData(name);
    auto* model = qobject_cast<QStandardItemModel*>(m_view->model());
    if (row < 0 || !model)
        return;
    QStandardItem* item = model->item(row);
    const QString title = item->data(Qt::UserRole + 1).isValid()
        ? item->data(Qt::UserRole + 1).toString()
        : item->text();
    item->setData(title, Qt::UserRole + 1);
    item->setEnabled(reason.isEmpty());
    item->setText(reason.isEmpty() ? title : tr("%1 – %2").arg(title, reason));
    item->setToolTip(reason);
}

void ExportForm::setView(const QString& name)
{
    const int row = m_view->findData(name);
    m_view->setCurrentIndex(std::max(0, row));
}

QString ExportForm::view() const
{
    return m_view->currentData().toString();
}

void ExportForm::setSeen(const std::optional<Interval>& seenNow)
{
    m_seen = seenNow;
}

void ExportForm::setUsualTitle(const QString& title)
{
    m_title->setPlaceholderText(title);
}

void ExportForm::setFormat(const std::optional<MovingFormat>& moving)
{
    m_moving = moving;
    arrangeFields();
}

void ExportForm::fill(ExportOrder& order) const
{
    FigureSettings& figure = order.settings.figure;
    figure.view = view();
    figure.size = size();
    figure.dpi = m_dpi->currentText().toInt();
    figure.theme = static_cast<FigureTheme>(m_theme->currentData().toInt());
    figure.fontPt = m_font->value();
    figure.fromS.reset();
    figure.toS.reset();
    order.seen = m_interval->currentIndex() == seen;
    if (order.seen && m_seen) {
        figure.fromS = secondsOf(m_seen->begin_ns);
        figure.toS = secondsOf(m_seen->end_ns);
    } else if (m_interval->currentIndex() == fromTo) {
        figure.fromS = boundIn(*m_from);
        figure.toS = boundIn(*m_to);
    }
    figure.lanes = m_lanes->text().simplified().remove(QLatin1Char(' '));
    // Null: the chart's own; empty: none.
    figure.title = QString();
    if (!m_titled->isChecked())
        figure.title = QStringLiteral("");
    else if (!m_title->text().isEmpty())
        figure.title = m_title->text();
    figure.caption = m_caption->isChecked();
    figure.transparent = m_transparent->isChecked() && m_transparent->isEnabled();
    order.withData = m_data->isChecked() && m_data->isEnabled();
    order.settings.seconds = m_seconds->value();
    order.settings.fps = m_fps->value();
}

void ExportForm::setLooks(const ExportOrder& order)
{
    const FigureSettings& figure = order.settings.figure;
    {
        const QScopedValueRollback<bool> filling(m_filling, true);
        m_unit->setCurrentIndex(static_cast<int>(figure.size.unit));
        m_width->setValue(figure.size.width);
        m_height->setValue(figure.size.height);
        m_dpi->setCurrentText(QString::number(figure.dpi));
        m_theme->setCurrentIndex(m_theme->findData(static_cast<int>(figure.theme)));
        m_font->setValue(figure.fontPt);
        m_interval->setCurrentIndex(order.seen ? seen : all);
        m_titled->setChecked(figure.title.isNull() || !figure.title.isEmpty());
        m_caption->setChecked(figure.caption);
        m_transparent->setChecked(figure.transparent);
        m_data->setChecked(order.withData);
        m_seconds->setValue(order.settings.seconds);
        m_fps->setValue(order.settings.fps);
    }
    showPreset();
    emit changed();
}

} // namespace manyhands::app
