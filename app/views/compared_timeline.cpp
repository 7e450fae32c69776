// SPDX-License-Identifier: GPL-3.0-or-later
// A timeline that stands above or below those of other runs.
#include "app/views/compared_timeline.hpp"

#include "app/views/wording.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

/// Names are wider than letters are on average, and the marked one is bold.
constexpr double nameWidening = 1.25;

/// Letters of the longest name of a lane in all runs.
int longestName(const ComparedRuns& runs)
{
    qsizetype letters = 0;
    for (const AlignedRun& run : runs.runs) {
        const Recording& recording = *run.run->recording;
        for (std::size_t lane = 0; lane < recording.lanes().size(); ++lane)
            letters = std::max(letters, laneName(recording, lane, false).size());
    }
    return static_cast<int>(static_cast<double>(letters) * nameWidening) + 1;
}

} // namespace

ComparedTimeline::ComparedTimeline(QWidget* parent)
    : Timeline(parent)
{
}

void ComparedTimeline::setRun(std::shared_ptr<const ComparedRuns> runs, std::size_t run)
{
    m_runs = std::move(runs);
    m_run = run;
    const AlignedRun& one = m_runs->runs[run];
    setTitle(tr("%1  %2").arg(signOfRun(run), one.name));
    setAccessibleName(tr("Process timeline chart of %1").arg(one.label));
    setNameRoom(longestName(*m_runs));
    setTimeLabelled(isLowest());
    showRun(one.facts);
}

bool ComparedTimeline::isLowest() const
{
    if (!m_runs)
        return false;
    for (std::size_t below = m_run + 1; below < m_runs->runs.size(); ++below) {
        if (m_runs->runs[below].run->traced)
            return false;
    }
    return true;
}

void ComparedTimeline::refresh(bool afresh)
{
    if (m_runs && !m_runs->runs[m_run].run->traced) {
        setRows({}, {});
        setEmpty(tr("No timeline"), tr("This run was recorded without a trace (--no-trace)."));
        return;
    }
    Timeline::refresh(afresh);
}

} // namespace manyhands::app
