#include "testing/server/iq_services.hpp"

#include <xmpp/ns.hpp>

#include "testing/server/roster/roster_service.hpp"

#include <initializer_list>
#include <string_view>

namespace xmpp::detail::serving {
namespace {

bool asks(const stanza& request, std::string_view type, std::string_view name,
          std::string_view ns) {
    return request.type() == type && request->child(name, ns) != nullptr;
}

builder disco_info(const stanza& request, std::string_view category, std::string_view type,
                   std::initializer_list<std::string_view> features) {
    if (request->child("query", ns::disco_info)->has_attr("node")) {
        throw stanza_error("item-not-found", "there are no nodes here");
    }
    builder query("query", ns::disco_info);
    query.c("identity").attr("category", category).attr("type", type).up();
    for (const auto feature : features) query.c("feature").attr("var", feature).up();
    return query;
}

/// XEP-0199, and what RFC 3921 wanted of every session.
bool is_formality(const stanza& request) {
    return asks(request, "get", "ping", ns::ping) || asks(request, "set", "session", ns::session);
}

}  // namespace

builder answer_for_domain(local_domain&, const stanza& request) {
    if (is_formality(request)) return builder();
    if (asks(request, "get", "query", ns::disco_info)) {
        return disco_info(request, "server", "im",
                          {ns::disco_info, ns::disco_items, ns::ping, ns::version});
    }
    if (asks(request, "get", "query", ns::disco_items)) return builder("query", ns::disco_items);
    if (asks(request, "get", "query", ns::version)) {
        return builder("query", ns::version)
            .child("name", "xmpp test server")
            .child("version", "1");
    }
    throw stanza_error("service-unavailable");
}

builder answer_for_account(local_domain& domain, bound_session& sender, const stanza& request) {
    if (is_formality(request)) return builder();
    if (request->child("query", ns::roster)) return answer_roster(domain, sender, request);
    if (asks(request, "get", "query", ns::disco_info)) {
        return disco_info(request, "account", "registered",
                          {ns::disco_info, ns::disco_items, ns::ping});
    }
    if (asks(request, "get", "query", ns::disco_items)) return builder("query", ns::disco_items);
    throw stanza_error("service-unavailable");
}

}  // namespace xmpp::detail::serving
