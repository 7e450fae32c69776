// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/option_values.hpp"

#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <system_error>
#include <utility>

namespace manyhands::app {

void refuseValue(std::string option, std::string_view value, std::string allowed)
{
    throw BadValue({.object = std::move(option),
        .problem = "has a value that is not allowed",
        .value = value.empty() ? "''" : shown(value),
        .limit = std::move(allowed)});
}

void checkRunFile(const std::string& file)
{
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status))
        throw BadValue({.object = file.empty() ? "''" : file, .problem = "does not exist"});
    if (!std::filesystem::is_regular_file(status))
        throw BadValue({.object = file, .problem = "is no file that can hold a run"});
}

void OutputPaths::take(const std::filesystem::path& path)
{
    if (!m_paths.insert(path.lexically_normal()).second)
        throw BadValue({.object = path.string(),
            .problem = "is named twice",
            .limit = "a file of its own for each output"});
}

} // namespace manyhands::app
