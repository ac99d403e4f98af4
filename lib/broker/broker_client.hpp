#pragma once

#include "base/crypto/secret.hpp"
#include "broker/role_table.hpp"
#include "transport/shared/shared_link.hpp"
#include "xml/parser/framed_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace xmpp::detail {

/// A program that a broker serves.
struct broker_client {
    enum class stage : std::uint8_t {
        silent,   // has not said hello
        greeted,  // has not said what it wants
        waiting,  // for the session that is being set up, or for the end of the one before
        joined,
        gone,  // was put out, or has left
    };

    broker_client(client_id id, std::shared_ptr<shared_link> link, const xml_limits& limits)
        : id(id), link(std::move(link)), parser(limits), most_bytes(limits.stanza_bytes) {}
    broker_client(const broker_client&) = delete;
    broker_client& operator=(const broker_client&) = delete;
    ~broker_client() { forget_order(); }

    void reads_at_most(std::size_t bytes) {
        if (bytes != 0) most_bytes = std::min(most_bytes, bytes);
    }

    /// Leaves none of its secrets in memory.
    void forget_order() {
        if (order) forget_secrets(*order);
        order.reset();
    }
    static void forget_secrets(shared::connect& order) {
        wipe(order.who.secret);
        wipe(order.who.keys);
    }

    client_id id;
    std::shared_ptr<shared_link> link;
    framed_parser parser;
    std::size_t most_bytes;    // of a message that it reads
    bool misses_some = false;  // what was for it has been left out
    stage where = stage::silent;
    std::optional<shared::connect> order;  // while it waits; nothing: to attach
    bool for_next = false;                 // waits for the session after the present one
    std::set<std::pair<std::string, std::string>> responders;  // names and namespaces
    std::unique_ptr<clock::timer> patience;                    // until it has said what it wants
};

}  // namespace xmpp::detail
