// SPDX-License-Identifier: MIT
// What a lesson program sends up when its run has ended: the figures that only it knows.
#pragma once

#include "engine/description/guide.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// A failed task or process.
struct Failure
{
    std::string process; ///< its name: "Worker-2"
    int pid = 0;
    std::optional<std::uint32_t> task;
    std::string argument; ///< the task's, as text
    std::string kind;     ///< "exception", "signal", "exit" or "timeout"
    int value = 0;        ///< the signal or exit code; 0 for an exception
    std::string text;     ///< for a person: "std::runtime_error: no such file"
};

/// A claim of the lesson about this run.
struct Check
{
    std::string claim;        ///< "every prime is found"
    std::optional<bool> held; ///< nothing where the claim does not apply
};

/// A quantity of a run: the median where it was measured several times, in the rounds of one repeat
/// or in several repeats; nothing where the run was too short to know it.
struct Quantity
{
    std::string name;
    std::optional<double> value;
    std::optional<double> low = {}; ///< first quartile of several
    std::optional<double> high = {}; ///< third quartile
    int samples = 1; ///< how often it was measured
};

/// The result document.
struct ResultDocument
{
    std::vector<Quantity> quantities;
    std::vector<Check> checks;
    std::vector<Failure> failures;
    std::vector<QuizQuestion> quiz = {}; ///< questions on this very run
    std::vector<Series> series = {}; ///< of the lesson's own views
    nlohmann::json result; ///< the lesson's own
    std::string summary;   ///< the lesson's own words for a terminal, lines
};

nlohmann::json to_json(const ResultDocument& document);
/// Throws BadValue naming the field where `json` is not a result document.
ResultDocument result_document_from(const nlohmann::json& json);

} // namespace manyhands
