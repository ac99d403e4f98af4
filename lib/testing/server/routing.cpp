#include "testing/server/routing.hpp"

#include <xmpp/error.hpp>

#include "testing/server/stamp.hpp"

#include <fmt/format.h>

namespace xmpp::detail::serving {
namespace {

/// RFC 6120 8.1.2.1: a client may name itself, and nobody else.
void check_from(const bound_session& sender, const stanza& received) {
    if (!received->has_attr("from")) return;
    const auto from = received.from();
    if (from == sender.address || from == sender.address.bare()) return;
    throw error(stream_condition::invalid_from,
                fmt::format("{} claims to be {}", sender.address, received->attr("from")));
}

}  // namespace

void route(local_domain& domain, bound_session& sender, const stanza& received) {
    const auto kind = received.kind();
    if (kind == stanza_kind::other) {
        throw error(stream_condition::unsupported_stanza_type,
                    fmt::format("<{}> is no stanza", received->name()));
    }
    check_from(sender, received);
    const auto hook = domain.hook;  // which may replace itself
    if (hook && !hook(received, sender.address)) return;
    const auto to = received.to();
    if (received->has_attr("to") && to.empty()) {
        answer_error(sender, received, stanza_error("jid-malformed"));
        return;
    }
    if (!to.empty() && !domain.is_local(to)) {
        answer_error(sender, received, stanza_error("remote-server-not-found"));
        return;
    }
    switch (kind) {
        case stanza_kind::message:
            return route_message(domain, sender, received);
        case stanza_kind::presence:
            return route_presence(domain, sender, received);
        case stanza_kind::iq:
            return route_iq(domain, sender, received);
        case stanza_kind::other:
            break;
    }
}

}  // namespace xmpp::detail::serving
