#include "stream/management/resend.hpp"

#include <xmpp/ns.hpp>

#include "stanza/stanza_kind.hpp"
#include "xml/parser/markup_scanner.hpp"
#include "xml/parser/start_tag.hpp"
#include "xml/parser/well_formed.hpp"
#include "xml/writer/escape.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace xmpp::detail {
namespace {

bool is_client_namespace(std::string_view written) {
    if (written.find('&') == written.npos) return written == ns::client;
    return unescape(written) == ns::client;
}

}  // namespace

stanza_kind kind_of(std::string_view xml) {
    const start_tag tag(xml, 1);
    if (tag.name_end() >= xml.size()) return stanza_kind::other;
    auto name = tag.name();
    value_place own{};
    const auto colon = name.find(':');
    if (colon == name.npos) {
        const bool foreign =
            tag.find("xmlns", own) && !is_client_namespace(xml.substr(own.at, own.size));
        return foreign ? stanza_kind::other : kind_named(name);
    }
    std::string declaration("xmlns:");
    declaration.append(name.substr(0, colon));
    name.remove_prefix(colon + 1);
    const bool known =
        tag.find(declaration, own) && is_client_namespace(xml.substr(own.at, own.size));
    return known ? kind_named(name) : stanza_kind::other;
}

bool can_be_sent(std::string_view xml) {
    return kind_of(xml) != stanza_kind::other && is_one_element(xml) && is_well_formed(xml);
}

std::string without_sender(const outgoing_stanza& original, const jid& user) {
    std::string xml(original.xml);
    value_place sender{};
    const bool speaks_for_many = user.local().empty();
    if (!speaks_for_many && start_tag(xml, 1).find("from", sender))
        drop_attribute(xml, "from", sender);
    return xml;
}

std::string for_another_stream(const outgoing_stanza& original, const jid& user) {
    auto xml = without_sender(original, user);
    const bool stamped =
        original.kind != stanza_kind::message || has_child(xml, "delay", ns::delay);
    if (stamped) return xml;
    const auto accepted = std::chrono::floor<std::chrono::seconds>(original.accepted);
    const auto stamp = fmt::gmtime(std::chrono::system_clock::to_time_t(accepted));
    append_child(xml, fmt::format("<delay xmlns='{}' stamp='{:%FT%TZ}'/>", ns::delay, stamp));
    return xml;
}

}  // namespace xmpp::detail
