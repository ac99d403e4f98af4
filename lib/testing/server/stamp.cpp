#include "testing/server/stamp.hpp"

#include <xmpp/ns.hpp>

#include <utility>

namespace xmpp::detail::serving {
namespace {

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void answer(bound_session& sender, const stanza& request, builder reply) {
    if (reply.to().empty()) reply.set_root_attr("to", sender.address.str());
    if (request->has_attr("to")) reply.set_root_attr("from", request->attr("to"));
    sender.deliver(std::move(reply));
}

}  // namespace

builder stamped(const stanza& original, const jid& from, const jid& to) {
    const auto& root = original.root();
    builder copy(root.name());
    for (const auto& each : root.attributes()) {
        const bool replaced =
            each.ns.empty() && (each.name == "from" || (each.name == "to" && !to.empty()));
        if (each.ns.empty() && !replaced) copy.attr(each.name, each.value);
        if (each.ns == ns::xml) copy.attr("xml:" + std::string(each.name), each.value);
    }
    copy.attr("from", from);
    if (!to.empty()) copy.attr("to", to);
    if (!is_blank(root.text())) copy.t(root.text());
    for (const auto& child : root.children()) copy.add(child);
    return copy;
}

void answer_result(bound_session& sender, const stanza& request, builder payload) {
    answer(sender, request, result_reply(request, std::move(payload)));
}

void answer_error(bound_session& sender, const stanza& request, const stanza_error& reason) {
    if (request.type() == "error" || request.type() == "result") return;
    answer(sender, request, error_reply(request, reason));
}

}  // namespace xmpp::detail::serving
