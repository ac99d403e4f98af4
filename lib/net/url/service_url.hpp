#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xmpp::detail {

inline constexpr std::uint16_t starttls_port = 5222;    // RFC 6120 14.7
inline constexpr std::uint16_t direct_tls_port = 5223;  // XEP-0368
inline constexpr std::uint16_t http_port = 80;
inline constexpr std::uint16_t https_port = 443;
inline constexpr std::uint16_t component_port = 5347;  // by custom: XEP-0114 names none

enum class service_scheme : std::uint8_t {
    discover,  // empty: found by the JID's domain
    xmpp,      // TCP, STARTTLS
    xmpps,     // TCP, TLS from the first byte
    ws,        // WebSocket (RFC 7395)
    wss,
    http,  // BOSH (XEP-0206)
    https,
    component,   // TCP, the protocol of components (XEP-0114)
    components,  // the same with TLS from the first byte
    shared,      // a session that a broker owns, over a Unix socket
    registered,  // by the program
};

/// A service URL taken apart.
struct service_url {
    service_scheme scheme = service_scheme::discover;
    std::string host;        // without brackets; empty: the JID's domain
    std::uint16_t port = 0;  // never 0 where there is a host
    // Of ws and http: path and query, beginning with '/'; of shared: the path of the socket; of
    // registered ones: all of it.
    std::string target = {};

    /// Throws error(errc::invalid_service) for what names no transport.
    static service_url parse(std::string_view text);

    /// TLS from the first byte.
    bool direct_tls() const noexcept;
    /// For servers' components, not for users.
    bool for_components() const noexcept;
    /// ws, wss, http, https.
    bool is_web() const noexcept;
    /// The port of its scheme.
    std::uint16_t default_port() const noexcept;
    /// The host, and the port unless it is the scheme's own: as in a URL.
    std::string authority() const;
    /// As a URL, with the port; empty where the service is still to be found.
    std::string str() const;
};

/// Throws error(errc::invalid_service) that says why this service is none.
[[noreturn]] void refuse_service(std::string_view service, std::string_view why);

/// Whether a scheme is one of the SDK's own.
bool is_known_scheme(std::string_view name) noexcept;

struct host_and_port {
    std::string host;
    std::uint16_t port;
};

/// `host`, `host:port`, `[v6]`, `[v6]:port`; a bare IPv6 address is a host too. Throws
/// error(errc::invalid_service).
host_and_port parse_authority(std::string_view text, std::uint16_t default_port);

}  // namespace xmpp::detail
