#include "net/http/http_head.hpp"

#include <xmpp/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

using detail::http_fields;
using detail::http_head;
using detail::http_head_reader;
using detail::http_request_head;
using detail::parse_http_status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::error_code code_of_option(const http_fields& headers, const http_fields& cookies = {}) {
    try {
        http_request_head head("GET", "/");
        for (const auto& [name, value] : headers) head.add(name, value);
        head.add_cookies(cookies);
    } catch (const error& refused) {
        EXPECT_NE(refused.explanation(), "");
        return refused.code();
    }
    return {};
}

/// The head that comes in pieces of that size, and what was behind it.
http_head read_in_pieces(std::string_view bytes, std::size_t size, std::string& rest) {
    http_head_reader reader;
    rest.clear();
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        const auto piece = bytes.substr(at, size);
        const auto used = reader.feed(piece);
        rest += piece.substr(used);
    }
    EXPECT_TRUE(reader.complete());
    return reader.head();
}

std::string refusal_of(std::string_view bytes) {
    std::string all_at_once;
    for (const std::size_t size : {bytes.size(), std::size_t{1}}) {
        http_head_reader reader;
        std::string explanation;
        try {
            for (std::size_t at = 0; at < bytes.size() && !reader.complete(); at += size) {
                reader.feed(bytes.substr(at, size));
            }
        } catch (const error& refused) {
            EXPECT_EQ(refused.code(), errc::bad_format);
            explanation = refused.explanation();
        }
        if (size != 1) all_at_once = explanation;
        EXPECT_EQ(explanation, all_at_once) << "byte by byte it reads differently";
    }
    return all_at_once;
}

TEST(http_head, writes_a_request_with_headers_and_cookies) {
    http_request_head head("GET", "/xmpp-websocket?x=1");
    head.add("Host", "example.org").add("X-Note", " caf\xC3\xA9 ");
    head.add_cookies({{"session", "abc123"}, {"theme", "\"dark\""}});
    EXPECT_EQ(std::move(head).take(),
              "GET /xmpp-websocket?x=1 HTTP/1.1\r\nHost: example.org\r\nX-Note: caf\xC3\xA9\r\n"
              "Cookie: session=abc123; theme=\"dark\"\r\n\r\n");
}

TEST(http_head, writes_no_cookie_field_without_cookies) {
    http_request_head head("CONNECT", "example.org:443");
    head.add_cookies({});
    EXPECT_EQ(std::move(head).take(), "CONNECT example.org:443 HTTP/1.1\r\n\r\n");
}

TEST(http_head, lets_no_header_of_the_user_break_out_of_its_line) {
    EXPECT_FALSE(code_of_option({{"X-Fine", "one two\tthree"}}));
    for (const auto* name : {"", "X Y", "X:", "X\r\nY", "X\n", "caf\xC3\xA9", "X\x01"}) {
        EXPECT_EQ(code_of_option({{name, "value"}}), errc::invalid_options) << name;
    }
    using namespace std::string_literals;
    for (const auto& value : {"a\r\nY: b"s, "a\rb"s, "a\nb"s, "a\0b"s, "a\x7F"s}) {
        EXPECT_EQ(code_of_option({{"X", value}}), errc::invalid_options) << value;
    }
}

TEST(http_head, lets_no_cookie_of_the_user_become_two) {
    EXPECT_FALSE(code_of_option({}, {{"a", ""}, {"b", "x=y/%20+"}}));
    for (const auto* value : {"a;b", "a b", "a,b", "a\\b", "a\"b", "\"", "a\r\nb", "\xC3\xA9"}) {
        EXPECT_EQ(code_of_option({}, {{"a", value}}), errc::invalid_options) << value;
    }
    for (const auto* name : {"", "a=b", "a;b", "a b", "a\nb"}) {
        EXPECT_EQ(code_of_option({}, {{name, "x"}}), errc::invalid_options) << name;
    }
}

TEST(http_head, refuses_targets_and_methods_that_are_more_than_that) {
    for (const auto* target : {"", "/a b", "/a\r\nX: y", "/\xC3\xA9", "/\x7F"}) {
        EXPECT_THROW(http_request_head("GET", target), error) << target;
    }
    EXPECT_THROW(http_request_head("GET /", "/"), error);
    EXPECT_THROW(http_request_head("", "/"), error);
}

