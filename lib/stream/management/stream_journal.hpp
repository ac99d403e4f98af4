#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/session_store.hpp>

#include "stream/held_messages.hpp"
#include "stream/management/stream_management.hpp"
#include "stream/management/unacked_stanzas.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// A stream as a store has it.
struct kept_stream {
    stream_state state;  // no id: it can't be resumed, and its user is of no meaning
    unacked_stanzas unacked;
    held_messages held;
};

/// What a store has the stream of an account under.
std::string stream_key(const jid& account);

/// Keeps in a store what the next process needs to go on for an account: the stanzas that were not
/// acknowledged, the messages that are held, and the stream, where it can be resumed. It is written
/// as a whole first, then each change behind it, and as a whole again when the changes have become
/// many. What the store throws is thrown.
class stream_journal {
 public:
    stream_journal(std::shared_ptr<session_store> store, const jid& account);

    /// What is kept of the account; nothing where there is none, or where its beginning is damaged,
    /// of another make, or of another account. What can't be read or sent is left out. A stanza
    /// among that leaves a gap while the stream can be resumed: of stanza_kind::other, without
    /// content.
    std::optional<kept_stream> load();
    /// How many records, and stanzas in them, load() has left out.
    std::size_t left_out() const noexcept { return left_out_; }

    /// This is to be kept from now on.
    void begin(const stream_state& state, const unacked_stanzas& unacked,
               const held_messages& held_back);
    /// begin() was called, and end() was not.
    bool begun() const noexcept { return begun_; }
    void sent(const outgoing_stanza& added);
    void acknowledged(std::uint32_t count);
    void handled(std::uint32_t count);
    /// The changes are worth a begin().
    bool is_long(const unacked_stanzas& unacked) const noexcept;
    /// The stream was closed: nothing is kept any more.
    void end();

 private:
    void append(std::string_view record);

    std::shared_ptr<session_store> store_;
    jid account_;
    std::string key_;
    bool begun_ = false;
    std::size_t changes_ = 0;
    std::size_t left_out_ = 0;
};

}  // namespace xmpp::detail
