// SPDX-License-Identifier: MIT
// The text area of a slot: records appended by its owner alone, committed by a release store of
// the length, read by others at any time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace manyhands {

/// What a record holds. The numbers are written into segments.
enum class TextKind : std::uint16_t {
    output_line = 1, ///< one line, without its newline
    exception, ///< "TYPE\nTEXT" of what ended the process
    place, ///< interned; id; "FILE\nLINE\nFUNCTION"
    channel, ///< interned; id; "KIND\nNAME"
    phase, ///< JSON object: kind, number, begin, end (ticks), work
    mark, ///< interned; id; text
    document, ///< the result document, JSON
    lock, ///< interned; id; "KIND\nNAME", of whatever waiting_lock can be about
    value, ///< interned; id; name
    gate, ///< interned, by each process for itself; id; name
};

/// The source place of spans that no program told, but that somebody found by looking at the
/// process now and then: the file that was looked at.
inline constexpr std::string_view sampled_place_file = "/proc/PID/stat";
inline constexpr std::uint16_t sampled_place_id = 0xffff; ///< beyond those of a recorder
inline constexpr std::string_view sampled_place_text = "/proc/PID/stat\n0\nsampled";

/// "TYPE: TEXT" of the text of an exception's record.
std::string exception_words(std::string_view text);

/// A record as a reader sees it. `text` points into the area (or a copy) and is not trusted.
struct TextRecord
{
    TextKind kind;
    std::uint16_t id; ///< of interned records
    std::string_view text;
};

/// The fixed part at the beginning of a text area.
struct TextAreaHeader
{
    alignas(64) std::atomic<std::uint64_t> length; ///< bytes of whole records behind this header
    std::atomic<std::uint64_t> dropped; ///< records that found no room
};
static_assert(sizeof(TextAreaHeader) == 64 && std::atomic<std::uint64_t>::is_always_lock_free);

/// The writing side, over plain memory. One writer; readers may read at the same time.
class TextWriter
{
public:
    TextWriter() = default;
    /// `area` holds a TextAreaHeader and room behind it, `bytes` in all. `reserved_bytes` of it are
    /// kept for records of TextKind::document.
    TextWriter(std::byte* area, std::size_t bytes, std::size_t reserved_bytes = 0) noexcept;

    /// Appends a record; where it does not fit, counts it as dropped and returns false.
    bool append(TextKind kind, std::uint16_t id, std::string_view text) noexcept;

private:
    TextAreaHeader* header_ = nullptr;
    std::byte* records_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t reserved_ = 0;
};

/// The reading side: goes through the records behind those already seen.
class TextReader
{
public:
    TextReader() = default;
    TextReader(const std::byte* area, std::size_t bytes) noexcept;

    /// Whether there is a further whole record; sets `record` to it. Lengths that lead outside the
    /// area end the reading for good: damaged() tells.
    bool next(TextRecord& record) noexcept;
    bool damaged() const noexcept { return damaged_; }
    std::uint64_t dropped() const noexcept;

private:
    const TextAreaHeader* header_ = nullptr;
    const std::byte* records_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t position_ = 0;
    bool damaged_ = false;
};

} // namespace manyhands
