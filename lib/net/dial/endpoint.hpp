#pragma once

#include "net/dns/resolver.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace xmpp::detail {

/// A place to connect to: a host name or an IP address (IPv6 with or without brackets), a port, and
/// what is spoken there.
class endpoint {
 public:
    using completion = resolver::completion;

    endpoint(std::string host, std::uint16_t port, bool direct_tls = false,
             completion how = completion::allowed)
        : host_(std::move(host)), port_(port), direct_tls_(direct_tls), completion_(how) {}

    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }
    /// TLS from the first byte (XEP-0368).
    bool direct_tls() const noexcept { return direct_tls_; }
    /// Whether the host may be looked up by the system's search list, too.
    completion how() const noexcept { return completion_; }

 private:
    std::string host_;
    std::uint16_t port_;
    bool direct_tls_;
    completion completion_;
};

}  // namespace xmpp::detail
