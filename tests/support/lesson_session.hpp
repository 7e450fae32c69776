// SPDX-License-Identifier: MIT
// Runs lessons for tests, observed as the app observes them, and counts what they leave behind.
#pragma once

#include "engine/observe/session.hpp"

#include <QString>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace manyhands::tests {

/// Path of a program that the build made.
std::string built_program(const std::string& name);

/// A session of lesson `id` of a built program; `words` are name=value.
std::unique_ptr<Session> start_lesson(const std::string& program, const std::string& id,
    const std::vector<std::string>& words = {}, std::optional<int> repeats = {},
    bool traced = true);

/// The same before it is started.
SessionOptions lesson_options(
    const std::string& program, const std::string& id, const std::vector<std::string>& words = {});

/// Polls until `condition` holds; false where the session ends before, or after a minute.
bool poll_until(Session& session, const std::function<bool()>& condition);

/// Polls until the session has finished; false after a minute, with the run killed.
bool finish(Session& session);

/// Descriptors of this process, and its living or unreaped descendants: the same before and after.
struct Leftovers
{
    int descriptors;
    int descendants;

    bool operator==(const Leftovers&) const = default;
};
Leftovers count_leftovers();

/// Reads a file of the source tree.
std::string source_file(const std::string& path);

} // namespace manyhands::tests
