// SPDX-License-Identifier: MIT
#include "engine/description/shown_text.hpp"

#include <cstddef>
#include <cstdint>

namespace manyhands {
namespace {

constexpr std::size_t most_bytes_shown = 60;

bool obeyed_not_shown(std::uint32_t character) noexcept
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) // C0, delete, C1
        || character == 0x2028 || character == 0x2029 // line, paragraph
        || (character >= 0x202a && character <= 0x202e) // direction
        || (character >= 0x2066 && character <= 0x2069);
}

/// A character at the beginning of a text.
struct Character
{
    std::size_t bytes = 0; ///< 0: not UTF-8
    std::uint32_t code = 0;
};

Character first_character(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80)
        return {1, lead};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes)
        return {};
    std::uint32_t code = lead & (0xffU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xc0U) != 0x80)
            return {};
        code = code << 6 | (byte(i) & 0x3fU);
    }
    const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (too_long || surrogate || code > 0x10ffff)
        return {};
    return {bytes, code};
}

/// Takes the character at the beginning of `text` off it; "" where it is not one to show.
std::string_view take_shown(std::string_view& text, std::string_view allowed_too) noexcept
{
    const Character character = first_character(text);
    const bool fits = character.bytes != 0
        && (!obeyed_not_shown(character.code) || allowed_too.find(text[0]) != text.npos);
    const std::string_view taken = text.substr(0, fits ? character.bytes : 0);
    text.remove_prefix(character.bytes != 0 ? character.bytes : 1);
    return taken;
}

bool all_shown(std::string_view text, std::string_view allowed_too) noexcept
{
    while (!text.empty()) {
        if (take_shown(text, allowed_too).empty())
            return false;
    }
    return true;
}

constexpr std::string_view line_breaks = "\n\r\t";

} // namespace

bool is_one_line(std::string_view text) noexcept
{
    return all_shown(text, "");
}

bool is_plain_text(std::string_view text) noexcept
{
    return all_shown(text, line_breaks);
}

std::string plain_text(std::string_view text)
{
    std::string plain;
    plain.reserve(text.size());
    while (!text.empty()) {
        const std::string_view character = take_shown(text, line_breaks);
        plain += character.empty() ? "?" : character;
    }
    return plain;
}

std::string shown(std::string_view text)
{
    std::string line;
    while (!text.empty()) {
        const std::string_view character = take_shown(text, "");
        const std::string_view piece = character.empty() ? "?" : character;
        if (line.size() + piece.size() > most_bytes_shown)
            return line + "…";
        line += piece;
    }
    return line;
}

} // namespace manyhands
