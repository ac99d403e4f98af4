#include "testing/server/roster/roster.hpp"

namespace xmpp::detail::serving {

void add_item(builder& query, const jid& contact, const roster_item& item) {
    query.c("item").attr("jid", contact);
    if (!item.name.empty()) query.attr("name", item.name);
    query.attr("subscription", item.subscription());
    if (item.asked) query.attr("ask", "subscribe");
    for (const auto& group : item.groups) query.child("group", group);
    query.up();
}

}  // namespace xmpp::detail::serving
