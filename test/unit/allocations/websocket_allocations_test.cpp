#include <xmpp/element.hpp>

#include "allocation_counter.hpp"
#include "net/websocket/websocket_codec.hpp"
#include "xml/parser/framed_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

constexpr std::string_view framed_message =
    "<message xmlns='jabber:client' from='romeo@montague.example/orchard' "
    "to='juliet@capulet.example/balcony' type='chat' id='b4a91c3e-7d15'>"
    "<body>Shall I hear more?</body></message>";

/// What a transport does with messages, less the coroutines.
class feeding final : public detail::websocket_receiver {
 public:
    void message(std::string_view text) override {
        parser.feed(text);
        while (parser.next()) ++elements;
    }
    detail::framed_parser parser;
    int elements = 0;
};

TEST(websocket_allocations, a_message_that_arrives_is_one_allocation) {
    detail::websocket_codec server(detail::websocket_role::server, 0);
    for (int i = 0; i < 100; ++i) server.add_text(framed_message);
    std::string bytes;
    server.take_output(bytes);
    detail::websocket_codec client(detail::websocket_role::client, 4096);
    feeding reader;
    client.feed(bytes, reader);  // buffers grow to what is needed, and are kept
    const int used = allocations_of([&] { client.feed(bytes, reader); });
    show("a message over WebSocket", 100, used);
    EXPECT_EQ(reader.elements, 200);
    EXPECT_EQ(used, 100);
}

TEST(websocket_allocations, a_message_that_leaves_is_none) {
    detail::websocket_codec client(detail::websocket_role::client, 4096);
    std::string bytes;
    const auto send = [&] {
        client.add_text(framed_message);
        bytes.clear();
        client.take_output(bytes);
    };
    send();
    send();  // the two buffers that take turns
    const int used = allocations_of([&] {
        for (int i = 0; i < 100; ++i) send();
    });
    show("a message for WebSocket", 100, used);
    EXPECT_EQ(used, 0);
}

}  // namespace
}  // namespace xmpp::test
