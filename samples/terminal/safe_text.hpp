#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// Text that somebody else has written, on one line and harmless for a terminal.
///
/// Control characters, which could move the cursor, change colours or fake a line, become pictures
/// of themselves (a line feed "␊", an escape "␛"). Those without a picture, those that turn the
/// writing direction around, and bytes that are not UTF-8 become U+FFFD.
std::string safe_text(std::string_view text);

/// The same for text of several lines; at least one.
std::vector<std::string> safe_lines(std::string_view text);

}  // namespace chat
