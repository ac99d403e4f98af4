#include "roster.hpp"

#include <xmpp/ns.hpp>

#include "terminal/text.hpp"

#include <algorithm>
#include <charconv>

namespace chat {
namespace {

using terminal::safe_text;

availability availability_of(const xmpp::stanza& presence) {
    if (presence.type() == "unavailable") return availability::offline;
    const auto* show = presence->child("show");
    const auto word = show ? show->text() : std::string_view();
    if (word == "away") return availability::away;
    if (word == "xa") return availability::extended_away;
    if (word == "dnd") return availability::busy;
    if (word == "chat") return availability::free_for_chat;
    return availability::online;
}

int number_in(std::string_view text, int otherwise) noexcept {
    int value = otherwise;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

std::string_view child_text(const xmpp::stanza& presence, std::string_view name) noexcept {
    const auto* child = presence->child(name);
    return child ? child->text() : std::string_view();
}

/// ASCII is enough: addresses are in lower case, and names are only a convenience.
std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

/// How well `text` names a contact, best first.
enum class fit { exact, other_case, beginning, none };

fit compare(std::string_view text, std::string_view name) {
    if (name.empty()) return fit::none;
    if (text == name) return fit::exact;
    const auto wanted = lower_case(text);
    const auto actual = lower_case(name);
    if (wanted == actual) return fit::other_case;
    return actual.starts_with(wanted) ? fit::beginning : fit::none;
}

fit compare(std::string_view text, const contact& who) {
    return std::min({compare(text, who.address.str()), compare(text, who.name),
                     compare(text, who.address.local())});
}

}  // namespace

std::string_view to_string(availability value) noexcept {
    switch (value) {
        case availability::offline:
            return "offline";
        case availability::extended_away:
            return "away for long";
        case availability::away:
            return "away";
        case availability::busy:
            return "busy";
        case availability::online:
            return "online";
        case availability::free_for_chat:
            return "free for chat";
    }
    return {};
}

std::string contact::display_name() const {
    if (!listed) return address.str();
    if (!name.empty()) return name;
    return std::string(address.local().empty() ? address.domain() : address.local());
}

announcement contact::presence() const {
    const announcement* best = nullptr;
    for (const auto& [resource, device] : devices) {
        const bool better = !best || device.priority > best->priority ||
                            (device.priority == best->priority && device.state > best->state);
        if (better) best = &device;
    }
    return best ? *best : announcement();
}

std::vector<xmpp::jid> roster::apply(const xmpp::element& query) {
    std::vector<xmpp::jid> changed;
    for (const auto& item : query.children("item", xmpp::ns::roster)) {
        const auto address = xmpp::jid::parse(item.attr("jid"));
        if (!address) continue;
        apply_item(address->bare(), item);
        changed.push_back(address->bare());
    }
    return changed;
}

void roster::apply_item(const xmpp::jid& address, const xmpp::element& item) {
    auto& who = entry(address);
    const auto subscription = item.attr("subscription");
    who.listed = subscription != "remove";
    who.name = who.listed ? std::string(item.attr("name")) : std::string();
    who.subscription = who.listed ? std::string(subscription) : std::string();
    who.pending = who.listed && item.attr("ask") == "subscribe";
}

bool roster::apply(const xmpp::stanza& presence) {
    const auto from = presence.from();
    const auto type = presence.type();
    if (from.empty()) return false;

    auto& who = entry(from.bare());
    if (type == "subscribe") return !std::exchange(who.wants_us, true);
    if (!type.empty() && type != "unavailable") return false;

    const auto before = who.presence();
    announcement now;
    now.state = availability_of(presence);
    now.text = child_text(presence, "status");
    now.priority = number_in(child_text(presence, "priority"), 0);
    const std::string resource(from.resource());
    if (now.state != availability::offline) {
        who.devices.insert_or_assign(resource, now);
    } else if (resource.empty()) {
        who.devices.clear();
    } else {
        who.devices.erase(resource);
    }
    const auto after = who.presence();
    return before.state != after.state || before.text != after.text;
}

const contact& roster::remember(const xmpp::jid& address) {
    return entry(address.bare());
}

void roster::request_answered(const xmpp::jid& address) {
    entry(address.bare()).wants_us = false;
}

contact& roster::entry(const xmpp::jid& address) {
    return contacts_.try_emplace(address, address, contacts_.size() + 1).first->second;
}

const contact* roster::find(const xmpp::jid& address) const {
    const auto found = contacts_.find(address.bare());
    return found == contacts_.end() ? nullptr : &found->second;
}

contacts_found roster::search(std::string_view text) const {
    const auto number = static_cast<std::size_t>(std::max(number_in(text, 0), 0));
    contacts_found found;
    auto best = fit::beginning;
    for (const auto& [address, who] : contacts_) {
        if (number == who.number) return contacts_found(1, &who);
        const auto fits = compare(text, who);
        if (fits == fit::none || fits > best) continue;
        if (fits < best) found.clear();
        best = fits;
        found.push_back(&who);
    }
    return found;
}

std::vector<std::string> roster::completions(std::string_view text) const {
    std::vector<std::string> names;
    for (const auto& [address, who] : contacts_) {
        const bool can_be_typed = safe_text(who.name) == who.name;
        if (can_be_typed && compare(text, who.name) != fit::none) {
            names.push_back(who.name);
        } else if (compare(text, address.str()) != fit::none) {
            names.push_back(address.str());
        }
    }
    return names;
}

contacts_found roster::listed() const {
    contacts_found all;
    for (const auto& [address, who] : contacts_) {
        if (who.listed || who.wants_us) all.push_back(&who);
    }
    std::sort(all.begin(), all.end(), [](const contact* a, const contact* b) {
        const auto name = lower_case(a->display_name());
        const auto other = lower_case(b->display_name());
        return name != other ? name < other : a->address < b->address;
    });
    return all;
}

}  // namespace chat
