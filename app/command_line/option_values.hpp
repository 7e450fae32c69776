// SPDX-License-Identifier: GPL-3.0-or-later
// What the values of options have in common: numbers, files to read, files to write.
#pragma once

#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace manyhands::app {

/// The number that a text is as a whole; nothing for any other text.
template <typename Number>
std::optional<Number> numberFrom(std::string_view text)
{
    Number value = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc() || end != last)
        return std::nullopt;
    return value;
}

/// Throws BadValue: the option has a value that is not allowed.
[[noreturn]] void refuseValue(std::string option, std::string_view value, std::string allowed);

/// Throws BadValue for what can be no run, as far as can be seen without reading it.
void checkRunFile(const std::string& file);

/// The files that a command is to write: each stands for one thing.
class OutputPaths
{
public:
    /// Nothing is to be written there, since it is read; may be said again.
    void forbid(const std::filesystem::path& path) { m_paths.insert(path.lexically_normal()); }
    /// Throws BadValue for one that was taken or forbidden before, however it was spelt.
    void take(const std::filesystem::path& path);

private:
    std::set<std::filesystem::path> m_paths;
};

} // namespace manyhands::app
