// SPDX-License-Identifier: GPL-3.0-or-later
// The microscope: memory and processes of a run that is held at gates, and who goes next.
#include "app/views/microscope.hpp"

#include "app/guide/flow_layout.hpp"
#include "app/views/theme.hpp"
#include "app/views/wording.hpp"

#include <QApplication>
#include <QButtonGroup>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double speeds[] = {0.5, 1, 2, 5, 10};
constexpr int usualSpeed = 2; // index into speeds
/// Nobody takes so many single steps.
constexpr std::int64_t mostIncrements = 1000;
/// Of the microscope's height, for a value; the step that comes next has less.
constexpr double valueShare = 0.14;
constexpr double stepShare = 0.065;
constexpr double textShare = 0.032;

std::optional<double> valueOf(const ResultDocument& document, const std::string& name)
{
    for (const Quantity& quantity : document.quantities) {
        if (quantity.name == name)
            return quantity.value;
    }
    return std::nullopt;
}

/// Of the first quantity of a kind.
std::optional<double> valueOfKind(
    const LessonDescription& lesson, const ResultDocument& document, const std::string& kind)
{
    for (const QuantityDescription& quantity : lesson.quantities) {
        if (quantity.kind == kind)
            return valueOf(document, quantity.name);
    }
    return std::nullopt;
}

/// A share of 1, whatever unit the lesson gives it in.
std::optional<double> shareNamed(
    const LessonDescription& lesson, const ResultDocument& document, const std::string& name)
{
    std::optional<double> share = valueOf(document, name);
    for (const QuantityDescription& quantity : lesson.quantities) {
        if (share && quantity.name == name && quantity.unit == "%")
            *share /= 100;
    }
    return share;
}

/// Of each process; 0 where the lesson does not tell it by its parameters' names.
int incrementsOf(const ParameterValues& values)
{
    // One that is held may make fewer than one that runs freely.
    for (const char* const name : {"held_increments", "increments"}) {
        const auto value = values.find(name);
        const auto* whole
            = value == values.end() ? nullptr : std::get_if<std::int64_t>(&value->second);
        if (whole)
            return static_cast<int>(std::clamp<std::int64_t>(*whole, 0, mostIncrements));
    }
    return 0;
}

QString number(double value)
{
    return QLocale().toString(static_cast<qlonglong>(std::llround(value)));
}

QLabel* makeLabel(QWidget* parent, Qt::Alignment alignment = Qt::AlignCenter)
{
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(alignment);
    label->setForegroundRole(QPalette::Text);
    return label;
}

void setSize(QWidget* widget, int pixels, bool bold = false)
{
    QFont font = QApplication::font();
    font.setPixelSize(pixels);
    font.setBold(bold);
    if (widget->font() != font)
        widget->setFont(font);
}

} // namespace

/// A process, or a value in memory.
class Microscope::Box : public QFrame
{
public:
    Box(Microscope* parent, bool process)
        : QFrame(parent)
        , title(makeLabel(this))
        , caption(makeLabel(this))
        , value(makeLabel(this))
        , next(process ? makeLabel(this) : nullptr)
        , go(process ? new QPushButton(this) : nullptr)
    {
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(10, 6, 10, 6);
        column->setSpacing(2);
        column->addWidget(title);
        column->addWidget(caption);
        column->addWidget(value, 1);
        if (process) {
            column->addWidget(next, 1);
            column->addWidget(go, 0, Qt::AlignHCenter);
            go->setMinimumSize(24, 28);
        } else {
            caption->hide();
        }
        for (QLabel* label : {title, caption, value}) {
            // A long name is cut rather than making the window wider.
            label->setMinimumWidth(1);
        }
    }

    /// What is marked took the last step, or is next by the order that is followed.
    void setMarks(bool isFresh, bool isNext)
    {
        if (m_fresh == isFresh && m_next == isNext)
            return;
        m_fresh = isFresh;
        m_next = isNext;
        update();
    }

