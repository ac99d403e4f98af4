#include "net/service_url.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace xmpp::detail {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw error(errc::invalid_service, fmt::format("'{}': {}", text, why));
}

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool all = end == text.data() + text.size();
    if (failure != std::errc() || !all || port == 0) refuse(whole, "not a port number");
    return port;
}

bool is_host_character(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F &&
           std::string_view("/?#@[]\\<>\"").find(c) == std::string_view::npos;
}

}  // namespace

host_and_port parse_authority(std::string_view text, std::uint16_t default_port) {
    auto host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) refuse(text, "the bracket is not closed");
        host = text.substr(1, bracket - 1);
        const auto rest = text.substr(bracket + 1);
        if (!rest.empty() && rest.front() != ':') refuse(text, "what follows the bracket?");
        if (!rest.empty()) port = rest.substr(1);
        if (!rest.empty() && port.empty()) refuse(text, "not a port number");
    } else if (const auto colon = text.find(':');
               colon != std::string_view::npos && text.find(':', colon + 1) == text.npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (port.empty()) refuse(text, "not a port number");
    }
    if (host.empty()) refuse(text, "there is no host");
    if (!std::all_of(host.begin(), host.end(), is_host_character)) refuse(text, "not a host name");
    return {std::string(host), port.empty() ? default_port : parse_port(port, text)};
}

service_url service_url::parse(std::string_view text) {
    if (text.empty()) return {};
    const auto separator = text.find("://");
    if (separator == std::string_view::npos) {
        refuse(text, "a service URL begins with xmpp:// or xmpps://");
    }
    const auto scheme = text.substr(0, separator);
    auto authority = text.substr(separator + 3);
    if (authority.ends_with('/')) authority.remove_suffix(1);
    const bool direct_tls = scheme == "xmpps";
    if (scheme != "xmpp" && !direct_tls) {
        refuse(text, "this build knows the transports xmpp:// and xmpps://");
    }
    auto [host, port] = parse_authority(authority, direct_tls ? direct_tls_port : starttls_port);
    service_url url;
    url.scheme = direct_tls ? service_scheme::xmpps : service_scheme::xmpp;
    url.host = std::move(host);
    url.port = port;
    return url;
}

std::string service_url::str() const {
    if (scheme == service_scheme::discover) return {};
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", scheme == service_scheme::xmpps ? "xmpps" : "xmpp",
                       v6 ? "[" : "", host, v6 ? "]" : "", port);
}

}  // namespace xmpp::detail
