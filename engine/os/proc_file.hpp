// SPDX-License-Identifier: MIT
// Files of /proc that are kept open and read again and again.
#pragma once

#include "engine/os/descriptor.hpp"

#include <cstddef>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace manyhands::os {

/// /proc/PID/NAME, or nothing open where it cannot be.
inline Descriptor open_figure(int pid, const char* name)
{
    const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

/// Reads a file from its beginning into `text`, ended by a zero; false where it cannot.
template <std::size_t size>
bool read_again(const Descriptor& file, char (&text)[size])
{
    const ssize_t length = file ? ::pread(file.get(), text, size - 1, 0) : -1;
    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

} // namespace manyhands::os
