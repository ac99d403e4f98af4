#include <xmpp/error.hpp>
#include <xmpp/testing/certificates.hpp>

#include "http_client_support.hpp"
#include "support/co_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

using detail::http_settings;
using ::testing::HasSubstr;

const testing::test_authority& authority() {
    static const testing::test_authority made;
    return made;
}

detail::tls_settings server_with(const testing::certificate& shown) {
    detail::tls_settings settings(detail::tls_role::server);
    settings.certificate_pem(shown.chain_pem(), shown.key_pem());
    return settings;
}

http_settings trusting(const http_server& server, std::string_view host = "127.0.0.1") {
    http_settings settings;
    settings.url = server.url(host);
    settings.tls.ca_pem(authority().ca_pem());
    return settings;
}

CO_TEST(http_client_over_tls, accepts_the_authority_of_the_settings) {
    const auto shown = authority().issue(testing::certificate_request::for_server("example.org"));
    http_server server(context.get_executor(), server_with(shown));
    const auto client = client_of(context, trusting(server));
    posting post(context, client, "x");
    const auto request = co_await server.next();
    request->answer("y");
    co_await post.wait();
    EXPECT_EQ(post.what(), "");
    EXPECT_EQ(post.response().body, "y");
}

CO_TEST(http_client_over_tls, refuses_an_unknown_authority) {
    const testing::test_authority other("Other");
    const auto shown = other.issue(testing::certificate_request::for_server("example.org"));
    http_server server(context.get_executor(), server_with(shown));
    const auto client = client_of(context, trusting(server));
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_EQ(post.code(), certificate_errc::unknown_issuer) << post.what();
    EXPECT_EQ(server.waiting(), 0U);
}

CO_TEST(http_client_over_tls, refuses_another_name) {
    const auto shown = authority().issue(testing::certificate_request().dns("example.net"));
    http_server server(context.get_executor(), server_with(shown));
    const auto client = client_of(context, trusting(server));
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_EQ(post.code(), certificate_errc::name_mismatch) << post.what();
    EXPECT_EQ(server.waiting(), 0U);
}

CO_TEST(http_client_over_tls, takes_the_common_name_for_no_name) {
    const auto shown = authority().issue(testing::certificate_request("localhost"));
    http_server server(context.get_executor(), server_with(shown));
    const auto client = client_of(context, trusting(server, "localhost"));
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_EQ(post.code(), certificate_errc::name_mismatch) << post.what();
}

CO_TEST(http_client_over_tls, checks_the_name_that_the_settings_want) {
    const auto shown = authority().issue(testing::certificate_request().dns("example.net"));
    http_server server(context.get_executor(), server_with(shown));
    auto settings = trusting(server);
    settings.verify_name = "example.net";
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    const auto request = co_await server.next();
    request->answer("y");
    co_await post.wait();
    EXPECT_EQ(post.what(), "");
    settings.verify_name = "example.com";
    const auto other = client_of(context, settings);
    posting refused(context, other, "x");
    co_await refused.wait();
    EXPECT_EQ(refused.code(), certificate_errc::name_mismatch) << refused.what();
}

CO_TEST(http_client_over_tls, shows_its_certificate) {
    const auto shown = authority().issue(testing::certificate_request::for_server("example.org"));
    const auto ours = authority().issue(
        testing::certificate_request("juliet").purpose(testing::certificate_purpose::client));
    auto demanding = server_with(shown);
    demanding.ca_pem(authority().ca_pem()).request_client_certificate(true);
    http_server server(context.get_executor(), demanding);
    auto settings = trusting(server);
    settings.tls.certificate_pem(ours.chain_pem(), ours.key_pem());
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    const auto request = co_await server.next();
    request->answer("y");
    co_await post.wait();
    EXPECT_EQ(post.what(), "");
    const auto nobody = client_of(context, trusting(server));
    posting refused(context, nobody, "x");
    co_await refused.wait();
    EXPECT_NE(refused.code(), std::error_code());
}

CO_TEST(http_client_over_tls, runs_the_users_hook_and_reports_what_it_throws) {
    const auto shown = authority().issue(testing::certificate_request::for_server("example.org"));
    http_server server(context.get_executor(), server_with(shown));
    auto settings = trusting(server);
    settings.tls.configure(std::make_shared<const detail::tls_hook>(
        [](SSL_CTX*) { throw error(errc::invalid_options, "the hook's own words"); }));
    const auto client = client_of(context, settings);
    posting post(context, client, "x");
    co_await post.wait();
    EXPECT_EQ(post.code(), errc::invalid_options);
    EXPECT_THAT(post.what(), HasSubstr("the hook's own words"));
}

}  // namespace
}  // namespace xmpp::test
