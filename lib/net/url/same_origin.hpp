#pragma once

#include "base/ascii.hpp"
#include "net/url/service_url.hpp"

namespace xmpp::detail {

/// Scheme, host and port are the same (RFC 6454 section 4): what is meant for one is not for
/// others.
inline bool is_same_origin(const service_url& a, const service_url& b) {
    return a.scheme == b.scheme && a.port == b.port && equal_in_any_case(a.host, b.host);
}

}  // namespace xmpp::detail
