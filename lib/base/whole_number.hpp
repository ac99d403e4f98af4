#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace xmpp::detail {

/// The number that all of `text` is; nothing for anything else, white space and a plus included,
/// and for one that does not fit.
template <class Number>
std::optional<Number> whole_number(std::string_view text, int base = 10) noexcept {
    Number value{};
    const auto* const last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, value, base);
    if (failure != std::errc() || end != last) return std::nullopt;
    return value;
}

}  // namespace xmpp::detail
