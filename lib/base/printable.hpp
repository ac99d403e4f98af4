#pragma once

#include <string>
#include <string_view>

namespace xmpp::detail {

/// Text of others as it may stand in a line of a log: line breaks, control characters (C0, DEL, C1)
/// and bytes that are no UTF-8 are written as \n, \r, \t, \xHH or \u{HHHH}. The rest stays.
std::string printable(std::string text);

}  // namespace xmpp::detail
