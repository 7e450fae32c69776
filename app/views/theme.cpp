// SPDX-License-Identifier: GPL-3.0-or-later
// Reads resources/palette.json and draws bars in its colours.
#include "app/views/theme.hpp"

#include "app/views/hatch.hpp"

#include <QFile>
#include <QFontInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// Narrower bars carry no hatch or letter: they would be a smear.
constexpr double minimumHatchWidth = 4;
constexpr double minimumLetterWidth = 14;
constexpr double minimumLetterHeight = 11;
constexpr double lineHeight = 2;
/// Of a hatch upon its colour: seen, but the letter stays readable.
constexpr int hatchAlpha = 120;

/// White upon black has 21:1; what comes close was chosen for its contrast.
constexpr double highestContrast = 20;

QJsonObject wholePalette()
{
    QFile file(QStringLiteral(":/manyhands/resources/palette.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the embedded palette cannot be read");
    return QJsonDocument::fromJson(file.readAll()).object();
}

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

/// WCAG 2.1's relative luminance.
double luminance(const QColor& colour)
{
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF())
        + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& one, const QColor& other)
{
    const auto [low, high] = std::minmax({luminance(one), luminance(other)});
    return (high + 0.05) / (low + 0.05);
}

QColor mixed(const QColor& one, const QColor& other, double share)
{
    const auto part = [share](int from, int to) {
        return static_cast<int>(std::lround(from + (to - from) * share));
    };
    return QColor(part(one.red(), other.red()), part(one.green(), other.green()),
        part(one.blue(), other.blue()));
}

QRectF cut(const Look& look, const QRectF& bar)
{
    // Never higher than the bar, however low that is.
    const double wanted
        = look.body == Look::Body::line ? lineHeight : std::max(2.0, bar.height() * look.height);
    const double height = std::min(wanted, bar.height());
    return QRectF(bar.left(), bar.bottom() - height, bar.width(), height);
}

} // namespace

const Theme& Theme::light()
{
    static const Theme theme("light");
    return theme;
}

const Theme& Theme::dark()
{
    static const Theme theme("dark");
    return theme;
}

const Theme& Theme::highContrast()
{
    static const Theme theme("high_contrast");
    return theme;
}

const Theme& Theme::grey()
{
    static const Theme theme("grey");
    return theme;
}

const Theme& Theme::matching(const QPalette& palette)
{
    const QColor window = palette.color(QPalette::Window);
    const QColor words = palette.color(QPalette::WindowText);
    if (window.lightness() >= words.lightness())
        return light();
    return contrast(window, words) >= highestContrast ? highContrast() : dark();
}

Theme::Theme(const char* name)
{
    const QJsonObject whole = wholePalette();
    const QJsonObject palette = whole.value(QLatin1String(name)).toObject();
    const QJsonObject states = palette.value(QLatin1String("states")).toObject();
    const auto colour = [](const QJsonObject& object, const char* key) {
        return QColor(object.value(QLatin1String(key)).toString());
    };
    const auto entry = [&](const char* key) {
        const QJsonObject object = states.value(QLatin1String(key)).toObject();
        return Entry{colour(object, "colour"), colour(object, "letter")};
    };
    background = colour(palette, "background");
    text = colour(palette, "text");
    secondaryText = colour(palette, "secondary_text");
    grid = colour(palette, "grid");
    frame = colour(palette, "frame");
    error = colour(palette, "error");
    warning = colour(palette, "warning");
    success = colour(palette, "success");
    m_starting = entry("starting");
    m_computing = entry("computing");
    m_ipc = entry("ipc");
    m_ready = entry("ready");
    m_waitingData = entry("waiting_data");
    m_waitingLock = entry("waiting_lock");
    m_sleeping = entry("sleeping");
    m_failed = entry("failed");
    for (const QJsonValue& value : palette.value(QLatin1String("series")).toArray())
        m_series.append(QColor(value.toString()));
    const QLatin1String amounts("sequential");
    for (const QJsonValue& value :
        (palette.contains(amounts) ? palette : whole).value(amounts).toArray())
        m_amounts.append(QColor(value.toString()));
    // Upon white what is bright is little, upon black what is dark.
    if (background.lightness() > text.lightness())
        std::reverse(m_amounts.begin(), m_amounts.end());
}

