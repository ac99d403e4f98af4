#include "testing/server/iq_services.hpp"
#include "testing/server/routing.hpp"
#include "testing/server/stamp.hpp"

#include <iterator>
#include <utility>

namespace xmpp::detail::serving {
namespace {

bool is_request(const stanza& iq) {
    return iq.type() == "get" || iq.type() == "set";
}

/// RFC 6120 8.2.3.
bool is_proper(const stanza& iq) {
    if (iq.id().empty()) return false;
    if (!is_request(iq)) return iq.type() == "result" || iq.type() == "error";
    const auto children = iq->children();
    return std::distance(children.begin(), children.end()) == 1;
}

builder answer(local_domain& domain, bound_session& sender, const stanza& request, const jid& to) {
    if (to.local().empty()) return answer_for_domain(domain, request);
    if (to == sender.address.bare()) return answer_for_account(domain, sender, request);
    throw stanza_error("service-unavailable");
}

}  // namespace

void route_iq(local_domain& domain, bound_session& sender, const stanza& iq) {
    if (!is_proper(iq)) {
        answer_error(sender, iq, stanza_error("bad-request"));
        return;
    }
    const auto to = iq->has_attr("to") ? iq.to() : sender.address.bare();
    if (!to.is_bare() && !to.local().empty()) {
        if (const auto recipient = domain.sessions.find(to)) {
            recipient->deliver(stamped(iq, sender.address));
        } else {
            answer_error(sender, iq, stanza_error("service-unavailable"));
        }
        return;
    }
    if (!is_request(iq)) return;  // an answer to a push
    try {
        answer_result(sender, iq, answer(domain, sender, iq, to));
    } catch (const stanza_error& refused) {
        answer_error(sender, iq, refused);
    }
}

}  // namespace xmpp::detail::serving
