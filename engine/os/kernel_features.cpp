// SPDX-License-Identifier: MIT
// The younger calls of the kernel that runs stand on, tried out.
#include "engine/os/kernel_features.hpp"

#include "engine/os/descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace manyhands {
namespace {

std::string problem_of(bool works)
{
    return works ? std::string() : std::generic_category().message(errno);
}

std::string try_sealed_memory()
{
    const os::Descriptor memory(::memfd_create("manyhands-try", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    return problem_of(memory && ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0);
}

std::string try_process_descriptor()
{
    const os::Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    return problem_of(static_cast<bool>(process));
}

std::string try_close_range()
{
    // Of descriptors that nobody can have.
    return problem_of(::syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
}

} // namespace

std::vector<KernelFeature> kernel_features()
{
    return {{"memfd_create", "3.17", try_sealed_memory()},
        {"pidfd_open", "5.3", try_process_descriptor()},
        {"close_range", "5.11", try_close_range()}};
}

} // namespace manyhands
