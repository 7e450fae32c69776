// SPDX-License-Identifier: MIT
#include "engine/program/program_function.hpp"

#include "engine/description/shown_text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace manyhands {
namespace {

namespace fs = std::filesystem;

// More than anybody reads beside a run.
constexpr std::uintmax_t largest_source_bytes = std::uintmax_t{256} << 10;
constexpr std::size_t longest_id = 64;

fs::path this_program()
{
    std::error_code error;
    const fs::path path = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::path("program") : path;
}

// Lower-case letters, digits and underscores, as ids have them.
std::string id_from(const std::string& name)
{
    std::string id = name.substr(0, longest_id);
    for (char& letter : id) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
        else if (!(letter >= 'a' && letter <= 'z') && !(letter >= '0' && letter <= '9'))
            letter = '_';
    }
    return id;
}

// "" where the file is not there, is none to be shown, or was changed since: its lines would be
// others than those that run.
std::string text_of_source(const fs::path& path)
{
    std::error_code error;
    if (!path.is_absolute() || !fs::is_regular_file(path, error)
        || fs::file_size(path, error) > largest_source_bytes || error
        || fs::last_write_time(path, error) > fs::last_write_time(this_program(), error) || error)
        return {};
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    return is_plain_text(text) ? text : std::string();
}

} // namespace

ProgramOfOneFunction::ProgramOfOneFunction(std::function<void(const Given&)> function,
    ProgramOptions options, std::span<const EmbeddedFile> embedded,
    const std::source_location& where)
    : function_(std::move(function))
    , options_(std::move(options))
    , files_(embedded.begin(), embedded.end())
{
    if (files_.empty()) {
        source_ = text_of_source(where.file_name());
        if (!source_.empty())
            files_.push_back({.path = where.file_name(), .sha256 = {}, .text = source_});
    }
    for (const EmbeddedFile& file : files_) {
        if (file.path.ends_with(".md"))
            lesson_.text = file.path;
        else
            lesson_.sources.push_back(file.path);
    }
    if (!options_.text.empty())
        lesson_.text = {};
    lesson_.describe = [this] { return describe(); };
    lesson_.run = [this, where](LessonRun& run) {
        const StateSpan computing(State::computing, event_without_subject, where);
        function_(Given(run.parameters(), run.seed()));
    };
}

LessonDescription ProgramOfOneFunction::describe() const
{
    const std::string name = this_program().filename().string();
    LessonDescription description;
    description.id = id_from(name);
    description.title = options_.title.empty() ? name : options_.title;
    description.text = options_.text;
    description.parameters = options_.parameters;
    description.baseline = false;
    description.memory = options_.memory;
    return description;
}

} // namespace manyhands
