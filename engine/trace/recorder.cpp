// SPDX-License-Identifier: MIT
#include "engine/trace/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>
#include <new>

namespace manyhands {
namespace {

constexpr std::uint16_t most_places = 1023;
constexpr std::uint16_t most_gates = 1023;

std::atomic<std::uint32_t> recorders{0};

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

constinit Interned interned_by_main;

Recorder::Recorder(const Segment& segment, std::uint32_t slot, Interned& interned) noexcept
    : text_(segment.text_writer(slot))
    , source_(segment.header().clock.source)
    , traced_(segment.header().traced != 0)
    , id_(recorders.fetch_add(1, std::memory_order_relaxed) + 1)
    , interned_(&interned)
{
    if (traced_)
        ring_ = segment.ring_writer(slot);
}

// The entry of a place, or the free one that it would take.
std::size_t Interned::find(
    const char* file, std::uint32_t line, std::uint32_t recorder) const noexcept
{
    // The pointer identifies the file within one process; only the text crosses to others.
    std::size_t index
        = (reinterpret_cast<std::uintptr_t>(file) / 8 * 31 + line + recorder) % places_.size();
    while (places_[index].file != nullptr
        && (places_[index].file != file || places_[index].line != line
            || places_[index].recorder != recorder))
        index = (index + 1) % places_.size();
    return index;
}

void Interned::make_room()
{
    constexpr std::size_t least = 64;
    if (places_.size() > 2 * places_known_ + 1)
        return;
    std::vector<Place> old(std::max(2 * places_.size(), least));
    old.swap(places_);
    for (const Place& place : old) {
        if (place.file != nullptr)
            places_[find(place.file, place.line, place.recorder)] = place;
    }
}

std::uint16_t Recorder::place(const std::source_location& location) noexcept
{
    if (!traced_)
        return 0;
    const char* const file = location.file_name();
    const std::uint32_t line = location.line();
    std::vector<Interned::Place>& known = interned_->places_;
    if (!known.empty()) {
        const Interned::Place& place = known[interned_->find(file, line, id_)];
        if (place.file != nullptr)
            return place.id;
    }
    if (places_ == most_places)
        return 0;
    try {
        interned_->make_room();
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
    known[interned_->find(file, line, id_)] = {file, line, id_, id};
    ++interned_->places_known_;
    return id;
}

std::uint16_t Recorder::gate(std::string_view name) noexcept
{
    std::vector<Interned::Gate>& gates = interned_->gates_;
    const auto known = std::find_if(gates.begin(), gates.end(),
        [&](const Interned::Gate& one) { return one.recorder == id_ && one.name == name; });
    if (known != gates.end())
        return known->id;
    if (gates_ == most_gates)
        return unknown_gate;
    try {
        gates.push_back({std::string(name), id_, gates_});
    } catch (const std::bad_alloc&) {
        return unknown_gate;
    }
    if (text_.append(TextKind::gate, gates_, name))
        return gates_++;
    gates.pop_back();
    return unknown_gate;
}

} // namespace manyhands
