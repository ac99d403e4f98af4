#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The address itself, without brackets, when `host` is one.
std::optional<std::string> as_ip_address(std::string host);

/// The address's 4 or 16 bytes, when `host` is one, without brackets and without a zone.
std::optional<std::string> ip_address_bytes(const std::string& host);

/// Of addresses and of hosts in places where no port can follow: nothing else has a colon.
inline bool is_ipv6(std::string_view host) noexcept {
    return host.find(':') != host.npos;
}

/// As a URL has it: "example.org", "127.0.0.1", "[::1]".
std::string in_brackets_if_ipv6(const std::string& host);

/// "127.0.0.1:5222", "[::1]:5222".
std::string to_text(const std::string& host, std::uint16_t port);

}  // namespace xmpp::detail
