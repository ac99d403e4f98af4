#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "xml/tree_walk.hpp"
#include "xml/writer/escape.hpp"

#include <utility>

namespace xmpp {
namespace {

/// Same kind and id, back to the sender. The addresses are copied as they are: what the sender
/// takes for its address is what it will find its reply by.
builder reply_to(const stanza& request, std::string_view type) {
    const element& root = request.root();
    builder reply(root.name());
    reply.attr("type", type);
    if (root.has_attr("id")) reply.attr("id", root.attr("id"));
    if (root.has_attr("from")) reply.attr("to", root.attr("from"));
    // A component speaks for many addresses and has to say which (XEP-0114).
    const bool of_component = detail::tree_access::of_component(root) || root.ns() == ns::component;
    if (of_component && root.has_attr("to")) reply.attr("from", root.attr("to"));
    return reply;
}

}  // namespace

builder error_reply(const stanza& request, const stanza_error& reason) {
    auto reply = reply_to(request, "error");
    const bool known = reason.code() != stanza_condition::undefined_condition;
    reply.c("error").attr("type", reason.type());
    reply.c(known ? reason.condition() : "undefined-condition", ns::stanzas).up();
    // Who asked gets an answer, also where a part of the text, which is for people, can't be sent.
    const auto text = detail::sendable_text(reason.text());
    if (!text.empty()) reply.child("text", ns::stanzas, text);
    return reply;
}

builder result_reply(const stanza& request, builder payload) {
    auto reply = reply_to(request, "result");
    reply.add(std::move(payload));
    return reply;
}

}  // namespace xmpp
