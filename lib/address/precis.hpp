#pragma once

#include "address/address_part.hpp"

#include <string>
#include <string_view>

/// The two PRECIS profiles (RFC 8264) of addresses. Only in builds with ICU.
///
/// Each maps the text, again until nothing changes (RFC 8264 7), and then judges what came out: the
/// order of the framework, by which "Å" may be typed as ANGSTROM SIGN and a Hangul syllable in its
/// pieces, since normalization leaves neither. Both throw xmpp::error(errc::invalid_jid), for the
/// part that they are told, when the text is not valid UTF-8, or holds what the profile forbids.
namespace xmpp::detail {

/// RFC 8265 3.3. Lowercase is what Unicode's toLowercase() makes of the whole text, as RFC 8265 has
/// it (RFC 7613 folded): a final sigma stays one, and a capital sigma at the end of a word becomes
/// one.
std::string username_case_mapped(std::string_view text, address_part part);

/// RFC 8265 4.2.
std::string opaque_string(std::string_view text, address_part part);

}  // namespace xmpp::detail
