#pragma once

#include <xmpp/message_channel.hpp>

#include "net/socket/write_turns.hpp"
#include "net/websocket/message_link.hpp"
#include "transport/transport.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// A message channel of the program.
class channel_link final : public message_link {
 public:
    /// \param observer must outlive the use of the link; sees when a message is being sent
    channel_link(const asio::any_io_executor& executor, std::unique_ptr<message_channel> channel,
                 std::size_t max_message_bytes, wire_observer& observer);

    /// \throws error(stream_condition::policy_violation) for a message that is too big; what the
    ///         channel throws
    task<bool> read(message_receiver& receiver) override;
    void add_text(std::string_view text) override { waiting_.emplace_back(text); }
    /// What becomes of it is up to the channel.
    void add_secret_text(std::string_view text) override { add_text(text); }
    void add_ping() override {}  // what keeps the channel alive is its own business
    void add_close() override { close_wanted_ = true; }
    task<> flush() override;
    task<> end() override;
    void abort() noexcept override;
    bool peer_closed() const noexcept override { return peer_closed_; }
    /// \throws error(errc::connection_lost)
    [[noreturn]] void throw_closed() const override;

 private:
    task<> send_all();

    std::unique_ptr<message_channel> channel_;
    const std::size_t max_message_bytes_;
    wire_observer& observer_;
    std::deque<std::string> waiting_;
    write_turns turns_;
    bool close_wanted_ = false;
    bool closed_ = false;  // by us, in good order
    bool peer_closed_ = false;
    bool aborted_ = false;
};

}  // namespace xmpp::detail
