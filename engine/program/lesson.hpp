// SPDX-License-Identifier: MIT
// How a lesson is declared: what it says of itself, and its functions.
#pragma once

#include "engine/analysis/speedup.hpp"
#include "engine/description/lesson_description.hpp"
#include "engine/description/result_document.hpp"
#include "engine/pool/pool.hpp"
#include "engine/process/process.hpp"
#include "engine/program/embedded_files.hpp"
#include "engine/recording/recording.hpp"
#include "engine/trace/this_process.hpp"

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// What a lesson's functions get: its parameters, and a place for its result. One for each phase.
class LessonRun
{
public:
    LessonRun(const ParameterValues& parameters, std::uint64_t seed)
        : parameters_(parameters)
        , seed_(seed)
    {
    }

    /// The value of a parameter, as the description's type says: std::int64_t, double, std::string.
    template <class Value>
    Value parameter(std::string_view name) const
    {
        return std::get<Value>(parameters_.at(std::string(name)));
    }
    std::int64_t whole(std::string_view name) const { return parameter<std::int64_t>(name); }
    std::uint64_t seed() const noexcept { return seed_; }
    const ParameterValues& parameters() const noexcept { return parameters_; }

    nlohmann::json result; ///< the lesson's own

private:
    const ParameterValues& parameters_;
    std::uint64_t seed_;
};

/// What a lesson computes its quantities and checks from, after a run.
struct Evaluation
{
    const ParameterValues& parameters;
    std::uint64_t seed;
    const Recording& recording; ///< of the shown repeat; without spans in an untraced run
    bool traced;
    const nlohmann::json& result; ///< of the shown repeat
    const nlohmann::json& baseline; ///< of its baseline; null where that was known before
    std::uint64_t work; ///< done in the shown repeat
    std::optional<std::uint64_t> baseline_work;
    double wall_s;
    std::optional<double> sequential_s;
};

/// A lesson.
struct Lesson
{
    /// Everything but the text and the sources, which are embedded. Called where the lesson is to
    /// run, so that defaults may depend on the machine.
    std::function<LessonDescription()> describe = {};
    std::string_view text = {}; ///< path of the embedded Markdown
    std::vector<std::string_view> sources = {}; ///< paths of embedded sources
    /// The work in the main process alone, without pool and queue; nullptr where there is none.
    std::function<void(LessonRun&)> baseline = nullptr;
    /// The work with processes.
    std::function<void(LessonRun&)> run = nullptr;
    /// Fills in quantities, checks, quiz, series, result and summary. Called after each repeat that
    /// is measured, and at the end for the shown one. May be nullptr.
    std::function<void(const Evaluation&, ResultDocument&)> evaluate = nullptr;
    /// What `--check` runs: parameters of small runs, `name=value` words separated by blanks.
    std::vector<std::string_view> check_runs = {""};
};

/// The main of a lesson program. Called first; in a worker process it does not return. Answers
/// `--describe`, or runs a lesson: observed by the app, or alone, with a summary in the terminal.
/// Returns the exit code. Without `files`, texts and sources are what embedded_files() says.
int run(int argc, char** argv, std::span<const Lesson> lessons);
int run(
    int argc, char** argv, std::span<const Lesson> lessons, std::span<const EmbeddedFile> files);

} // namespace manyhands
