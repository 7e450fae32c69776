// SPDX-License-Identifier: MIT
#include "engine/trace/recorder.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>

namespace manyhands {
namespace {

constexpr std::uint16_t most_places = 1023;
constexpr std::size_t most_gates = 1023;

// "FILE\nLINE\nFUNCTION", cut to the buffer.
struct PlaceText
{
    char text[512];
    std::size_t length = 0;

    void append(std::string_view part) noexcept
    {
        const std::size_t room = sizeof text - length;
        const std::size_t count = part.size() < room ? part.size() : room;
        std::memcpy(text + length, part.data(), count);
        length += count;
    }
};

} // namespace

Recorder::Recorder(const Segment& segment, std::uint32_t slot) noexcept
    : text_(segment.text_writer(slot))
    , source_(segment.header().clock.source)
    , traced_(segment.header().traced != 0)
{
    if (traced_)
        ring_ = segment.ring_writer(slot);
}

// The entry of a place, or the free one that it would take.
std::size_t Recorder::find(const char* file, std::uint32_t line) const noexcept
{
    // The pointer identifies the file within one process; only the text crosses to others.
    std::size_t index = (reinterpret_cast<std::uintptr_t>(file) / 8 * 31 + line) % known_.size();
    while (
        known_[index].file != nullptr && (known_[index].file != file || known_[index].line != line))
        index = (index + 1) % known_.size();
    return index;
}

void Recorder::make_room()
{
    constexpr std::size_t least = 64;
    if (known_.size() > 2 * std::size_t{places_} + 1)
        return;
    std::vector<KnownPlace> old(std::max(2 * known_.size(), least));
    old.swap(known_);
    for (const KnownPlace& place : old) {
        if (place.file != nullptr)
            known_[find(place.file, place.line)] = place;
    }
}

std::uint16_t Recorder::place(const std::source_location& location) noexcept
{
    if (!traced_)
        return 0;
    const char* const file = location.file_name();
    const std::uint32_t line = location.line();
    if (!known_.empty()) {
        const KnownPlace& known = known_[find(file, line)];
        if (known.file != nullptr)
            return known.id;
    }
    if (places_ == most_places)
        return 0;
    try {
        make_room();
    } catch (const std::bad_alloc&) {
        return 0; // a lesson about memory may have none left
    }
    char number[16];
    const auto digits = std::to_chars(number, number + sizeof number, line);
    PlaceText text;
    text.append(file);
    text.append("\n");
    text.append({number, static_cast<std::size_t>(digits.ptr - number)});
    text.append("\n");
    text.append(location.function_name());
    const auto id = static_cast<std::uint16_t>(places_ + 1);
    if (!text_.append(TextKind::place, id, {text.text, text.length}))
        return 0;
    places_ = id;
    known_[find(file, line)] = {file, line, id};
    return id;
}

std::uint16_t Recorder::gate(std::string_view name) noexcept
{
    const auto known = std::find(gates_.begin(), gates_.end(), name);
    const auto id = static_cast<std::uint16_t>(known - gates_.begin());
    if (known != gates_.end())
        return id;
    if (gates_.size() == most_gates)
        return unknown_gate;
    try {
        gates_.emplace_back(name);
    } catch (const std::bad_alloc&) {
        return unknown_gate;
    }
    if (text_.append(TextKind::gate, id, name))
        return id;
    gates_.pop_back();
    return unknown_gate;
}

} // namespace manyhands
