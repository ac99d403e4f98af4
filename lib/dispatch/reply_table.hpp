#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <unordered_map>

namespace xmpp::detail {

/// Whom a request went to, as it was written, and the address that this is. Empty: nobody in
/// particular.
struct addressee {
    addressee() = default;
    explicit addressee(std::string_view written);

    std::string text;
    jid address;
};

/// Who may answer a request (RFC 6120 8.1.2.1): whoever was asked; for our own account, our server
/// and nobody in particular, the server may leave `from` out or name the account. The server may
/// have folded the name more than we do. For presence any resource of whoever was asked will do: a
/// room may give another nickname (XEP-0045 7.2.13), or refuse in its own name.
bool may_answer(const addressee& to, const stanza& reply, const jid& own);

/// One request that waits for its reply.
class reply_waiter {
 public:
    virtual void complete(const stanza& reply) = 0;
    virtual void fail(std::exception_ptr reason) = 0;

 protected:
    ~reply_waiter() = default;
};

/// The requests whose replies are awaited, found by id and kind, accepted by sender.
class reply_table {
 public:
    /// An entry; it ends with this object.
    class entry {
     public:
        entry(reply_table& table, stanza_kind kind, std::string_view id, std::string_view to,
              reply_waiter& waiter);
        ~entry();
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

     private:
        friend reply_table;
        reply_table* table_;  // null once it was answered
        stanza_kind kind_;
        std::string id_;
        addressee to_;
        reply_waiter& waiter_;
    };

    reply_table() = default;
    reply_table(const reply_table&) = delete;
    reply_table& operator=(const reply_table&) = delete;
    ~reply_table();

    /// Hands an IQ result, IQ error or presence to the request that it answers; false when it
    /// answers none.
    bool accept(const stanza& reply, const jid& own);

    void fail_all(const std::exception_ptr& reason);

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }

 private:
    // Keyed by the id alone: two requests to different entities may carry the same one.
    std::unordered_multimap<std::string_view, entry*> entries_;
};

}  // namespace xmpp::detail
