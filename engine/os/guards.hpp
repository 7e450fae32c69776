// SPDX-License-Identifier: MIT
// What keeps a process from outliving those it belongs to.
#pragma once

#include "engine/os/descriptor.hpp"

#include <string>
#include <vector>

namespace manyhands::os {

/// Has this process killed when its parent dies, and ends it at once where the parent has died
/// already. The kernel ties this to the parent's *thread* that started us: starters start from the
/// thread that lives as long as the process. `parent_pid` is whom we expect.
void die_with_parent(int parent_pid) noexcept;

/// Ends this process (SIGIO's default) when the last writing end of the pipe is closed, whatever
/// it is doing. The second guard, for what the first one does not see. Keeps one descriptor open
/// for as long as the process lives.
void die_with_lifeline(int read_end) noexcept;

/// The same for another process, told by its parent, which so spares it the time: `read_end`, from
/// another_end(), is one that both have open and nobody else has.
void tie_to_lifeline(int read_end, int pid) noexcept;

/// A reading end of the same pipe that is not shared with those who have `read_end`. Invalid where
/// there are no more descriptors.
Descriptor another_end(int read_end) noexcept;

/// Orphans below this process become its children, so that it can end and reap them.
void become_subreaper() noexcept;

/// No core file of a crash that is part of a lesson.
void forbid_core_files() noexcept;

/// The kernel, out of memory, takes process `pid`, a child, before the program that watches.
void volunteer_for_out_of_memory(int pid) noexcept;

/// The name that ps and top show for this process; cut to 15 characters.
void name_this_process(const std::string& name) noexcept;

/// Whether the last writing end of the pipe is closed.
bool is_cut(int read_end) noexcept;

/// Kills and reaps the children of this process that are called `name` (as by name_this_process)
/// and are none of `known`, and then theirs. Reads /proc: for when something went wrong.
void end_strays(const std::string& name, const std::vector<int>& known) noexcept;

/// Kills and reaps whatever still lives below this process. Only a subreaper sees all.
/// What it may not kill, since another user's program was started there, is left.
/// Returns how many were found.
int end_all_descendants() noexcept;

} // namespace manyhands::os
