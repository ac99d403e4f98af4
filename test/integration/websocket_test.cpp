// The WebSocket transport against the servers that people run: the upgrade, the stream with its
// restart, and the two ways of closing.
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/protocol_error.hpp>

#include "base/crypto/base64.hpp"
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "net/socket/tcp_socket.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_stream.hpp"
#include "net/websocket/websocket_stream.hpp"
#include "support/co_test.hpp"
#include "support/real_server.hpp"
#include "transport/stream_error.hpp"
#include "transport/websocket/websocket_transport.hpp"

#include <asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

using detail::outgoing_batch;
using detail::stream_header;
using detail::websocket_transport;

class silent_observer final : public detail::wire_observer {
 public:
    void bytes_received(std::string_view) override {}
    void bytes_sent(std::string_view) override {}
    void element_received(const stanza&) override {}
    void element_sent(std::string_view) override {}
};

class websocket : public real_server_test {
 protected:
    task<std::unique_ptr<byte_stream>> connect(bool secure) {
        asio::ip::tcp::socket socket(context);
        const auto port = secure ? server().https_port() : server().http_port();
        socket.connect({asio::ip::make_address(server().address()), port});
        std::unique_ptr<byte_stream> bytes = detail::make_tcp_stream(std::move(socket));
        if (!secure) co_return bytes;
        detail::tls_settings settings;
        settings.ca_file(server().ca_file());
        auto tls = std::make_unique<detail::tls_stream>(context.get_executor(), std::move(bytes),
                                                        detail::shared_tls_context(settings),
                                                        server().domain());
        co_await tls->handshake();
        bytes = std::move(tls);
        co_return bytes;
    }

    task<std::unique_ptr<websocket_transport>> upgrade(bool secure, std::string path) {
        auto bytes = co_await connect(secure);
        detail::websocket_request request;
        request.host = server().domain();
        request.target = std::move(path);
        auto socket = co_await detail::open_websocket(context.get_executor(), std::move(bytes),
                                                      std::move(request), 1U << 20U);
        co_return std::make_unique<websocket_transport>(
            std::move(socket), detail::xml_limits(), secure,
            std::vector<detail::channel_binding_data>(), observer);
    }

    task<stanza> open(websocket_transport& wire) {
        stream_header header;
        header.to = server().domain();
        header.language = "en";
        const auto theirs = co_await wire.open_stream(std::move(header));
        EXPECT_EQ(theirs->attr("version"), "1.0");
        EXPECT_EQ(theirs->attr("from"), server().domain());
        auto features = co_await wire.read();
        EXPECT_EQ((*features)->name(), "features");
        EXPECT_EQ((*features)->ns(), ns::streams);
        co_return std::move(*features);
    }

    task<> log_in(websocket_transport& wire, std::string user, std::string password) {
        using namespace std::string_literals;
        const auto secret = detail::base64_encode("\0"s + user + "\0"s + password);
        outgoing_batch batch;
        batch.add(fmt::format("<auth xmlns='{}' mechanism='PLAIN'>{}</auth>", ns::sasl, secret));
        co_await wire.write(batch);
        const auto answer = co_await wire.read();
        EXPECT_EQ((*answer)->name(), "success");
        const auto features = co_await open(wire);
        EXPECT_TRUE(features->child("bind", ns::bind));
    }

    task<> come_and_go(bool secure) {
        const auto wire = co_await upgrade(secure, server().websocket_path());
        const auto features = co_await open(*wire);
        EXPECT_TRUE(features->child("mechanisms", ns::sasl));
        const std::string user = secure ? "wss" : "ws";
        co_await log_in(*wire, user, "secret");
        outgoing_batch batch;
        batch.add("<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        batch.add("<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>");
        co_await wire->write(batch);
        const auto bound = co_await wire->read();
        EXPECT_EQ(bound->type(), "result");
        const auto pong = co_await wire->read();
        EXPECT_EQ(pong->id(), "p1");
        outgoing_batch keepalive;
        keepalive.bytes = " ";  // sent as a ping
        co_await wire->write(keepalive);
        co_await leave(*wire);
    }

    static task<> read_to_the_end(websocket_transport& wire) {
        auto last = co_await wire.read();
        while (last) last = co_await wire.read();
    }

    /// As a session leaves: somebody reads when the stream is closed.
    task<> leave(websocket_transport& wire) {
        detail::event ended(context.get_executor());
        std::exception_ptr failure;
        detail::spawn(context.get_executor(), read_to_the_end(wire),
                      [&](std::exception_ptr thrown) {
                          failure = std::move(thrown);
                          ended.set();
                      });
        detail::event begun(context.get_executor());
        detail::post(context.get_executor(), [&begun] { begun.set(); });
        co_await begun.wait();
        co_await wire.close_stream("");
        co_await ended.wait();
        if (failure) std::rethrow_exception(failure);
    }

    task<> break_off() {
        const auto wire = co_await upgrade(false, server().websocket_path());
        co_await open(*wire);
        co_await wire->close_stream(detail::stream_error_content("policy-violation"));
    }

    task<> ask_for(std::string path, int& status) {
        try {
            co_await upgrade(false, std::move(path));
        } catch (const protocol_error& refused) {
            EXPECT_EQ(refused.code(), errc::http_refused);
            status = refused.number();
        }
    }

    asio::io_context context;
    silent_observer observer;
};

TEST_P(websocket, carries_a_session_in_clear) {
    server().add_user("ws", "secret");
    run(context, come_and_go(false));
}

TEST_P(websocket, carries_a_session_over_TLS) {
    server().add_user("wss", "secret");
    run(context, come_and_go(true));
}

TEST_P(websocket, takes_a_stream_error_of_ours) {
    run(context, break_off());
}

TEST_P(websocket, reports_the_status_where_the_path_is_wrong) {
    int status = 0;
    run(context, ask_for("/nothing-here", status));
    EXPECT_EQ(status, 404);
}

INSTANTIATE_TEST_SUITE_P(real, websocket, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
