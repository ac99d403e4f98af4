#include "net/socket/tcp_stream.hpp"

#include <xmpp/error.hpp>

#include "net/dial/ip_text.hpp"
#include "net/socket/socket_write.hpp"
#include "net/socket/tcp_socket.hpp"
#include "net/socket/thread_buffer.hpp"

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <system_error>
#include <utility>

#if __has_include(<netinet/tcp.h>)
#include <netinet/tcp.h>
#endif

namespace xmpp::detail {
namespace {

/// How many reads in a row may find bytes before other coroutines get a turn.
constexpr int reads_before_a_break = 16;

/// So many bytes written between two reads are the work of a program that writes without pause, and
/// may fill the buffers on the way for so many reads more.
constexpr std::size_t busy_writing = 8u << 10;
constexpr int reads_while_busy = 16;

}  // namespace

struct tcp_stream::state {
    explicit state(asio::ip::tcp::socket connected) : socket(std::move(connected)) {
        std::error_code unknown;
        const auto address = socket.remote_endpoint(unknown);
        peer = unknown ? "a peer that has gone" : to_text(address);
        loopback = !unknown && address.address().is_loopback();
    }

    [[noreturn]] void fail(std::string_view doing, std::error_code code) const {
        if (!socket.is_open()) code = asio::error::operation_aborted;
        if (code == asio::error::operation_aborted) throw std::system_error(code);
        throw error(code, fmt::format("{} {}", doing, peer));
    }

    /// A peer that is written to without pause may close with bytes unread. What it says last must
    /// not wait in its kernel for our acknowledgement (Nagle's algorithm), where the reset would
    /// discard it.
    bool may_lose_last_words() noexcept {
        if (std::exchange(written, 0) >= busy_writing) busy_reads = reads_while_busy;
        if (busy_reads == 0) return write_waits;
        --busy_reads;
        return true;
    }

    void acknowledge_at_once() {
#ifdef TCP_QUICKACK
        using quick_ack = asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_QUICKACK>;
        std::error_code ignored;  // only costs time
        socket.set_option(quick_ack(true), ignored);
#endif
    }

    static task<std::string_view> read(std::shared_ptr<state> self) {
        for (;;) {
            std::error_code failure;
            if (!self->may_have_more) {
                self->reads_in_a_row = 0;
                co_await self->socket.async_wait(
                    asio::socket_base::wait_read,
                    asio::redirect_error(asio::use_awaitable, failure));
                if (failure) self->fail("reading from", failure);
            } else if (++self->reads_in_a_row > reads_before_a_break) {
                self->reads_in_a_row = 0;
                co_await asio::post(self->socket.get_executor(), asio::use_awaitable);
            }
            const auto room = received_bytes_buffer();
            const auto size =
                self->socket.read_some(asio::buffer(room.data(), room.size()), failure);
            // A read that was cut short has emptied the socket: asking it again would be in vain.
            self->may_have_more = !failure && size == room.size();
            if (failure == asio::error::would_block || failure == asio::error::try_again ||
                failure == asio::error::interrupted) {
                continue;
            }
            if (failure == asio::error::eof) co_return std::string_view();
            if (failure) self->fail("reading from", failure);
            // The kernel falls back to delayed acknowledgements by itself, so ask every time.
            if (self->interactive || self->may_lose_last_words()) self->acknowledge_at_once();
            co_return std::string_view(room.data(), size);
        }
    }

    static task<> close(std::shared_ptr<state> self) {
        std::error_code failure;
        self->socket.shutdown(asio::socket_base::shutdown_send, failure);
        // A peer that has hung up already needs no farewell.
        if (failure && failure != asio::error::not_connected) self->fail("closing", failure);
        co_return;
    }

    asio::ip::tcp::socket socket;
    std::string peer;
    bool loopback = false;
    int reads_in_a_row = 0;
    bool may_have_more = true;
    bool interactive = false;
    bool write_waits = false;
    std::size_t written = 0;  // since the last read
    int busy_reads = 0;       // to come
};

tcp_stream::tcp_stream(std::shared_ptr<state> connected) : state_(std::move(connected)) {}
tcp_stream::~tcp_stream() {
    abort();
}

task<std::string_view> tcp_stream::read() {
    return state::read(state_);
}
task<> tcp_stream::write(std::string_view bytes) {
    state_->written += bytes.size();
    return write_to_socket(state_, bytes);
}
task<> tcp_stream::close() {
    return state::close(state_);
}

void tcp_stream::abort() noexcept {
    std::error_code ignored;
    state_->socket.close(ignored);
}

void tcp_stream::set_interactive(bool on) {
    state_->interactive = on;
    if (on) state_->acknowledge_at_once();
}

const std::string& tcp_stream::peer() const noexcept {
    return state_->peer;
}

bool tcp_stream::is_loopback() const noexcept {
    return state_->loopback;
}

std::unique_ptr<tcp_stream> make_tcp_stream(asio::ip::tcp::socket connected) {
    // A socket whose peer has gone meanwhile may refuse options: the first read tells.
    std::error_code ignored;
    ::fcntl(connected.native_handle(), F_SETFD, FD_CLOEXEC);  // what was accepted lacks it
    connected.non_blocking(true, ignored);
    connected.set_option(asio::ip::tcp::no_delay(true), ignored);
    connected.set_option(asio::socket_base::keep_alive(true), ignored);
    return std::make_unique<tcp_stream>(std::make_shared<tcp_stream::state>(std::move(connected)));
}

std::string to_text(const asio::ip::tcp::endpoint& address) {
    return to_text(address.address().to_string(), address.port());
}

}  // namespace xmpp::detail
