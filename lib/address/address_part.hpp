#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The three parts of an address (RFC 7622 3.1).
enum class address_part { local, domain, resource };

constexpr std::size_t max_part_bytes = 1023;  // RFC 7622 3.1

/// Throws xmpp::error(errc::invalid_jid), "the local part " and then `why`.
[[noreturn]] void refuse(address_part part, std::string_view why);

/// The same about a domain, which it quotes.
[[noreturn]] void refuse_domain(std::string_view name, std::string_view why);

/// Refuses a part that is empty, or longer than max_part_bytes.
void check_length(address_part part, std::string_view text);

/// What to say where ICU is needed and this build has none.
[[noreturn]] void refuse_beyond_ascii(address_part part);

}  // namespace xmpp::detail
