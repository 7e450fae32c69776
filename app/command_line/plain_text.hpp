// SPDX-License-Identifier: GPL-3.0-or-later
// Words, numbers and tables for a terminal, the same in every locale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace manyhands {
struct Machine;
}

namespace manyhands::app {

/// A number with a dot and without grouping: a whole one with all its digits, else four that count.
std::string numberText(double value);
/// With so many decimals.
std::string fixedText(double value, int decimals);
/// Seconds with four digits that count: "0.02315 s".
std::string secondsText(double seconds);
/// "3 processes", "1 process".
std::string countText(std::size_t count, std::string_view one, std::string_view many);
/// "a, b, c".
std::string joined(const std::vector<std::string>& words, std::string_view separator = ", ");
/// "AMD EPYC, 2 usable CPUs, Linux 6.1": never the host's name.
std::string machineText(const Machine& machine);

/// Rows of cells, in columns as wide as their widest cell.
class TextTable
{
public:
    /// Columns for which `alignment` has an 'r' are right-aligned, all others left.
    explicit TextTable(std::string alignment = {}, std::string indent = "  ");

    void add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }
    std::string text() const; ///< lines

private:
    std::string m_alignment;
    std::string m_indent;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace manyhands::app
