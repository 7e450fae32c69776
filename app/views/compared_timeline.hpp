// SPDX-License-Identifier: GPL-3.0-or-later
// A timeline that stands above or below those of other runs.
#pragma once

#include "app/views/compared_runs.hpp"
#include "app/views/timeline.hpp"

namespace manyhands::app {

/// The timeline of one run of a comparison: its lanes begin at the same place as those of the
/// others, and the lowest one alone labels the time that they share.
class ComparedTimeline : public Timeline
{
    Q_OBJECT

public:
    explicit ComparedTimeline(QWidget* parent = nullptr);

    /// `run`: its place among `runs`. Its view state must be aligned, as LinkedViews makes them.
    void setRun(std::shared_ptr<const ComparedRuns> runs, std::size_t run);
    /// Whether it stands below those of all other runs that have one.
    bool isLowest() const;

protected:
    void refresh(bool afresh) override;

private:
    std::shared_ptr<const ComparedRuns> m_runs;
    std::size_t m_run = 0;
};

} // namespace manyhands::app
