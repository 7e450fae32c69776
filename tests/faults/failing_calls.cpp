// SPDX-License-Identifier: MIT
// To be loaded before the C library: of all calls that make, write, close or rename a file in the
// folder MANYHANDS_FAIL_FOLDER, the MANYHANDS_FAIL_AT-th fails, counted from 1, as on a full or a
// broken disk. Everything else is passed on.
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

std::atomic<long> calls = 0;

template <typename Function>
Function original(const char* name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool is_ours(const char* path)
{
    const char* const folder = std::getenv("MANYHANDS_FAIL_FOLDER");
    return folder != nullptr && path != nullptr
        && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_ours(int fd)
{
    std::array<char, 64> link;
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
    std::array<char, PATH_MAX> path = {};
    // What has no name is no output.
    return ::readlink(link.data(), path.data(), path.size() - 1) > 0
        && std::strstr(path.data(), " (deleted)") == nullptr && is_ours(path.data());
}

/// Counts a call that concerns us; whether it is the one that fails.
bool fails(int error)
{
    const char* const at = std::getenv("MANYHANDS_FAIL_AT");
    if (++calls != (at == nullptr ? 0 : std::atol(at)))
        return false;
    errno = error;
    return true;
}

int open_or_fail(const char* name, const char* path, int flags, mode_t mode)
{
    const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    if (makes && is_ours(path) && fails(EDQUOT))
        return -1;
    return original<int (*)(const char*, int, ...)>(name)(path, flags, mode);
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_or_fail("open", path, flags, mode);
}

int open64(const char* path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_or_fail("open64", path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t count)
{
    if (is_ours(fd) && fails(ENOSPC))
        return -1;
    return original<ssize_t (*)(int, const void*, size_t)>("write")(fd, bytes, count);
}

int fsync(int fd)
{
    if (is_ours(fd) && fails(EIO))
        return -1;
    return original<int (*)(int)>("fsync")(fd);
}

int close(int fd)
{
    const bool fail = is_ours(fd) && fails(EIO);
    const int result = original<int (*)(int)>("close")(fd);
    if (!fail)
        return result;
    errno = EIO;
    return -1;
}

int rename(const char* from, const char* to) noexcept
{
    if (is_ours(to) && fails(EACCES))
        return -1;
    return original<int (*)(const char*, const char*)>("rename")(from, to);
}

} // extern "C"
