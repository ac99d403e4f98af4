#pragma once

#include <string>
#include <string_view>

namespace xmpp::detail::sasl {

/// How SASL data is written into an element (RFC 6120 6.4.2): base64, and "=" for an empty string,
/// since an empty element means that there is no data. (That is for initial responses and success
/// data; the answer to a challenge may be an empty element as well.)
std::string encode_payload(std::string_view data);

/// The way back. Both "=" and an empty element give the empty string.
/// \throws xmpp::error(errc::bad_challenge) for text that is not canonical base64, or is longer
///         than any mechanism needs.
std::string decode_payload(std::string_view text);

}  // namespace xmpp::detail::sasl
