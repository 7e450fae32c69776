// SPDX-License-Identifier: MIT
#include "engine/observe/output_file.hpp"

#include "engine/os/error.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <limits.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

namespace fs = std::filesystem;

constexpr mode_t permissions = 0666; ///< less the umask, as for any file that a program makes
constexpr int most_links = 40; ///< the kernel's own limit

std::string text_of(int error_number)
{
    return std::generic_category().message(error_number);
}

[[noreturn]] void refuse(const fs::path& path, const std::string& reason)
{
    throw BadValue({.object = path.string(),
        .problem = "cannot be written: " + reason,
        .limit = "a file in a folder that exists and may be written to"});
}

/// The folder that holds `path`.
fs::path folder_of(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Where `path` leads in the end, be there a file or not; empty with errno set where nowhere.
fs::path follow_links(fs::path path)
{
    for (int links = 0; links < most_links; ++links) {
        std::array<char, PATH_MAX> text;
        const ssize_t length = ::readlink(path.c_str(), text.data(), text.size());
        if (length < 0)
            return path; // no link; or nothing at all, which whoever opens it is told
        const fs::path next(std::string(text.data(), static_cast<std::size_t>(length)));
        path = next.is_absolute() ? next : folder_of(path) / next;
    }
    errno = ELOOP;
    return {};
}

/// Whether `path` is something other than a regular file, to be written in place.
bool written_directly(const fs::path& path)
{
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

/// Makes and opens a new file in `folder` under a name of its own; -1 with errno set.
int open_temporary(const fs::path& folder, fs::path& name)
{
    std::random_device random;
    while (true) {
        const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
        std::array<char, 16> digits;
        const auto end
            = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
        name = folder / (".manyhands-" + std::string(digits.data(), end) + ".tmp");
        const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
}

/// 0, or the error that making a file in `folder` ends with. Permissions alone do not tell: root
/// has them all, and /proc says yes and then refuses.
int try_folder(const fs::path& folder)
{
    const os::Descriptor unnamed(
        ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, permissions));
    if (unnamed)
        return 0;
    if (errno != EOPNOTSUPP && errno != EISDIR)
        return errno;
    // A file system without unnamed files.
    fs::path name;
    const os::Descriptor named(open_temporary(folder, name));
    if (!named)
        return errno;
    ::unlink(name.c_str());
    return 0;
}

} // namespace

void check_output_path(const fs::path& path)
{
    if (path.empty())
        refuse("''", "the name is empty");
    struct stat status;
    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode))
            refuse(path, "it is a folder");
        if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0)
            refuse(path, text_of(errno));
        if (!S_ISREG(status.st_mode))
            return;
    } else if (errno != ENOENT) {
        refuse(path, text_of(errno)); // a part of it is no folder, the name is too long
    }
    const fs::path target = follow_links(path);
    if (target.empty())
        refuse(path, text_of(errno));
    if (!target.has_filename())
        refuse(path, "it names a folder");
    const fs::path folder = folder_of(target);
    if (::stat(folder.c_str(), &status) != 0)
        refuse(path, "the folder " + folder.string() + ": " + text_of(errno));
    if (const int error = try_folder(folder); error != 0)
        refuse(path, "the folder " + folder.string() + ": " + text_of(error));
}

OutputFile::OutputFile(fs::path path)
    : path_(std::move(path))
{
    if (written_directly(path_)) {
        target_ = path_;
        // A named pipe that nobody reads is an error then, not a wait for ever.
        file_.reset(::open(path_.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
        if (file_)
            ::fcntl(file_.get(), F_SETFL, ::fcntl(file_.get(), F_GETFL) & ~O_NONBLOCK);
    } else {
        target_ = follow_links(path_);
        if (!target_.empty())
            file_.reset(open_temporary(folder_of(target_), temporary_));
    }
    if (!file_) {
        temporary_.clear();
        throw system_error(path_.string(), "could not be written", errno);
    }
}

OutputFile::~OutputFile()
{
    if (!temporary_.empty())
        ::unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view bytes)
{
    if (!os::write_all(file_.get(), bytes))
        throw system_error(path_.string(), "could not be written", errno);
}

void OutputFile::commit()
{
    const auto check = [this](int result) {
        if (result != 0)
            throw system_error(path_.string(), "could not be written", errno);
    };
    // Full quotas and remote disks tell of failed writes only here and at the close.
    if (!temporary_.empty())
        check(::fsync(file_.get()));
    check(::close(file_.release()));
    if (!temporary_.empty()) {
        check(std::rename(temporary_.c_str(), target_.c_str()));
        temporary_.clear();
    }
}

} // namespace manyhands