    QLabel* title;
    QLabel* caption;
    QLabel* value;
    QLabel* next;
    QPushButton* go;

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Theme& theme = Theme::matching(QApplication::palette());
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const double width = m_next || m_fresh ? 4 : 1.5;
        painter.setPen(QPen(m_next ? theme.series(0).colour
                : m_fresh          ? theme.text
                                   : theme.frame,
            width, m_next && !m_fresh ? Qt::DashLine : Qt::SolidLine));
        painter.setBrush(QApplication::palette().base());
        const double half = width / 2 + 0.5;
        painter.drawRoundedRect(QRectF(rect()).adjusted(half, half, -half, -half), 6, 6);
    }

private:
    bool m_fresh = false;
    bool m_next = false;
};

Microscope::Microscope(QWidget* parent)
    : QFrame(parent)
    , m_memoryRow(new QHBoxLayout)
    , m_processRow(new QHBoxLayout)
    , m_history(new QPlainTextEdit(this))
    , m_conclusion(makeLabel(this, Qt::AlignLeft | Qt::AlignVCenter))
{
    setFrameShape(QFrame::StyledPanel);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Microscope"));
    setAccessibleDescription(tr(
        "Memory and processes, one step at a time. The keys 1 to 9 let a process go; Space takes "
        "the step that a seed or an order has chosen."));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 4, 6, 4);
    column->setSpacing(4);
    column->addWidget(makeChoice());
    column->addWidget(makeControls());
    column->addLayout(m_memoryRow, 3);
    column->addLayout(m_processRow, 6);
    column->addWidget(m_history);
    column->addWidget(m_conclusion);
    m_history->setReadOnly(true);
    m_history->setTabChangesFocus(true);
    m_history->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_history->setAccessibleName(tr("Steps taken"));
    m_history->setPlaceholderText(tr("The steps that were taken stand here."));
    m_conclusion->setWordWrap(true);
    m_conclusion->setAccessibleName(tr("What it came to"));
    m_conclusion->setForegroundRole(QPalette::WindowText);
    connect(&m_timer, &QTimer::timeout, this, &Microscope::stepNext);
    clear();
}

QWidget* Microscope::makeChoice()
{
    auto* row = new QWidget(this);
    auto* flow = new FlowLayout(row);
    flow->setContentsMargins(0, 0, 0, 0);
    auto* question = new QLabel(tr("Who goes next?"), row);
    question->setMinimumHeight(24);
    flow->addWidget(question);
    auto* group = new QButtonGroup(this);
    const auto add = [&](const QString& text, const QString& tip, StepChooser::Kind kind) {
        auto* button = new QRadioButton(text, row);
        button->setToolTip(tip);
        button->setMinimumHeight(24);
        group->addButton(button);
        flow->addWidget(button);
        // A click leaves Space to the steps; by keys the button keeps it.
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QRadioButton::clicked, this, [this, button, kind] {
            choose(kind);
            if (!button->hasFocus())
                setFocus(Qt::MouseFocusReason);
        });
        return button;
    };
    m_person = add(tr("You"), tr("Let a process go by its button, or by its number"),
        StepChooser::Kind::person);
    m_bySeed = add(tr("Chance, from the seed"),
        tr("Each order as likely as any other; the same seed gives the same order"),
        StepChooser::Kind::seed);
    m_seed = new QSpinBox(row);
    m_seed->setRange(0, 999'999'999);
    m_seed->setAccessibleName(tr("Seed of who goes next"));
    flow->addWidget(m_seed);
    m_losing = add(tr("The order that loses most"),
        tr("Found by trying every order of these steps"), StepChooser::Kind::losing);
    m_person->setChecked(true);
    connect(m_seed, &QSpinBox::valueChanged, this, [this](int seed) {
        m_chooser.setSeed(static_cast<std::uint64_t>(seed));
        showProcesses();
    });
    return row;
}

