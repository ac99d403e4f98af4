#include "views.hpp"

#include <xmpp/ns.hpp>

#include "terminal/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace chat {
namespace {

using terminal::colour;
using terminal::palette;
using terminal::safe_lines;
using terminal::safe_text;

std::string time_of_day() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    return fmt::format("{:02}:{:02}", parts.tm_hour, parts.tm_min);
}

/// Further lines are indented, so that none of them can pass for a message of its own.
std::string on_lines(std::string_view text) {
    std::string all;
    for (const auto& line : safe_lines(text)) all += (all.empty() ? "" : "\n        ") + line;
    return all;
}

colour colour_of(availability state) noexcept {
    switch (state) {
        case availability::offline:
            return colour::dim;
        case availability::extended_away:
        case availability::away:
            return colour::yellow;
        case availability::busy:
            return colour::red;
        case availability::online:
        case availability::free_for_chat:
            return colour::green;
    }
    return colour::none;
}

std::string with_text(const announcement& presence) {
    std::string shown(to_string(presence.state));
    if (!presence.text.empty()) shown += ": " + safe_text(presence.text);
    return shown;
}

std::string subscription_note(const contact& who) {
    if (who.wants_us) return "asks to see your presence: /accept or /decline";
    if (who.pending) return "has not answered yet";
    if (who.subscription == "from") return "sees you, you don't see them";
    if (who.subscription == "none") return "no subscription";
    return {};
}

/// `name="value"` pairs up to the end of a tag.
std::string paint_attributes(std::string_view attributes, const palette& colours) {
    std::string painted;
    while (!attributes.empty()) {
        const auto equals = attributes.find('=');
        const auto opening = attributes.find_first_of("\"'", equals);
        if (equals == std::string_view::npos || opening == std::string_view::npos) break;
        const auto closing = attributes.find(attributes[opening], opening + 1);
        if (closing == std::string_view::npos) break;
        painted += colours.paint(colour::cyan, attributes.substr(0, equals));
        painted += attributes.substr(equals, opening - equals);
        painted += colours.paint(colour::green, attributes.substr(opening, closing + 1 - opening));
        attributes.remove_prefix(closing + 1);
    }
    painted += attributes;
    return painted;
}

/// Where a tag ends that begins at the front: a '>' may stand inside an attribute's value.
std::size_t tag_size(std::string_view xml) noexcept {
    char quote = 0;
    for (std::size_t at = 0; at < xml.size(); ++at) {
        const char c = xml[at];
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return at + 1;
        }
    }
    return xml.size();
}

std::string paint_tag(std::string_view tag, const palette& colours) {
    const auto inner = tag.substr(0, tag.ends_with('>') ? tag.size() - 1 : tag.size());
    const auto name_end = std::min(inner.find(' '), inner.size());
    const auto slash = inner.size() > name_end && inner.back() == '/' ? 1u : 0u;
    std::string painted = colours.paint(colour::blue, inner.substr(0, name_end));
    painted += paint_attributes(inner.substr(name_end, inner.size() - slash - name_end), colours);
    painted += colours.paint(colour::blue, tag.substr(inner.size() - slash));
    return painted;
}

}  // namespace

std::string show_name(const contact& who) {
    return safe_text(who.display_name());
}

std::string show_sender(const xmpp::stanza& received, const roster& contacts) {
    const auto* who = contacts.find(received.from());
    return who ? show_name(*who) : safe_text(received.from_text());
}

std::string show_message(const xmpp::stanza& message, const roster& contacts,
                         const palette& colours) {
    const auto* body = message->child("body");
    if (!body || body->text().empty()) return {};
    const auto name = show_sender(message, contacts);
    const auto* delay = message->child("delay", xmpp::ns::delay);
    const auto when = delay ? safe_text(delay->attr("stamp")) : time_of_day();
    return fmt::format("{} {} {}", colours.paint(colour::dim, when),
                       colours.paint(colour::cyan, name + ":"), on_lines(body->text()));
}

std::string show_own_message(std::string_view text, const contact& to, const palette& colours) {
    return fmt::format("{} {} {}", colours.paint(colour::dim, time_of_day()),
                       colours.paint(colour::bold, "to " + show_name(to) + ":"), on_lines(text));
}

std::string show_presence(const xmpp::stanza& presence, const contact& who,
                          const palette& colours) {
    const auto name = show_name(who);
    if (presence.type() == "subscribe")
        return colours.paint(colour::yellow,
                             name + " asks to see your presence: /accept or /decline");
    return colours.paint(colour::dim, name + " is " + with_text(who.presence()));
}

std::string show_roster(const roster& contacts, const palette& colours) {
    const auto listed = contacts.listed();
    if (listed.empty()) return "nobody yet; /subscribe ADDRESS adds a contact";
    std::string all;
    for (const auto* who : listed) {
        const auto presence = who->presence();
        const auto note = subscription_note(*who);
        all += fmt::format(
            "{}{:>3}  {}  {}", all.empty() ? "" : "\n", who->number,
            colours.paint(colour_of(presence.state), fmt::format("{:<20}", show_name(*who))),
            colours.paint(colour::dim, safe_text(who->address.str())));
        if (presence.state != availability::offline) all += "  " + with_text(presence);
        if (!note.empty()) all += "  " + colours.paint(colour::yellow, "(" + note + ")");
    }
    return all;
}

std::string show_bounce(const xmpp::stanza& error) {
    return show_failure(xmpp::stanza_error(error));
}

std::string show_failure(const std::exception& failure) {
    const auto* reply = dynamic_cast<const xmpp::stanza_error*>(&failure);
    if (!reply) return safe_text(failure.what());
    auto shown = safe_text(reply->condition());
    if (!reply->text().empty()) shown += " (" + safe_text(reply->text()) + ")";
    return shown;
}

std::string paint_xml(std::string_view xml, const palette& colours) {
    const auto safe = safe_text(xml);
    std::string painted;
    for (std::string_view rest = safe; !rest.empty();) {
        const bool tag = rest.front() == '<';
        const auto size = tag ? tag_size(rest) : std::min(rest.find('<'), rest.size());
        if (tag) {
            painted += paint_tag(rest.substr(0, size), colours);
        } else {
            painted += rest.substr(0, size);
        }
        rest.remove_prefix(size);
    }
    return painted;
}

}  // namespace chat
