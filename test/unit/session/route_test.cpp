#include "session/route.hpp"

#include <xmpp/error.hpp>

#include "transport/failures.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::detail {
namespace {

failure moved_to(const std::string& uri) {
    return failure(std::make_exception_ptr(see_other_uri(error(errc::closed_by_server), uri)));
}

options with_secrets() {
    return options()
        .headers({{"authorization", "Bearer t"}, {"Origin", "https://web.example"}})
        .cookies({{"session", "s"}})
        .client_certificate("/c.pem", "/k.pem")
        .connect_address("127.0.0.1");
}

options at(std::string_view target, const options& given) {
    route way(service_url::parse("wss://a.example/ws"), given);
    EXPECT_TRUE(way.follow(moved_to(std::string(target)), true));
    return way.settings(given);
}

TEST(route, tells_another_origin_nothing_that_is_meant_for_the_first) {
    for (const char* target : {"wss://b.example/ws", "wss://a.example:8443/ws",
                               "https://a.example/ws", "wss://b.a.example/ws"}) {
        const auto there = at(target, with_secrets());
        EXPECT_TRUE(there.headers().empty()) << target;
        EXPECT_TRUE(there.cookies().empty()) << target;
        EXPECT_TRUE(there.client_certificate().empty()) << target;
        EXPECT_TRUE(there.client_key().empty()) << target;
        EXPECT_EQ(there.connect_address(), "") << target;
    }
}

TEST(route, tells_another_origin_all_where_the_program_trusts_redirects) {
    const auto there = at("wss://b.example/ws", with_secrets().trust_redirects(true));
    EXPECT_EQ(there.headers().size(), 2U);
    EXPECT_EQ(there.cookies().size(), 1U);
    EXPECT_EQ(there.client_certificate(), "/c.pem");
    EXPECT_EQ(there.connect_address(), "");
}

TEST(route, keeps_all_for_another_path_of_the_origin) {
    for (const char* target : {"wss://a.example/other", "wss://A.example:443/ws"}) {
        const auto there = at(target, with_secrets());
        EXPECT_EQ(there.headers().size(), 2U) << target;
        EXPECT_EQ(there.cookies().size(), 1U) << target;
        EXPECT_EQ(there.client_certificate(), "/c.pem") << target;
        EXPECT_EQ(there.connect_address(), "") << target;
    }
}

TEST(route, has_all_again_after_it_started_over) {
    route way(service_url::parse("wss://a.example/ws"), with_secrets());
    ASSERT_TRUE(way.follow(moved_to("wss://b.example/ws"), true));
    way.start_over();
    EXPECT_EQ(way.settings(with_secrets()).headers().size(), 2U);
    EXPECT_EQ(way.settings(with_secrets()).client_certificate(), "/c.pem");
}

TEST(route, leads_from_WebSocket_to_HTTP_and_back) {
    route way(service_url::parse("wss://a.example/ws"), options());
    ASSERT_TRUE(way.follow(moved_to("https://b.example/bosh"), true));
    EXPECT_EQ(way.place().str(), "https://b.example:443/bosh");
    ASSERT_TRUE(way.follow(moved_to("wss://a.example/ws"), true));
    EXPECT_EQ(way.place().str(), "wss://a.example:443/ws");
}

TEST(route, never_leads_back_to_what_is_not_encrypted) {
    const auto plain = options().tls(tls_mode::disabled);
    route way(service_url::parse("ws://a.example/ws"), plain);
    ASSERT_TRUE(way.follow(moved_to("ws://b.example/ws"), false));
    ASSERT_TRUE(way.follow(moved_to("wss://c.example/ws"), false));
    std::error_code code;
    for (const char* target : {"ws://d.example/", "http://d.example/"}) {
        try {
            way.follow(moved_to(target), true);
        } catch (const refused_redirect& refused) {
            code = refused.code();
        }
        EXPECT_EQ(code, errc::untrusted_redirect) << target;
    }
    EXPECT_EQ(way.place().host, "c.example") << "and stays where it was";
}

}  // namespace
}  // namespace xmpp::detail
