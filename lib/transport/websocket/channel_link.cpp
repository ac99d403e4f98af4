#include "transport/websocket/channel_link.hpp"

#include <xmpp/error.hpp>

#include <asio/error.hpp>

#include <exception>
#include <system_error>
#include <utility>

namespace xmpp::detail {

channel_link::channel_link(const asio::any_io_executor& executor,
                           std::unique_ptr<message_channel> channel, std::size_t max_message_bytes,
                           wire_observer& observer)
    : channel_(std::move(channel)),
      max_message_bytes_(max_message_bytes),
      observer_(observer),
      turns_(executor) {}

task<bool> channel_link::read(message_receiver& receiver) {
    const auto received = co_await channel_->receive();
    peer_closed_ = !received;
    if (peer_closed_) co_return false;
    if (received->size() > max_message_bytes_) {
        throw error(stream_condition::policy_violation, "a message is too big");
    }
    receiver.message(*received);
    co_return true;
}

task<> channel_link::flush() {
    if (!turns_.free()) co_await turns_.wait();
    if (aborted_) throw std::system_error(asio::error::operation_aborted);
    if (turns_.broken()) {
        throw error(errc::connection_lost, "an earlier message on this channel was not sent");
    }
    co_await send_all();
}

task<> channel_link::send_all() {
    write_turns::turn mine(turns_);
    while (!waiting_.empty()) {
        auto message = std::move(waiting_.front());
        waiting_.pop_front();
        observer_.write_started();
        try {
            co_await channel_->send(std::move(message));
        } catch (...) {
            if (!aborted_) observer_.write_failed(std::current_exception());
            throw;
        }
        observer_.write_finished();
    }
    if (close_wanted_ && !closed_) {
        closed_ = true;
        co_await channel_->close();
    }
    mine.went_well();
}

task<> channel_link::end() {
    close_wanted_ = true;
    return flush();
}

void channel_link::abort() noexcept {
    aborted_ = true;
    channel_->abort();
}

void channel_link::throw_closed() const {
    throw error(errc::connection_lost, "the channel ended before the stream");
}

}  // namespace xmpp::detail
