#include "screen_layout.hpp"

#include <algorithm>
#include <cwchar>
#include <cwctype>

namespace chat {

int cell_width(wchar_t character) noexcept {
    const auto code = static_cast<std::wint_t>(character);
    if (std::iswcntrl(code) && character < 0x80) return 2;
    const int width = ::wcwidth(character);
    if (width >= 0) return width;
    return character > 0xFFFF ? 8 : 7;
}

std::size_t cursor_row(std::wstring_view prompt, std::wstring_view before_cursor,
                       std::size_t columns) noexcept {
    columns = std::max<std::size_t>(columns, 1);
    std::size_t row = 0;
    std::size_t column = 0;
    const auto place = [&](wchar_t character) {
        const auto width = static_cast<std::size_t>(cell_width(character));
        if (column + width > columns) {
            ++row;
            column = 0;
        }
        column += width;
        if (column >= columns) {  // a full row: the cursor goes to the next at once
            row += column / columns;
            column %= columns;
        }
    };
    std::for_each(prompt.begin(), prompt.end(), place);
    std::for_each(before_cursor.begin(), before_cursor.end(), place);
    return row;
}

}  // namespace chat
