#pragma once

#include <string_view>

namespace xmpp::detail {

/// Would a parser take it inside a stream, whatever its size and depth, with comments and
/// processing instructions? For what is ours to send, to which no limit applies.
bool is_well_formed(std::string_view content);

}  // namespace xmpp::detail
