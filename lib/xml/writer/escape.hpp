#pragma once

#include <string>
#include <string_view>

namespace xmpp::detail {

/// Append `text` escaped for element content, or for an attribute value in single quotes, checking
/// in the same pass that it can stand in XML.
/// \throws xmpp::error(errc::not_well_formed) for invalid UTF-8 and characters that XML excludes;
///         `out` is unchanged then.
void append_text(std::string& out, std::string_view text);
void append_attribute_value(std::string& out, std::string_view value);

/// Can `text` stand in XML?
bool is_sendable(std::string_view text) noexcept;
/// `text` without the bytes that can't stand in XML, for what only people read.
std::string sendable_text(std::string_view text);

/// The way back for a value that stands escaped in our own output: the predefined entities and
/// numeric references.
std::string unescape(std::string_view escaped);

}  // namespace xmpp::detail
