#pragma once

#include <string>
#include <string_view>

namespace xmpp::detail {

/// Appends the normal form of an address's domain (RFC 7622 3.2): U-labels in lower case without a
/// final dot, an IPv4 address, or an IPv6 address between brackets.
/// \throws xmpp::error(errc::invalid_jid)
void append_normal_domain(std::string& to, std::string_view text);

/// A domain as DNS, TLS (SNI), HTTP and certificates want it: A-labels instead of U-labels (RFC
/// 5890 2.3.2.1). Takes what jid::domain() returns, or any other name.
///
/// An ASCII name comes back as it is, and so does an IP address; only the zone of an IPv6 literal
/// is written as sockets read it, "[fe80::1%eth0]".
/// \throws xmpp::error(errc::invalid_jid) when a name beyond ASCII is not valid, or the build has
///         no ICU
std::string domain_to_ascii(std::string_view domain);

}  // namespace xmpp::detail
