#pragma once

#include "net/dns/dns_answer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace xmpp::detail {

/// A record and what is spoken there.
struct service_record {
    srv_record record;
    bool direct_tls = false;  // TLS from the first byte (XEP-0368), else STARTTLS

    bool operator==(const service_record&) const = default;
};

/// A number from 0 to `limit`, both included, each as likely as any other.
using random_number = std::function<std::uint32_t(std::uint32_t limit)>;

/// From OpenSSL's generator.
std::uint32_t secure_random_number(std::uint32_t limit);

/// The first `count` records in the order to try them: by priority; within one, drawn by weight, so
/// that a server gets its share of the clients (RFC 2782). Both kinds of service are one list
/// (XEP-0368 section 2).
std::vector<service_record> put_in_order(std::vector<service_record> records, std::size_t count,
                                         const random_number& random);

}  // namespace xmpp::detail
