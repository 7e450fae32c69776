// SPDX-License-Identifier: MIT
#include "engine/trace/recorder.hpp"

#include <charconv>
#include <cstring>

namespace manyhands {
namespace {

constexpr std::uint16_t most_places = 1023;

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

std::uint16_t Recorder::place(const std::source_location& location) noexcept
{
    if (!traced_)
        return 0;
    // The pointer identifies the file within one process; only the text crosses to others.
    const char* const file = location.file_name();
    const std::uint32_t line = location.line();
    std::size_t index = (reinterpret_cast<std::uintptr_t>(file) / 8 * 31 + line) % known_.size();
    // Half full at the most, so a free entry ends every search.
    while (known_[index].file != nullptr) {
        if (known_[index].file == file && known_[index].line == line)
            return known_[index].id;
        index = (index + 1) % known_.size();
    }
    if (places_ == most_places)
        return 0;
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
    known_[index] = {file, line, id};
    return id;
}

} // namespace manyhands
