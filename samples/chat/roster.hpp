#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

enum class availability { offline, extended_away, away, busy, online, free_for_chat };

std::string_view to_string(availability value) noexcept;

/// What one device of a contact announces.
struct announcement {
    availability state = availability::offline;
    std::string text;
    int priority = 0;
};

/// Somebody in the roster, or somebody else who has written.
class contact {
 public:
    contact(xmpp::jid address, std::size_t number) : address(std::move(address)), number(number) {}

    /// The name given in the roster; for others the whole address, so that nobody can pretend.
    std::string display_name() const;
    /// What the device says that messages would reach.
    announcement presence() const;

    xmpp::jid address;   ///< bare
    std::size_t number;  ///< from 1; stays the same as long as the program runs
    std::string name;
    std::string subscription;                     ///< "none", "to", "from" or "both"
    bool listed = false;                          ///< is in the roster
    bool pending = false;                         ///< we have asked to see the contact's presence
    bool wants_us = false;                        ///< the contact has asked to see ours
    std::map<std::string, announcement> devices;  ///< by resource
};

/// What a search for a contact has found: nothing, one, or several that fit as well.
using contacts_found = std::vector<const contact*>;

/// The contacts with their presence (RFC 6121), without any I/O: stanzas go in.
class roster {
 public:
    /// The whole list, or one item of a push: `<query xmlns="jabber:iq:roster"/>`. Returns the
    /// addresses that were changed.
    std::vector<xmpp::jid> apply(const xmpp::element& query);

    /// Any presence stanza. Returns true when that changes what is shown of the contact.
    bool apply(const xmpp::stanza& presence);

    /// Notes somebody who need not be in the roster.
    const contact& remember(const xmpp::jid& address);
    /// The request of a contact was answered.
    void request_answered(const xmpp::jid& address);

    const contact* find(const xmpp::jid& address) const;

    /// By number, name, local part or address, or by the beginning of one of these; case matters
    /// only when it decides. An exact fit goes before a beginning.
    contacts_found search(std::string_view text) const;

    /// Names and addresses that begin with `text`, for completion: only what can be typed.
    std::vector<std::string> completions(std::string_view text) const;

    /// Those in the roster and those with an open request, by name.
    contacts_found listed() const;

 private:
    contact& entry(const xmpp::jid& address);
    void apply_item(const xmpp::jid& address, const xmpp::element& item);

    std::map<xmpp::jid, contact> contacts_;
};

}  // namespace chat
