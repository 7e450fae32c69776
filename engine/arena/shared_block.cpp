// SPDX-License-Identifier: MIT
#include "engine/arena/shared_block.hpp"

#include "engine/os/error.hpp"
#include "engine/trace/this_process.hpp"

#include <cstring>
#include <string>
#include <utility>

namespace manyhands {

SharedBlock::SharedBlock(std::string_view object, std::size_t bytes, Destroy destroy)
    : destroy_(destroy)
    , owner_(this_process.slot_number)
{
    if (this_process.arena == nullptr)
        throw Error({.object = std::string(object),
            .problem = "needs the shared memory of a run",
            .advice = "make it in a lesson's functions, which manyhands::run() calls"});
    try {
        offset_ = this_process.arena->allocate(bytes, Arena::shared_owner);
    } catch (const Error& error) {
        throw Error({.object = std::string(object),
            .problem = "finds no room in the shared memory of the run",
            .value = error.value(),
            .limit = error.limit()});
    }
    std::memset(memory(), 0, bytes);
}

SharedBlock::SharedBlock(SharedBlock&& other) noexcept
    : offset_(other.offset_)
    , destroy_(other.destroy_)
    , owner_(std::exchange(other.owner_, no_owner))
{
}

SharedBlock& SharedBlock::operator=(SharedBlock other) noexcept
{
    std::swap(offset_, other.offset_);
    std::swap(destroy_, other.destroy_);
    std::swap(owner_, other.owner_);
    return *this;
}

SharedBlock::~SharedBlock()
{
    // A forked process has copies of its parent's handles, and owns none of them.
    if (owner_ == this_process.slot_number && offset_ != 0 && this_process.arena != nullptr)
        this_process.arena->retire(offset_, destroy_);
}

std::byte* SharedBlock::memory() const noexcept
{
    return this_process.arena->at(offset_);
}

} // namespace manyhands
