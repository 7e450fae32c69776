// SPDX-License-Identifier: MIT
// Takes a lesson through its phases and evaluates it: the life of a lesson's main process.
#pragma once

#include "engine/program/command_line.hpp"
#include "engine/program/lesson.hpp"
#include "engine/recording/run_recordings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// One run of a lesson in its main process. this_process is set up before.
class LessonRunner
{
public:
    LessonRunner(const Lesson& lesson, const LessonDescription& description,
        const ParameterValues& parameters, const ProgramArguments& arguments);

    /// Carries out all phases and the evaluation. Returns the exit code.
    int run();

    /// For the summary in a terminal, after run().
    const ResultDocument& document() const noexcept { return document_; }
    const std::vector<PhaseRecord>& phases() const noexcept { return phases_; }
    /// The recording of the shown repeat, or of the one that the run ended in.
    const Recording* shown_recording() const;
    std::optional<double> sequential_s() const;
    std::optional<double> wall_s() const;
    /// What ended the run early, one line; empty where nothing did.
    const std::string& problem() const noexcept { return problem_; }

private:
    void prepare_machine() const;
    void carry_out_phases();
    nlohmann::json phase(PhaseKind kind, int number, std::uint32_t group,
        const std::function<void(LessonRun&)>& function);
    void drain(bool at_once);
    void evaluate_shown();
    void evaluate(std::size_t repeat, const Recording& recording, ResultDocument& document) const;
    void take_over_repeats(Quantity& quantity) const;
    std::vector<double> walls(PhaseKind kind) const;

    const Lesson& lesson_;
    const LessonDescription& description_;
    const ParameterValues& parameters_;
    const ProgramArguments& arguments_;
    RunRecordings recordings_;
    std::chrono::steady_clock::time_point last_drain_;
    std::vector<PhaseRecord> phases_;
    std::vector<nlohmann::json> baseline_results_;
    std::vector<nlohmann::json> repeat_results_;
    std::vector<std::vector<Quantity>> repeat_quantities_; ///< of a measurement
    ResultDocument document_;
    std::string problem_;
};

} // namespace manyhands
