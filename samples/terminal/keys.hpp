#pragma once

#include <cstddef>
#include <string_view>

namespace chat {

/// How many bytes at the front of what was typed belong to the first key: a character in UTF-8, an
/// escape sequence, or Escape with the key that follows it. 0 while it is not complete.
///
/// The line editor is given whole keys only, because it waits for the rest of one, and nothing
/// else could happen meanwhile.
std::size_t first_key(std::string_view typed) noexcept;

}  // namespace chat
