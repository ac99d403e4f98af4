#include "echo_contact.hpp"

#include <string>
#include <utility>

namespace demo {

xmpp::task<> be_echo(xmpp::connection& conn, xmpp::credentials self, xmpp::jid user) {
    auto stanzas = conn.stanzas(xmpp::match().type("chat").type("subscribe"));
    co_await conn.login(self);
    co_await conn.send(xmpp::presence().status("I repeat what you say"));
    co_await conn.send(xmpp::presence(user).type("subscribe"));
    while (auto received = co_await stanzas.next()) {
        const auto from = received->from();
        if (from.empty() || from.bare() == conn.user().bare()) continue;  // never ourselves
        const auto* body = (*received)->child("body");
        if (received->type() == "subscribe") {
            co_await conn.send(xmpp::presence(from.bare()).type("subscribed"));
        } else if (body) {
            co_await conn.send(xmpp::message(from).type("chat").body(body->text()));
        }
    }
}

}  // namespace demo
