#include "testing/server/routing.hpp"
#include "testing/server/stamp.hpp"

namespace xmpp::detail::serving {
namespace {

void echo(const local_domain& domain, bound_session& sender, const stanza& message) {
    if (message.type() == "error" || !message->child("body")) return;
    sender.deliver(stamped(message, domain.echo, sender.address));
}

void deliver_to(const std::vector<session_ptr>& sessions, const builder& message) {
    for (const auto& session : sessions) session->deliver(message);
}

/// RFC 6121 8.5.2: for whoever of the account is there. Nothing is kept for later.
void deliver_to_account(local_domain& domain, bound_session& sender, const stanza& message,
                        const jid& account) {
    const auto type = message.type();
    if (type == "error") return;
    const bool for_all = type == "headline";
    auto recipients =
        for_all ? domain.sessions.available(account) : domain.sessions.most_available(account);
    if (for_all) std::erase_if(recipients, [](const session_ptr& s) { return s->priority < 0; });
    if (type == "groupchat" || (recipients.empty() && !for_all)) {
        answer_error(sender, message, stanza_error("service-unavailable"));
        return;
    }
    deliver_to(recipients, stamped(message, sender.address));
}

}  // namespace

void route_message(local_domain& domain, bound_session& sender, const stanza& message) {
    const auto to = message->has_attr("to") ? message.to() : sender.address.bare();
    if (!domain.echo.empty() && to.bare() == domain.echo) return echo(domain, sender, message);
    if (!domain.account_of(to)) {
        answer_error(sender, message, stanza_error("service-unavailable"));
        return;
    }
    if (const auto recipient = to.is_bare() ? nullptr : domain.sessions.find(to)) {
        recipient->deliver(stamped(message, sender.address));
        return;
    }
    // RFC 6121 8.5.3.2.1: an address that is not there any more.
    if (!to.is_bare() && message.type() == "headline") return;
    deliver_to_account(domain, sender, message, to.bare());
}

}  // namespace xmpp::detail::serving
