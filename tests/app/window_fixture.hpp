// SPDX-License-Identifier: GPL-3.0-or-later
// A window at a lesson, for the tests that drive it.
#pragma once

#include "app/guide/parameter_form.hpp"
#include "app/views/chart.hpp"
#include "app/window/main_window.hpp"
#include "tests/app/own_data_folder.hpp"

#include <QAction>
#include <QLabel>
#include <QSignalSpy>

namespace manyhands::app::test {

inline const std::string lessonProgram = MANYHANDS_BINARY_DIR "/manyhands-lesson";
inline const std::string testLessons = MANYHANDS_BINARY_DIR "/manyhands-test-lessons";
inline const QString appProgram = QStringLiteral(MANYHANDS_BINARY_DIR "/manyhands");
inline constexpr int runTimeoutMs = 60'000;

/// A window at a lesson.
struct Opened
{
    explicit Opened(const std::string& id, const std::string& program = lessonProgram)
        : lesson{program, id}
        , description(describe_lesson(lesson))
    {
        window.setLessons({{lesson, description.title}});
        window.openLesson(lesson, description);
    }

    /// Calls `start` and waits for the end of what it starts.
    template <class Start>
    bool toItsEnd(Start start)
    {
        QSignalSpy finished(&window.control(), &RunControl::finished);
        start();
        return window.control().isRunning() && finished.wait(runTimeoutMs);
    }

    bool runToItsEnd()
    {
        return toItsEnd([this] { window.run(); });
    }

    QAction* action(const QString& text)
    {
        for (QAction* action : window.findChildren<QAction*>()) {
            if (action->text() == text && !action->menu())
                return action;
        }
        return nullptr;
    }

    /// The text of the label with that name for screen readers.
    QString label(const QString& accessibleName)
    {
        for (const QLabel* label : window.findChildren<QLabel*>()) {
            if (label->accessibleName() == accessibleName)
                return label->text();
        }
        return {};
    }

    QString status() { return label(QStringLiteral("Run status")); }

    Chart* chart(const QString& accessibleName)
    {
        for (Chart* chart : window.charts()) {
            if (chart->accessibleName() == accessibleName)
                return chart;
        }
        return nullptr;
    }

    LessonReference lesson;
    LessonDescription description;
    MainWindow window;
};

} // namespace manyhands::app::test
