#pragma once

#include <cstddef>
#include <string_view>

namespace chat {

/// Cells that the line editor takes to show a character: control characters are shown as `^X`,
/// unknown ones as an escape with their number.
int cell_width(wchar_t character) noexcept;

/// How many rows below the start of the prompt the cursor is, on a terminal of that many columns,
/// with these characters before it. A wide character that does not fit goes to the next row.
std::size_t cursor_row(std::wstring_view prompt, std::wstring_view before_cursor,
                       std::size_t columns) noexcept;

}  // namespace chat
