#include "stream/held_messages.hpp"

#include "xml/parser/start_tag.hpp"

#include <functional>
#include <utility>

namespace xmpp::detail {
namespace {

// Of a program that joins more, the messages to occupants of the others leave at once.
constexpr std::size_t most_rooms = 10'000;

std::string_view attribute_of(std::string_view xml, std::string_view name) {
    value_place place{};
    return start_tag(xml, 1).find(name, place) ? xml.substr(place.at, place.size)
                                               : std::string_view();
}

/// Without the resource.
std::string_view bare(std::string_view address) {
    return address.substr(0, address.find('/'));
}

}  // namespace

// XEP-0045 7.2: presence with this payload asks to be let in.
void held_messages::learn(const outgoing_stanza& sent) {
    auto room = room_joined_by(sent);
    if (room.empty() || rooms_.size() >= most_rooms) return;
    if (sent.xml.find("http://jabber.org/protocol/muc") == std::string_view::npos) return;
    rooms_.insert(std::move(room));
}

bool held_messages::concerns(const outgoing_stanza& message) const {
    if (message.kind != stanza_kind::message) return false;
    return attribute_of(message.xml, "type") == "groupchat" ||
           rooms_.contains(bare(attribute_of(message.xml, "to")));
}

std::string held_messages::room_joined_by(const outgoing_stanza& sent) {
    if (sent.kind != stanza_kind::presence || !attribute_of(sent.xml, "type").empty()) return {};
    return std::string(bare(attribute_of(sent.xml, "to")));
}

void held_messages::add(const outgoing_stanza& message, std::uint64_t number) {
    bytes_ += message.xml.size();
    entries_.push_back({number, std::string(bare(attribute_of(message.xml, "to"))),
                        std::string(message.xml), message.accepted, message.doubtful});
}

std::vector<held_messages::entry> held_messages::take(std::string_view room) {
    std::vector<entry> taken;
    std::erase_if(entries_, [&](entry& each) {
        if (each.room != room) return false;
        bytes_ -= each.xml.size();
        taken.push_back(std::move(each));
        return true;
    });
    return taken;
}

std::vector<held_messages::entry> held_messages::take_all() {
    std::vector<entry> taken;
    taken.reserve(entries_.size());
    for (auto& each : entries_) taken.push_back(std::move(each));
    entries_.clear();
    bytes_ = 0;
    return taken;
}

}  // namespace xmpp::detail