QColor Theme::amountColour(double share) const
{
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(m_amounts.size() - 1);
    const auto below = static_cast<qsizetype>(place);
    const qsizetype above = std::min(below + 1, m_amounts.size() - 1);
    return mixed(m_amounts[below], m_amounts[above], place - static_cast<double>(below));
}

QColor Theme::inkUpon(const QColor& ground)
{
    const QColor black(Qt::black);
    const QColor white(Qt::white);
    return contrast(black, ground) >= contrast(white, ground) ? black : white;
}

Look Theme::outline(const QString& letter, Qt::BrushStyle hatch) const
{
    return {.colour = secondaryText,
        .letterColour = text,
        .letter = letter,
        .body = Look::Body::outlined,
        .height = 0.5,
        .hatch = hatch};
}

Look Theme::look(State state) const
{
    const auto filled = [](const Entry& entry, const char* letter) {
        return Look{
            .colour = entry.colour, .letterColour = entry.letter, .letter = QLatin1String(letter)};
    };
    Look result;
    switch (state) {
    case State::starting:
        result = filled(m_starting, "S");
        result.hatch = Qt::Dense6Pattern;
        break;
    case State::tearing_down:
        result = filled(m_starting, "S");
        result.hatch = Qt::VerPattern;
        break;
    case State::computing:
        result = filled(m_computing, "C");
        break;
    case State::serialising:
        result = filled(m_ipc, "I");
        result.hatch = Qt::HorPattern;
        break;
    case State::sending:
        result = filled(m_ipc, "I");
        result.hatch = Qt::BDiagPattern;
        break;
    case State::receiving:
        result = filled(m_ipc, "I");
        result.hatch = Qt::FDiagPattern;
        break;
    case State::waiting_data:
        result = filled(m_waitingData, "D");
        result.height = 0.5;
        break;
    case State::waiting_space:
        result = filled(m_waitingData, "D");
        result.height = 0.5;
        result.hatch = Qt::BDiagPattern;
        break;
    case State::waiting_lock:
        result = filled(m_waitingLock, "L");
        result.height = 0.5;
        result.topTick = true;
        break;
    case State::joining:
        result = outline(QStringLiteral("J"), Qt::NoBrush);
        break;
    case State::idle:
        result = outline(QString(), Qt::NoBrush);
        break;
    case State::sleeping:
        result = filled(m_sleeping, "");
        result.body = Look::Body::line;
        break;
    case State::held:
        result = outline(QString(), Qt::DiagCrossPattern);
        break;
    case State::foreign:
        // Neither computing nor waiting, as far as is known: a frame for its name.
        result = outline(QString(), Qt::NoBrush);
        result.height = 1;
        break;
    }
    return result;
}

Look Theme::look(BudgetCategory category) const
{
    switch (category) {
    case BudgetCategory::computing:
        return look(State::computing);
    case BudgetCategory::starting:
        return look(State::starting);
    case BudgetCategory::tear_down:
        return look(State::tearing_down);
    case BudgetCategory::serialising:
        return look(State::serialising);
    case BudgetCategory::transfer: {
        Look both = look(State::sending);
        both.hatch = Qt::DiagCrossPattern;
        return both;
    }
    case BudgetCategory::waiting_data:
        return look(State::waiting_data);
    case BudgetCategory::waiting_space:
        return look(State::waiting_space);
    case BudgetCategory::waiting_lock:
        return look(State::waiting_lock);
    case BudgetCategory::joining:
        return look(State::joining);
    case BudgetCategory::idle:
        return look(State::idle);
    case BudgetCategory::sleeping:
        return look(State::sleeping);
    case BudgetCategory::held:
        return look(State::held);
    case BudgetCategory::stopped:
        return stoppedLook();
    case BudgetCategory::ready:
        return {.colour = m_ready.colour,
            .letterColour = m_ready.letter,
            .letter = QStringLiteral("R"),
            .height = 0.5};
    case BudgetCategory::unexplained:
        break;
    }
    Look unexplained = outline(QStringLiteral("?"), Qt::Dense7Pattern);
    unexplained.height = 1;
    return unexplained;
}

