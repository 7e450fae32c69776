// SPDX-License-Identifier: MIT
// A short text in shared memory: the name of an object, for those who only have a view of it.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace manyhands {

/// At most size - 1 bytes of text, in place. Written by one process before others look at it; if
/// they look meanwhile after all, they see some text.
template <std::size_t size>
class SharedText
{
public:
    /// Cuts `text` to fit, between two characters of UTF-8.
    void set(std::string_view text) noexcept
    {
        std::size_t length = text.size() < size ? text.size() : size - 1;
        // A byte 10xxxxxx goes on with what stands before it.
        while (length < text.size() && length > 0
            && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
            --length;
        std::memcpy(text_, text.data(), length);
        text_[length] = '\0';
    }
    std::string get() const { return {text_, ::strnlen(text_, size)}; }

private:
    char text_[size];
};

using SharedName = SharedText<64>;

} // namespace manyhands
