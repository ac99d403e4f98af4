#pragma once

#include <cstddef>
#include <string_view>

namespace xmpp::detail {

/// Whether the code point at `at`, one that is allowed only in some contexts, stands in one of them
/// (RFC 5892 appendix A). Only in builds with ICU.
bool fits_context(std::u32string_view text, std::size_t at);

}  // namespace xmpp::detail
