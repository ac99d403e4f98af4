#include "net/ip_text.hpp"

#include <asio/ip/address.hpp>
#include <fmt/format.h>

#include <system_error>

namespace xmpp::detail {

std::optional<std::string> as_ip_address(std::string host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    std::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address) return std::nullopt;
    return host;
}

std::string in_brackets_if_ipv6(const std::string& host) {
    return is_ipv6(host) ? fmt::format("[{}]", host) : host;
}

std::string to_text(const std::string& host, std::uint16_t port) {
    return fmt::format("{}:{}", in_brackets_if_ipv6(host), port);
}

}  // namespace xmpp::detail
