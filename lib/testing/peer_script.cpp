#include "testing/peer_script.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace xmpp::detail {

/// A client that waits for its connection.
struct peer_script::dialling {
    dialling(const asio::any_io_executor& executor, std::string to_host, std::uint16_t to_port)
        : host(std::move(to_host)), port(to_port), decided(executor) {}

    std::string host;
    std::uint16_t port;
    event decided;
    std::unique_ptr<byte_stream> stream;  // null when refused
};

peer_script::peer_script(asio::any_io_executor executor)
    : executor_(std::move(executor)), dialled_(executor_) {}

void peer_script::add(std::string what, action act) {
    steps_.push_back({std::move(what), std::move(act)});
    wake();
}

void peer_script::accept(std::unique_ptr<byte_stream> bytes) {
    link_ = link_over(std::move(bytes));
}

std::shared_ptr<xml_link> peer_script::link_over(std::unique_ptr<byte_stream> bytes) {
    if (layer) bytes = layer(std::move(bytes));
    // What is too much is for the script to say.
    return std::make_shared<xml_link>(executor_, std::move(bytes), xml_limits::none());
}

task<std::unique_ptr<byte_stream>> peer_script::dial(std::shared_ptr<peer_script> self,
                                                     std::string host, std::uint16_t port) {
    if (!self || self->over()) throw error(errc::connection_refused, "the scripted peer has gone");
    const auto mine = std::make_shared<dialling>(self->executor_, std::move(host), port);
    self->dials_.push_back(mine);
    self->dialled_.pulse();
    self->wake();
    co_await mine->decided.wait();
    if (!mine->stream) throw error(errc::connection_refused, "refused by the scripted peer");
    co_return std::move(mine->stream);
}

void peer_script::stop() {
    stopped_ = true;
    if (link_) link_->abort();
    for (const auto& link : earlier_links_) link->abort();
    for (const auto& weak : dials_) {
        if (const auto waiting = weak.lock()) waiting->decided.set();
    }
    running_.cancel();
}

bool peer_script::somebody_dials() const {
    for (const auto& weak : dials_) {
        if (!weak.expired()) return true;
    }
    return false;
}

/// Starts the coroutine unless it runs, or would have nothing to do: a peer that waits for nobody
/// shall not keep the context from ending.
void peer_script::wake() {
    if (running_.running() || over() || done_ == steps_.size()) return;
    if (!link_ && !somebody_dials()) return;
    running_.start(
        executor_, run(shared_from_this()),
        [self = shared_from_this()](std::exception_ptr failure) { self->ended(failure); });
}

task<> peer_script::run(std::shared_ptr<peer_script> self) {
    while (self->done_ < self->steps_.size()) {
        co_await self->steps_[self->done_].act(*self);
        ++self->done_;
    }
}

void peer_script::ended(const std::exception_ptr& failure) {
    if (stopped_) return;
    if (!failure) {
        wake();  // a step may have been added, or somebody may have dialled, on the way out
        return;
    }
    const auto& current = steps_[done_];
    const auto note = [&](std::string_view reason) {
        problem_ = fmt::format("step {}, {}: {}", done_ + 1, current.what, reason);
    };
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& thrown) {
        note(thrown.what());
    } catch (...) {
        note("something was thrown that is no std::exception");
    }
    // Whatever the client waits for will not come: let it know.
    if (link_) link_->abort();
    for (const auto& weak : dials_) {
        if (const auto waiting = weak.lock()) waiting->decided.set();
    }
}

std::string peer_script::problems() const {
    if (!problem_.empty()) return problem_;
    if (done_ < steps_.size()) {
        return fmt::format("step {} of {}, {}: the client did not get there", done_ + 1,
                           steps_.size(), steps_[done_].what);
    }
    if (somebody_dials()) return "the client opens a connection that is not in the script";
    return {};
}

task<std::shared_ptr<xml_link>> peer_script::link() {
    if (!link_) co_await next_connection(std::string(), 0);
    co_return link_;
}

task<std::shared_ptr<peer_script::dialling>> peer_script::next_dial() {
    for (;;) {
        while (!dials_.empty()) {
            auto waiting = dials_.front().lock();
            dials_.pop_front();
            if (waiting) co_return waiting;
        }
        co_await dialled_.wait();
    }
}

task<> peer_script::next_connection(std::string host, std::uint16_t port) {
    if (link_) earlier_links_.push_back(std::exchange(link_, nullptr));
    stream_open = false;
    const auto waiting = co_await next_dial();
    auto ends = testing::memory_stream_pair(executor_, streams);
    link_ = link_over(std::move(ends.first));
    if (of_component) link_->of_component();
    waiting->stream = std::move(ends.second);
    waiting->decided.set();
    if ((!host.empty() && host != waiting->host) || (port != 0 && port != waiting->port)) {
        throw script_problem(fmt::format("the client connects to {} port {} instead of {} port {}",
                                         waiting->host, waiting->port, host, port));
    }
}

task<> peer_script::refuse_connection() {
    const auto waiting = co_await next_dial();
    waiting->decided.set();
}

task<stanza> peer_script::receive(std::string expected) {
    const auto from = co_await link();
    auto event = co_await from->read();
    if (!event) {
        throw script_problem(
            fmt::format("the client ended the connection without closing its stream\n"
                        "  expected: {}",
                        expected));
    }
    if (event->kind() == stream_event_kind::stream_closed) {
        throw script_problem(fmt::format("the client closed its stream\n  expected: {}", expected));
    }
    const stanza received(std::move(*event).content());
    if (event->kind() == stream_event_kind::stream_opened) {
        throw script_problem(
            fmt::format("the client sent a stream header\n"
                        "  expected: {}\n  got:      {}",
                        expected, received->to_xml()));
    }
    last = received;
    co_return received;
}

}  // namespace xmpp::detail
