#include "testing/xml_link.hpp"

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "net/tls/tls_stream.hpp"

#include <asio/error.hpp>

#include <exception>

namespace xmpp::detail {
namespace {

/// A read that may be given up.
struct attempt {
    explicit attempt(const asio::any_io_executor& executor) : over(executor) {}

    job reading;
    event over;
    bool came = true;
    std::exception_ptr failure;
};

bool is_cancellation(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error& thrown) {
        return thrown.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

xml_link::xml_link(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes,
                   const xml_limits& limits)
    : executor_(std::move(executor)), bytes_(std::move(bytes)), parser_(limits) {}

task<> xml_link::read_bytes() {
    const auto received = co_await bytes_->read();
    ended_ = received.empty();
    parser_.feed(received);
}

task<std::optional<stream_event>> xml_link::read() {
    for (;;) {
        auto event = parser_.next();
        if (event || ended_) co_return event;
        co_await read_bytes();
    }
}

// Beside its caller, which may be cancelled: hence a share in the link.
task<> xml_link::read_ahead(std::shared_ptr<xml_link> link) {
    co_await link->read_bytes();
}

task<bool> xml_link::anything_within(std::shared_ptr<xml_link> link, clock::duration period,
                                     std::shared_ptr<clock> time) {
    if (link->ended_ || !link->parser_.idle()) co_return true;
    const auto current = std::make_shared<attempt>(link->executor_);
    auto ended = [current](std::exception_ptr failure) {
        current->failure = std::move(failure);
        current->over.set();
    };
    auto give_up = [current] {
        current->came = false;
        current->reading.cancel();
    };
    current->reading.start(link->executor_, read_ahead(link), std::move(ended));
    const auto deadline = time->call_at(link->executor_, time->now() + period, std::move(give_up));
    co_await current->over.wait();
    if (!current->failure) co_return true;  // arrived, if only just before the time was up
    if (!current->came && is_cancellation(current->failure)) co_return false;
    std::rethrow_exception(current->failure);
}

task<> xml_link::drain() {
    while (!ended_) {
        const auto received = co_await bytes_->read();
        ended_ = received.empty();
    }
}

task<> xml_link::write(std::string bytes) {
    co_await bytes_->write(bytes);
}

task<> xml_link::secure(std::shared_ptr<const tls_context> context) {
    auto encrypted = std::make_unique<tls_stream>(executor_, std::move(bytes_), std::move(context));
    auto& tls = *encrypted;
    bytes_ = std::move(encrypted);  // in place during the handshake, so that abort() ends it
    co_await tls.handshake();
    bindings_ = tls.channel_bindings();
    encrypted_ = true;
    parser_.reset();
}

}  // namespace xmpp::detail
