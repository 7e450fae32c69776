// SPDX-License-Identifier: MIT
#include "engine/observe/output_folder.hpp"

#include "engine/observe/output_file.hpp"
#include "engine/os/error.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace manyhands {
namespace {

namespace fs = std::filesystem;

constexpr mode_t permissions = 0777; ///< less the umask, as for any folder that a program makes

/// Where the folder will stand; throws BadValue where that cannot be told.
fs::path target_of(const fs::path& path)
{
    std::error_code error;
    fs::path target = fs::weakly_canonical(fs::absolute(path, error), error);
    if (path.empty() || error)
        throw BadValue({.object = path.empty() ? "''" : path.string(),
            .problem = "cannot be made a folder: "
                + (path.empty() ? std::string("the name is empty") : error.message()),
            .limit = "a name in a folder that exists and may be written to"});
    return target.has_filename() ? target : target.parent_path();
}

/// Something in the folder that must not go; empty where there is nothing.
std::string not_ours(const fs::path& folder, const OursToReplace& ours)
{
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!ours(name) || !entry.is_regular_file(error))
            return name;
    }
    return {};
}

/// Removes a folder of ours; what has come into it since stays, and the folder with it.
void remove_ours(const fs::path& folder, const OursToReplace& ours)
{
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        if (ours(entry.path().filename().string()))
            fs::remove(entry.path(), ignored);
    }
    fs::remove(folder, ignored);
}

} // namespace

void check_output_folder(const fs::path& path, const OursToReplace& ours)
{
    const fs::path target = target_of(path);
    std::error_code error;
    if (fs::exists(target, error) && !fs::is_directory(target, error))
        throw BadValue({.object = path.string(),
            .problem = "is a file, not a folder",
            .limit = "a folder that is empty or not there yet"});
    const std::string other = not_ours(target, ours);
    if (!other.empty())
        throw BadValue({.object = path.string(),
            .problem = "is not empty: it holds " + other,
            .limit = "a folder that is empty, not there yet, or of frames made before"});
    // It takes its place by a new name in the folder that it stands in.
    check_output_path(target.parent_path() / (target.filename().string() + ".tmp"));
}

OutputFolder::OutputFolder(fs::path path, OursToReplace ours)
    : path_(std::move(path))
    , target_(target_of(path_))
    , ours_(std::move(ours))
{
    check_output_folder(path_, ours_);
    std::random_device random;
    while (temporary_.empty()) {
        const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
        std::array<char, 16> digits;
        const auto end
            = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
        const fs::path name
            = target_.parent_path() / (".manyhands-" + std::string(digits.data(), end) + ".tmp");
        if (::mkdir(name.c_str(), permissions) == 0)
            temporary_ = name;
        else if (errno != EEXIST)
            throw system_error(path_.string(), "could not be written", errno);
    }
}

OutputFolder::~OutputFolder()
{
    if (!temporary_.empty())
        remove_ours(temporary_, [](std::string_view) { return true; });
}

void OutputFolder::write(const std::string& name, std::string_view bytes)
{
    try {
        OutputFile file(temporary_ / name);
        file.write(bytes);
        file.commit();
    } catch (const Error& error) {
        throw system_error((path_ / name).string(), "could not be written", error.code().value());
    }
}

void OutputFolder::commit()
{
    std::error_code error;
    if (!fs::exists(target_, error)) {
        if (std::rename(temporary_.c_str(), target_.c_str()) != 0)
            throw system_error(path_.string(), "could not be written", errno);
        temporary_.clear();
        return;
    }
    check_output_folder(path_, ours_);
    // Both at once: there is no moment without a whole folder.
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0)
        throw system_error(path_.string(), "could not be replaced", errno);
    remove_ours(temporary_, ours_);
    temporary_.clear();
}

} // namespace manyhands