QWidget* Microscope::makeControls()
{
    auto* row = new QWidget(this);
    auto* flow = new FlowLayout(row);
    flow->setContentsMargins(0, 0, 0, 0);
    const auto add = [&](const QString& text) {
        auto* button = new QPushButton(text, row);
        button->setMinimumSize(24, 26);
        flow->addWidget(button);
        return button;
    };
    m_step = add(tr("Step  (Space)"));
    m_play = add(tr("Play"));
    m_speed = new QComboBox(row);
    m_speed->setAccessibleName(tr("Speed of playing"));
    for (const double speed : speeds) {
        m_speed->addItem(speed == 1 ? tr("1 step a second")
                                    : tr("%1 steps a second").arg(QLocale().toString(speed)),
            speed);
    }
    m_speed->setCurrentIndex(usualSpeed);
    flow->addWidget(m_speed);
    m_letRun = add(tr("Let it run"));
    m_letRun->setToolTip(tr("Open all gates: the processes run on freely (Shift+F9)"));
    connect(m_step, &QPushButton::clicked, this, &Microscope::stepNext);
    connect(m_play, &QPushButton::clicked, this, [this] { setPlaying(!isPlaying()); });
    connect(m_letRun, &QPushButton::clicked, this, &Microscope::letRunRequested);
    connect(m_speed, &QComboBox::currentIndexChanged, this, [this] {
        if (isPlaying())
            setPlaying(true);
    });
    return row;
}

void Microscope::begin(const ParameterValues& values, std::uint64_t seed)
{
    clear();
    m_chooser.begin(incrementsOf(values));
    m_seed->setValue(static_cast<int>(std::min<std::uint64_t>(seed, 999'999'999)));
    m_chooser.setSeed(static_cast<std::uint64_t>(m_seed->value()));
}

void Microscope::clear()
{
    setPlaying(false);
    m_now = {};
    m_canStep = false;
    m_pending.reset();
    m_result.clear();
    showMemory();
    showProcesses();
    showHistory();
    showControls();
}

void Microscope::showRun(const RunFacts& facts, bool canStep)
{
    m_now = microscopeFacts(facts);
    m_canStep = canStep;
    if (!canStep)
        setPlaying(false);
    // The order cannot be followed any more: whoever went another way goes on choosing.
    if (canStep && !m_chooser.whyNot(m_chooser.kind(), m_now).isEmpty())
        choose(StepChooser::Kind::person);
    showMemory();
    showProcesses();
    showHistory();
    showControls();
}

void Microscope::choose(StepChooser::Kind kind)
{
    m_chooser.setKind(kind);
    m_person->setChecked(kind == StepChooser::Kind::person);
    m_bySeed->setChecked(kind == StepChooser::Kind::seed);
    m_losing->setChecked(kind == StepChooser::Kind::losing);
    if (kind == StepChooser::Kind::person)
        setPlaying(false);
    showProcesses();
    showControls();
}

void Microscope::setPlaying(bool playing)
{
    if (playing && m_canStep && m_chooser.kind() != StepChooser::Kind::person)
        m_timer.start(
            std::chrono::milliseconds(std::lround(1000 / m_speed->currentData().toDouble())));
    else
        m_timer.stop();
    m_play->setText(isPlaying() ? tr("Pause playing") : tr("Play"));
}

bool Microscope::isPending()
{
    if (!m_pending)
        return false;
    const auto process = std::find_if(m_now.processes.begin(), m_now.processes.end(),
        [&](const SteppedProcess& one) { return one.lane == m_pending->first; });
    if (process == m_now.processes.end() || process->ended || process->passed != m_pending->second)
        m_pending.reset();
    return m_pending.has_value();
}

void Microscope::stepNext()
{
    if (const std::optional<qsizetype> next = m_chooser.next(m_now))
        letGo(*next);
}

void Microscope::letGo(qsizetype process)
{
    // A step that is under way may change what the next one does.
    if (!m_canStep || process < 0 || process >= m_now.processes.size() || isPending()
        || !m_now.processes[process].held)
        return;
    m_pending = {m_now.processes[process].lane, m_now.processes[process].passed};
    emit stepRequested(m_now.processes[process].lane);
}

void Microscope::keyPressEvent(QKeyEvent* event)
{
    const int digit = event->key() - Qt::Key_0;
    if (event->modifiers() & ~Qt::KeypadModifier) {
        QFrame::keyPressEvent(event);
    } else if (digit >= 1 && digit <= 9) {
        letGo(digit - 1);
    } else if (event->key() == Qt::Key_Space) {
        stepNext();
    } else {
        QFrame::keyPressEvent(event);
    }
}

