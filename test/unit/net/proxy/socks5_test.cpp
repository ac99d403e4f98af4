#include "net/proxy/socks5.hpp"

#include <xmpp/error.hpp>

#include "unit/net/net_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

using detail::host_and_port;
using detail::proxy_url;
using detail::socks5_client;

std::string bytes(std::initializer_list<int> values) {
    std::string result;
    for (const int value : values) result += static_cast<char>(value);
    return result;
}

socks5_client client(const std::string& host = "example.org", const std::string& user = {},
                     const std::string& password = {}) {
    proxy_url proxy;
    proxy.user = user;
    proxy.password = password;
    return socks5_client(proxy, {host, 443});
}

/// What is said to all of `answers` after the greeting, each of them in pieces of one byte.
std::string said_to(socks5_client& asking, std::string_view answers) {
    std::string said;
    for (const char byte : answers) said += asking.feed(std::string_view(&byte, 1));
    return said;
}

const std::string granted = bytes({5, 0, 0, 1, 127, 0, 0, 1, 4, 56});

TEST(socks5, asks_for_a_host_by_its_name) {
    auto asking = client();
    EXPECT_EQ(asking.greeting(), bytes({5, 1, 0}));
    EXPECT_EQ(said_to(asking, bytes({5, 0})),
              bytes({5, 1, 0, 3, 11}) + "example.org" + bytes({1, 187}));
    EXPECT_FALSE(asking.done());
    EXPECT_EQ(said_to(asking, granted), "");
    EXPECT_TRUE(asking.done());
}

TEST(socks5, asks_for_an_address_as_such) {
    auto v4 = client("127.0.0.2");
    EXPECT_EQ(said_to(v4, bytes({5, 0})), bytes({5, 1, 0, 1, 127, 0, 0, 2, 1, 187}));
    auto v6 = client("::1");
    EXPECT_EQ(said_to(v6, bytes({5, 0})),
              bytes({5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 187}));
}

TEST(socks5, logs_in_where_it_has_a_user_and_the_proxy_wants_it) {
    auto asking = client("h", "juliet", "secret");
    EXPECT_EQ(asking.greeting(), bytes({5, 2, 0, 2}));
    EXPECT_EQ(said_to(asking, bytes({5, 2})), bytes({1, 6}) + "juliet" + bytes({6}) + "secret");
    EXPECT_EQ(said_to(asking, bytes({1, 0})), bytes({5, 1, 0, 3, 1}) + "h" + bytes({1, 187}));
    EXPECT_EQ(said_to(asking, bytes({5, 0, 0, 3, 2}) + "ab" + bytes({0, 0})), "");
    EXPECT_TRUE(asking.done());
    auto not_wanted = client("h", "juliet", "secret");
    EXPECT_EQ(said_to(not_wanted, bytes({5, 0})), bytes({5, 1, 0, 3, 1}) + "h" + bytes({1, 187}));
}

TEST(socks5, waits_for_all_of_an_answer_with_an_address_of_IPv6) {
    auto asking = client();
    said_to(asking, bytes({5, 0}));
    const auto whole = bytes({5, 0, 0, 4}) + std::string(18, '\0');
    said_to(asking, whole.substr(0, whole.size() - 1));
    EXPECT_FALSE(asking.done());
    said_to(asking, whole.substr(whole.size() - 1));
    EXPECT_TRUE(asking.done());
}

struct failing_case {
    const char* name;
    std::string answers;
    std::error_code code;
    const char* says;
};

void PrintTo(const failing_case& row, std::ostream* out) {
    *out << row.name;
}

class socks5_failure : public ::testing::TestWithParam<failing_case> {};

TEST_P(socks5_failure, is_told) {
    auto asking = client("example.org", "juliet", "hushhush");
    std::string text;
    std::error_code code;
    try {
        std::size_t at = 0;
        // Each message of the proxy at once, for what follows one.
        for (const auto size : {std::size_t{2}, std::size_t{2}, GetParam().answers.size()}) {
            const auto piece = GetParam().answers.substr(at, size);
            if (!piece.empty()) asking.feed(piece);
            at = std::min(at + size, GetParam().answers.size());
        }
    } catch (const error& failed) {
        code = failed.code();
        text = failed.what();
    }
    EXPECT_EQ(code, GetParam().code);
    EXPECT_NE(text.find(GetParam().says), std::string::npos) << text;
    EXPECT_EQ(text.find("hushhush"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    answers, socks5_failure,
    ::testing::Values(
        failing_case{"http", "HTTP/1.1 400 Bad Request", errc::bad_format, "SOCKS 5"},
        failing_case{"version_4", bytes({4, 0}), errc::bad_format, "SOCKS 5"},
        failing_case{"no_method", bytes({5, 255}), errc::connection_refused, "no login by"},
        failing_case{"other_method", bytes({5, 1}), errc::bad_format, "did not offer"},
        failing_case{"wrong_password", bytes({5, 2, 1, 1}), errc::connection_refused,
                     "does not accept this user"},
        failing_case{"no_login_answer", bytes({5, 2, 5, 0}), errc::bad_format, "something else"},
        failing_case{"not_allowed", bytes({5, 2, 1, 0, 5, 2}), errc::connection_refused,
                     "does not allow"},
        failing_case{"host_down", bytes({5, 2, 1, 0, 5, 4}), errc::connection_refused,
                     "can't reach the host"},
        failing_case{"unknown_reply", bytes({5, 2, 1, 0, 5, 99}), errc::connection_refused,
                     "reply 99"},
        failing_case{"kind_of_address", bytes({5, 2, 1, 0, 5, 0, 0, 9, 0}), errc::bad_format,
                     "kind of address"},
        failing_case{"other_version", bytes({5, 2, 1, 0, 4, 0}), errc::bad_format,
                     "another version"},
        failing_case{"more", bytes({5, 2, 1, 0}) + granted + "x", errc::unexpected_data, "more"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(socks5, what_is_too_long_is_refused_at_once) {
    const std::string long_text(256, 'x');
    EXPECT_EQ(code_of([&] { client(long_text); }), errc::invalid_options);
    EXPECT_EQ(code_of([&] { client("h", long_text); }), errc::invalid_options);
    EXPECT_EQ(code_of([&] { client("h", "u", long_text); }), errc::invalid_options);
}

TEST(socks5, more_than_the_answer_to_the_greeting_is_refused) {
    auto asking = client();
    EXPECT_EQ(code_of([&] { asking.feed(bytes({5, 0, 5, 0})); }), errc::unexpected_data);
}

}  // namespace
}  // namespace xmpp::test
