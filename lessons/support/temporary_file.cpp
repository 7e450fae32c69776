// SPDX-License-Identifier: MIT
#include "lessons/support/temporary_file.hpp"

#include "engine/os/error.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>

namespace manyhands::lessons {

TemporaryFile::TemporaryFile()
{
    const std::string folder = std::filesystem::temp_directory_path().string();
    descriptor_.reset(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (descriptor_)
        return;
    // Some file systems know no files without a name: there it loses its name at once.
    std::string name = folder + "/manyhands-XXXXXX";
    descriptor_.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (!descriptor_)
        throw system_error("folder for temporary files " + folder, "takes no file", errno);
    ::unlink(name.c_str());
}

void TemporaryFile::append(std::span<const std::byte> bytes)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (os::write_all(descriptor_.get(), text))
        return;
    if (errno == ENOSPC || errno == EDQUOT)
        throw MachineLacks({.object = "folder for temporary files",
            .problem = "has no room for the file",
            .advice = "make room, or set TMPDIR to another folder"});
    throw system_error("temporary file", "cannot be written", errno);
}

void TemporaryFile::read(std::uint64_t offset, std::span<std::byte> bytes) const
{
    while (!bytes.empty()) {
        const ::ssize_t count
            = ::pread(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw system_error("temporary file", "cannot be read", errno);
        if (count == 0)
            throw Error({.object = "temporary file",
                .problem = "ends too early",
                .value = std::to_string(offset)});
        offset += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

} // namespace manyhands::lessons
