#include <xmpp/message.hpp>
#include <xmpp/ns.hpp>

#include "broker/broker_core.hpp"
#include "broker/stanza_id.hpp"

#include <utility>

// What the programs send, and what comes for them.
namespace xmpp::detail {
namespace {

using stage = broker_client::stage;

// Stanzas that came while no program was there, and are kept for the next.
constexpr std::size_t most_unclaimed = 1'000;

bool is_reply(const stanza& received) {
    return received.type() == "result" || received.type() == "error";
}

stanza parse(broker_client& from, const std::string& xml) {
    from.parser.feed(xml);
    auto tree = from.parser.next();
    if (!tree || !from.parser.idle()) {
        throw error(errc::bad_format, "a program sent what is not one stanza");
    }
    return stanza(std::move(*tree));
}

std::string encode(std::string xml, const stanza& received) {
    shared::incoming message;
    message.xml = std::move(xml);
    message.language = received->lang();
    return shared::encode(message);
}

}  // namespace

task<> broker_core::forward(std::shared_ptr<broker_core> self, client_ptr client, std::string xml) {
    if (client->where != stage::joined) {
        throw error(errc::unexpected_element, "a program sends before it has joined");
    }
    const auto sent = parse(*client, xml);
    if (sent.kind() == stanza_kind::other) {
        self->log(log_level::warning, "program {} sent an element that is no stanza: left out",
                  client->id);
        co_return;
    }
    if (!self->has_session()) co_return;  // crosses with the end of the session
    auto written = builder(sent).take();
    std::string request_id;
    const bool is_iq = sent.kind() == stanza_kind::iq;
    if (is_iq && is_reply(sent)) {
        // Another may have answered in its stead.
        if (!self->ledger_.settle(client->id, sent)) co_return;
    } else if (is_iq) {
        request_id = self->ledger_.sent(client->id, sent.id());
        written = with_id(std::move(written), request_id);
    }
    try {
        auto element = unsafe_xml(written);
        if (self->phase_ == phase::lost) {
            // Nobody knows how long it would wait for room, and what the program says behind it
            // counts at once.
            self->conn_->enqueue(std::move(element));
        } else {
            co_await self->conn_->send(std::move(element));
        }
    } catch (const error& failure) {
        const bool ended =
            failure.code() == errc::disconnected || failure.code() == errc::not_connected;
        if (ended) co_return;
        self->log(log_level::warning, "a stanza of program {} is not sent: {}", client->id,
                  failure.what());
        if (!request_id.empty()) self->ledger_.answered(request_id);
        if (!is_reply(sent)) self->refuse_to_send(*client, sent, failure);
        co_return;
    }
    if (!is_iq) self->reflect(*client, written);
}

void broker_core::reflect(const broker_client& from, const std::string& xml) {
    shared::foreign message;
    message.xml = xml;
    const auto encoded = shared::encode(message);
    for (const auto& [id, client] : clients_) {
        if (id != from.id && client->where == stage::joined) offer(*client, encoded);
    }
}

void broker_core::receive(const stanza& received) {
    catch_up();
    if (phase_ != phase::up) return;
    if (received.kind() != stanza_kind::iq) {
        hand_out(encode(received->to_xml(), received));
    } else if (is_reply(received)) {
        take_reply(received);
    } else {
        assign(received);
    }
}

void broker_core::hand_out(std::string encoded) {
    for (const auto& [id, client] : clients_) {
        if (client->where == stage::joined) offer(*client, encoded);
    }
    if (!roles_.empty()) return;
    unclaimed_bytes_ += encoded.size();
    unclaimed_.push_back(std::move(encoded));
    while (unclaimed_.size() > most_unclaimed ||
           unclaimed_bytes_ > settings_.client_queue_bytes()) {
        unclaimed_bytes_ -= unclaimed_.front().size();
        unclaimed_.pop_front();
    }
}

/// What is no stanza, and so is small: always.
void broker_core::deliver(broker_client& client, const std::string& encoded) {
    client.link->post(encoded);
    // Stanzas alone don't get it there.
    if (client.link->queued() <= 2 * settings_.client_queue_bytes()) return;
    log(log_level::warning, "program {} does not read", client.id);
    client.link->abort();
}

/// A stanza is left out when it is larger than the program reads, or when too much waits for the
/// program already.
bool broker_core::fits(broker_client& client, const std::string& encoded) {
    const auto waiting = client.link->queued();
    const bool small_enough = encoded.size() <= client.most_bytes &&
                              encoded.size() + waiting <= settings_.client_queue_bytes();
    if (!small_enough && !client.misses_some) {
        log(log_level::warning,
            "a stanza of {} bytes is left out for program {}, for which {} bytes wait",
            encoded.size(), client.id, waiting);
    }
    client.misses_some = !small_enough;
    return small_enough;
}

bool broker_core::offer(broker_client& client, const std::string& encoded) {
    const bool taken = fits(client, encoded);
    if (taken) client.link->post(encoded);
    return taken;
}

void broker_core::take_reply(const stanza& reply) {
    const auto asked = ledger_.answered(reply.id());
    const auto client = asked ? find(asked->who) : nullptr;
    if (!client) {
        log(log_level::debug, "a reply that nobody waits for");
        return;
    }
    if (offer(*client, encode(with_id(reply->to_xml(), asked->id), reply))) return;
    builder small("iq");
    small.attr("type", "error").attr("id", asked->id).attr("to", conn_->user().str());
    if (reply->has_attr("from")) small.attr("from", reply->attr("from"));
    small.c("error").attr("type", "wait").c("resource-constraint", ns::stanzas);
    deliver(*client, encode(std::move(small).take(), reply));
}

/// What the server would not take, which is its policy (XEP-0478 section 3): programs keep to that
/// themselves, but know only what was announced when they joined. Or what there is no room for.
void broker_core::refuse_to_send(broker_client& client, const stanza& refused, const error& why) {
    const bool too_large = why.code() == errc::stanza_too_large;
    const stanza_error reason(
        too_large ? "policy-violation" : "resource-constraint",
        too_large ? "the stanza is larger than the server allows" : std::string(why.explanation()));
    auto reply = error_reply(refused, reason);
    if (refused->has_attr("to")) reply.set_root_attr("from", refused->attr("to"));
    offer(client, encode(std::move(reply).take(), refused));
}

/// Exactly one program gets a request.
void broker_core::assign(const stanza& request) {
    const auto client = responder_for(request);
    if (!client) return refuse(request, "service-unavailable");
    const auto encoded = encode(request->to_xml(), request);
    const bool given = fits(*client, encoded) && ledger_.owe(client->id, request);
    if (!given) return refuse(request, "resource-constraint");
    client->link->post(encoded);
}

/// Who has a responder for it: the primary, or who was heard of last; else the primary.
broker_core::client_ptr broker_core::responder_for(const stanza& request) const {
    const auto primary = roles_.primary();
    const auto children = request->children();
    if (!primary || children.begin() == children.end()) return nullptr;
    const element& payload = *children.begin();
    const std::pair wanted(std::string(payload.name()), std::string(payload.ns()));
    const auto answers = [&](const broker_client& client) {
        return client.where == stage::joined && client.responders.contains(wanted);
    };

    client_ptr best = find(*primary);
    if (best && answers(*best)) return best;
    auto heard = now() - settings_.silent_after();
    for (const auto& [id, client] : clients_) {
        if (!answers(*client) || roles_.last_seen(id) < heard) continue;
        best = client;
        heard = roles_.last_seen(id);
    }
    return best;
}

void broker_core::refuse(const stanza& request, const char* condition) {
    try {
        conn_->enqueue(error_reply(request, stanza_error(condition)));
    } catch (const error& failure) {
        log(log_level::error, "a request could not be refused: {}", failure.what());
    }
}

void broker_core::reassign(std::vector<stanza> requests) {
    if (!has_session()) return;
    for (const auto& each : requests) assign(each);
}

}  // namespace xmpp::detail
