// SPDX-License-Identifier: MIT
#include "engine/observe/watched_command.hpp"

#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace manyhands {
namespace {

namespace fs = std::filesystem;

// What a shell takes for more than itself.
constexpr std::string_view shell_only = "|&;<>()$`*?[]{}~!#";
constexpr std::uintmax_t longest_source = std::uintmax_t{1} << 20;

constexpr const char* guide_text = R"(# What you see

Each lane is one process of the program that you named, from its start to its end. The first lane
is the program itself; the others are what it started, and what those started.

**Lanes of Python** with `multiprocessing` *trace themselves*: their spans, messages, locks and
values are told by the program at the moment they happen, in its own thread.

**All other lanes** are *sampled*: somebody looks at the process from outside, some 100 times a
second, and draws what it was doing then. So a sampled lane

- shows **computing** where the process was on a CPU or wanted one;
- shows **waiting** where it slept: for data (a read), for space (a write), for a lock, for another
  process's end, or for time to pass;
- shows what it read and wrote as sums, the channel *read and write*;
- misses what is shorter than the time between two looks, and a process that is over by then.

Ends, exit codes and CPU times of the processes that were seen are the kernel's own. Select a span:
*Details* names its place `/proc/PID/stat` where it was sampled.

**F5** runs the program again, **Esc** stops it and all that it started. Nothing outlives the run.
)";

bool executable(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

[[noreturn]] void refuse(const std::string& word, std::string problem, std::string advice)
{
    throw BadValue({.object = "the program to watch",
        .problem = std::move(problem),
        .value = word.empty() ? "''" : shown(word),
        .advice = std::move(advice)});
}

// Why there is no program behind a path.
void check_path(const std::string& word, const fs::path& path)
{
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
        refuse(word, "is a folder", "name a program in it");
    if (!fs::exists(path, ignored))
        refuse(word, "does not exist", "check its path");
    if (!executable(path))
        refuse(word, "may not be executed",
            "run it by what reads it, as python3 " + word + ", or make it executable: chmod +x "
                + word);
}

bool needs_shell(const std::string& word)
{
    return word.find_first_of("|&;<>$` ") != std::string::npos;
}

// The script of a Python's words, as it was named.
std::string script_of(const WatchedCommand& command)
{
    if (!fs::path(command.words.front()).filename().string().starts_with("python"))
        return {};
    const auto script = std::find_if(command.words.begin() + 1, command.words.end(),
        [](const std::string& word) { return !word.starts_with('-'); });
    return script == command.words.end() || !script->ends_with(".py") ? std::string() : *script;
}

} // namespace

WatchedCommand find_command(std::vector<std::string> words)
{
    if (words.empty() || words.front().empty())
        refuse({}, "is missing", "manyhands watch -- COMMAND...");
    const std::string word = words.front();
    if (word.find('/') != std::string::npos) {
        std::error_code ignored;
        if (!fs::exists(word, ignored) && needs_shell(word))
            refuse(word, "is a line for a shell",
                "run it by one: manyhands watch -- sh -c " + command_line_of({word}));
        check_path(word, word);
        return {std::move(words), fs::absolute(word)};
    }
    const char* const path = std::getenv("PATH");
    std::string_view folders = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
    while (true) {
        const std::size_t end = std::min(folders.find(':'), folders.size());
        const fs::path folder = end == 0 ? fs::path(".") : fs::path(folders.substr(0, end));
        if (executable(folder / word))
            return {std::move(words), fs::absolute(folder / word)};
        if (end == folders.size())
            break;
        folders.remove_prefix(end + 1);
    }
    if (needs_shell(word))
        refuse(word, "is a line for a shell",
            "run it by one: manyhands watch -- sh -c " + command_line_of({word}));
    std::error_code ignored;
    if (fs::exists(word, ignored))
        refuse(word, "is in this folder, and not in PATH", "name it with a '/': ./" + word);
    refuse(word, "is in no folder of PATH", "check its name, or give its path");
}

std::vector<std::string> words_of(std::string_view line)
{
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = '\0';
    const auto refuse_line = [&](const std::string& problem, const std::string& advice) {
        refuse(std::string(line), problem, advice);
    };
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (quote == '\0' && blank) {
            if (std::exchange(in_word, false))
                words.push_back(std::exchange(word, {}));
            continue;
        }
        in_word = true;
        if (c == '\\' && quote != '\'') {
            if (++i == line.size())
                refuse_line("ends with a backslash", "say what stands behind it");
            // Within double quotes it means something before a few characters only.
            if (quote == '"' && std::string_view("\"\\$`").find(line[i]) == std::string::npos)
                word += '\\';
            word += line[i];
        } else if (quote != '\0' && c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if ((quote == '\0' && shell_only.find(c) != std::string_view::npos)
            || (quote == '"' && (c == '$' || c == '`'))) {
            refuse_line(std::string("needs a shell for its ") + c,
                std::string("put ") + c + " in single quotes, or run a shell: sh -c '...'");
        } else {
            word += c;
        }
    }
    if (quote != '\0')
        refuse_line(std::string("has an open ") + quote, "close it");
    if (in_word)
        words.push_back(word);
    return words;
}

std::string command_line_of(const std::vector<std::string>& words)
{
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-+=./:,@%^";
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty())
            line += ' ';
        if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) {
            if (c == '\'')
                line += "'\\''";
            else
                line += c;
        }
        line += '\'';
    }
    return line;
}

LessonDescription describe_command(const WatchedCommand& command)
{
    LessonDescription description;
    description.id = watched_id;
    description.title = shown(command_line_of(command.words));
    description.text = guide_text;
    description.baseline = false;
    description.memory = true;
    description.quantities = {
        {.name = "processes", .label = "Processes seen", .unit = "", .kind = "count"},
        {.name = "watching_cpu_s", .label = "CPU time of watching", .unit = "s", .kind = "time"},
        {.name = "samples_every_s",
            .label = "Time between two samples",
            .unit = "s",
            .kind = "time"}};
    const std::string script = script_of(command);
    std::error_code error;
    if (!script.empty() && fs::is_regular_file(script, error)
        && fs::file_size(script, error) <= longest_source) {
        std::ifstream file(script, std::ios::binary);
        description.sources.push_back({.path = script,
            .language = "python",
            .text = {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
    }
    return description;
}

} // namespace manyhands