Look Theme::stoppedLook() const
{
    return outline(QStringLiteral("T"), Qt::NoBrush);
}

SeriesLook Theme::series(int number) const
{
    constexpr Qt::PenStyle lines[] = {Qt::SolidLine, Qt::DashLine, Qt::DashDotLine, Qt::DotLine};
    constexpr Qt::BrushStyle hatches[]
        = {Qt::NoBrush, Qt::BDiagPattern, Qt::HorPattern, Qt::DiagCrossPattern};
    const int round = number / static_cast<int>(m_series.size());
    return {m_series[number % m_series.size()], lines[(number + round) % 4], hatches[round % 4]};
}

void paintArea(QPainter& painter, const SeriesLook& series, const QRectF& area)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(series.colour);
    painter.drawRect(area);
    if (series.hatch == Qt::NoBrush)
        return;
    QColor line = Theme::inkUpon(series.colour);
    line.setAlpha(hatchAlpha);
    paintHatch(painter, QBrush(line, series.hatch), {area});
}

void paintBars(QPainter& painter, const Look& look, const QList<QRectF>& bars)
{
    if (bars.isEmpty())
        return;
    QList<QRectF> shapes;
    QList<QRectF> hatched;
    QList<QRectF> ticks;
    shapes.reserve(bars.size());
    for (const QRectF& bar : bars) {
        const QRectF shape = cut(look, bar);
        shapes.append(shape);
        if (look.hatch != Qt::NoBrush && shape.width() >= minimumHatchWidth)
            hatched.append(shape);
        if (look.topTick)
            ticks.append(QRectF(
                shape.left(), bar.top(), std::min(2.0, shape.width()), shape.top() - bar.top()));
    }
    if (look.body == Look::Body::outlined) {
        // A bar of a pixel or two has no inside: it is all outline.
        QList<QRectF> frames;
        QList<QRectF> slivers;
        // Bars lower than any in a window would be nothing but their frame.
        const double line = std::clamp(shapes.first().height() / 4, 0.2, 1.0);
        for (const QRectF& shape : shapes) {
            if (shape.width() < 3)
                slivers.append(shape);
            else
                frames.append(shape.adjusted(line / 2, line / 2, -line / 2, -line / 2));
        }
        painter.setPen(Qt::NoPen);
        if (!hatched.isEmpty()) {
            paintHatch(painter, QBrush(look.colour, look.hatch), hatched);
        }
        painter.setBrush(look.colour);
        painter.drawRects(slivers);
        painter.setPen(QPen(look.colour, line));
        painter.setBrush(Qt::NoBrush);
        painter.drawRects(frames);
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(look.colour);
    painter.drawRects(shapes);
    if (!ticks.isEmpty())
        painter.drawRects(ticks);
    if (!hatched.isEmpty()) {
        QColor line = look.letterColour;
        line.setAlpha(hatchAlpha);
        paintHatch(painter, QBrush(line, look.hatch), hatched);
    }
}

void paintLetters(QPainter& painter, const Look& look, const QList<QRectF>& bars)
{
    if (look.letter.isEmpty())
        return;
    painter.setPen(look.letterColour);
    painter.setBrush(Qt::NoBrush);
    QFont font = painter.font();
    const double highest = QFontInfo(font).pixelSize() + 2;
    font.setBold(true);
    int sizeSet = 0;
    for (const QRectF& bar : bars) {
        const QRectF shape = cut(look, bar);
        if (shape.width() < minimumLetterWidth || shape.height() < minimumLetterHeight)
            continue;
        const int size = static_cast<int>(std::min(highest, shape.height()) - 2);
        if (size != sizeSet) {
            sizeSet = size;
            font.setPixelSize(size);
            painter.setFont(font);
        }
        painter.drawText(shape, Qt::AlignCenter, look.letter);
    }
}

} // namespace manyhands::app
