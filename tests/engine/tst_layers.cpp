// SPDX-License-Identifier: MIT
// Tests the house: who includes whom, and what every source file keeps to.
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Rooms = std::set<std::string_view>;

// What each room may include besides itself: all that it reaches along the arrows.
const std::map<std::string_view, Rooms> arrows = {
    {"engine/os", {}},
    {"engine/launch", {"engine/os"}},
    {"engine/trace", {"engine/os"}},
    {"engine/description", {"engine/os"}},
    {"engine/arena", {"engine/trace", "engine/os"}},
    {"engine/sync", {"engine/arena", "engine/trace", "engine/os"}},
    {"engine/ipc", {"engine/sync", "engine/arena", "engine/trace", "engine/os"}},
    {"engine/process",
        {"engine/ipc", "engine/sync", "engine/arena", "engine/trace", "engine/launch",
            "engine/os"}},
    {"engine/manager",
        {"engine/process", "engine/ipc", "engine/sync", "engine/arena", "engine/trace",
            "engine/launch", "engine/os"}},
    {"engine/pool",
        {"engine/process", "engine/ipc", "engine/sync", "engine/arena", "engine/trace",
            "engine/launch", "engine/os"}},
    {"engine/recording", {"engine/trace", "engine/os"}},
    // Findings know what a lesson's quantities are kinds of, and what was predicted of them.
    {"engine/analysis", {"engine/recording", "engine/description", "engine/trace", "engine/os"}},
    {"engine/watch", {"engine/launch", "engine/description", "engine/trace", "engine/os"}},
    {"engine/program",
        {"engine/watch", "engine/manager", "engine/pool", "engine/process", "engine/ipc", "engine/sync",
            "engine/arena", "engine/trace", "engine/launch", "engine/os", "engine/analysis",
            "engine/recording", "engine/description"}},
    // What programs of others include: everything that they are written in.
    {"engine/manyhands.hpp",
        {"engine/program", "engine/manager", "engine/pool", "engine/process", "engine/ipc",
            "engine/sync", "engine/arena", "engine/trace", "engine/launch", "engine/os",
            "engine/analysis", "engine/recording", "engine/description"}},
    {"engine/observe",
        {"engine/launch", "engine/recording", "engine/description", "engine/analysis",
            "engine/trace", "engine/os"}},
    {"lessons",
        {"engine/program", "engine/manager", "engine/pool", "engine/process", "engine/ipc",
            "engine/sync", "engine/arena", "engine/trace", "engine/os", "engine/analysis",
            "engine/recording", "engine/description"}},
    {"app", {"engine/observe", "engine/recording", "engine/analysis", "engine/description"}},
};

// Made at build time.
const std::set<std::string_view> generated = {"manyhands_version.hpp"};

// Headers that only Linux has, or that mean something else elsewhere. Endings in / are folders.
constexpr std::array linux_headers = {"linux/", "asm/", "elf.h", "link.h", "sched.h", "sys/epoll.h",
    "sys/eventfd.h", "sys/inotify.h", "sys/mman.h", "sys/personality.h", "sys/prctl.h",
    "sys/ptrace.h", "sys/random.h", "sys/sendfile.h", "sys/signalfd.h", "sys/syscall.h",
    "sys/sysinfo.h", "sys/timerfd.h", "x86intrin.h"};

// Where one of them is allowed outside of engine/os, and why.
struct Exception
{
    std::string_view file;
    std::string_view header;
    std::string_view reason;
};
constexpr std::array exceptions = {
    Exception{"engine/launch/launch.cpp", "linux/close_range.h",
        "closes descriptors between fork and exec, where only bare system calls are allowed"},
    Exception{"engine/launch/launch.cpp", "sys/syscall.h", "calls close_range there"},
};

bool is_linux_header(std::string_view header)
{
    return std::any_of(linux_headers.begin(), linux_headers.end(), [&](std::string_view one) {
        return one.ends_with('/') ? header.starts_with(one) : header == one;
    });
}

bool is_excepted(std::string_view file, std::string_view header)
{
    return std::any_of(exceptions.begin(), exceptions.end(),
        [&](const Exception& one) { return one.file == file && one.header == header; });
}

bool is_qt_header(const std::string& header)
{
    static const QRegularExpression qt(
        "^(Q[A-Za-z0-9]*(/.*)?|q[a-z]+\\.h|private/q.*|(.*/)?qcustomplot\\.h)$");
    return qt.match(QString::fromStdString(header)).hasMatch();
}

// "engine/trace" of engine/trace/ring.hpp, "app" of app/views/chart.hpp.
std::string room_of(std::string_view path)
{
    const std::size_t first = path.find('/');
    if (path.substr(0, first) != "engine")
        return std::string(path.substr(0, first));
    return std::string(path.substr(0, path.find('/', first + 1)));
}

