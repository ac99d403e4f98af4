#include "session/resend.hpp"

#include <xmpp/ns.hpp>

#include "stanza/stanza_kind.hpp"
#include "xml/start_tag.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

namespace xmpp::detail {

stanza_kind kind_of(std::string_view xml) noexcept {
    const start_tag tag(xml, 1);
    if (tag.name_end() >= xml.size()) return stanza_kind::other;
    value_place own{};
    const bool foreign = tag.find("xmlns", own) && xml.substr(own.at, own.size) != ns::client;
    return foreign ? stanza_kind::other : kind_named(tag.name());
}

std::string without_sender(const outgoing_stanza& original, const jid& user) {
    std::string xml(original.xml);
    value_place sender{};
    const bool speaks_for_many = user.local().empty();
    if (!speaks_for_many && start_tag(xml, 1).find("from", sender))
        drop_attribute(xml, "from", sender);
    return xml;
}

builder for_another_stream(const outgoing_stanza& original, const jid& user) {
    auto xml = without_sender(original, user);
    declare_default_namespace(xml, ns::client);  // the stream's, which a builder does not write
    const auto parsed = stanza::parse(xml);
    builder copy(parsed);
    if (original.kind == stanza_kind::message && !parsed->child("delay", ns::delay)) {
        const auto stamp = std::chrono::floor<std::chrono::seconds>(original.accepted);
        copy.c("delay", ns::delay)
            .attr("stamp", fmt::format("{:%FT%TZ}",
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(stamp))))
            .up();
    }
    return copy;
}

}  // namespace xmpp::detail
