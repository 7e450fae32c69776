// SPDX-License-Identifier: GPL-3.0-or-later
// The bar under the timeline that plays a run again.
#include "app/window/replay_bar.hpp"

#include "app/views/wording.hpp"
#include "app/window/replay.hpp"
#include "app/window/window_icon.hpp"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>

#include <cmath>

namespace manyhands::app {
namespace {

/// More than there are pixels.
constexpr int positions = 10'000;

} // namespace

ReplayBar::ReplayBar(Replay& replay, QWidget* parent)
    : QFrame(parent)
    , m_replay(replay)
    , m_position(new QSlider(Qt::Horizontal, this))
    , m_time(new QLabel(this))
    , m_speed(new QLabel(this))
{
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Replay"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 1, 6, 1);
    row->setSpacing(4);
    auto* word = new QLabel(tr("REPLAY"), this);
    QFont bold = word->font();
    bold.setBold(true);
    word->setFont(bold);
    row->addWidget(word);
    QToolButton* before = addButton(tr("["), tr("To the event before ([)"));
    m_play = addButton({}, tr("Play"));
    QToolButton* next = addButton(tr("]"), tr("To the next event (])"));
    row->addWidget(m_position, 1);
    m_position->setRange(0, positions);
    m_position->setPageStep(positions / 10);
    m_position->setAccessibleName(tr("Position in the run"));
    row->addWidget(m_time);
    QToolButton* slower = addButton(tr("−"), tr("Slower"));
    m_speed->setAccessibleName(tr("Speed of the replay"));
    row->addWidget(m_speed);
    QToolButton* faster = addButton(tr("+"), tr("Faster"));
    QToolButton* close = addButton(tr("✕"), tr("Leave the replay (Esc)"));
    connect(before, &QToolButton::clicked, this, [this] { m_replay.step(-1); });
    connect(next, &QToolButton::clicked, this, [this] { m_replay.step(1); });
    connect(m_play, &QToolButton::clicked, this,
        [this] { m_replay.isPlaying() ? m_replay.pause() : m_replay.play(); });
    connect(slower, &QToolButton::clicked, this, [this] { m_replay.changeSpeed(-1); });
    connect(faster, &QToolButton::clicked, this, [this] { m_replay.changeSpeed(1); });
    connect(close, &QToolButton::clicked, this, [this] { m_replay.end(); });
    connect(m_position, &QSlider::valueChanged, this, [this](int value) {
        m_replay.setPosition(static_cast<std::int64_t>(
            std::llround(static_cast<double>(m_replay.lengthNs()) * value / positions)));
    });
    connect(&m_replay, &Replay::changed, this, &ReplayBar::showState);
    connect(&m_replay, &Replay::moved, this, &ReplayBar::showPosition);
    showState();
}

QToolButton* ReplayBar::addButton(const QString& text, const QString& tip)
{
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setMinimumSize(24, 24);
    button->setFocusPolicy(Qt::StrongFocus);
    layout()->addWidget(button);
    return button;
}

void ReplayBar::focusPlay()
{
    m_play->setFocus(Qt::OtherFocusReason);
}

void ReplayBar::showState()
{
    setVisible(m_replay.isActive());
    const QString word = m_replay.isPlaying() ? tr("Pause") : tr("Play");
    m_play->setIcon(drawnSign(m_replay.isPlaying() ? Sign::pause : Sign::play, palette()));
    m_play->setToolTip(word);
    m_play->setAccessibleName(word);
    m_speed->setText(speedText(m_replay.nsPerSecond()));
    m_speed->setToolTip(tr("A second of watching shows so much of the run"));
    showPosition();
}

void ReplayBar::showPosition()
{
    if (!m_replay.isActive())
        return;
    const double share
        = static_cast<double>(m_replay.positionNs()) / static_cast<double>(m_replay.lengthNs());
    const QSignalBlocker quiet(m_position);
    m_position->setValue(static_cast<int>(std::lround(share * positions)));
    m_time->setText(tr("%1 of %2")
                        .arg(durationText(static_cast<double>(m_replay.positionNs()) / 1e9),
                            durationText(static_cast<double>(m_replay.lengthNs()) / 1e9)));
}

} // namespace manyhands::app
