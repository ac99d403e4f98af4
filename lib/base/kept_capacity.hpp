#pragma once

#include <cstddef>

namespace xmpp::detail {

/// What a buffer of a session may hold on to while it is empty. More, which a burst has made of it,
/// is given back, so that an idle session stays small.
inline constexpr std::size_t kept_capacity = 4096;

}  // namespace xmpp::detail
