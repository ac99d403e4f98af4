#include <xmpp/ns.hpp>

#include "chat_window.hpp"
#include "views.hpp"
#include "xml_view.hpp"

#include <utility>

namespace chat {

// The handlers belong to the connection, and that is a member: they may use this object.
void chat_window::listen() {
    conn_.add_handler(xmpp::match().name("message"), [this](const xmpp::stanza& message) {
        receive_message(message);
        return true;
    });
    conn_.add_handler(xmpp::match().name("presence"), [this](const xmpp::stanza& presence) {
        receive_presence(presence);
        return true;
    });
    conn_.on_iq("query", std::string(xmpp::ns::roster), [this](xmpp::stanza push) {
        return receive_push(shared_from_this(), std::move(push));
    });
    trace(settings_.show_xml);
    console_.on_completion(
        [this](std::string_view before_cursor) { return complete_line(before_cursor); });
}

void chat_window::receive_message(const xmpp::stanza& message) {
    if (message.type() == "error") {
        console_.print(colours_.paint(colour::red, "Your message did not reach " +
                                                       show_sender(message, contacts_) + ": " +
                                                       show_bounce(message)));
        return;
    }
    const auto shown = show_message(message, contacts_, colours_);
    if (shown.empty()) return;
    if (const auto from = message.from(); !from.empty()) contacts_.remember(from);
    console_.print(shown);
}

void chat_window::receive_presence(const xmpp::stanza& presence) {
    const auto from = presence.from().bare();
    if (from == conn_.user().bare() || !contacts_.apply(presence)) return;
    console_.print(show_presence(presence, *contacts_.find(from), colours_));
}

/// Only our own server may tell us who is in our roster (RFC 6121 2.1.6).
xmpp::task<xmpp::builder> chat_window::receive_push(std::shared_ptr<chat_window> self,
                                                    xmpp::stanza push) {
    const bool trusted = !push.has_from() || push.from() == self->conn_.user().bare();
    const auto* query = push->child("query", xmpp::ns::roster);
    if (!trusted || push.type() != "set" || !query) throw xmpp::stanza_error("service-unavailable");
    self->contacts_.apply(*query);
    self->update_prompt();
    co_return xmpp::builder();
}

void chat_window::trace(bool on) {
    settings_.show_xml = on;
    if (!on) {
        conn_.on_xml_input({});
        conn_.on_xml_output({});
        return;
    }
    conn_.on_xml_input([this](const xmpp::element& received) {
        console_.print("<- " + paint_xml(received.to_xml(), colours_));
    });
    conn_.on_xml_output(
        [this](std::string_view sent) { console_.print("-> " + paint_xml(sent, colours_)); });
}

}  // namespace chat
