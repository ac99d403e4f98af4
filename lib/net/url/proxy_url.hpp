#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xmpp::detail {

enum class proxy_kind : std::uint8_t {
    http,    // CONNECT (RFC 9110 9.3.6)
    socks5,  // RFC 1928; names are resolved by the proxy
};

/// The URL of a proxy taken apart.
struct proxy_url {
    proxy_kind kind = proxy_kind::http;
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string user;  // percent-decoded, as the password; both secret
    std::string password;

    /// `[scheme://][user[:password]@]host[:port]`, the scheme one of http (default), socks5,
    /// socks5h; the port 1080 by default, as libcurl has it.
    /// \param named_by where the text comes from, for errors, which never show the text itself
    /// \throws error(errc::invalid_options)
    static proxy_url parse(std::string_view text, std::string_view named_by);
};

}  // namespace xmpp::detail
