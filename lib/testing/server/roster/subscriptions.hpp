#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include "testing/server/local_domain.hpp"

/// \file
/// Presence subscriptions between users of the domain (RFC 6121 3), without pre-approval.

namespace xmpp::detail::serving {

bool is_subscription(std::string_view type) noexcept;

/// A client's subscribe, subscribed, unsubscribe or unsubscribed; it has a local recipient.
void change_subscription(local_domain& domain, const bound_session& sender, const stanza& presence);

/// What a user asks of, grants to, or takes back from a contact.
void subscribe(local_domain& domain, const jid& user, const jid& contact, const stanza& presence);
void unsubscribe(local_domain& domain, const jid& user, const jid& contact);
void approve(local_domain& domain, const jid& user, const jid& contact);
void cancel(local_domain& domain, const jid& user, const jid& contact);

}  // namespace xmpp::detail::serving
