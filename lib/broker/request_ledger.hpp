#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include "broker/role_table.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xmpp::detail {

/// The IQ requests of a shared session that wait for their reply: which program has sent one, and
/// which program is to answer one.
///
/// Programs choose their ids without knowing of each other, so that each request leaves with an id
/// of its own.
class request_ledger {
 public:
    /// Requests of one program, and requests to be answered, that are remembered.
    static constexpr std::size_t most = 10'000;

    struct origin {
        client_id who;
        std::string id;  // as the program has it
    };

    /// A program's request leaves. \returns the id to send it with. Of too many, the oldest are
    /// forgotten: their replies reach nobody.
    std::string sent(client_id who, std::string_view id);
    /// Whose request a reply with that id answers; once.
    std::optional<origin> answered(std::string_view id);

    /// A program has been given a request to answer. \returns false: there are too many
    bool owe(client_id who, stanza request);
    /// The program answers: true when it owed that, and nobody has answered before.
    bool settle(client_id who, const stanza& reply);
    bool owes(client_id who) const;
    /// The program answers no more. \returns what it owed, oldest first
    std::vector<stanza> take_back(client_id who);
    /// The program has gone: its own requests are forgotten too.
    std::vector<stanza> forget(client_id who);

    /// The session has ended.
    void clear();

 private:
    struct debt {
        client_id who;
        stanza request;
    };

    std::unordered_map<std::string, origin> sent_;
    // What each has sent, oldest first; may name what was answered.
    std::unordered_map<client_id, std::deque<std::string>> order_;
    std::list<debt> owed_;
};

}  // namespace xmpp::detail
