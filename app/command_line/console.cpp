// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/console.hpp"

#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

namespace manyhands::app {
namespace {

/// False on an error; errno tells which.
bool writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (written < 0 && errno == EAGAIN) {
            // Whoever shares the terminal or pipe with us has made it non-blocking.
            pollfd ready = {.fd = fd, .events = POLLOUT, .revents = 0};
            ::poll(&ready, 1, -1);
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

void writeOutput(std::string_view bytes)
{
    if (!writeAll(STDOUT_FILENO, bytes))
        throw system_error("standard output:", "could not be written", errno);
}

} // namespace

void print(std::string_view text)
{
    std::string shownText = plain_text(text);
    std::replace(shownText.begin(), shownText.end(), '\r', ' '); // would hide what stands before it
    writeOutput(shownText);
}

void printJson(const nlohmann::json& json)
{
    // What lesson programs wrote need not be UTF-8; JSON must.
    writeOutput(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
}

void printError(std::string_view line)
{
    std::string text = "manyhands: " + plain_text(line);
    for (const char lineBreak : {'\n', '\r', '\t'})
        std::replace(text.begin(), text.end(), lineBreak, ' ');
    // One call, so that it stays one line where others write there, too. There is nobody to tell
    // if it fails.
    writeAll(STDERR_FILENO, text + '\n');
}

ProgressLine::ProgressLine(bool wanted)
    : m_wanted(wanted && ::isatty(STDERR_FILENO) == 1)
{
}

void ProgressLine::show(std::string_view line)
{
    if (!m_wanted || (line.empty() && m_length == 0))
        return;
    std::string text = "\r" + std::string(line);
    // Blanks over what is left of a longer line: every terminal understands those.
    if (line.size() < m_length)
        text += std::string(m_length - line.size(), ' ');
    if (line.empty())
        text += '\r';
    writeAll(STDERR_FILENO, text);
    m_length = line.size();
}

} // namespace manyhands::app
