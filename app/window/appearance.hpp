// SPDX-License-Identifier: GPL-3.0-or-later
// The looks of the whole program: its colours, and one scale for everything.
#pragma once

#include <QFont>
#include <QList>
#include <QObject>
#include <QPalette>
#include <QString>

namespace manyhands::app {

enum class Colours : std::uint8_t { system, light, dark, highContrast };

QList<Colours> allColours();
/// For a menu.
QString wordFor(Colours colours);
/// The palette of the widgets; that of the system for Colours::system.
QPalette paletteFor(Colours colours);

/// Sets palette, font and style of the application; there is one at a time. Puts them back when it
/// goes.
class Appearance : public QObject
{
    Q_OBJECT

public:
    explicit Appearance(QObject* parent = nullptr);
    ~Appearance() override;

    Colours colours() const { return m_colours; }
    void setColours(Colours colours);

    static constexpr int leastPercent = 80;
    static constexpr int mostPercent = 300;
    int percent() const { return m_percent; }
    /// Fonts, icons, bars and handles; cut to the allowed range.
    void setPercent(int percent);
    /// To the next step above (1) or below (-1).
    void step(int direction);

signals:
    void changed();

private:
    QFont m_usualFont;
    QString m_usualStyle;
    bool m_scaled = false;
    Colours m_colours = Colours::system;
    int m_percent = 100;
};

} // namespace manyhands::app
