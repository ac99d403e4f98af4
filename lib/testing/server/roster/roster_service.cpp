#include "testing/server/roster/roster_service.hpp"

#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "testing/server/roster/subscriptions.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace xmpp::detail::serving {
namespace {

constexpr std::size_t longest_name = 1023;

std::vector<std::string> read_groups(const element& item) {
    std::vector<std::string> groups;
    for (const auto& group : item.children("group")) {
        if (group.text().empty() || group.text().size() > longest_name) {
            throw stanza_error("not-acceptable", "a group's name is empty or too long");
        }
        if (std::find(groups.begin(), groups.end(), group.text()) != groups.end()) {
            throw stanza_error("bad-request", "a group is named twice");
        }
        groups.emplace_back(group.text());
    }
    return groups;
}

void remove(local_domain& domain, const jid& user, const jid& contact) {
    auto& contacts = domain.account_of(user)->contacts;
    const auto found = contacts.find(contact);
    if (found == contacts.end() || !found->second.listed) throw stanza_error("item-not-found");
    // RFC 6121 2.5.2: both directions of the subscription end.
    found->second.listed = false;
    unsubscribe(domain, user, contact);
    cancel(domain, user, contact);
    contacts.erase(contact);
    push_item(domain, user, contact);
}

void set(local_domain& domain, const jid& user, const element& query) {
    const auto items = query.children("item");
    if (std::distance(items.begin(), items.end()) != 1) {
        throw stanza_error("bad-request", "a roster set has one item");
    }
    const auto& item = *items.begin();
    const auto contact = jid::parse(item.attr("jid"));
    if (!contact) throw stanza_error("bad-request", "the item has no valid address");
    if (item.attr("subscription") == "remove") return remove(domain, user, contact->bare());
    if (item.attr("name").size() > longest_name) {
        throw stanza_error("not-acceptable", "the name is too long");
    }
    auto groups = read_groups(item);
    auto& entry = domain.account_of(user)->contacts[contact->bare()];
    entry.listed = true;
    entry.name = item.attr("name");
    entry.groups = std::move(groups);
    push_item(domain, user, contact->bare());
}

builder get(local_domain& domain, bound_session& sender) {
    builder query("query", ns::roster);
    for (const auto& [contact, item] : domain.account_of(sender.address)->contacts) {
        if (item.listed) add_item(query, contact, item);
    }
    sender.wants_roster = true;
    return query;
}

}  // namespace

void push_item(local_domain& domain, const jid& user, const jid& contact) {
    const auto& contacts = domain.account_of(user)->contacts;
    const auto found = contacts.find(contact);
    const bool exists = found != contacts.end();
    if (exists && !found->second.listed) return;
    builder query("query", ns::roster);
    if (exists) {
        add_item(query, contact, found->second);
    } else {
        query.c("item").attr("jid", contact).attr("subscription", "remove").up();
    }
    for (const auto& session : domain.sessions.interested(user)) {
        session->deliver(iq::set(session->address).id(random_id()).add(query));
    }
}

builder answer_roster(local_domain& domain, bound_session& sender, const stanza& request) {
    if (request.type() == "get") return get(domain, sender);
    set(domain, sender.address.bare(), *request->child("query", ns::roster));
    return builder();
}

}  // namespace xmpp::detail::serving
