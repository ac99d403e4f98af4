#include "net/proxy/proxy_tunnel.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "base/crypto/base64.hpp"
#include "net/dial/attempt_write.hpp"
#include "net/dial/ip_text.hpp"
#include "net/proxy/socks5.hpp"
#include "net/url/url_text.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr int login_wanted = 407;

std::string_view advice(int status, bool had_login) {
    if (status == login_wanted) {
        return had_login ? "; it does not accept the user and password in its URL, or not as Basic"
                         : "; put user and password into its URL";
    }
    if (status == 403 || status == 405) return "; it does not allow this connection";
    if (status >= 500) return "; it can't reach the server";
    return "";
}

constexpr std::string_view hung_up = "the proxy hung up before the connection was there";

task<> connect_by_http(byte_stream& proxy, std::string request, bool has_login) {
    co_await attempt_write(proxy.write(request));
    http_head_reader answer;
    bool more = false;
    while (!answer.complete()) {
        const auto received = co_await proxy.read();
        if (received.empty()) {
            throw protocol_error(protocol::http, no_http_answer,
                                 error(errc::connection_lost, std::string(hung_up)));
        }
        more = answer.feed(received) < received.size();
    }
    check_connect_answer(answer.head(), has_login);
    if (more) throw error(errc::unexpected_data, "the proxy says more than that it is connected");
}

task<> connect_by_socks(byte_stream& proxy, socks5_client conversation) {
    auto next = conversation.greeting();
    while (!conversation.done()) {
        if (!next.empty()) co_await attempt_write(proxy.write(next));
        const auto received = co_await proxy.read();
        if (received.empty()) throw error(errc::connection_lost, std::string(hung_up));
        next = conversation.feed(received);
    }
}

}  // namespace

std::string connect_request_head(const proxy_url& proxy, const host_and_port& target) {
    const auto authority = to_text(without_zone(target.host), target.port);
    http_request_head head("CONNECT", authority);
    head.add("Host", authority);
    if (!proxy.user.empty()) {
        const auto login = base64_encode(fmt::format("{}:{}", proxy.user, proxy.password));
        head.add("Proxy-Authorization", fmt::format("Basic {}", login));
    }
    return std::move(head).take();
}

void check_connect_answer(const http_head& answer, bool had_login) {
    const auto status = parse_http_status(answer.start_line);
    if (status.code >= 200 && status.code < 300) return;
    const std::string condition(condition_name(errc::http_refused));
    throw protocol_error(protocol::http, status.code,
                         error(errc::http_refused, condition, status.reason,
                               fmt::format("the proxy answered CONNECT with HTTP status {}{}",
                                           status.code, advice(status.code, had_login))));
}

task<std::unique_ptr<byte_stream>> open_tunnel(std::unique_ptr<byte_stream> to_proxy,
                                               proxy_url proxy, host_and_port target) {
    if (proxy.kind == proxy_kind::http) {
        auto request = connect_request_head(proxy, target);
        co_await connect_by_http(*to_proxy, std::move(request), !proxy.user.empty());
    } else {
        socks5_client conversation(proxy, target);
        co_await connect_by_socks(*to_proxy, std::move(conversation));
    }
    co_return std::move(to_proxy);
}

}  // namespace xmpp::detail
