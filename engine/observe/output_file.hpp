// SPDX-License-Identifier: MIT
// A file that is written beside its place and takes it when it is complete.
#pragma once

#include "engine/os/descriptor.hpp"

#include <filesystem>
#include <string_view>

namespace manyhands {

/// Throws BadValue naming `path` and the reason if it can be seen now that nothing can be written
/// there: no such folder, a folder itself, no permission, a read-only file system. Changes nothing
/// (but tries a file of another name in the folder, where only that can tell).
void check_output_path(const std::filesystem::path& path);

/// A file being written. Until commit() what stood at `path` is untouched, and without it no
/// trace remains. A symbolic link is followed; what is no regular file (a device, a pipe) is
/// written directly. Every error is an Error naming `path`.
class OutputFile
{
public:
    explicit OutputFile(std::filesystem::path path);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    void write(std::string_view bytes);
    /// Brings the file to the disk and to its place.
    void commit();

private:
    std::filesystem::path path_; ///< as the caller named it
    std::filesystem::path target_; ///< with links followed
    std::filesystem::path temporary_; ///< empty where the target is written directly
    os::Descriptor file_;
};

} // namespace manyhands