void Microscope::showMemory()
{
    while (m_memory.size() > m_now.memory.size())
        m_memory.takeLast()->deleteLater();
    while (m_memory.size() < m_now.memory.size()) {
        m_memory.append(new Box(this, false));
        m_memoryRow->addWidget(m_memory.last());
        takeFonts();
    }
    for (qsizetype i = 0; i < m_memory.size(); ++i) {
        const SharedValue& value = m_now.memory[i];
        m_memory[i]->title->setText(tr("shared memory: %1").arg(value.name));
        m_memory[i]->value->setText(value.value);
        m_memory[i]->value->setAccessibleName(tr("%1 in shared memory").arg(value.name));
        m_memory[i]->setMarks(value.fresh, false);
    }
}

void Microscope::showProcesses()
{
    while (m_processes.size() > m_now.processes.size())
        m_processes.takeLast()->deleteLater();
    while (m_processes.size() < m_now.processes.size()) {
        const qsizetype index = m_processes.size();
        auto* box = new Box(this, true);
        connect(box->go, &QPushButton::clicked, this, [this, index] { letGo(index); });
        m_processes.append(box);
        m_processRow->addWidget(box);
        takeFonts();
    }
    const std::optional<qsizetype> turn = m_chooser.next(m_now);
    for (qsizetype i = 0; i < m_processes.size(); ++i) {
        const SteppedProcess& process = m_now.processes[i];
        Box* box = m_processes[i];
        box->title->setText(
            tr("%1 %2  ·  pid %3").arg(process.number, process.name).arg(process.pid));
        box->caption->setText(process.hasRegister ? tr("its register") : QString());
        box->value->setText(process.hasRegister ? process.registerValue : QString());
        box->value->setAccessibleName(tr("Register of %1").arg(process.name));
        const QString state = process.ended ? tr("has ended")
            : !process.held                 ? tr("runs …")
            : turn == i                     ? tr("▶ next: %1").arg(process.next)
                                            : tr("next: %1").arg(process.next);
        box->next->setText(state);
        box->next->setAccessibleName(tr("Next step of %1").arg(process.name));
        box->go->setText(i < 9 ? tr("Let it go  (%1)").arg(i + 1) : tr("Let it go"));
        box->go->setAccessibleName(tr("Let %1 go").arg(process.name));
        // Not while it is on its way to the next gate: the focus would go elsewhere.
        box->go->setEnabled(m_canStep && !process.ended);
        box->setMarks(process.fresh, turn == i && m_canStep);
    }
}

QString Microscope::history() const
{
    QStringList steps;
    for (const TakenStep& step : m_now.steps) {
        const QString number = m_now.processes[step.process].number;
        steps.append(step.value.isEmpty() ? tr("%1 %2").arg(number, step.what)
                                          : tr("%1 %2 → %3").arg(number, step.what, step.value));
    }
    return steps.join(tr("  ·  "));
}

QString Microscope::conclusion() const
{
    return m_conclusion->text();
}

void Microscope::showHistory()
{
    const QString text = history();
    // The document gives its hard spaces back as plain ones.
    if (m_history->toPlainText() != text) {
        QString unbroken = text;
        unbroken.replace(QLatin1Char(' '), QChar::Nbsp);
        unbroken.replace(QStringLiteral("·\u00a0"), QStringLiteral("· "));
        m_history->setPlainText(unbroken);
        m_history->verticalScrollBar()->setValue(m_history->verticalScrollBar()->maximum());
    }
    const int all = m_chooser.allSteps(m_now);
    if (!m_result.isEmpty())
        m_conclusion->setText(m_result);
    else if (m_now.processes.isEmpty())
        m_conclusion->setText(tr("The processes are on their way to their first gate."));
    else if (all > 0)
        m_conclusion->setText(tr("Step %1 of %2").arg(m_now.steps.size()).arg(all));
    else
        m_conclusion->setText(tr("Steps taken: %1").arg(m_now.steps.size()));
}

