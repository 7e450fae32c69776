// SPDX-License-Identifier: GPL-3.0-or-later
// Who goes next where processes are held at gates: a person, a seed, or an order made to lose.
#pragma once

#include "app/views/microscope_facts.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands::app {

/// Chooses the next process, from the steps that were taken so far: it keeps no account of its own.
class StepChooser
{
public:
    enum class Kind : std::uint8_t { person, seed, losing };

    /// A run begins in which each process takes three steps for each of so many increments; 0 where
    /// that is not known.
    void begin(int increments);
    void setKind(Kind kind) { m_kind = kind; }
    Kind kind() const { return m_kind; }
    void setSeed(std::uint64_t seed) { m_seed = seed; }
    std::uint64_t seed() const { return m_seed; }

    /// The process (index into facts.processes) whose turn it is; nothing where a person chooses,
    /// it is not known yet, or nobody is left.
    std::optional<qsizetype> next(const MicroscopeFacts& facts) const;
    /// Why nobody can choose in this way, for a person; empty where it is possible.
    QString whyNot(Kind kind, const MicroscopeFacts& facts) const;
    /// All steps that there will be; 0 where that is not known.
    int allSteps(const MicroscopeFacts& facts) const;

private:
    /// The order for so many processes; empty where there is none.
    const std::vector<int>& schedule(Kind kind, int processes) const;
    /// Whether the steps taken are those at the beginning of a schedule.
    static bool begins(const std::vector<int>& schedule, const MicroscopeFacts& facts);

    int m_increments = 0;
    Kind m_kind = Kind::person;
    std::uint64_t m_seed = 1;

    /// The last one asked for: finding it takes a while.
    struct Found
    {
        Kind kind = Kind::person;
        int processes = 0;
        int increments = 0;
        std::uint64_t seed = 0;
        std::vector<int> schedule = {};
    };
    mutable Found m_found;
};

} // namespace manyhands::app
