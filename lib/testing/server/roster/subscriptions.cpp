#include "testing/server/roster/subscriptions.hpp"

#include "testing/server/roster/roster_service.hpp"
#include "testing/server/stamp.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail::serving {
namespace {

builder notice(std::string_view type, const jid& from, const jid& to) {
    return presence(to).type(type).from(from);
}

void deliver(const std::vector<session_ptr>& sessions, const builder& element) {
    for (const auto& session : sessions) session->deliver(element);
}

/// Null when the account or the item does not exist.
roster_item* item_of(local_domain& domain, const jid& user, const jid& contact) {
    auto* account = domain.account_of(user);
    if (!account) return nullptr;
    const auto found = account->contacts.find(contact);
    return found == account->contacts.end() ? nullptr : &found->second;
}

/// What `to` is told of the sessions of `user`: that they are there, or, since a subscription has
/// ended, that they are not.
void send_presence(local_domain& domain, const jid& user, const jid& to, bool there) {
    for (const auto& session : domain.sessions.available(user)) {
        const auto element = there ? stamped(*session->presence, session->address, to)
                                   : notice("unavailable", session->address, to);
        deliver(domain.sessions.available(to), element);
    }
}

/// RFC 6121 3.1.6.
void be_approved(local_domain& domain, const jid& user, const jid& by) {
    auto* item = item_of(domain, user, by);
    if (!item || !item->asked) return;
    item->to = true;
    item->asked = false;
    deliver(domain.sessions.interested(user), notice("subscribed", by, user));
    push_item(domain, user, by);
}

/// RFC 6121 3.1.3.
void be_asked(local_domain& domain, const jid& user, const jid& by, const stanza& presence) {
    auto* account = domain.account_of(user);
    if (!account) return;
    auto& item = account->contacts[by];
    if (item.from) {
        be_approved(domain, by, user);
        send_presence(domain, user, by, true);
        return;
    }
    item.request = presence;
    deliver(domain.sessions.available(user), stamped(presence, by, user));
}

/// RFC 6121 3.3.3.
void be_left(local_domain& domain, const jid& user, const jid& by) {
    auto* item = item_of(domain, user, by);
    if (!item) return;
    item->request.reset();
    if (!std::exchange(item->from, false)) return;
    deliver(domain.sessions.interested(user), notice("unsubscribe", by, user));
    push_item(domain, user, by);
    send_presence(domain, user, by, false);
}

/// RFC 6121 3.2.3.
void be_refused(local_domain& domain, const jid& user, const jid& by) {
    auto* item = item_of(domain, user, by);
    if (!item || (!item->to && !item->asked)) return;
    item->to = item->asked = false;
    deliver(domain.sessions.interested(user), notice("unsubscribed", by, user));
    push_item(domain, user, by);
}

}  // namespace

bool is_subscription(std::string_view type) noexcept {
    return type == "subscribe" || type == "subscribed" || type == "unsubscribe" ||
           type == "unsubscribed";
}

void change_subscription(local_domain& domain, const bound_session& sender,
                         const stanza& presence) {
    // Subscriptions are between accounts (RFC 6121 3.1.2).
    const auto user = sender.address.bare();
    const auto contact = presence.to().bare();
    const auto type = presence.type();
    if (user == contact) return;
    if (type == "subscribe") subscribe(domain, user, contact, presence);
    if (type == "subscribed") approve(domain, user, contact);
    if (type == "unsubscribe") unsubscribe(domain, user, contact);
    if (type == "unsubscribed") cancel(domain, user, contact);
}

void subscribe(local_domain& domain, const jid& user, const jid& contact, const stanza& presence) {
    auto* account = domain.account_of(user);
    if (!account) return;
    auto& item = account->contacts[contact];
    item.listed = true;
    item.asked = !item.to;
    push_item(domain, user, contact);
    be_asked(domain, contact, user, presence);
}

void approve(local_domain& domain, const jid& user, const jid& contact) {
    auto* item = item_of(domain, user, contact);
    if (!item || !item->request) return;
    item->request.reset();
    item->from = true;
    item->listed = true;
    push_item(domain, user, contact);
    be_approved(domain, contact, user);
    send_presence(domain, user, contact, true);
}

void unsubscribe(local_domain& domain, const jid& user, const jid& contact) {
    auto* item = item_of(domain, user, contact);
    if (!item || (!item->to && !item->asked)) return;
    item->to = item->asked = false;
    push_item(domain, user, contact);
    be_left(domain, contact, user);
}

void cancel(local_domain& domain, const jid& user, const jid& contact) {
    auto* item = item_of(domain, user, contact);
    if (!item || (!item->from && !item->request)) return;
    const bool shown = std::exchange(item->from, false);
    item->request.reset();
    push_item(domain, user, contact);
    be_refused(domain, contact, user);
    if (shown) send_presence(domain, user, contact, false);
}

}  // namespace xmpp::detail::serving
