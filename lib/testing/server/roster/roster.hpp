#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail::serving {

/// What an account knows about a contact (RFC 6121 2.1 and appendix A).
struct roster_item {
    std::string name;
    std::vector<std::string> groups;
    bool to = false;                // the account sees the contact's presence
    bool from = false;              // the contact sees the account's
    bool asked = false;             // the account waits for the contact's approval
    bool listed = false;            // the account has it in its roster
    std::optional<stanza> request;  // the contact waits for the account's approval

    std::string_view subscription() const noexcept {
        return to ? (from ? "both" : "to") : (from ? "from" : "none");
    }
};

using roster = std::map<jid, roster_item>;

/// `<item/>` as a child of the current element of `query`.
void add_item(builder& query, const jid& contact, const roster_item& item);

}  // namespace xmpp::detail::serving
