// SPDX-License-Identifier: MIT
#include "engine/trace/this_process.hpp"

#include "engine/os/descriptor.hpp"

#include <unistd.h>

namespace manyhands {

constinit thread_local ThisProcess this_process;
Segment ThisProcess::segment;
Arena* ThisProcess::arena = nullptr;
bool ThisProcess::functions_compute = false;

void print(std::string_view line)
{
    if (this_process.segment) {
        this_process.recorder.text(TextKind::output_line, 0, line);
        if (this_process.segment.header().observed != 0)
            return;
    }
    std::string whole(line);
    whole += '\n';
    os::write_all(STDOUT_FILENO, whole);
}

} // namespace manyhands
