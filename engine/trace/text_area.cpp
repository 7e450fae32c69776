// SPDX-License-Identifier: MIT
#include "engine/trace/text_area.hpp"

#include <cstring>
#include <limits>

namespace manyhands {
namespace {

// What stands before each record's text. Records begin at multiples of 8.
struct RecordHeader
{
    std::uint32_t bytes; // of the text
    TextKind kind;
    std::uint16_t id;
};
static_assert(sizeof(RecordHeader) == 8);

constexpr std::size_t record_bytes(std::size_t text_bytes)
{
    return (sizeof(RecordHeader) + text_bytes + 7) & ~std::size_t{7};
}

} // namespace

std::string exception_words(std::string_view text)
{
    std::string words(text);
    const std::size_t newline = words.find('\n');
    return newline == std::string::npos ? words : words.replace(newline, 1, ": ");
}

TextWriter::TextWriter(std::byte* area, std::size_t bytes, std::size_t reserved_bytes) noexcept
    : header_(reinterpret_cast<TextAreaHeader*>(area))
    , records_(area + sizeof(TextAreaHeader))
    , capacity_(bytes - sizeof(TextAreaHeader))
    , reserved_(reserved_bytes)
{
}

bool TextWriter::append(TextKind kind, std::uint16_t id, std::string_view text) noexcept
{
    if (header_ == nullptr)
        return false;
    // Relaxed: nobody else writes these words.
    const std::uint64_t length = header_->length.load(std::memory_order_relaxed);
    const std::size_t room = kind == TextKind::document ? capacity_ : capacity_ - reserved_;
    if (text.size() > std::numeric_limits<std::uint32_t>::max() || length > room
        || record_bytes(text.size()) > room - length) {
        header_->dropped.store(
            header_->dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return false;
    }
    const RecordHeader record = {static_cast<std::uint32_t>(text.size()), kind, id};
    std::memcpy(records_ + length, &record, sizeof record);
    std::memcpy(records_ + length + sizeof record, text.data(), text.size());
    // Release: who sees the new length sees the record.
    header_->length.store(length + record_bytes(text.size()), std::memory_order_release);
    return true;
}

TextReader::TextReader(const std::byte* area, std::size_t bytes) noexcept
    : header_(reinterpret_cast<const TextAreaHeader*>(area))
    , records_(area + sizeof(TextAreaHeader))
    , capacity_(bytes - sizeof(TextAreaHeader))
{
}

bool TextReader::next(TextRecord& record) noexcept
{
    if (header_ == nullptr || damaged_)
        return false;
    // Acquire: pairs with the writer's release.
    const std::uint64_t length = header_->length.load(std::memory_order_acquire);
    if (length > capacity_ || length < position_) {
        damaged_ = true;
        return false;
    }
    if (length - position_ < sizeof(RecordHeader)) {
        damaged_ = length != position_;
        return false;
    }
    RecordHeader header;
    std::memcpy(&header, records_ + position_, sizeof header);
    if (header.bytes > length - position_ - sizeof header) {
        damaged_ = true;
        return false;
    }
    record.kind = header.kind;
    record.id = header.id;
    record.text
        = {reinterpret_cast<const char*>(records_ + position_ + sizeof header), header.bytes};
    // The padding of a torn last record may lead past the length: then nothing follows.
    const std::size_t whole = record_bytes(header.bytes);
    position_ = whole > length - position_ ? static_cast<std::size_t>(length) : position_ + whole;
    return true;
}

std::uint64_t TextReader::dropped() const noexcept
{
    return header_ == nullptr ? 0 : header_->dropped.load(std::memory_order_relaxed);
}

} // namespace manyhands