// Why `file` of `room` must not have this include; nothing where it may.
std::optional<std::string> objection_to(
    const std::string& file, const std::string& room, char mark, const std::string& header)
{
    const bool in_engine = room.starts_with("engine/");
    if (mark == '"') {
        if (generated.contains(header))
            return std::nullopt;
        const std::string target = room_of(header);
        if (!arrows.contains(target))
            return "does not start at the root of the tree";
        if (target != room && !arrows.at(room).contains(target))
            return "no arrow leads from " + room + " to " + target;
        return std::nullopt;
    }
    if ((in_engine || room == "lessons") && is_qt_header(header))
        return "is Qt's, which only the app knows";
    if (header.starts_with("boost/")
        && (room != "engine/launch" || !header.starts_with("boost/process/")))
        return "is Boost's, of which only engine/launch knows Boost.Process";
    if (room != "engine/os" && is_linux_header(header) && !is_excepted(file, header))
        return "is Linux's, which only engine/os knows";
    return std::nullopt;
}

// What is wrong with a source file: its path from the root of the tree, and its text.
std::vector<std::string> problems_of(const std::string& file, const std::string& text)
{
    std::vector<std::string> problems;
    const auto problem = [&](std::size_t line, const std::string& what) {
        problems.push_back(file + ":" + std::to_string(line) + ": " + what);
    };
    const std::string room = room_of(file);
    if (!arrows.contains(room)) {
        problem(1, "the room " + room + " is not on the plan");
        return problems;
    }
    const std::string license = room == "app" ? "GPL-3.0-or-later" : "MIT";
    static const QRegularExpression include(R"(^\s*#\s*include\s*(["<])([^">]*)[">])");
    static const QRegularExpression all_of_std(R"(\busing\s+namespace\s+std\s*;)");
    static const QRegularExpression unfinished(R"(\b(TO)"
                                               "DO"
                                               R"(|FIX)"
                                               "ME"
                                               R"()\b)");
    static const QRegularExpression of_boost(R"(\b(boost|bp)::)");
    std::istringstream lines(text);
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        if (number == 1 && line != "// SPDX-License-Identifier: " + license)
            problem(number, "does not begin with the SPDX line of " + license);
        const QString words = QString::fromStdString(line);
        if (const auto found = include.match(words); found.hasMatch()) {
            const std::string header = found.captured(2).toStdString();
            const char mark = found.captured(1).front().toLatin1();
            if (const auto objection = objection_to(file, room, mark, header))
                problem(number, header + " " + *objection);
        }
        if (words.contains(all_of_std))
            problem(number, "takes all of std");
        if (words.contains(unfinished))
            problem(number, "is not finished");
        if (room != "engine/launch" && words.contains(of_boost))
            problem(number, "uses Boost outside of engine/launch");
    }
    if (text.empty())
        problem(1, "is empty");
    return problems;
}

bool is_source(const std::filesystem::path& path)
{
    return path.extension() == ".cpp" || path.extension() == ".hpp" || path.extension() == ".h";
}

} // namespace

class TestOfLayers : public QObject
{
    Q_OBJECT

private slots:
    void arrows_reach_as_far_as_theirs();
    void checker_sees_what_is_wrong_data();
    void checker_sees_what_is_wrong();
    void every_file_keeps_to_the_house();
};

// Where a room may include another, it may include whatever that one may: nobody forgot a row.
// (Lessons and app see less on purpose: what they may use is named.)
void TestOfLayers::arrows_reach_as_far_as_theirs()
{
    for (const auto& [room, targets] : arrows) {
        for (const std::string_view target : targets) {
            QVERIFY2(arrows.contains(target), target.data());
            QVERIFY2(!arrows.at(target).contains(room), target.data()); // no way back
            if (room == "lessons" || room == "app")
                continue;
            for (const std::string_view further : arrows.at(target))
                QVERIFY2(targets.contains(further), further.data());
        }
    }
}

