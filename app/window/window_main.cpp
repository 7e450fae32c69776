// SPDX-License-Identifier: GPL-3.0-or-later
// The program as a window, from its options to its exit code.
#include "app/window/window_main.hpp"

#include "app/command_line/console.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/window/display.hpp"
#include "app/window/main_window.hpp"
#include "engine/description/exit_codes.hpp"

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>

#include <clocale>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

/// Ours, and those of the program that a person named, if that is another.
std::vector<ListedLesson> lessonsFor(const WindowOptions& options)
{
    std::vector<ListedLesson> result;
    const auto add = [&](const std::filesystem::path& program) {
        for (const LessonSummary& lesson : describe_lessons(program))
            result.push_back({{program, lesson.id}, lesson.title});
    };
    if (!options.lesson) {
        add(own_lesson_program());
        return result;
    }
    add(options.lesson->program);
    try {
        const std::filesystem::path own = own_lesson_program();
        if (own != options.lesson->program)
            add(own);
    } catch (const Error&) {
        // A named program serves without ours.
    }
    return result;
}

/// Prints the run; returns the exit code that it ends the program with.
int report(const Session& session)
{
    try {
        printJson(run_object(session));
    } catch (const Error& error) {
        printError(error.what());
        return exit_code::failed;
    }
    return exit_code_of(session);
}

} // namespace

int windowMain(int argc, char** argv, const WindowOptions& options)
{
    const std::vector<ListedLesson> lessons = lessonsFor(options);
    if (lessons.empty())
        throw MachineLacks({.object = "lessons", .problem = "are missing: the program has none"});
    const LessonReference lesson = options.lesson.value_or(lessons.front().reference);
    const LessonDescription description = describe_lesson(lesson);
    const ParameterValues values = description.parse(options.parameters);
    QStringList files;
    for (const std::string& file : options.files)
        files.append(QString::fromStdString(file));
    std::optional<DisplayProbe> display(std::in_place);
    if (!display->problem().empty()) {
        throw MachineLacks({.object = "a display for the window",
            .problem = display->problem(),
            .advice = "manyhands run LESSON needs none"});
    }

    QApplication application(argc, argv);
    display.reset();
    // It has taken the person's locale; our numbers have dots in every one.
    std::setlocale(LC_NUMERIC, "C");
    QApplication::setApplicationName(QStringLiteral("manyhands"));
    QApplication::setApplicationDisplayName(QString());
    // The same folder whatever the system thinks of organisations.
    QSettings settings(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)
            + QStringLiteral("/manyhands/window.ini"),
        QSettings::IniFormat);
    MainWindow window;
    window.setSettings(settings);
    window.setSeed(options.seed);
    window.setLessons(lessons);
    window.openLesson(lesson, description);
    window.form().setValues(values);
    int exitCode = exit_code::done;
    if (options.json) {
        QObject::connect(&window.control(), &RunControl::finished, &window, [&] {
            exitCode = report(*window.control().session());
            QApplication::exit(exitCode);
        });
        QObject::connect(
            &window.control(), &RunControl::failed, &window, [&](const QString& problem) {
                printError(problem.toStdString());
                exitCode = exit_code::machine_lacks;
                QApplication::exit(exitCode);
            });
    }
    window.show();
    if (!files.isEmpty())
        window.openFiles(files);
    if (options.watch)
        QTimer::singleShot(0, &window, [&] { window.watch(*options.watch); });
    if (options.run)
        QTimer::singleShot(0, &window, &MainWindow::run);
    QApplication::exec();
    return exitCode;
}

} // namespace manyhands::app
