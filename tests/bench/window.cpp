// SPDX-License-Identifier: MIT
// From the start of the app to its first painted frame, the first lesson's text in it: the window
// opens its lesson before it shows itself.
#include "engine/launch/launch.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/error.hpp"
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands::bench {
namespace {

constexpr int starts = 21;

// Qt says on standard error when it hands a painted frame to the display; its other lines of this
// category, some hundred, cost less than a millisecond.
constexpr const char* frame_word = "Flushing";
constexpr std::pair<const char*, const char*> qt_settings[] = {
    {"QT_LOGGING_RULES", "qt.widgets.painting.info=true"},
    {"QT_ASSUME_STDERR_HAS_CONSOLE", "1"},
};

class QtSettings
{
public:
    QtSettings()
    {
        for (const auto& [name, value] : qt_settings)
            ::setenv(name, value, 1);
    }
    QtSettings(const QtSettings&) = delete;
    QtSettings& operator=(const QtSettings&) = delete;
    ~QtSettings()
    {
        for (const auto& [name, value] : qt_settings)
            ::unsetenv(name);
    }
};

// Whether `word` came through the pipe before its end.
bool read_until(int fd, const std::string& word)
{
    std::string text;
    char part[4096];
    while (text.find(word) == std::string::npos) {
        const ssize_t count = ::read(fd, part, sizeof part);
        if (count == 0 || (count < 0 && errno != EINTR))
            return false;
        if (count > 0) {
            // Of what was searched, only the beginning of a word can still matter.
            if (text.size() > word.size())
                text.erase(0, text.size() - word.size());
            text.append(part, static_cast<std::size_t>(count));
        }
    }
    return true;
}

double milliseconds_to_first_frame(const std::filesystem::path& app)
{
    os::PipeEnds messages = os::make_pipe();
    LaunchOptions options;
    options.program = app;
    options.error_output = messages.write.get();
    const std::int64_t begin = os::monotonic_ns();
    const Launched launched = launch(options);
    messages.write.reset();
    const bool painted = read_until(messages.read.get(), frame_word);
    const std::int64_t end = os::monotonic_ns();
    ::kill(launched.pid, SIGKILL);
    ::waitpid(launched.pid, nullptr, 0);
    if (!painted)
        throw Error({.object = app.string(), .problem = "ended before it painted a frame"});
    return static_cast<double>(end - begin) / 1e6;
}

std::vector<Row> measure()
{
    const std::filesystem::path app = built_program("manyhands");
    const QtSettings settings;
    milliseconds_to_first_frame(app);
    std::vector<double> found;
    for (int i = 0; i < starts; ++i)
        found.push_back(milliseconds_to_first_frame(app));
    return {{.name = "window: start to first frame",
        .unit = "ms",
        .samples = found.size(),
        .ours = quartiles(found),
        .goal = Goal::value_at_most,
        .target = 200,
        .note = "Qt platform: " + std::string(std::getenv("QT_QPA_PLATFORM"))}};
}

} // namespace

const Figure window = {"window", measure};

} // namespace manyhands::bench
