// SPDX-License-Identifier: GPL-3.0-or-later
// What drawing needs of Qt where there is no display.
#pragma once

#include <QApplication>
#include <QTemporaryDir>

#include <optional>

namespace manyhands::app {

/// A QApplication on the offscreen platform, as long as this lives; the one that is there where
/// there is one.
class OffscreenApplication
{
public:
    OffscreenApplication();
    ~OffscreenApplication();
    OffscreenApplication(const OffscreenApplication&) = delete;
    OffscreenApplication& operator=(const OffscreenApplication&) = delete;

private:
    std::optional<QTemporaryDir> m_runtimeFolder;
    char m_name[10] = "manyhands";
    char* m_arguments[2] = {m_name, nullptr};
    int m_count = 1;
    std::optional<QApplication> m_application;
};

} // namespace manyhands::app
