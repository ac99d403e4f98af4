#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "transport/bosh/bosh_body.hpp"
#include "xml/parser/stream_parser.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail::serving {

/// The server's end of a session over HTTP (XEP-0124, XEP-0206). To one side it answers requests,
/// to the other it is the byte stream of RFC 6120 that the session stands for.
///
/// Requests are taken in the order of their ids, each once, however often it is repeated. As many
/// as the client allows are held until there is something to say, or the client's time is up.
class bosh_server_session {
 public:
    /// `creation`: the request that begins it.
    bosh_server_session(asio::any_io_executor executor, std::shared_ptr<clock> time,
                        const bosh_response& creation);

    const std::string& sid() const noexcept { return sid_; }

    /// The answer to a request of this session; nothing when the session is cut.
    static task<std::optional<std::string>> exchange(std::shared_ptr<bosh_server_session> self,
                                                     bosh_response request);

    // As of a byte stream.
    task<std::string_view> read();
    task<> write(std::string_view bytes);
    /// Our direction ends: the client is told with the next answer.
    void end();
    void abort() noexcept;

 private:
    struct held_request;
    using held = std::shared_ptr<held_request>;

    bool may_come(std::uint64_t rid) const;
    void put(const held& request);
    void hold(const held& request);
    void take(const bosh_response& request);
    void queue(const stream_event& written);
    /// Answers what should be held no longer.
    void release();
    void answer(held_request& request);
    std::string next_body();
    void watch_for_inactivity();

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::string sid_;
    std::chrono::seconds wait_;
    std::size_t most_held_;
    std::uint64_t next_rid_;

    std::map<std::uint64_t, held> early_;            // before their turn
    std::deque<held> held_;                          // taken, not answered
    std::map<std::uint64_t, std::string> answered_;  // the last few, for those who ask again
    std::unique_ptr<clock::timer> inactivity_;

    stream_parser out_;
    std::optional<stanza> header_;  // ours, until it is in an answer
    std::string outgoing_;
    std::string incoming_;
    std::string handed_out_;
    event changed_;
    bool begun_ = false;         // the client has opened its stream
    bool greeted_ = false;       // the answer that begins the session is out
    bool client_ended_ = false;  // in good order
    bool ending_ = false;        // the server wants the end
    bool farewell_out_ = false;  // and the client has been told
    bool aborted_ = false;
};

/// The byte stream of such a session, which ends with it.
class bosh_server_stream final : public byte_stream {
 public:
    explicit bosh_server_stream(std::shared_ptr<bosh_server_session> session)
        : session_(std::move(session)) {}
    ~bosh_server_stream() override { session_->abort(); }

    task<std::string_view> read() override { return session_->read(); }
    task<> write(std::string_view bytes) override { return session_->write(bytes); }
    task<> close() override;
    void abort() noexcept override { session_->abort(); }

 private:
    std::shared_ptr<bosh_server_session> session_;
};

/// The answer that ends a session, or refuses a request that belongs to none.
std::string bosh_refusal(std::string_view condition);

}  // namespace xmpp::detail::serving
