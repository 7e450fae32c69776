// SPDX-License-Identifier: MIT
// Our own program, started once more as a command without a window.
#pragma once

#include "engine/launch/launch.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// A command of ours under way. Belongs to the thread that made it. Destroying it kills the command
/// and waits for it; what the command started goes with it.
class OwnProgram
{
public:
    /// Starts `program` (ours where empty) with `arguments`; it reads nothing. Throws MachineLacks.
    explicit OwnProgram(
        std::vector<std::string> arguments, const std::filesystem::path& program = {});
    ~OwnProgram();
    OwnProgram(const OwnProgram&) = delete;
    OwnProgram& operator=(const OwnProgram&) = delete;

    /// Takes in what it has printed; never blocks. Returns false once it has ended and all is taken
    /// in.
    bool poll();

    /// What it printed, at most the first 16 MiB.
    const std::string& output() const noexcept { return output_; }
    /// What it said on standard error, at most the first 64 KiB.
    const std::string& error_output() const noexcept { return error_output_; }
    /// Its exit code, or the negative number of the signal; nothing while it runs.
    std::optional<int> exit() const noexcept { return exit_; }

private:
    os::Descriptor output_end_;
    os::Descriptor error_end_;
    std::string output_;
    std::string error_output_;
    std::optional<int> exit_;
    Launched launched_;
};

} // namespace manyhands
