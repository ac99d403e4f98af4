#include <xmpp/builder.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/base64.hpp"
#include "testing/peer_steps.hpp"
#include "xml/writer/escape.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail::peer_steps {
namespace {

task<> open_stream(peer_script& script, std::string features) {
    co_await expect_header(script, parse_attributes_of_header("to='*' version='1.0'"));
    co_await send_header(script, parse_attributes_of_header(""));
    co_await send_features(script, std::move(features));
}

/// The user name in what PLAIN sends (RFC 4616): authzid NUL user NUL password.
std::string plain_user(std::string_view payload) {
    const auto decoded = base64_decode(payload);
    if (!decoded) throw script_problem(fmt::format("'{}' is not base64", payload));
    const auto first = decoded->find('\0');
    const auto second = first == std::string::npos ? first : decoded->find('\0', first + 1);
    if (second == std::string::npos) throw script_problem("this is not a message of PLAIN");
    return decoded->substr(first + 1, second - first - 1);
}

task<> accept_plain(peer_script& script, jid who) {
    const auto auth = co_await script.receive("<auth mechanism='PLAIN'>");
    if (auth->name() != "auth" || auth->ns() != ns::sasl || auth->attr("mechanism") != "PLAIN") {
        throw script_problem(fmt::format("this is no login with PLAIN: {}", auth->to_xml()));
    }
    const auto user = plain_user(auth->text());
    if (!who.local().empty() && user != who.local()) {
        throw script_problem(fmt::format("'{}' logs in instead of '{}'", user, who.local()));
    }
    co_await send_raw(script, fmt::format("<success xmlns='{}'/>", ns::sasl));
}

task<> accept_bind(peer_script& script, jid who) {
    const auto request = co_await script.receive("<iq type='set'><bind/></iq>");
    const auto* bind = request->child("bind", ns::bind);
    if (request.kind() != stanza_kind::iq || request.type() != "set" || !bind) {
        throw script_problem(fmt::format("this is no request to bind: {}", request->to_xml()));
    }
    if (who.is_bare()) {
        const auto* wish = bind->child("resource");
        const bool wishes = wish && !wish->text().empty();
        who = who.with_resource(wishes ? wish->text() : std::string_view("scripted"));
    }
    std::string address;
    append_text(address, who.str());
    co_await send(script, fmt::format("<iq type='result' id='{{id}}'><bind xmlns='{}'>"
                                      "<jid>{}</jid></bind></iq>",
                                      ns::bind, address));
}

}  // namespace

task<> accept_tls(peer_script& script, testing::certificate identity) {
    co_await open_stream(script,
                         fmt::format("<starttls xmlns='{}'><required/></starttls>", ns::tls));
    const auto request = co_await script.receive("<starttls/>");
    if (request->name() != "starttls" || request->ns() != ns::tls) {
        throw script_problem(fmt::format("this is not <starttls/>: {}", request->to_xml()));
    }
    co_await start_tls(script, std::move(identity), nullptr);
}

task<> accept_login(peer_script& script, jid who, std::string more_features) {
    co_await open_stream(
        script,
        fmt::format("<mechanisms xmlns='{}'><mechanism>PLAIN</mechanism></mechanisms>", ns::sasl));
    co_await accept_plain(script, who);
    co_await open_stream(script, fmt::format("<bind xmlns='{}'/>{}", ns::bind, more_features));
    co_await accept_bind(script, who);
}

task<> accept_component(peer_script& script, jid domain) {
    builder header("stream");
    header.attr("to", domain.str()).attr("version", "");
    auto wanted = stanza::parse(header.to_xml());
    co_await expect_header(script, std::move(wanted));
    co_await send_header(script, parse_attributes_of_header(""));
    const auto proof = co_await script.receive("<handshake>");
    if (proof->name() != "handshake" || proof->text().empty()) {
        throw script_problem(fmt::format("this is no handshake: {}", proof->to_xml()));
    }
    co_await send_raw(script, "<handshake/>");
}

}  // namespace xmpp::detail::peer_steps
