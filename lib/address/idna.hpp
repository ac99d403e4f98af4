#pragma once

#include <string>
#include <string_view>

/// Internationalised domain names (IDNA2008; RFC 5890 to 5895). Only in builds with ICU.
namespace xmpp::detail {

/// The name with U-labels, lower case and normalised as UTS #46 maps without transitional rules
/// ("ß" stays), without a final dot. Its labels keep to IDNA2008, stricter than UTS #46: no
/// symbols.
/// \throws xmpp::error(errc::invalid_jid)
std::string idna_to_unicode(std::string_view name);

/// The same name with A-labels, as DNS, TLS and certificates have it.
/// \throws xmpp::error(errc::invalid_jid)
std::string idna_to_ascii(std::string_view name);

}  // namespace xmpp::detail
