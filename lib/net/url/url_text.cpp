#include "net/url/url_text.hpp"

#include "base/percent.hpp"
#include "net/dial/ip_text.hpp"

#include <fmt/format.h>

#include <optional>

namespace xmpp::detail {
namespace {

constexpr std::string_view encoded_percent = "%25";

std::size_t percent_of(std::string_view host) {
    return is_ipv6(host) ? host.find('%') : host.npos;
}

}  // namespace

std::string without_secrets(std::string_view url) {
    const auto query = url.find('?');
    std::string shown(url.substr(0, query));
    if (query != url.npos) shown += "?...";
    const auto separator = shown.find("://");
    const auto authority = separator == shown.npos ? 0 : separator + 3;
    const auto at = shown.rfind('@', shown.find('/', authority));
    if (at != shown.npos && at >= authority) shown.erase(authority, at + 1 - authority);
    return shown;
}

std::string without_zone(const std::string& host) {
    return host.substr(0, percent_of(host));
}

std::string with_plain_zone(std::string_view host) {
    const auto percent = percent_of(host);
    if (percent == host.npos) return std::string(host);
    auto zone = host.substr(percent);
    // "%25" alone is the zone 25.
    const bool encoded = zone.starts_with(encoded_percent) && zone != encoded_percent;
    zone.remove_prefix(encoded ? encoded_percent.size() : 1);
    const auto plain = encoded ? percent_decoded(zone) : std::string(zone);
    if (!plain || plain->empty() || plain->find('%') != plain->npos) return {};
    return fmt::format("{}%{}", host.substr(0, percent), *plain);
}

std::string with_encoded_zone(const std::string& host) {
    const auto percent = percent_of(host);
    if (percent == host.npos) return host;
    return fmt::format("{}{}{}", host.substr(0, percent), encoded_percent,
                       host.substr(percent + 1));
}

}  // namespace xmpp::detail
