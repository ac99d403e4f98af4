#pragma once

#include <algorithm>
#include <system_error>

namespace xmpp::detail {

/// Is it one of a list of errc, stream_condition, or the like?
bool is_one_of(const std::error_code& code, const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](auto each) { return code == each; });
}

}  // namespace xmpp::detail
