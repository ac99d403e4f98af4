#include "net/url/service_url.hpp"

#include <xmpp/error.hpp>

#include "base/ascii.hpp"
#include "base/whole_number.hpp"
#include "net/dial/ip_text.hpp"
#include "net/url/url_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace xmpp::detail {
namespace {

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
    const auto port = whole_number<std::uint16_t>(text);
    if (!port || *port == 0) refuse_service(whole, "not a port number");
    return *port;
}

struct scheme_row {
    service_scheme scheme;
    std::string_view name;
    std::uint16_t port;
    bool has_target;
};

constexpr std::array schemes{
    scheme_row{service_scheme::xmpp, "xmpp", starttls_port, false},
    scheme_row{service_scheme::xmpps, "xmpps", direct_tls_port, false},
    scheme_row{service_scheme::ws, "ws", http_port, true},
    scheme_row{service_scheme::wss, "wss", https_port, true},
    scheme_row{service_scheme::http, "http", http_port, true},
    scheme_row{service_scheme::https, "https", https_port, true},
    scheme_row{service_scheme::component, "component", component_port, false},
    scheme_row{service_scheme::components, "components", component_port, false},
};

constexpr std::string_view shared_prefix = "unix:";

const scheme_row* find_scheme(std::string_view name) {
    const auto* found = std::find_if(schemes.begin(), schemes.end(), [name](const auto& row) {
        return equal_in_any_case(row.name, name);
    });
    return found == schemes.end() ? nullptr : found;
}

/// Null for what is no URL of the SDK's own kinds.
const scheme_row* row_of(service_scheme scheme) {
    const auto* found = std::find_if(schemes.begin(), schemes.end(),
                                     [scheme](const auto& row) { return row.scheme == scheme; });
    return found == schemes.end() ? nullptr : found;
}

/// Path and query; `target` may lack the slash.
void check_target(std::string& target, std::string_view whole) {
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    const bool sendable = std::all_of(target.begin(), target.end(),
                                      [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
    if (!sendable) refuse_service(whole, "its path holds what must be written as %XX");
}

service_url parse_shared(std::string_view text) {
    service_url url;
    url.scheme = service_scheme::shared;
    url.target = text.substr(shared_prefix.size());
    if (!url.target.starts_with('/'))
        refuse_service(text, "the path of a socket begins with a slash");
    return url;
}

bool is_host_character(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F &&
           std::string_view("/?#@[]\\<>\"").find(c) == std::string_view::npos;
}

}  // namespace

void refuse_service(std::string_view service, std::string_view why) {
    throw error(errc::invalid_service, fmt::format("'{}': {}", without_secrets(service), why));
}

host_and_port parse_authority(std::string_view text, std::uint16_t default_port) {
    auto host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) refuse_service(text, "the bracket is not closed");
        host = text.substr(1, bracket - 1);
        const auto rest = text.substr(bracket + 1);
        if (!rest.empty() && rest.front() != ':') refuse_service(text, "what follows the bracket?");
        if (!rest.empty()) port = rest.substr(1);
        if (!rest.empty() && port.empty()) refuse_service(text, "not a port number");
    } else if (const auto colon = text.find(':');
               colon != std::string_view::npos && text.find(':', colon + 1) == text.npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (port.empty()) refuse_service(text, "not a port number");
    }
    if (host.empty()) refuse_service(text, "there is no host");
    auto name = with_plain_zone(host);
    if (name.empty()) refuse_service(text, "what follows the % is no zone of an address");
    if (!std::all_of(name.begin(), name.end(), is_host_character)) {
        refuse_service(text, "not a host name");
    }
    return {std::move(name), port.empty() ? default_port : parse_port(port, text)};
}

service_url service_url::parse(std::string_view text) {
    if (text.empty()) return {};
    if (equal_in_any_case(text.substr(0, shared_prefix.size()), shared_prefix)) {
        return parse_shared(text);
    }
    const auto separator = text.find("://");
    const auto* known = separator == text.npos ? nullptr : find_scheme(text.substr(0, separator));
    if (!known) {
        refuse_service(
            text,
            "a service URL begins with xmpp://, xmpps://, ws://, wss://, http://, https://, "
            "component://, components:// or unix:/");
    }
    auto authority = text.substr(separator + 3);
    service_url url;
    url.scheme = known->scheme;
    const auto end = known->has_target ? authority.find_first_of("/?") : authority.npos;
    if (end != authority.npos) {
        url.target = authority.substr(end);
        authority = authority.substr(0, end);
    }
    if (known->has_target) check_target(url.target, text);
    if (!known->has_target && authority.ends_with('/')) authority.remove_suffix(1);
    auto [host, port] = parse_authority(authority, known->port);
    url.host = std::move(host);
    url.port = port;
    return url;
}

bool service_url::direct_tls() const noexcept {
    return scheme == service_scheme::xmpps || scheme == service_scheme::wss ||
           scheme == service_scheme::https || scheme == service_scheme::components;
}

bool service_url::for_components() const noexcept {
    return scheme == service_scheme::component || scheme == service_scheme::components;
}

bool service_url::is_web() const noexcept {
    const auto* row = row_of(scheme);
    return row && row->has_target;
}

std::uint16_t service_url::default_port() const noexcept {
    const auto* row = row_of(scheme);
    return row ? row->port : starttls_port;
}

std::string service_url::authority() const {
    const auto name = without_zone(host);
    return port == default_port() ? in_brackets_if_ipv6(name) : to_text(name, port);
}

std::string service_url::str() const {
    if (scheme == service_scheme::shared) return std::string(shared_prefix) + target;
    const auto* row = row_of(scheme);
    if (!row) return target;
    return fmt::format("{}://{}{}", row->name, to_text(with_encoded_zone(host), port), target);
}

bool is_known_scheme(std::string_view name) noexcept {
    return find_scheme(name) != nullptr;
}

}  // namespace xmpp::detail
