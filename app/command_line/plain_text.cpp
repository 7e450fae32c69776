// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/plain_text.hpp"

#include "engine/observe/session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace manyhands::app {
namespace {

/// In code points, which is what our texts need: no wide characters in them, nor combining ones.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(),
        [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string charactersOf(double value, std::chars_format format, int precision)
{
    // The longest double has 309 digits before its dot.
    std::array<char, 400> text;
    const auto end
        = std::to_chars(text.data(), text.data() + text.size(), value, format, precision).ptr;
    return std::string(text.data(), end);
}

} // namespace

std::string numberText(double value)
{
    const bool whole = std::nearbyint(value) == value && std::abs(value) < 1e15;
    return whole ? fixedText(value, 0) : charactersOf(value, std::chars_format::general, 4);
}

std::string fixedText(double value, int decimals)
{
    return charactersOf(value, std::chars_format::fixed, decimals);
}

std::string secondsText(double seconds)
{
    const double size = std::abs(seconds);
    const int decimals
        = size > 0 ? std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 0, 9) : 0;
    return fixedText(seconds, decimals) + " s";
}

std::string countText(std::size_t count, std::string_view one, std::string_view many)
{
    return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

std::string joined(const std::vector<std::string>& words, std::string_view separator)
{
    std::string text;
    for (const std::string& word : words)
        text.append(text.empty() ? std::string_view() : separator).append(word);
    return text;
}

std::string machineText(const Machine& machine)
{
    return machine.cpu + ", "
        + countText(static_cast<std::size_t>(machine.usable_cpus), "usable CPU", "usable CPUs")
        + ", " + machine.kernel;
}

TextTable::TextTable(std::string alignment, std::string indent)
    : m_alignment(std::move(alignment))
    , m_indent(std::move(indent))
{
}

std::string TextTable::text() const
{
    std::vector<std::size_t> widths;
    for (const auto& row : m_rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width(row[column]));
    }
    std::string text;
    for (const auto& row : m_rows) {
        std::string line = m_indent;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const std::string blanks(widths[column] - width(row[column]), ' ');
            const bool right = column < m_alignment.size() && m_alignment[column] == 'r';
            line += column > 0 ? "  " : "";
            line += right ? blanks + row[column] : row[column] + blanks;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

} // namespace manyhands::app
