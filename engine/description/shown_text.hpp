// SPDX-License-Identifier: MIT
// Text that nobody has checked, made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace manyhands {

/// Whether `text` is valid UTF-8 without control characters, line breaks or changes of direction:
/// nothing that a terminal or a label would obey instead of showing it.
bool is_one_line(std::string_view text) noexcept;

/// The same for a text of several lines: line breaks and tabulators are allowed.
bool is_plain_text(std::string_view text) noexcept;

/// `text` as plain text: each byte or character that is_plain_text() does not allow becomes "?".
std::string plain_text(std::string_view text);

/// `text` as one line of at most about 60 bytes: what cannot be shown becomes "?", what is cut off
/// becomes "…".
std::string shown(std::string_view text);

} // namespace manyhands
