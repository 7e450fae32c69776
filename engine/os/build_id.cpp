// SPDX-License-Identifier: MIT
#include "engine/os/build_id.hpp"

#include <cstring>
#include <elf.h>
#include <link.h>

extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

namespace manyhands::os {

std::uintptr_t image_base() noexcept
{
    return reinterpret_cast<std::uintptr_t>(&__ehdr_start);
}

BuildId build_id() noexcept
{
    BuildId id = {};
    const std::uintptr_t base = image_base();
    const auto* headers = reinterpret_cast<const ElfW(Phdr)*>(base + __ehdr_start.e_phoff);
    std::uintptr_t lowest = UINTPTR_MAX;
    for (int i = 0; i < __ehdr_start.e_phnum; ++i) {
        if (headers[i].p_type == PT_LOAD && headers[i].p_vaddr < lowest)
            lowest = headers[i].p_vaddr;
    }
    for (int i = 0; i < __ehdr_start.e_phnum; ++i) {
        if (headers[i].p_type != PT_NOTE)
            continue;
        std::uintptr_t at = base - lowest + headers[i].p_vaddr;
        const std::uintptr_t end = at + headers[i].p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
            const std::uintptr_t name = at + sizeof *note;
            const std::uintptr_t description = name + ((note->n_namesz + 3U) & ~3U);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4
                && std::memcmp(reinterpret_cast<const void*>(name), "GNU", 4) == 0) {
                const std::size_t length = note->n_descsz < id.size() ? note->n_descsz : id.size();
                std::memcpy(id.data(), reinterpret_cast<const void*>(description), length);
                return id;
            }
            at = description + ((note->n_descsz + 3U) & ~3U);
        }
    }
    return id;
}

} // namespace manyhands::os
