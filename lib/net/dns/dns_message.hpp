#pragma once

#include "net/dns/dns_answer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace xmpp::detail {

inline constexpr std::uint16_t dns_class_internet = 1;  // RFC 1035 3.2.4
inline constexpr std::uint16_t dns_type_srv = 33;       // RFC 2782

/// What a DNS message holds of interest to somebody who asked for services.
struct srv_message {
    std::vector<srv_record> records;
    /// How long that may be kept: the least of what leads to it, aliases included. Of an answer
    /// without records, what its authority allows for keeping that (RFC 2308 5); 0 without one.
    std::chrono::seconds time_to_live{0};
};

/// Takes an answer apart (RFC 1035 4.1, RFC 2782). Nothing when it is cut short, contradicts itself
/// or goes round in circles.
///
/// Only the records of `name` count, and of what that is an alias of by the answer itself: whatever
/// else stands in it, nobody has asked for.
std::optional<srv_message> parse_srv_message(std::span<const unsigned char> message,
                                             std::string_view name);

}  // namespace xmpp::detail
