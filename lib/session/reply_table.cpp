#include "session/reply_table.hpp"

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

bool may_answer(const jid& to, const stanza& reply, const jid& own) {
    const auto own_account = own.bare();
    const bool to_account = to.empty() || to == own_account;
    const bool to_server = to.empty() || to.str() == own.domain();
    if (!reply.root().has_attr("from")) return to_account || to_server || to == own;
    const auto from = reply.from();
    if (from.empty()) return false;  // not an address
    if (from == to) return true;
    if (to_account && (from == own_account || from == own)) return true;
    if (to.empty()) return from.str() == own.domain();
    return to_server && (from == own_account || from == own);
}

reply_table::entry::entry(reply_table& table, stanza_kind kind, std::string_view id,
                          std::string_view to, reply_waiter& waiter)
    : table_(&table), kind_(kind), id_(id), to_(jid::parse(to).value_or(jid())), waiter_(waiter) {
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