void Microscope::showControls()
{
    // Between two runs it is chosen for the next, whatever the last one did.
    const QString whyNotLosing
        = m_canStep ? m_chooser.whyNot(StepChooser::Kind::losing, m_now) : QString();
    m_losing->setEnabled(whyNotLosing.isEmpty());
    m_losing->setToolTip(
        whyNotLosing.isEmpty() ? tr("Found by trying every order of these steps") : whyNotLosing);
    const bool chosen = m_chooser.kind() != StepChooser::Kind::person;
    const QString reason = !m_canStep ? tr("No process is held now")
        : !chosen ? tr("You choose: let a process go by its button or its number key")
                  : QString();
    for (QPushButton* button : {m_step, m_play})
        button->setEnabled(reason.isEmpty());
    m_step->setToolTip(reason.isEmpty() ? tr("Take the next step of the order (Space)") : reason);
    m_play->setToolTip(reason.isEmpty() ? tr("Take one step after the other") : reason);
    m_letRun->setEnabled(m_canStep);
}

void Microscope::showResult(const LessonDescription& lesson, const ResultDocument& document)
{
    QStringList lines;
    const std::optional<double> expected = valueOfKind(lesson, document, "expected");
    const std::optional<double> lost = valueOfKind(lesson, document, "lost_updates");
    if (expected && lost) {
        const QString sum
            = tr("Expected %1, in memory %2:").arg(number(*expected), number(*expected - *lost));
        lines.append(*lost <= 0 ? tr("%1 nothing was lost in this order.").arg(sum)
                : *lost == 1    ? tr("%1 1 update is lost.").arg(sum)
                                : tr("%1 %2 updates are lost.").arg(sum, number(*lost)));
    }
    const std::optional<double> schedules = valueOf(document, "schedules");
    const std::optional<double> losing = valueOf(document, "schedules_losing");
    if (schedules && losing && *schedules > 0) {
        const double harmless = *schedules - *losing;
        // So many that a share would be rounded to all of them.
        const bool nearlyAll = harmless > 0 && harmless < 0.005 * *schedules;
        const QString orders = tr("These steps can be taken in %1 orders;").arg(number(*schedules));
        lines.append(nearlyAll
                ? tr("%1 all but %2 of them lose an update.").arg(orders, number(harmless))
                : tr("%1 %2 of them (%3) lose an update.")
                      .arg(orders, number(*losing), shareText(*losing / *schedules)));
    }
    if (const std::optional<double> free = shareNamed(lesson, document, "free_losing_share")) {
        lines.append(tr("Running freely, the same processes lost an update in %1 of the rounds "
                        "measured here.")
                         .arg(shareText(*free)));
    }
    m_result = lines.join(QLatin1Char('\n'));
    showHistory();
}

void Microscope::takeFonts()
{
    const int usual = QFontInfo(QApplication::font()).pixelSize();
    // As high as there is room, as wide as a box has room for a dozen letters.
    const auto boxes = std::max<qsizetype>(1, m_processes.size());
    const double room
        = std::min<double>(height(), 0.75 * width() / static_cast<double>(boxes) * 1.6);
    const auto sized
        = [&](double share) { return std::max(usual, static_cast<int>(room * share)); };
    for (const QList<Box*>& all : {m_memory, m_processes}) {
        for (Box* box : all) {
            setSize(box->title, sized(textShare), true);
            setSize(box->caption, sized(textShare));
            setSize(box->value, sized(valueShare), true);
            if (box->next) {
                setSize(box->next, sized(stepShare), true);
                setSize(box->go, sized(textShare));
            }
        }
    }
    setSize(m_history, sized(textShare));
    setSize(m_conclusion, sized(textShare), true);
    const QMargins margins = m_history->contentsMargins();
    m_history->setFixedHeight(
        QFontMetrics(m_history->font()).lineSpacing() * 2 + margins.top() + margins.bottom() + 10);
}

void Microscope::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    takeFonts();
}

void Microscope::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange)
        takeFonts();
}

QSize Microscope::sizeHint() const
{
    return {600, 420};
}

} // namespace manyhands::app