TEST(http_head, reads_an_answer_however_it_is_cut) {
    const std::string_view bytes =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade:websocket\r\nCONNECTION: keep-alive , "
        "Upgrade\t\r\nempty:\r\nTwice: a\r\ntwice: b, C\r\n\r\n\x81\x02hi";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        std::string rest;
        const auto head = read_in_pieces(bytes, size, rest);
        EXPECT_EQ(head.start_line, "HTTP/1.1 101 Switching Protocols");
        EXPECT_THAT(
            head.fields,
            ElementsAre(Pair("Upgrade", "websocket"), Pair("CONNECTION", "keep-alive , Upgrade"),
                        Pair("empty", ""), Pair("Twice", "a"), Pair("twice", "b, C")));
        EXPECT_EQ(rest, "\x81\x02hi");
        EXPECT_EQ(head.value("upgrade"), "websocket");
        EXPECT_EQ(head.value("absent"), "");
        EXPECT_EQ(head.count("TWICE"), 2U);
        EXPECT_TRUE(head.lists("connection", "upgrade"));
        EXPECT_TRUE(head.lists("twice", "c"));
        EXPECT_FALSE(head.lists("twice", "d"));
        EXPECT_FALSE(head.lists("connection", "keep"));
    }
}

TEST(http_head, refuses_what_is_no_head) {
    const std::string_view ok = "HTTP/1.1 200 OK\r\n";
    const auto with = [&](std::string_view lines) { return std::string(ok) + std::string(lines); };
    EXPECT_THAT(refusal_of("SSH-2.0-OpenSSH_9.2"), HasSubstr("not HTTP/1.1"));
    EXPECT_THAT(refusal_of("\r\nHTTP/1.1 200 OK\r\n\r\n"), HasSubstr("not HTTP/1.1"));
    EXPECT_THAT(refusal_of("HTTP/2 200\r\n\r\n"), HasSubstr("not HTTP/1.1"));
    EXPECT_THAT(refusal_of(with("A: b\r\n folded\r\n\r\n")), HasSubstr("folded"));
    EXPECT_THAT(refusal_of(with("no colon\r\n\r\n")), HasSubstr("colon"));
    EXPECT_THAT(refusal_of(with(": b\r\n\r\n")), HasSubstr("name"));
    EXPECT_THAT(refusal_of(with("A : b\r\n\r\n")), HasSubstr("name"));
    EXPECT_THAT(refusal_of(with("A: b\x01\r\n\r\n")), HasSubstr("control"));
    EXPECT_THAT(refusal_of(with("A: b\rc\r\n\r\n")), HasSubstr("control"));
    EXPECT_THAT(refusal_of(with("A: b\n\r\n")), HasSubstr("CRLF"));
    EXPECT_THAT(refusal_of("HTTP/1.1 200 \x07\r\n\r\n"), HasSubstr("control"));
    EXPECT_EQ(refusal_of(with("A: b\r\n\r\n")), "");
}

TEST(http_head, refuses_heads_beyond_its_bounds) {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    EXPECT_THAT(refusal_of(start + "A: " + std::string(1024 * 1024, 'x')), HasSubstr("16 KiB"));
    std::string many = start;
    for (int i = 0; i < 101; ++i) many += "A: b\r\n";
    EXPECT_THAT(refusal_of(many + "\r\n"), HasSubstr("100"));
    const auto room = http_head_reader::max_bytes - start.size() - 7;
    EXPECT_EQ(refusal_of(start + "A: " + std::string(room, 'x') + "\r\n\r\n"), "");
    EXPECT_THAT(refusal_of(start + "A: " + std::string(room + 1, 'x') + "\r\n\r\n"),
                HasSubstr("16 KiB"));
}

TEST(http_head, reads_status_lines) {
    EXPECT_EQ(parse_http_status("HTTP/1.1 407 Proxy Authentication Required").code, 407);
    EXPECT_EQ(parse_http_status("HTTP/1.1 407 Proxy Authentication Required").reason,
              "Proxy Authentication Required");
    EXPECT_EQ(parse_http_status("HTTP/1.0 200 ").code, 200);
    EXPECT_EQ(parse_http_status("HTTP/1.1 204").code, 204);
    for (const auto* line :
         {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 abc",
          "HTTP/1.x 200 OK", "HTTP/1.1  200", "HTTP/1.1 099 X", "HTTP/1.1 -12"}) {
        EXPECT_THROW((void)parse_http_status(line), error) << line;
    }
}

}  // namespace
}  // namespace xmpp::test
