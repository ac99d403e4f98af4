#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What the line editor needs to know of keys, rows and names: rules that can be tested without a
// terminal.
namespace terminal {

/// How many bytes at the front of what was typed belong to the first key: a character in UTF-8, an
/// escape sequence, or Escape with the key that follows it. 0 while it is not complete.
///
/// The line editor is given whole keys only, because it waits for the rest of one, and nothing
/// else could happen meanwhile.
std::size_t first_key(std::string_view typed) noexcept;

/// Cells that the line editor takes to show a character: control characters are shown as `^X`,
/// unknown ones as an escape with their number.
int cell_width(wchar_t character) noexcept;

/// How many rows below the start of the prompt the cursor is, on a terminal of that many columns,
/// with these characters before it. A wide character that does not fit goes to the next row.
std::size_t cursor_row(std::wstring_view prompt, std::wstring_view before_cursor,
                       std::size_t columns) noexcept;

/// What the Tab key does to a line.
class completion {
 public:
    std::string insert;                   ///< to be put at the cursor
    std::vector<std::string> candidates;  ///< to be shown, when there is nothing to insert
};

/// The longest common beginning of all names, which is taken to go on after `typed` in whatever
/// case that was; a space behind it if there is but one.
completion complete(std::string_view typed, const std::vector<std::string>& names);

}  // namespace terminal
