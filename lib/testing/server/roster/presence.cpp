#include <xmpp/error.hpp>

#include "base/whole_number.hpp"
#include "testing/server/roster/subscriptions.hpp"
#include "testing/server/routing.hpp"
#include "testing/server/stamp.hpp"

#include <optional>
#include <utility>

namespace xmpp::detail::serving {
namespace {

/// RFC 6121 4.7.2.3; nothing when it is no number in the range.
std::optional<int> priority_of(const stanza& presence) {
    const auto* priority = presence->child("priority");
    if (!priority) return 0;
    const auto value = whole_number<int>(priority->text());
    return value && *value >= -128 && *value <= 127 ? value : std::nullopt;
}

bool sees(local_domain& domain, const jid& contact, const jid& whom) {
    auto* account = domain.account_of(whom);
    if (!account) return false;
    const auto found = account->contacts.find(contact);
    return found != account->contacts.end() && found->second.from;
}

/// To all who may see the session, its own account included.
void broadcast(local_domain& domain, const bound_session& from, const stanza& presence) {
    const auto user = from.address.bare();
    auto recipients = domain.sessions.available(user);
    if (const auto* account = domain.account_of(user)) {
        for (const auto& [contact, item] : account->contacts) {
            if (!item.from) continue;
            const auto theirs = domain.sessions.available(contact);
            recipients.insert(recipients.end(), theirs.begin(), theirs.end());
        }
    }
    for (const auto& session : recipients) {
        session->deliver(stamped(presence, from.address, session->address.bare()));
    }
}

/// What a probe gets: the presence of the sessions of `user` (RFC 6121 4.3.2).
void show(local_domain& domain, const jid& user, bound_session& to) {
    for (const auto& session : domain.sessions.available(user)) {
        if (session.get() == &to) continue;
        to.deliver(stamped(*session->presence, session->address, to.address));
    }
}

/// RFC 6121 4.2.2, 4.3 and 3.1.3.
void catch_up(local_domain& domain, bound_session& sender) {
    const auto user = sender.address.bare();
    show(domain, user, sender);
    const auto* account = domain.account_of(user);
    if (!account) return;
    for (const auto& [contact, item] : account->contacts) {
        if (item.to && sees(domain, user, contact)) show(domain, contact, sender);
        if (item.request) sender.deliver(stamped(*item.request, contact, user));
    }
}

void become_available(local_domain& domain, bound_session& sender, const stanza& presence) {
    const auto priority = priority_of(presence);
    if (!priority) {
        answer_error(sender, presence, stanza_error("bad-request", "no valid priority"));
        return;
    }
    const bool initial = !sender.available();
    sender.presence = presence;
    sender.priority = *priority;
    broadcast(domain, sender, presence);
    if (initial) catch_up(domain, sender);
}

/// RFC 6121 4.6 and 8.5: to whom it is addressed, and to no one else.
void direct(local_domain& domain, bound_session& sender, const stanza& presence) {
    const auto to = presence.to();
    const auto type = presence.type();
    if (type.empty()) sender.directed.insert(to);
    if (type == "unavailable") sender.directed.erase(to);
    if (to.is_bare()) {
        for (const auto& session : domain.sessions.available(to)) {
            session->deliver(stamped(presence, sender.address));
        }
    } else if (const auto recipient = domain.sessions.find(to)) {
        recipient->deliver(stamped(presence, sender.address));
    }
}

void answer_probe(local_domain& domain, bound_session& sender, const jid& whom) {
    const auto user = sender.address.bare();
    if (user == whom || sees(domain, user, whom)) show(domain, whom, sender);
}

}  // namespace

void route_presence(local_domain& domain, bound_session& sender, const stanza& presence) {
    const auto type = presence.type();
    if (presence->has_attr("to")) {
        if (is_subscription(type)) return change_subscription(domain, sender, presence);
        if (type == "probe") return answer_probe(domain, sender, presence.to().bare());
        return direct(domain, sender, presence);
    }
    if (type.empty()) return become_available(domain, sender, presence);
    if (type == "unavailable") {
        const auto before = std::exchange(sender.presence, std::nullopt);
        if (before) broadcast(domain, sender, presence);
        for (const auto& to : std::exchange(sender.directed, {})) {
            const auto there = to.is_bare() ? domain.sessions.available(to)
                                            : std::vector<session_ptr>{domain.sessions.find(to)};
            for (const auto& session : there) {
                if (session) session->deliver(stamped(presence, sender.address, to));
            }
        }
    }
}

void become_unavailable(local_domain& domain, bound_session& session) {
    route_presence(domain, session, stanza::parse("<presence type='unavailable'/>"));
}

}  // namespace xmpp::detail::serving
