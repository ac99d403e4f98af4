#include "session/route.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "address/ip_literal.hpp"
#include "net/url/same_origin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::detail {
namespace {

error leads_nowhere(std::string_view why) {
    return error(errc::bad_format, fmt::format("a redirect that leads nowhere: {}", why));
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`, and nothing else.
host_and_port parse_target(std::string_view text, std::uint16_t default_port) {
    const bool bracketed = text.starts_with('[');
    if (bracketed && !normal_ipv6_literal(text.substr(0, text.find(']') + 1))) {
        throw leads_nowhere("between the brackets is no IPv6 address");
    }
    if (!bracketed && std::count(text.begin(), text.end(), ':') > 1) {
        throw leads_nowhere("an IPv6 address must stand between brackets");
    }
    try {
        return parse_authority(text, default_port);
    } catch (const error& unusable) {
        throw leads_nowhere(unusable.explanation());
    }
}

/// The way to speak stays.
service_url at_address(service_url place, std::string_view address) {
    auto target = parse_target(address, place.default_port());
    if (place.scheme == service_scheme::discover) place.scheme = service_scheme::xmpp;
    place.host = std::move(target.host);
    place.port = target.port;
    return place;
}

service_url at_other_host(service_url place, const element& order) {
    const element* other = order.child("see-other-host", ns::stream_errors);
    // RFC 6120 4.9.3.19 prints the address on a line of its own.
    const auto address = other ? other->text() : std::string_view();
    return at_address(std::move(place), trimmed(address, " \t\r\n"));
}

service_url at_other_uri(std::string_view uri) {
    service_url target;
    try {
        target = service_url::parse(uri);
    } catch (const error& unusable) {
        throw leads_nowhere(unusable.explanation());
    }
    if (!target.is_web()) throw leads_nowhere("it names no service over WebSocket or HTTP");
    return target;
}

options without_what_is_for_one_origin(options original) {
    return original.headers({}).cookies({}).client_certificate({}, {});
}

}  // namespace

route::route(service_url service, const options& settings)
    : place_(std::move(service)),
      first_(place_),
      tls_(settings.tls()),
      most_redirects_(settings.max_redirects()) {}

options route::settings(options original) const {
    if (moved_) original.connect_address({});
    if (!original.trust_redirects() && !is_same_origin(place_, first_)) {
        original = without_what_is_for_one_origin(std::move(original));
    }
    if (secret_) original.tls(tls_mode::required);
    return original;
}

std::optional<service_url> route::at(std::string_view location) const {
    const bool over_tcp = place_.scheme == service_scheme::discover ||
                          place_.scheme == service_scheme::xmpp ||
                          place_.scheme == service_scheme::xmpps;
    if (location.empty() || !over_tcp) return std::nullopt;
    try {
        return at_address(place_, location);
    } catch (const error&) {
        return std::nullopt;
    }
}

void route::start_over() {
    place_ = first_;
    redirects_ = 0;
    moved_ = false;
}

bool route::follow(const failure& order, bool encrypted) {
    using source = failure::source;
    // Hosts are the business of a transport of the program's own.
    const bool to_host = order.is_reported() && order.code() == stream_condition::see_other_host &&
                         place_.scheme != service_scheme::registered;
    if (most_redirects_ <= 0 || (!to_host && order.from() != source::redirect)) return false;
    try {
        check_sender(encrypted);
        go_to(to_host ? at_other_host(place_, order.element()->root()) : at_other_uri(order.uri()),
              encrypted);
    } catch (const error& why) {
        throw refused_redirect(why, order.element());
    }
    return true;
}

void route::arrived(bool encrypted) noexcept {
    redirects_ = 0;
    secret_ = secret_ || encrypted;
    doubtful_->clear();
}

void route::check_sender(bool encrypted) const {
    if (encrypted || tls_ == tls_mode::disabled) return;
    throw error(errc::untrusted_redirect,
                "the stream is not encrypted, so anybody on the way may have sent it");
}

void route::go_to(service_url target, bool encrypted) {
    if ((secret_ || encrypted) && target.is_web() && !target.direct_tls()) {
        throw error(errc::untrusted_redirect,
                    "it leads from an encrypted service to one that is not");
    }
    if (redirects_ >= most_redirects_) {
        throw error(
            errc::too_many_redirects,
            fmt::format("{} redirects led to no session; see options::max_redirects", redirects_));
    }
    ++redirects_;
    moved_ = true;
    secret_ = secret_ || encrypted;
    place_ = std::move(target);
}

}  // namespace xmpp::detail
