#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "stanza/error_element.hpp"
#include "xml/parser/document_parser.hpp"
#include "xml/parser/start_tag.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace xmpp {
namespace {

/// RFC 6120 8.3.3: the type that each condition should go with.
std::string_view usual_type(stanza_condition condition) {
    switch (condition) {
        case stanza_condition::bad_request:
        case stanza_condition::jid_malformed:
        case stanza_condition::not_acceptable:
        case stanza_condition::policy_violation:
        case stanza_condition::redirect:
            return "modify";
        case stanza_condition::forbidden:
        case stanza_condition::not_authorized:
        case stanza_condition::registration_required:
        case stanza_condition::subscription_required:
            return "auth";
        case stanza_condition::recipient_unavailable:
        case stanza_condition::remote_server_timeout:
        case stanza_condition::resource_constraint:
        case stanza_condition::unexpected_request:
            return "wait";
        default:
            return "cancel";
    }
}

bool is_type(std::string_view word) {
    constexpr std::array<std::string_view, 5> types{"auth", "cancel", "continue", "modify", "wait"};
    return std::find(types.begin(), types.end(), word) != types.end();
}

/// Error replies may repeat the whole request, which nobody wants to keep alive with an exception.
stanza without_echo(const stanza& reply, const element& error_child) {
    const element& root = reply.root();
    const auto children = root.children();
    if (std::next(children.begin()) == children.end()) return reply;
    builder kept(root.name(), root.ns());
    for (const auto a : root.attributes())
        if (a.ns.empty()) kept.attr(a.name, a.value);
    if (!root.lang().empty()) kept.attr("xml:lang", root.lang());
    kept.add(error_child);
    std::string xml = std::move(kept).take();
    if (!root.ns().empty()) detail::declare_default_namespace(xml, root.ns());
    return detail::parse_document(xml, detail::xml_limits::none());
}

}  // namespace

struct stanza_error::extra {
    std::string type;
    std::optional<stanza> detail;
};

struct stanza_error::parts {
    std::string condition;
    std::string text;
    extra rest;

    static parts received(const stanza& reply) {
        parts all;
        const element* found = reply->child("error");
        if (found == nullptr) found = reply->child("error", any_ns);
        if (found == nullptr) {
            all.rest.detail = reply;
            return all;
        }
        const auto read = detail::read_error_element(*found, ns::stanzas, reply->lang());
        all.condition = read.condition;
        all.text = read.text;
        if (is_type(found->attr("type"))) all.rest.type = found->attr("type");
        all.rest.detail = without_echo(reply, *found);
        return all;
    }
};

stanza_error::stanza_error(std::string condition, std::string text, std::string type)
    : stanza_error(parts{std::move(condition), std::move(text), {std::move(type), {}}}) {}

stanza_error::stanza_error(const stanza& reply) : stanza_error(parts::received(reply)) {}

stanza_error::stanza_error(parts all)
    : error(stanza_condition_from(all.condition),
            all.condition.empty() ? "undefined-condition" : all.condition, all.text) {
    if (all.rest.type.empty()) all.rest.type = usual_type(stanza_condition_from(all.condition));
    extra_ = std::make_shared<const extra>(std::move(all.rest));
}

std::string_view stanza_error::type() const noexcept {
    return extra_->type;
}

const std::optional<stanza>& stanza_error::detail() const noexcept {
    return extra_->detail;
}

error stream_error_from(const element& stream_error, std::string_view lang) {
    const auto read = detail::read_error_element(stream_error, ns::stream_errors,
                                                 lang.empty() ? stream_error.lang() : lang);
    return error(stream_condition_from(read.condition),
                 std::string(read.condition.empty() ? "undefined-condition" : read.condition),
                 std::string(read.text));
}

}  // namespace xmpp
