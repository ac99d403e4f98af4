#pragma once

#include <string_view>

namespace xmpp::detail {

/// What a program asks for as its resource. The server decides what it takes; what can't be sent to
/// it, or is longer than any resource (RFC 7622 3.4), is refused here.
/// \throws xmpp::error(errc::invalid_jid)
void check_resource(std::string_view name);

}  // namespace xmpp::detail
