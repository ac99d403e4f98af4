#include "broker/request_ledger.hpp"

#include "address/received_jid.hpp"
#include "base/crypto/crypto.hpp"
#include "xml/parser/framed_parser.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xmpp::detail {

std::string request_ledger::sent(client_id who, std::string_view id) {
    auto ours = random_id();
    sent_.emplace(ours, origin{who, std::string(id)});
    auto& order = order_[who];
    order.ids.emplace_back(ours, id.size());
    order.bytes += id.size();
    // Also for the sake of the order, which is not kept up with the replies.
    while (order.ids.size() > most || order.bytes > most_id_bytes) {
        sent_.erase(order.ids.front().first);
        order.bytes -= order.ids.front().second;
        order.ids.pop_front();
    }
    return ours;
}

std::optional<request_ledger::origin> request_ledger::answered(std::string_view id) {
    auto found = sent_.extract(std::string(id));
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
}

bool request_ledger::owe(client_id who, const stanza& request) {
    if (owed_.size() >= most) return false;
    debt added{who, std::string(request.id()), std::string(request.from_text()), request->to_xml(),
               std::string(request->lang())};
    if (owed_bytes_ + added.bytes() > most_owed_bytes) return false;
    owed_bytes_ += added.bytes();
    owed_.push_back(std::move(added));
    return true;
}

/// The text is the broker's own: no limit of strangers holds for it.
stanza request_ledger::debt::request() const {
    framed_parser parser(xml_limits::none());
    parser.language(language);
    parser.feed(xml);
    return stanza(*parser.next());
}

void request_ledger::drop(std::list<debt>::iterator settled) {
    owed_bytes_ -= settled->bytes();
    owed_.erase(settled);
}

bool request_ledger::settle(client_id who, const stanza& reply) {
    const auto found = std::find_if(owed_.begin(), owed_.end(), [&](const debt& each) {
        return each.who == who && each.id == reply.id() && same_address(each.from, reply.to_text());
    });
    if (found == owed_.end()) return false;
    drop(found);
    return true;
}

bool request_ledger::owes(client_id who) const {
    return std::any_of(owed_.begin(), owed_.end(),
                       [who](const debt& each) { return each.who == who; });
}

std::vector<stanza> request_ledger::take_back(client_id who) {
    std::vector<stanza> open;
    for (auto each = owed_.begin(); each != owed_.end();) {
        const auto next = std::next(each);
        if (each->who == who) {
            open.push_back(each->request());
            drop(each);
        }
        each = next;
    }
    return open;
}

std::vector<stanza> request_ledger::forget(client_id who) {
    std::erase_if(sent_, [who](const auto& each) { return each.second.who == who; });
    order_.erase(who);
    return take_back(who);
}

void request_ledger::clear() {
    sent_.clear();
    order_.clear();
    owed_.clear();
    owed_bytes_ = 0;
}

}  // namespace xmpp::detail
