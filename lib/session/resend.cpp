#include "session/resend.hpp"

#include <xmpp/ns.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

namespace xmpp::detail {
namespace {

bool is_named(std::string_view xml, std::string_view name) noexcept {
    if (xml.size() < name.size() + 2 || xml.substr(1, name.size()) != name) return false;
    const char next = xml[name.size() + 1];
    return next == ' ' || next == '>' || next == '/';
}

/// Is the root's namespace its own? A stanza's is never written.
bool has_own_namespace(std::string_view xml) noexcept {
    const auto tag = xml.substr(0, xml.find('>'));
    const auto place = tag.find(" xmlns=");
    return place != std::string_view::npos &&
           tag.substr(place + 8).substr(0, ns::client.size()) != ns::client;
}

/// As the server sees it: in the stream's namespace, which a builder does not write.
stanza parse_in_stream(std::string_view xml) {
    const auto name_end = xml.find_first_of(" />");
    if (xml.substr(0, xml.find('>')).find(" xmlns=") != std::string_view::npos) {
        return stanza::parse(xml);
    }
    return stanza::parse(
        fmt::format("{} xmlns='{}'{}", xml.substr(0, name_end), ns::client, xml.substr(name_end)));
}

builder copy_without_sender(const element& root) {
    builder copy(root.name());
    for (const auto& each : root.attributes()) {
        if (each.ns.empty() && each.name != "from") copy.attr(each.name, each.value);
        if (each.ns == ns::xml) copy.attr("xml:" + std::string(each.name), each.value);
    }
    for (const auto& child : root.children()) copy.add(child);
    return copy;
}

bool has_delay(const element& message) {
    return message.child("delay", ns::delay) != nullptr;
}

}  // namespace

stanza_kind kind_of(std::string_view xml) noexcept {
    auto kind = stanza_kind::other;
    if (is_named(xml, "message")) kind = stanza_kind::message;
    if (is_named(xml, "presence")) kind = stanza_kind::presence;
    if (is_named(xml, "iq")) kind = stanza_kind::iq;
    return kind != stanza_kind::other && has_own_namespace(xml) ? stanza_kind::other : kind;
}

std::string without_sender(const outgoing_stanza& original) {
    const auto tag = original.xml.substr(0, original.xml.find('>'));
    if (tag.find(" from=") == std::string_view::npos) return std::string(original.xml);
    const auto parsed = parse_in_stream(original.xml);
    return copy_without_sender(parsed.root()).to_xml();
}

builder for_another_stream(const outgoing_stanza& original) {
    const auto parsed = parse_in_stream(original.xml);
    const auto& root = parsed.root();
    auto copy = copy_without_sender(root);
    if (original.kind == stanza_kind::message && !has_delay(root)) {
        const auto stamp = std::chrono::floor<std::chrono::seconds>(original.accepted);
        copy.c("delay", ns::delay)
            .attr("stamp", fmt::format("{:%FT%TZ}",
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(stamp))))
            .up();
    }
    return copy;
}

}  // namespace xmpp::detail
