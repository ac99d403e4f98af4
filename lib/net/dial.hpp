#pragma once

#include <xmpp/task.hpp>

#include "net/resolver.hpp"
#include "net/tcp_stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {

/// A place to connect to: a host name or an IP address (IPv6 with or without brackets), and a
/// port.
class endpoint {
 public:
    endpoint(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }

 private:
    std::string host_;
    std::uint16_t port_;
};

/// Connects to the first address that answers: the endpoints in their order, the addresses of each
/// as interleave() has them.
///
/// Ends at once when cancelled, also in the middle of a look-up.
/// \throws xmpp::error(errc::host_not_found) when no endpoint has an address,
///         xmpp::error(errc::connection_refused) when no address could be reached; the explanation
///         names each address tried and what became of it.
task<std::unique_ptr<tcp_stream>> dial(std::vector<endpoint> endpoints,
                                       std::shared_ptr<resolver> names);

/// Mixes IPv6 and IPv4 addresses turn by turn (RFC 8305 section 4), beginning with the family of
/// the first; the order within a family stays.
std::vector<std::string> interleave(const std::vector<std::string>& addresses);

}  // namespace xmpp::detail
