#include "net/websocket/websocket_handshake.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using detail::check_websocket_answer;
using detail::http_head;
using detail::websocket_request;
using ::testing::HasSubstr;

constexpr const char* key = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3

http_head good_answer() {
    return {"HTTP/1.1 101 Switching Protocols",
            {{"Upgrade", "WebSocket"},
             {"Connection", "keep-alive, upgrade"},
             {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
             {"Sec-WebSocket-Protocol", "xmpp"}}};
}

/// The good answer with one field changed; without it for an empty value.
http_head answer_with(const std::string& name, const std::string& value) {
    auto answer = good_answer();
    std::erase_if(answer.fields, [&](const auto& field) { return field.first == name; });
    if (!value.empty()) answer.fields.emplace_back(name, value);
    return answer;
}

std::string refusal_of_handshake(const http_head& answer) {
    try {
        check_websocket_answer(answer, key);
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::bad_format);
        return std::string(refused.explanation());
    }
    return {};
}

std::string reserved(const std::string& name) {
    websocket_request request;
    request.host = "example.org";
    request.headers = {{name, "x"}};
    try {
        (void)detail::websocket_request_head(request, key);
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::invalid_options);
        return std::string(refused.explanation());
    }
    return {};
}

TEST(websocket_handshake, asks_as_RFC_6455_and_7395_want_it) {
    websocket_request request;
    request.host = "example.org:5280";
    request.target = "/ws?a=b";
    request.headers = {{"Origin", "https://example.org"}};
    request.cookies = {{"sid", "42"}};
    EXPECT_EQ(detail::websocket_request_head(request, key),
              "GET /ws?a=b HTTP/1.1\r\nHost: example.org:5280\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n"
              "Origin: https://example.org\r\nCookie: sid=42\r\n\r\n");
}

TEST(websocket_handshake, uses_a_new_key_of_16_bytes_each_time) {
    std::set<std::string> keys;
    for (int i = 0; i < 100; ++i) {
        const auto made = detail::make_websocket_key();
        EXPECT_EQ(made.size(), 24U);
        EXPECT_TRUE(made.ends_with("=="));
        keys.insert(made);
    }
    EXPECT_EQ(keys.size(), 100U);
}

TEST(websocket_handshake, leaves_its_own_headers_to_nobody) {
    for (const auto* name : {"Host", "UPGRADE", "connection", "Sec-WebSocket-Key",
                             "sec-websocket-extensions", "Content-Length", "Transfer-Encoding"}) {
        EXPECT_THAT(reserved(name), HasSubstr("handshake")) << name;
    }
    EXPECT_THAT(reserved("Cookie"), HasSubstr("options::cookies"));
    EXPECT_EQ(reserved("Authorization"), "");
}

TEST(websocket_handshake, knows_the_proof_of_RFC_6455) {
    EXPECT_EQ(detail::websocket_accept(key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(refusal_of_handshake(good_answer()), "");
}

TEST(websocket_handshake, refuses_an_answer_without_the_subprotocol) {
    EXPECT_THAT(refusal_of_handshake(answer_with("Sec-WebSocket-Protocol", "")), HasSubstr("xmpp"));
    for (const auto* other : {"chat", "XMPP", "xmpp, chat", "xmpp2"}) {
        EXPECT_THAT(refusal_of_handshake(answer_with("Sec-WebSocket-Protocol", other)),
                    HasSubstr("xmpp"));
    }
    auto twice = good_answer();
    twice.fields.emplace_back("Sec-WebSocket-Protocol", "xmpp");
    EXPECT_THAT(refusal_of_handshake(twice), HasSubstr("xmpp"));
}

TEST(websocket_handshake, refuses_a_wrong_proof_and_compression) {
    for (const auto* proof :
         {"", "s3pPLMBiTxaQ9kYGzzhZRbK+xOO=", "S3PPLMBITXAQ9KYGZZHZRBK+XOO=", "x"}) {
        EXPECT_THAT(refusal_of_handshake(answer_with("Sec-WebSocket-Accept", proof)),
                    HasSubstr("Accept"));
    }
    EXPECT_THAT(refusal_of_handshake(answer_with("Sec-WebSocket-Extensions", "permessage-deflate")),
                HasSubstr("extension"));
}

TEST(websocket_handshake, refuses_an_answer_that_does_not_upgrade) {
    EXPECT_THAT(refusal_of_handshake(answer_with("Upgrade", "")), HasSubstr("upgrade"));
    EXPECT_THAT(refusal_of_handshake(answer_with("Upgrade", "h2c")), HasSubstr("upgrade"));
    EXPECT_THAT(refusal_of_handshake(answer_with("Connection", "")), HasSubstr("upgrade"));
    EXPECT_THAT(refusal_of_handshake(answer_with("Connection", "close")), HasSubstr("upgrade"));
    EXPECT_THAT(refusal_of_handshake({"HTTP/1.1 abc", {}}), HasSubstr("status line"));
}

TEST(websocket_handshake, tells_the_status_of_a_refused_upgrade) {
    for (const auto& [status, advice] :
         {std::pair(302, "Location: https://other.example/"), std::pair(403, "headers or cookies"),
          std::pair(404, "path"), std::pair(503, "later"), std::pair(200, "path")}) {
        http_head answer{"HTTP/1.1 " + std::to_string(status) + " Some Reason", {}};
        if (status == 302) answer.fields = {{"location", "https://other.example/"}};
        try {
            check_websocket_answer(answer, key);
            ADD_FAILURE() << "accepted " << status;
        } catch (const protocol_error& refused) {
            EXPECT_EQ(refused.code(), errc::http_refused);
            EXPECT_EQ(refused.which(), protocol::http);
            EXPECT_EQ(refused.number(), status);
            EXPECT_EQ(refused.condition(), "http-refused");
            EXPECT_EQ(refused.text(), "Some Reason");
            EXPECT_THAT(std::string(refused.explanation()), HasSubstr(std::to_string(status)));
            EXPECT_THAT(std::string(refused.explanation()), HasSubstr(advice));
        }
    }
}

}  // namespace
}  // namespace xmpp::test