void TestOfLayers::checker_sees_what_is_wrong_data()
{
    const QString mit = "// SPDX-License-Identifier: MIT\n";
    const QString gpl = "// SPDX-License-Identifier: GPL-3.0-or-later\n";
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem"); // a part of it; empty: there is none
    const auto row = [](const char* name, const char* file, const QString& text,
                         const char* problem) { QTest::newRow(name) << file << text << problem; };

    row("down an arrow", "engine/ipc/a.cpp", mit + "#include \"engine/os/error.hpp\"\n", "");
    row("within a room", "engine/ipc/a.cpp", mit + "#include \"engine/ipc/codec.hpp\"\n", "");
    row("what the build makes", "engine/os/a.cpp", mit + "#include \"manyhands_version.hpp\"\n",
        "");
    row("the standard library", "lessons/a/program.cpp", mit + "#include <vector>\n", "");
    row("Qt in the app", "app/a.cpp", gpl + "#include <QString>\n#include <qcustomplot.h>\n", "");
    row("POSIX in the app", "app/a.cpp", gpl + "#include <unistd.h>\n", "");
    row("an exception", "engine/launch/launch.cpp", mit + "#include <sys/syscall.h>\n", "");
    row("using a part of std", "engine/os/a.cpp", mit + "using namespace std::chrono_literals;\n",
        "");

    row("up an arrow", "engine/trace/a.cpp", mit + "#include \"engine/recording/recording.hpp\"\n",
        "a.cpp:2: engine/recording/recording.hpp no arrow");
    row("indented", "engine/os/a.cpp", mit + "\n  #  include \"engine/trace/ring.hpp\"\n",
        "a.cpp:3: engine/trace/ring.hpp no arrow");
    row("the app past the observer", "app/a.cpp", gpl + "#include \"engine/trace/reader.hpp\"\n",
        "no arrow");
    row("the app into lessons", "app/a.cpp", gpl + "#include \"lessons/catalogue.hpp\"\n",
        "no arrow");
    row("a lesson into the app", "lessons/a/program.cpp", mit + "#include \"app/a.hpp\"\n",
        "no arrow");
    row("a lesson that observes", "lessons/a/program.cpp",
        mit + "#include \"engine/observe/session.hpp\"\n", "no arrow");
    row("a lesson that launches", "lessons/a/program.cpp",
        mit + "#include \"engine/launch/launch.hpp\"\n", "no arrow");
    row("the engine into a lesson", "engine/program/a.cpp",
        mit + "#include \"lessons/catalogue.hpp\"\n", "no arrow");
    row("from beside", "engine/trace/a.cpp", mit + "#include \"ring.hpp\"\n", "root of the tree");
    row("from above", "engine/trace/a.cpp", mit + "#include \"../os/error.hpp\"\n",
        "root of the tree");
    row("a room that is not on the plan", "engine/attic/a.cpp", mit, "not on the plan");
    row("Qt in the engine", "engine/os/a.cpp", mit + "#include <QString>\n", "is Qt's");
    row("a module of Qt in the engine", "engine/os/a.cpp", mit + "#include <QtCore/QString>\n",
        "is Qt's");
    row("Qt's old names in a lesson", "lessons/a/a.cpp", mit + "#include <qstring.h>\n", "is Qt's");
    row("charts in the engine", "engine/os/a.cpp", mit + "#include <qcustomplot.h>\n", "is Qt's");
    row("Boost.Process elsewhere", "engine/observe/a.cpp",
        mit + "#include <boost/process/child.hpp>\n", "is Boost's");
    row("more of Boost", "engine/launch/a.cpp", mit + "#include <boost/asio.hpp>\n", "is Boost's");
    row("a process started by hand", "app/a.cpp", gpl + "bp::child child(\"ls\");\n", "uses Boost");
    row("Boost's name elsewhere", "engine/observe/a.cpp", mit + "boost::process::child child;\n",
        "uses Boost");
    row("Linux elsewhere", "engine/ipc/a.cpp", mit + "#include <linux/futex.h>\n", "is Linux's");
    row("Linux in the app", "app/a.cpp", gpl + "#include <sys/mman.h>\n", "is Linux's");
    row("an exception of another file", "engine/launch/other.cpp",
        mit + "#include <sys/syscall.h>\n", "is Linux's");
    row("no license", "engine/os/a.cpp", "#include <vector>\n", "SPDX line of MIT");
    row("the app's license in the engine", "engine/os/a.cpp", gpl, "SPDX line of MIT");
    row("the engine's license in the app", "app/a.cpp", mit, "SPDX line of GPL-3.0-or-later");
    row("all of std", "engine/os/a.cpp", mit + "using namespace std;\n", "all of std");
    row("work left", "engine/os/a.cpp",
        mit
            + "// TO"
              "DO: the rest\n",
        "not finished");
    row("nothing", "engine/os/a.cpp", "", "empty");
}

void TestOfLayers::checker_sees_what_is_wrong()
{
    QFETCH(QString, file);
    QFETCH(QString, text);
    QFETCH(QString, problem);
    const std::vector<std::string> problems = problems_of(file.toStdString(), text.toStdString());
    if (problem.isEmpty()) {
        QVERIFY2(problems.empty(), problems.empty() ? "" : problems.front().c_str());
        return;
    }
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY2(QString::fromStdString(problems.front()).contains(problem), problems.front().c_str());
}

void TestOfLayers::every_file_keeps_to_the_house()
{
    const std::filesystem::path root = MANYHANDS_SOURCE_DIR;
    std::set<std::string> rooms;
    std::vector<std::string> problems;
    for (const char* const wing : {"engine", "lessons", "app"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / wing)) {
            if (!entry.is_regular_file() || !is_source(entry.path()))
                continue;
            const std::string file = std::filesystem::relative(entry.path(), root).string();
            std::ifstream stream(entry.path());
            std::stringstream text;
            text << stream.rdbuf();
            rooms.insert(room_of(file));
            for (const std::string& problem : problems_of(file, text.str()))
                problems.push_back(problem);
        }
    }
    for (const std::string& problem : problems)
        qWarning("%s", problem.c_str());
    QCOMPARE(problems.size(), std::size_t{0});
    // All of them were looked at.
    for (const char* const room :
        {"engine/os", "engine/trace", "engine/recording", "engine/observe", "lessons", "app"})
        QVERIFY2(rooms.contains(room), room);
}

QTEST_APPLESS_MAIN(TestOfLayers)

#include "tst_layers.moc"
