#pragma once

#include <string>
#include <string_view>

/// The three string preparations of RFC 7622: each returns the normal form of one part of an
/// address, or throws xmpp::error(errc::invalid_jid) saying what is wrong with it.
namespace xmpp::detail {

/// Local part: UsernameCaseMapped (RFC 8265 3.3) less the characters that RFC 7622 3.3.1 excludes.
std::string prepare_local(std::string_view text);

/// Domain: IDNA2008 U-labels, lower case, without a final dot; IPv4 and bracketed IPv6 literals
/// (RFC 7622 3.2).
std::string prepare_domain(std::string_view text);

/// Resource: OpaqueString (RFC 8265 4.2).
std::string prepare_resource(std::string_view text);

}  // namespace xmpp::detail
