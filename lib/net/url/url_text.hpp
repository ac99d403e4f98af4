#pragma once

#include <string>
#include <string_view>

namespace xmpp::detail {

/// A URL as logs and errors may show it: without user, password and query.
std::string without_secrets(std::string_view url);

/// An IPv6 address without the zone behind it ("%eth0"), which means something on this machine only
/// (RFC 6874 section 4). Other hosts stay.
std::string without_zone(const std::string& host);

/// The host of a URL as sockets read it: where an IPv6 address has its zone behind "%25" (RFC 6874
/// section 2), behind "%" only. Empty for what is no zone.
std::string with_plain_zone(std::string_view host);
/// The other way round.
std::string with_encoded_zone(const std::string& host);

}  // namespace xmpp::detail
