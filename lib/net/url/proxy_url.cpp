#include "net/url/proxy_url.hpp"

#include <xmpp/error.hpp>

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "net/url/service_url.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::uint16_t usual_port = 1080;

[[noreturn]] void refuse_proxy(std::string_view named_by, std::string_view why) {
    throw error(errc::invalid_options, fmt::format("the proxy in {}: {}", named_by, why));
}

proxy_kind kind_of(std::string_view scheme, std::string_view named_by) {
    if (equal_in_any_case(scheme, "http")) return proxy_kind::http;
    if (equal_in_any_case(scheme, "socks5") || equal_in_any_case(scheme, "socks5h")) {
        return proxy_kind::socks5;
    }
    if (equal_in_any_case(scheme, "https")) {
        refuse_proxy(named_by, "one that is itself reached over TLS (https://) is not supported");
    }
    refuse_proxy(named_by, "its scheme is none of http, socks5 and socks5h");
}

std::string decoded(std::string_view text, std::string_view named_by) {
    auto result = percent_decoded(text);
    if (!result) {
        refuse_proxy(named_by, "after % in user name and password follow two hexadecimal digits");
    }
    return std::move(*result);
}

}  // namespace

proxy_url proxy_url::parse(std::string_view text, std::string_view named_by) {
    proxy_url proxy;
    if (const auto separator = text.find("://"); separator != text.npos) {
        proxy.kind = kind_of(text.substr(0, separator), named_by);
        text.remove_prefix(separator + 3);
    }
    if (const auto at = text.rfind('@'); at != text.npos) {
        const auto login = text.substr(0, at);
        const auto colon = login.find(':');
        proxy.user = decoded(login.substr(0, colon), named_by);
        if (colon != login.npos) {
            proxy.password = decoded(login.substr(colon + 1), named_by);
        }
        text.remove_prefix(at + 1);
    }
    text = text.substr(0, text.find('/'));
    try {
        auto [host, port] = parse_authority(text, usual_port);
        proxy.host = std::move(host);
        proxy.port = port;
    } catch (const error&) {
        refuse_proxy(named_by, "what follows its scheme and user must be a host, or host:port");
    }
    return proxy;
}

}  // namespace xmpp::detail
