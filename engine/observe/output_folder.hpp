// SPDX-License-Identifier: MIT
// A folder of files that is written beside its place and takes it when it is complete.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace manyhands {

/// Whether a file of that name may be replaced together with its folder.
using OursToReplace = std::function<bool(std::string_view name)>;

/// Throws BadValue naming `path` and the reason if no folder can be put there: what it stands in
/// does not exist or may not be written to, or it holds something that is not ours to replace.
void check_output_folder(const std::filesystem::path& path, const OursToReplace& ours);

/// A folder being written. Until commit() what stood at `path` is untouched, and without it no
/// trace remains. A folder that is there may be empty or hold nothing but files that are `ours`;
/// it is replaced as a whole. Every error is an Error naming `path`.
class OutputFolder
{
public:
    OutputFolder(std::filesystem::path path, OursToReplace ours);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// A whole file; `name` without folders.
    void write(const std::string& name, std::string_view bytes);
    /// Brings the folder to its place.
    void commit();

private:
    std::filesystem::path path_; ///< as the caller named it
    std::filesystem::path target_; ///< with links followed, no slash at its end
    std::filesystem::path temporary_; ///< empty once it is in its place
    OursToReplace ours_;
};

} // namespace manyhands
