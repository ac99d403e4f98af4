#include "broker/request_ledger.hpp"

#include "base/crypto.hpp"
#include "base/received_jid.hpp"

#include <algorithm>
#include <utility>

namespace xmpp::detail {

std::string request_ledger::sent(client_id who, std::string_view id) {
    auto ours = random_id();
    sent_.emplace(ours, origin{who, std::string(id)});
    auto& order = order_[who];
    order.push_back(ours);
    // Also for the sake of the order, which is not kept up with the replies.
    while (order.size() > most) {
        sent_.erase(order.front());
        order.pop_front();
    }
    return ours;
}

std::optional<request_ledger::origin> request_ledger::answered(std::string_view id) {
    auto found = sent_.extract(std::string(id));
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
}

bool request_ledger::owe(client_id who, stanza request) {
    if (owed_.size() >= most) return false;
    owed_.push_back({who, std::move(request)});
    return true;
}

bool request_ledger::settle(client_id who, const stanza& reply) {
    const auto found = std::find_if(owed_.begin(), owed_.end(), [&](const debt& each) {
        return each.who == who && each.request.id() == reply.id() &&
               same_address(each.request.from_text(), reply.to_text());
    });
    if (found == owed_.end()) return false;
    owed_.erase(found);
    return true;
}

bool request_ledger::owes(client_id who) const {
    return std::any_of(owed_.begin(), owed_.end(),
                       [who](const debt& each) { return each.who == who; });
}

std::vector<stanza> request_ledger::take_back(client_id who) {
    std::vector<stanza> open;
    for (auto each = owed_.begin(); each != owed_.end();) {
        if (each->who == who) {
            open.push_back(std::move(each->request));
            each = owed_.erase(each);
        } else {
            ++each;
        }
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
}

}  // namespace xmpp::detail
