#pragma once

#include <xmpp/stanza.hpp>

#include "broker/role_table.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
    /// Bytes of the ids of one program's requests.
    static constexpr std::size_t most_id_bytes = 4u << 20;
    /// Bytes of all the requests to be answered.
    static constexpr std::size_t most_owed_bytes = 16u << 20;

    struct origin {
        client_id who;
        std::string id;  // as the program has it
    };

    /// A program's request leaves. \returns the id to send it with. Of too many, the oldest are
    /// forgotten: their replies reach nobody.
    std::string sent(client_id who, std::string_view id);
    /// Whose request a reply with that id answers; once.
    std::optional<origin> answered(std::string_view id);

    /// A program has been given a request to answer. \returns false: there are too many, or too
    /// many bytes of them
    bool owe(client_id who, const stanza& request);
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
    // As text: what a tree takes beyond that is up to who has sent it.
    struct debt {
        client_id who;
        std::string id;
        std::string from;
        std::string xml;
        std::string language;  // of its stream

        std::size_t bytes() const noexcept {
            return id.size() + from.size() + xml.size() + language.size();
        }
        stanza request() const;
    };
    /// What a program has sent, oldest first; may name what was answered.
    struct trail {
        std::deque<std::pair<std::string, std::size_t>> ids;  // ours, and the size of its own
        std::size_t bytes = 0;                                // of its own
    };
    void drop(std::list<debt>::iterator settled);

    std::unordered_map<std::string, origin> sent_;
    std::unordered_map<client_id, trail> order_;
    std::list<debt> owed_;
    std::size_t owed_bytes_ = 0;
};

}  // namespace xmpp::detail
