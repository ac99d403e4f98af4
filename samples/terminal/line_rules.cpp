#include "line_rules.hpp"

#include "text.hpp"

#include <algorithm>
#include <cwchar>
#include <cwctype>

namespace terminal {
namespace {

constexpr char escape = '\033';

/// ESC [ parameters final
std::size_t control_sequence(std::string_view typed) noexcept {
    for (std::size_t at = 2; at < typed.size(); ++at) {
        const auto byte = static_cast<unsigned char>(typed[at]);
        if (byte >= 0x40 && byte <= 0x7E) return at + 1;
        if (byte < 0x20 || byte > 0x7E) return at;  // not one after all
    }
    return 0;
}

}  // namespace

std::size_t first_key(std::string_view typed) noexcept {
    if (typed.empty()) return 0;
    if (typed.front() == escape) {
        if (typed.size() < 2) return 0;
        if (typed[1] == '[') return control_sequence(typed);
        const std::size_t prefix = typed[1] == 'O' ? 2 : 1;
        const auto length = first_key(typed.substr(prefix));
        return length == 0 ? 0 : prefix + length;
    }
    const auto length = utf8_length(static_cast<unsigned char>(typed.front()));
    for (std::size_t at = 1; at < length; ++at) {
        if (at == typed.size()) return 0;
        if (!continues_character(typed[at])) return at;  // not UTF-8
    }
    return length;
}

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

completion complete(std::string_view typed, const std::vector<std::string>& names) {
    completion result;
    if (names.empty()) return result;
    std::string_view common = names.front();
    for (const std::string_view name : names) {
        const auto [end, other] =
            std::mismatch(common.begin(), common.end(), name.begin(), name.end());
        common = common.substr(0, static_cast<std::size_t>(end - common.begin()));
    }
    // Not in the middle of a character of several bytes.
    const auto& first = names.front();
    while (common.size() < first.size() && !common.empty() &&
           continues_character(first[common.size()]))
        common.remove_suffix(1);

    if (common.size() > typed.size()) result.insert = common.substr(typed.size());
    if (names.size() == 1) {
        result.insert += ' ';
    } else if (result.insert.empty()) {
        result.candidates = names;
    }
    return result;
}

}  // namespace terminal
