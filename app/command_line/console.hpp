// SPDX-License-Identifier: GPL-3.0-or-later
// Standard output and standard error of a command: data to the one, everything else to the other.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace manyhands::app {

/// Writes `text` to standard output as plain text, since some of it comes from lesson programs and
/// a terminal obeys more than it shows. Throws Error if not all of it could be written.
void print(std::string_view text);

/// Writes `json`, indented, and a line end to standard output. Throws Error likewise.
void printJson(const nlohmann::json& json);

/// Writes `manyhands: LINE` to standard error: always one line, whatever a name or value holds.
void printError(std::string_view line);

/// A line on standard error that is overwritten as things go on, where that is a terminal.
class ProgressLine
{
public:
    explicit ProgressLine(bool wanted);
    ~ProgressLine() { show({}); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    bool shown() const { return m_wanted; }
    /// `line` of plain ASCII, shorter than a terminal is wide; empty takes it away.
    void show(std::string_view line);

private:
    bool m_wanted;
    std::size_t m_length = 0;
};

} // namespace manyhands::app
