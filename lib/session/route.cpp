#include "session/route.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/ip_literal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::detail {
namespace {

/// `host`, `host:port`, `[v6]` or `[v6]:port`, and nothing else.
host_and_port parse_target(const refusal& order, service_scheme scheme) {
    const element* other = order.element()->child("see-other-host", ns::stream_errors);
    const std::string_view text = other ? other->text() : std::string_view();
    try {
        const bool bracketed = text.starts_with('[');
        if (bracketed && !normal_ipv6_literal(text.substr(0, text.find(']') + 1))) {
            throw error(errc::bad_format, "between the brackets is no IPv6 address");
        }
        if (!bracketed && std::count(text.begin(), text.end(), ':') > 1) {
            throw error(errc::bad_format, "an IPv6 address must stand between brackets");
        }
        const bool direct = scheme == service_scheme::xmpps;
        return parse_authority(text, direct ? direct_tls_port : starttls_port);
    } catch (const error& unusable) {
        throw refusal(error(errc::bad_format, fmt::format("a redirect that leads nowhere: {}",
                                                          unusable.explanation())),
                      order.element());
    }
}

}  // namespace

route::route(service_url service, const options& settings)
    : place_(std::move(service)), tls_(settings.tls()), most_redirects_(settings.max_redirects()) {}

options route::settings(options original) const {
    if (moved_) original.connect_address({});
    if (secret_) original.tls(tls_mode::required);
    return original;
}

bool route::follow(const refusal& order, bool encrypted) {
    if (order.code() != stream_condition::see_other_host || most_redirects_ <= 0) return false;
    if (!encrypted && tls_ != tls_mode::disabled) {
        throw refusal(error(errc::untrusted_redirect,
                            "the stream is not encrypted, so anybody on the way may have sent it"),
                      order.element());
    }
    auto target = parse_target(order, place_.scheme);
    if (redirects_ >= most_redirects_) {
        throw refusal(
            error(errc::too_many_redirects, fmt::format("{} redirects led to no session; see "
                                                        "options::max_redirects",
                                                        redirects_)),
            order.element());
    }
    ++redirects_;
    moved_ = true;
    secret_ = secret_ || encrypted;
    if (place_.scheme == service_scheme::discover) place_.scheme = service_scheme::xmpp;
    place_.host = std::move(target.host);
    place_.port = target.port;
    return true;
}

}  // namespace xmpp::detail
