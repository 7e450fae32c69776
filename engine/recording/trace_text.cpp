// SPDX-License-Identifier: MIT
#include "engine/recording/trace_text.hpp"

#include <algorithm>

namespace manyhands {
namespace {

// The longest string of a run is a mebibyte of output, of which JSON may write each byte as six.
constexpr std::uint64_t longest_token = std::uint64_t{16} << 20;

std::uint64_t lines_in(const char* begin, const char* end)
{
    return static_cast<std::uint64_t>(std::count(begin, end, '\n'));
}

} // namespace

TextPlace TraceText::place() const noexcept
{
    const char* const last = next_ == piece_.data() ? next_ : next_ - 1;
    return {.line = 1 + lines_before_ + lines_in(piece_.data(), last),
        .byte = bytes_before_ + static_cast<std::uint64_t>(next_ - piece_.data())};
}

void TraceText::refill()
{
    const std::uint64_t bytes = bytes_before_ + static_cast<std::uint64_t>(end_ - piece_.data());
    if (tokens_ != tokens_seen_) {
        tokens_seen_ = tokens_;
        bytes_at_token_ = bytes;
    } else if (bytes - bytes_at_token_ > longest_token) {
        throw TraceDamage("a text is longer than any in a run");
    }
    // Should the source throw, the place is still the end of this piece.
    const std::uint64_t lines = lines_before_ + lines_in(piece_.data(), end_);
    const std::size_t fresh = source_(piece_);
    if (fresh == 0)
        return; // and `next_` stays at the end
    bytes_before_ = bytes;
    lines_before_ = lines;
    next_ = piece_.data();
    end_ = next_ + fresh;
}

} // namespace manyhands
