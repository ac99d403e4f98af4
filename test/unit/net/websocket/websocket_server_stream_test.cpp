#include "testing/websocket_server_stream.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/testing/memory_stream.hpp>
#include <xmpp/testing/scripted_peer.hpp>

#include "net/websocket/websocket_stream.hpp"
#include "support/co_test.hpp"
#include "transport/websocket/websocket_transport.hpp"
#include "websocket_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using detail::open_websocket;
using detail::outgoing_batch;
using detail::stream_header;
using detail::websocket_request;
using detail::websocket_server_stream;
using detail::websocket_transport;
using testing::memory_stream_pair;
using testing::scripted_peer;

task<std::unique_ptr<websocket_transport>> connect(asio::any_io_executor executor,
                                                   std::unique_ptr<byte_stream> bytes,
                                                   recorder& seen) {
    websocket_request request;
    request.host = "example.org";
    auto socket =
        co_await open_websocket(executor, std::move(bytes), std::move(request), 1U << 20U);
    co_return std::make_unique<websocket_transport>(std::move(socket), detail::xml_limits(), true,
                                                    std::vector<detail::channel_binding_data>(),
                                                    seen);
}

stream_header header() {
    stream_header ours;
    ours.to = "example.org";
    ours.language = "en";
    return ours;
}

CO_TEST(websocket_server_stream, lets_a_peer_that_speaks_TCP_serve_WebSocket) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor, testing::memory_stream_options().max_read(3));
    scripted_peer peer(executor,
                       std::make_unique<websocket_server_stream>(executor, std::move(ends.second)));
    peer.expect_header()
        .send_header()
        .features("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .expect("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>*</auth>")
        .send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .expect_header()
        .send_header()
        .features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        .expect("<message to='romeo@example.org'><body>Good night</body></message>")
        .send("<message><body>Good night!</body></message>")
        .expect_close()
        .close_stream();

    recorder seen;
    const auto wire = co_await connect(executor, std::move(ends.first), seen);
    const auto theirs = co_await wire->open_stream(header());
    EXPECT_EQ(theirs->attr("from"), "example.org");
    auto features = co_await wire->read();
    EXPECT_EQ((*features)->ns(), ns::streams);
    outgoing_batch batch;
    batch.add("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AA==</auth>");
    co_await wire->write(batch);
    const auto success = co_await wire->read();
    EXPECT_EQ((*success)->name(), "success");
    co_await wire->open_stream(header());
    features = co_await wire->read();
    EXPECT_TRUE((*features)->child("bind", ns::bind));
    batch.clear();
    batch.add("<message to='romeo@example.org'><body>Good night</body></message>");
    co_await wire->write(batch);
    const auto message = co_await wire->read();
    EXPECT_EQ((*message)->child("body")->text(), "Good night!");
    co_await wire->close_stream("");
    const auto end = co_await wire->read();
    EXPECT_FALSE(end);
    EXPECT_EQ(peer.problems(), "");
}

CO_TEST(websocket_server_stream, sends_what_is_no_XML_as_it_is) {
    const auto executor = context.get_executor();
    auto ends = memory_stream_pair(executor);
    scripted_peer peer(executor,
                       std::make_unique<websocket_server_stream>(executor, std::move(ends.second)));
    peer.expect_header().send_header().features("").send_raw("<message></body>").stall();
    recorder seen;
    const auto wire = co_await connect(executor, std::move(ends.first), seen);
    co_await wire->open_stream(header());
    co_await wire->read();
    std::error_code code;
    try {
        co_await wire->read();
    } catch (const error& broken) {
        code = broken.code();
    }
    EXPECT_EQ(code, stream_condition::not_well_formed);
    EXPECT_EQ(seen.received.back(), "<message></body>");
}

}  // namespace
}  // namespace xmpp::test
