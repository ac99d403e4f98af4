#include "dispatch/reply_table.hpp"

#include "address/received_jid.hpp"

#include <algorithm>
#include <utility>

namespace xmpp::detail {
namespace {

bool is_reply(const stanza& candidate) {
    const auto type = candidate.type();
    return candidate.kind() == stanza_kind::iq ? type == "result" || type == "error"
                                               : candidate.kind() == stanza_kind::presence;
}

}  // namespace

addressee::addressee(std::string_view written)
    : text(written), address(received_jid(written).value_or(jid())) {}

bool may_answer(const addressee& to, const stanza& reply, const jid& own) {
    if (to.address.empty() && !to.text.empty()) return reply.from_text() == to.text;
    const bool to_nobody = to.text.empty();
    const auto own_account = own.bare();
    const bool to_account = to_nobody || same_after_folding(to.address, own_account);
    const bool to_server = to_nobody || to.address.str() == own.domain();
    if (!reply.has_from()) {
        return to_account || to_server || same_after_folding(to.address, own);
    }
    const auto from = reply.from();
    if (from.empty()) return false;  // not an address
    if (same_after_folding(from, to.address)) return true;
    const bool of_account = from == own_account || from == own;
    if ((to_account || to_server) && of_account) return true;
    if (to_nobody) return from.str() == own.domain();
    return reply.kind() == stanza_kind::presence &&
           same_after_folding(from.bare(), to.address.bare());
}

reply_table::entry::entry(reply_table& table, stanza_kind kind, std::string_view id,
                          std::string_view to, reply_waiter& waiter)
    : table_(&table), kind_(kind), id_(id), to_(to), waiter_(waiter) {
    table.entries_.emplace(id_, this);
}

reply_table::entry::~entry() {
    if (!table_) return;
    auto [first, last] = table_->entries_.equal_range(id_);
    const auto self =
        std::find_if(first, last, [&](const auto& row) { return row.second == this; });
    if (self != last) table_->entries_.erase(self);
}

reply_table::~reply_table() {
    for (auto& [id, waiting] : entries_) waiting->table_ = nullptr;
}

bool reply_table::accept(const stanza& reply, const jid& own) {
    if (entries_.empty() || !is_reply(reply)) return false;
    auto [first, last] = entries_.equal_range(reply.id());
    const auto answered = std::find_if(first, last, [&](const auto& row) {
        return row.second->kind_ == reply.kind() && may_answer(row.second->to_, reply, own);
    });
    if (answered == last) return false;
    entry& request = *answered->second;
    entries_.erase(answered);
    request.table_ = nullptr;
    request.waiter_.complete(reply);
    return true;
}

void reply_table::fail_all(const std::exception_ptr& reason) {
    const auto failed = std::exchange(entries_, {});
    for (const auto& [id, request] : failed) {
        request->table_ = nullptr;
        request->waiter_.fail(reason);
    }
}

}  // namespace xmpp::detail
