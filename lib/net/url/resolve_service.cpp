#include "net/url/resolve_service.hpp"

#include <xmpp/error.hpp>

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace xmpp::detail {
namespace {

/// The scheme of what is relative to `base`: never less secure than that.
service_scheme scheme_for(std::string_view service, std::string_view protocol,
                          const service_url& base) {
    if (protocol.empty()) return base.scheme;
    const auto is = [protocol](std::string_view name) { return equal_in_any_case(protocol, name); };
    const bool wants_tls = is("wss") || is("https");
    const bool websocket = is("ws") || is("wss");
    if (!websocket && !is("http") && !is("https")) {
        refuse_service(
            service,
            fmt::format("options::protocol is '{}', and none of ws, wss, http, https", protocol));
    }
    if (wants_tls || base.direct_tls()) {
        return websocket ? service_scheme::wss : service_scheme::https;
    }
    return websocket ? service_scheme::ws : service_scheme::http;
}

/// Without what "." and ".." stand for (RFC 3986 5.2.4); it begins with a slash.
std::string without_dot_segments(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const auto segment = path.substr(0, path.find('/', 1));
        path.remove_prefix(segment.size());
        if (segment == "/..") result.erase(std::min(result.rfind('/'), result.size()));
        const bool dots = segment == "/." || segment == "/..";
        if (!dots) result += segment;
        if (dots && path.empty()) result += '/';
    }
    return result;
}

/// RFC 3986 5.2.2, for references that name no host.
std::string merged(std::string_view base, std::string_view reference) {
    const auto base_path = base.substr(0, base.find('?'));
    if (reference.starts_with('?')) return fmt::format("{}{}", base_path, reference);
    const auto query_at = reference.find('?');
    const auto query = query_at == reference.npos ? std::string_view() : reference.substr(query_at);
    const auto path = reference.substr(0, query_at);
    std::string whole(path);
    if (!path.starts_with('/')) {
        whole = fmt::format("{}{}", base_path.substr(0, base_path.rfind('/') + 1), path);
    }
    return without_dot_segments(whole).append(query);
}

service_url parse_base(std::string_view service, const std::string& base) {
    constexpr std::string_view needed =
        "it is relative, and options::base_url is no http, https, ws or wss URL to complete it";
    service_url parsed;
    try {
        parsed = service_url::parse(base);
    } catch (const error&) {
        refuse_service(service, needed);
    }
    if (!parsed.is_web()) refuse_service(service, needed);
    return parsed;
}

}  // namespace

bool is_relative_service(std::string_view service) noexcept {
    const auto first_segment = service.substr(0, service.find_first_of("/?"));
    return !service.empty() && first_segment.find(':') == first_segment.npos;
}

service_url resolve_service(std::string_view service, const options& settings) {
    const auto scheme = service.substr(0, service.find(':'));
    for (const auto& own : settings.registered_transports()) {
        if (scheme.size() == service.size() || !equal_in_any_case(own.scheme, scheme)) continue;
        service_url place;
        place.scheme = service_scheme::registered;
        place.target = service;
        return place;
    }
    if (!is_relative_service(service)) return service_url::parse(service);
    if (service.starts_with("//")) refuse_service(service, "which scheme shall it have?");

    const auto base = parse_base(service, settings.base_url());
    auto place = base;
    place.scheme = scheme_for(service, settings.protocol(), base);
    if (base.port == base.default_port()) place.port = place.default_port();
    place.target = merged(base.target, service);
    return service_url::parse(place.str());  // which checks the target too
}

}  // namespace xmpp::detail
