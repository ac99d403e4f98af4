#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Conversions between UTF-8 and the encodings in which ICU and the rules about code points work.
/// Only in builds with ICU.
namespace xmpp::detail {

/// Nothing when `utf8` is not valid UTF-8 (overlong forms and surrogates included).
std::optional<std::u16string> utf16_from(std::string_view utf8);

/// `utf16` must be valid.
std::string utf8_from(std::u16string_view utf16);
std::u32string code_points_of(std::u16string_view utf16);

/// Maps uppercase and titlecase to lowercase: Unicode's toLowercase(), of no particular language.
std::u16string lowercase(std::u16string_view text);

/// Normalization Form C.
std::u16string nfc(std::u16string_view text);
/// Normalization Form KC.
std::u16string nfkc(std::u16string_view text);
/// Unicode's NFKC_Casefold: also without differences in case, and without what is ignorable.
std::u16string nfkc_casefold(std::u16string_view text);

/// Fullwidth and halfwidth code points become what they decompose to (RFC 8264 5.2.1).
std::u16string width_mapped(std::u16string_view text);

/// Every space (category Zs) becomes U+0020 (RFC 8265 4.2.2).
std::u16string spaces_mapped(std::u16string_view text);

}  // namespace xmpp::detail
