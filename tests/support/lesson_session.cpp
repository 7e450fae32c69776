// SPDX-License-Identifier: MIT
#include "tests/support/lesson_session.hpp"

#include <QDir>
#include <QFile>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

namespace manyhands::tests {
namespace {

int parent_of(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto end = line.rfind(')');
    char state = 0;
    int parent = 0;
    if (end == std::string::npos
        || std::sscanf(line.c_str() + end + 1, " %c %d", &state, &parent) != 2)
        return 0;
    return parent;
}

} // namespace

std::string built_program(const std::string& name)
{
    return std::string(MANYHANDS_BINARY_DIR) + "/" + name;
}

SessionOptions lesson_options(
    const std::string& program, const std::string& id, const std::vector<std::string>& words)
{
    SessionOptions options;
    options.lesson = {built_program(program), id};
    options.description = describe_lesson(options.lesson);
    options.parameters = options.description.parse(words);
    return options;
}

std::unique_ptr<Session> start_lesson(const std::string& program, const std::string& id,
    const std::vector<std::string>& words, std::optional<int> repeats, bool traced)
{
    SessionOptions options = lesson_options(program, id, words);
    options.repeats = repeats;
    options.traced = traced;
    return std::make_unique<Session>(std::move(options));
}

bool poll_until(Session& session, const std::function<bool()>& condition)
{
    const auto watchdog = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (session.poll()) {
        if (condition())
            return true;
        if (std::chrono::steady_clock::now() > watchdog)
            return false;
        session.wait(std::chrono::milliseconds(1));
    }
    return condition();
}

bool finish(Session& session)
{
    const auto watchdog = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (session.poll()) {
        session.wait(std::chrono::milliseconds(20));
        if (std::chrono::steady_clock::now() > watchdog) {
            ::kill(-session.main_pid(), SIGKILL);
            return false;
        }
    }
    return true;
}

Leftovers count_leftovers()
{
    Leftovers found = {};
    const QStringList descriptors
        = QDir("/proc/self/fd").entryList(QDir::Files | QDir::System | QDir::NoDotAndDotDot);
    found.descriptors = static_cast<int>(descriptors.size());
    std::set<int> family = {static_cast<int>(::getpid())};
    // A child's pid may be smaller than its parent's: look until nobody is added.
    for (std::size_t before = 0; before != family.size();) {
        before = family.size();
        for (const QString& name : QDir("/proc").entryList(QDir::Dirs)) {
            bool is_pid = false;
            const int pid = name.toInt(&is_pid);
            if (is_pid && family.contains(parent_of(pid)))
                family.insert(pid);
        }
    }
    found.descendants = static_cast<int>(family.size()) - 1;
    return found;
}

std::string source_file(const std::string& path)
{
    std::ifstream file(std::string(MANYHANDS_SOURCE_DIR) + "/" + path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace manyhands::tests
