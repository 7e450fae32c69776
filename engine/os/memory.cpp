// SPDX-License-Identifier: MIT
#include "engine/os/memory.hpp"

#include "engine/os/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace manyhands::os {
namespace {

constexpr int size_seals = F_SEAL_SHRINK | F_SEAL_GROW;

}

SharedMemory::SharedMemory(const char* name, std::size_t bytes)
    : descriptor_(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING))
    , size_(bytes)
{
    if (!descriptor_)
        throw system_error("shared memory", "could not be made", errno);
    if (::ftruncate(descriptor_.get(), static_cast<off_t>(bytes)) != 0)
        throw system_error(
            "shared memory", "of " + std::to_string(bytes) + " bytes could not be made", errno);
    if (::fcntl(descriptor_.get(), F_ADD_SEALS, size_seals | F_SEAL_SEAL) != 0)
        throw system_error("shared memory", "could not be sealed", errno);
    map();
}

SharedMemory::SharedMemory(Descriptor descriptor, std::size_t least_bytes)
    : descriptor_(std::move(descriptor))
{
    struct stat status;
    if (::fstat(descriptor_.get(), &status) != 0)
        throw system_error("shared memory", "was not handed over", errno);
    const int seals = ::fcntl(descriptor_.get(), F_GET_SEALS);
    if (seals < 0 || (seals & size_seals) != size_seals)
        throw Error(
            {.object = "shared memory", .problem = "is not sealed against a change of size"});
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ < least_bytes)
        throw Error({.object = "shared memory",
            .problem = "is too small",
            .value = std::to_string(size_) + " bytes",
            .limit = "at least " + std::to_string(least_bytes)});
    map();
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : descriptor_(std::move(other.descriptor_))
    , data_(std::exchange(other.data_, nullptr))
    , size_(std::exchange(other.size_, 0))
{
}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept
{
    if (this != &other) {
        if (data_ != nullptr)
            ::munmap(data_, size_);
        descriptor_ = std::move(other.descriptor_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

SharedMemory::~SharedMemory()
{
    if (data_ != nullptr)
        ::munmap(data_, size_);
}

void SharedMemory::back(std::size_t offset, std::size_t bytes) const
{
    int error = 0;
    do {
        error = ::posix_fallocate(
            descriptor_.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes));
    } while (error == EINTR);
    if (error != 0)
        throw system_error(
            "shared memory", "has no room for " + std::to_string(bytes) + " bytes more", error);
}

void SharedMemory::punch(std::size_t offset, std::size_t bytes) const noexcept
{
    ::fallocate(descriptor_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
        static_cast<off_t>(offset), static_cast<off_t>(bytes));
}

void SharedMemory::map()
{
    void* const mapped = ::mmap(
        nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor_.get(), 0);
    if (mapped == MAP_FAILED)
        throw system_error("shared memory", "could not be mapped", errno);
    data_ = static_cast<std::byte*>(mapped);
}

} // namespace manyhands::os
