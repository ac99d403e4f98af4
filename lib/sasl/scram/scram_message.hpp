#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// \file
/// The grammar of RFC 5802 section 7, as both sides need it. All functions throw
/// xmpp::error(errc::bad_challenge) for what it does not allow.

namespace xmpp::detail::sasl {

struct scram_attribute {
    char name;
    std::string_view value;
};

/// Takes "r=...,s=...,i=..." apart: names are letters and occur once, values are not empty, and a
/// mandatory extension, which we can't know, is refused.
std::vector<scram_attribute> parse_attributes(std::string_view message);

/// Writes "," and "=" of a name as "=2C" and "=3D".
std::string escape_name(std::string_view name);
std::string unescape_name(std::string_view escaped);

/// Printable ASCII without the comma.
bool is_nonce(std::string_view text) noexcept;

/// Digits without leading zero or sign. Numbers beyond 2^32 - 1 become that.
std::uint32_t parse_iterations(std::string_view text);

/// The bytes of a base64 value, which may not be empty. `what` is for the error.
std::string decode_value(std::string_view value, const char* what);

}  // namespace xmpp::detail::sasl
