#include "net/websocket/websocket_stream.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "base/crypto/secret.hpp"
#include "base/spawn.hpp"
#include "net/dial/attempt_write.hpp"
#include "net/socket/write_turns.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// The failure that is being handled, with the number that it has on a WebSocket.
[[noreturn]] void rethrow_as_abnormal() {
    try {
        throw;
    } catch (const error& lost) {
        throw protocol_error(protocol::websocket, websocket_code::abnormal, lost);
    } catch (const std::system_error& lost) {
        if (lost.code() == asio::error::operation_aborted) throw;  // our own doing
        throw protocol_error(protocol::websocket, websocket_code::abnormal,
                             error(lost.code(), "the link below the WebSocket (1006)"));
    }
}

}  // namespace

// Output collects in the codec, and one flush at a time empties it; the reader starts one of its
// own, when a ping or a close frame wants an answer and none is under way.
class websocket_stream::state {
 public:
    state(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> lower,
          websocket_role role, std::size_t max_message_bytes, std::string early)
        : executor_(executor),
          lower_(std::move(lower)),
          codec_(role, max_message_bytes),
          early_(std::move(early)),
          turns_(executor) {}

    static task<bool> read(std::shared_ptr<state> self, websocket_receiver& receiver);
    static task<> flush(std::shared_ptr<state> self);
    static task<> end(std::shared_ptr<state> self);

    void abort() noexcept {
        aborted_ = true;
        lower_->abort();
    }

    /// What is queued has a secret in it. It is masked, but the mask stands beside it.
    void has_secret() noexcept { secret_ = true; }

    websocket_codec& codec() noexcept { return codec_; }
    bool ended() const noexcept { return ended_; }

 private:
    static task<> write_output(std::shared_ptr<state> self);
    static void answer(const std::shared_ptr<state>& self);

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> lower_;
    websocket_codec codec_;
    std::string early_;    // until the first read
    std::string writing_;  // what the flush under way writes
    write_turns turns_;
    bool aborted_ = false;
    bool ended_ = false;   // our direction, in good order
    bool secret_ = false;  // in what is queued
};

task<> websocket_stream::state::write_output(std::shared_ptr<state> self) {
    write_turns::turn mine(self->turns_);
    while (self->codec_.has_output()) {
        self->writing_.clear();
        self->codec_.take_output(self->writing_);
        std::string nothing;
        const bool secret = std::exchange(self->secret_, false);
        const wipe_at_end written(secret ? self->writing_ : nothing);
        try {
            co_await self->lower_->write(self->writing_);
        } catch (const std::system_error&) {
            rethrow_as_abnormal();
        }
    }
    self->writing_.clear();
    mine.went_well();
}

task<> websocket_stream::state::flush(std::shared_ptr<state> self) {
    if (!self->turns_.free()) co_await self->turns_.wait();
    if (self->aborted_) throw std::system_error(asio::error::operation_aborted);
    if (self->turns_.broken()) {
        throw error(errc::connection_lost, "an earlier write on this WebSocket did not finish");
    }
    co_await write_output(self);
}

/// Sends what the codec itself has to say, unless a flush is under way and does.
void websocket_stream::state::answer(const std::shared_ptr<state>& self) {
    if (!self->codec_.has_output() || self->turns_.broken() || !self->turns_.free()) return;
    // A failure shows in the next write, and in reading when the connection is gone.
    self->turns_.reserve();
    spawn(self->executor_, write_output(self), [](std::exception_ptr) {});
}

task<bool> websocket_stream::state::read(std::shared_ptr<state> self,
                                         websocket_receiver& receiver) {
    if (!self->early_.empty()) {
        const auto early = std::exchange(self->early_, {});
        self->codec_.feed(early, receiver);
    } else if (!self->codec_.closed()) {
        std::string_view received;
        try {
            received = co_await self->lower_->read();
        } catch (const std::system_error&) {
            rethrow_as_abnormal();
        }
        if (received.empty()) {
            throw protocol_error(protocol::websocket, websocket_code::abnormal,
                                 error(errc::connection_lost,
                                       "the link ended without a WebSocket close frame (1006)"));
        }
        self->codec_.feed(received, receiver);
    }
    answer(self);
    co_return !self->codec_.closed();
}

task<> websocket_stream::state::end(std::shared_ptr<state> self) {
    co_await flush(self);
    if (self->ended_) co_return;
    self->ended_ = true;
    co_await self->lower_->close();
}

websocket_stream::websocket_stream(const asio::any_io_executor& executor,
                                   std::unique_ptr<byte_stream> lower, websocket_role role,
                                   std::size_t max_message_bytes, std::string early)
    : state_(std::make_shared<state>(executor, std::move(lower), role, max_message_bytes,
                                     std::move(early))) {}

websocket_stream::~websocket_stream() {
    if (!state_->ended()) abort();  // the last bytes of one that ended are still on their way
}

task<bool> websocket_stream::read(websocket_receiver& receiver) {
    return state::read(state_, receiver);
}
void websocket_stream::add_text(std::string_view text) {
    state_->codec().add_text(text);
}
void websocket_stream::add_secret_text(std::string_view text) {
    state_->codec().add_text(text);
    state_->has_secret();
}
void websocket_stream::add_ping() {
    state_->codec().add_ping({});
}
void websocket_stream::add_close(std::uint16_t code) {
    state_->codec().add_close(code);
}
task<> websocket_stream::flush() {
    return state::flush(state_);
}
task<> websocket_stream::end() {
    return state::end(state_);
}
void websocket_stream::abort() noexcept {
    state_->abort();
}
const std::optional<websocket_close>& websocket_stream::closed() const noexcept {
    return state_->codec().closed();
}

void websocket_stream::throw_closed() const {
    const auto& theirs = *closed();
    std::string text = fmt::format("it closed the WebSocket with code {}", theirs.code);
    if (theirs.code == websocket_code::none) text = "it closed the WebSocket without a code (1005)";
    const std::string condition(condition_name(errc::closed_by_server));
    throw protocol_error(protocol::websocket, theirs.code,
                         error(errc::closed_by_server, condition, theirs.reason, std::move(text)));
}

task<std::unique_ptr<websocket_stream>> open_websocket(asio::any_io_executor executor,
                                                       std::unique_ptr<byte_stream> lower,
                                                       websocket_request request,
                                                       std::size_t max_message_bytes) {
    const auto key = make_websocket_key();
    const auto head = websocket_request_head(request, key);
    co_await attempt_write(lower->write(head));
    http_head_reader answer;
    std::string early;
    while (!answer.complete()) {
        const auto received = co_await lower->read();
        if (received.empty()) {
            throw protocol_error(
                protocol::http, no_http_answer,
                error(errc::connection_lost, "the server hung up during the WebSocket upgrade"));
        }
        early = received.substr(answer.feed(received));
    }
    check_websocket_answer(answer.head(), key);
    co_return std::make_unique<websocket_stream>(executor, std::move(lower), websocket_role::client,
                                                 max_message_bytes, std::move(early));
}

}  // namespace xmpp::detail
