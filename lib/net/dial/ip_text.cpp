#include "net/dial/ip_text.hpp"

#include <asio/ip/address.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
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

std::optional<std::string> ip_address_bytes(const std::string& host) {
    std::array<char, 16> bytes{};
    if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
        return std::string(bytes.data(), bytes.size());
    }
    return std::nullopt;
}

std::string in_brackets_if_ipv6(const std::string& host) {
    return is_ipv6(host) ? fmt::format("[{}]", host) : host;
}

std::string to_text(const std::string& host, std::uint16_t port) {
    return fmt::format("{}:{}", in_brackets_if_ipv6(host), port);
}

}  // namespace xmpp::detail
