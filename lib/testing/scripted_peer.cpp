#include <xmpp/testing/scripted_peer.hpp>

#include "testing/peer_script.hpp"
#include "testing/peer_steps.hpp"
#include "testing/xml_pattern.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace xmpp::testing {

using detail::peer_script;
namespace steps = detail::peer_steps;

scripted_peer::scripted_peer(asio::any_io_executor executor)
    : script_(std::make_shared<peer_script>(std::move(executor))) {}

scripted_peer::scripted_peer(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes)
    : scripted_peer(std::move(executor)) {
    script_->accept(std::move(bytes));
}

scripted_peer::~scripted_peer() {
    script_->stop();
}

dialer_function scripted_peer::dialer() const {
    return [script = std::weak_ptr<peer_script>(script_)](std::string host, std::uint16_t port) {
        return peer_script::dial(script.lock(), std::move(host), port);
    };
}

scripted_peer& scripted_peer::streams(memory_stream_options how) {
    script_->streams = how;
    return *this;
}

scripted_peer& scripted_peer::time_source(std::shared_ptr<clock> time) {
    script_->time = std::move(time);
    return *this;
}

scripted_peer& scripted_peer::component_port() {
    script_->of_component = true;
    return *this;
}

// An action is no coroutine itself: it calls one, with its arguments by value.
scripted_peer& scripted_peer::add(std::string what, std::function<task<>(peer_script&)> action) {
    if (stalled_) throw std::logic_error("after stall() the connection is not used any more");
    script_->add(std::move(what), std::move(action));
    return *this;
}

scripted_peer& scripted_peer::expect(std::string xml) {
    auto pattern = std::make_shared<const detail::xml_pattern>(std::move(xml));
    auto what = fmt::format("expect {}", pattern->text());
    return add(std::move(what), [pattern = std::move(pattern)](peer_script& script) {
        return steps::expect(script, pattern);
    });
}

scripted_peer& scripted_peer::expect_header(std::string_view attributes) {
    auto wanted = detail::parse_attributes_of_header(attributes);
    return add("expect_header", [wanted = std::move(wanted)](peer_script& script) {
        return steps::expect_header(script, wanted);
    });
}

scripted_peer& scripted_peer::expect_close() {
    return add("expect_close", &steps::expect_close);
}

scripted_peer& scripted_peer::expect_disconnect() {
    return add("expect_disconnect", &steps::expect_disconnect);
}

scripted_peer& scripted_peer::expect_nothing(clock::duration period) {
    auto what = fmt::format("expect_nothing for {}",
                            std::chrono::duration_cast<std::chrono::milliseconds>(period));
    return add(std::move(what),
               [period](peer_script& script) { return steps::expect_nothing(script, period); });
}

scripted_peer& scripted_peer::send_header(std::string_view attributes) {
    auto changes = detail::parse_attributes_of_header(attributes);
    return add("send_header", [changes = std::move(changes)](peer_script& script) {
        return steps::send_header(script, changes);
    });
}

scripted_peer& scripted_peer::send(std::string xml) {
    static_cast<void>(detail::parse_stream_content(xml));
    auto what = fmt::format("send {}", xml);
    return add(std::move(what),
               [xml = std::move(xml)](peer_script& script) { return steps::send(script, xml); });
}

scripted_peer& scripted_peer::send_raw(std::string bytes) {
    return add("send_raw", [bytes = std::move(bytes)](peer_script& script) {
        return steps::send_raw(script, bytes);
    });
}

scripted_peer& scripted_peer::features(std::string children) {
    static_cast<void>(detail::parse_stream_content(children));
    return add("features", [children = std::move(children)](peer_script& script) {
        return steps::send_features(script, children);
    });
}

scripted_peer& scripted_peer::start_tls(certificate identity,
                                        std::function<void(ssl_ctx_st*)> configure) {
    return add("start_tls",
               [identity = std::move(identity), configure = std::move(configure)](
                   peer_script& script) { return steps::start_tls(script, identity, configure); });
}

scripted_peer& scripted_peer::tls_handshake(certificate identity,
                                            std::function<void(ssl_ctx_st*)> configure) {
    return add("tls_handshake",
               [identity = std::move(identity), configure = std::move(configure)](
                   peer_script& script) { return steps::handshake(script, identity, configure); });
}

scripted_peer& scripted_peer::expect_tls_failure(certificate identity) {
    return add("expect_tls_failure", [identity = std::move(identity)](peer_script& script) {
        return steps::expect_tls_failure(script, identity);
    });
}

scripted_peer& scripted_peer::close_stream() {
    return add("close_stream", &steps::close_stream);
}

scripted_peer& scripted_peer::end() {
    return add("end", &steps::end);
}

scripted_peer& scripted_peer::cut() {
    return add("cut", &steps::cut);
}

scripted_peer& scripted_peer::stall() {
    stalled_ = true;
    return *this;
}

scripted_peer& scripted_peer::accept_tls(certificate identity) {
    return add("accept_tls", [identity = std::move(identity)](peer_script& script) {
        return steps::accept_tls(script, identity);
    });
}

scripted_peer& scripted_peer::accept_login(jid who, std::string more_features) {
    static_cast<void>(detail::parse_stream_content(more_features));
    return add("accept_login",
               [who = std::move(who), more = std::move(more_features)](peer_script& script) {
                   return steps::accept_login(script, who, more);
               });
}

scripted_peer& scripted_peer::accept_component(std::string domain) {
    jid component(domain);
    component_port();
    return add("accept_component", [component = std::move(component)](peer_script& script) {
        return steps::accept_component(script, component);
    });
}

scripted_peer& scripted_peer::next_connection(std::string host, std::uint16_t port) {
    stalled_ = false;
    return add("next_connection", [host = std::move(host), port](peer_script& script) {
        return script.next_connection(host, port);
    });
}

scripted_peer& scripted_peer::refuse_connection() {
    const bool stalled = std::exchange(stalled_, false);
    add("refuse_connection", [](peer_script& script) { return script.refuse_connection(); });
    stalled_ = stalled;
    return *this;
}

scripted_peer& scripted_peer::then(std::function<task<>(scripted_peer&)> action) {
    return add("then", [this, action = std::move(action)](peer_script&) { return action(*this); });
}

task<stanza> scripted_peer::receive() {
    return script_->receive("any element");
}

task<> scripted_peer::deliver(std::string xml) {
    static_cast<void>(detail::parse_stream_content(xml));
    return steps::send(*script_, std::move(xml));
}

stanza scripted_peer::last() const {
    if (!script_->last) throw std::logic_error("the client has sent no element yet");
    return *script_->last;
}

std::string scripted_peer::problems() const {
    return script_->problems();
}

void scripted_peer::verify() const {
    if (const auto found = problems(); !found.empty()) throw std::runtime_error(found);
}

bool scripted_peer::finished() const noexcept {
    return script_->finished();
}

}  // namespace xmpp::testing
