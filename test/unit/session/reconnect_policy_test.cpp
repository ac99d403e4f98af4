#include "session/reconnect_policy.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "login/negotiation_io.hpp"
#include "transport/failures.hpp"

#include <asio/error.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <system_error>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using detail::reconnect_policy;

template <class Failure>
bool passes(Failure failure) {
    return detail::may_pass(detail::failure(std::make_exception_ptr(std::move(failure))));
}

TEST(what_may_pass, is_of_the_link_and_of_servers_that_go_down) {
    EXPECT_TRUE(detail::may_pass(detail::failure()));
    EXPECT_TRUE(passes(std::system_error(std::make_error_code(std::errc::connection_reset))));
    for (const auto code : {errc::connection_lost, errc::connection_refused, errc::host_not_found,
                            errc::connect_timeout, errc::server_silent, errc::write_timeout}) {
        EXPECT_TRUE(passes(error(code))) << static_cast<int>(code);
    }
    EXPECT_TRUE(passes(error(stream_condition::system_shutdown)));
    EXPECT_TRUE(passes(error(stream_condition::reset)));
    EXPECT_TRUE(passes(error(sasl_condition::temporary_auth_failure)));
    EXPECT_TRUE(passes(protocol_error(protocol::http, 503, error(errc::http_refused))));
    EXPECT_TRUE(passes(protocol_error(protocol::http, 429, error(errc::http_refused))));
    EXPECT_TRUE(
        passes(protocol_error(protocol::websocket, 1006, error(asio::error::connection_reset))));
    EXPECT_TRUE(passes(protocol_error(protocol::websocket, 1001, error(errc::connection_lost))));
}

TEST(what_may_pass, is_what_came_before_encryption) {
    const detail::failure forged(std::make_exception_ptr(error(stream_condition::conflict)));
    EXPECT_FALSE(detail::may_pass(forged));
    EXPECT_TRUE(detail::may_pass(forged.doubted()));
}

TEST(what_may_pass, is_nothing_that_was_decided) {
    EXPECT_FALSE(passes(error(sasl_condition::not_authorized)));
    EXPECT_FALSE(passes(error(stream_condition::conflict)));
    EXPECT_FALSE(passes(error(stream_condition::policy_violation)));
    EXPECT_FALSE(passes(error(stream_condition::not_authorized)));
    EXPECT_FALSE(passes(error(stream_condition::not_well_formed)));
    EXPECT_FALSE(passes(error(certificate_errc::expired)));
    EXPECT_FALSE(passes(error(errc::tls_unavailable)));
    EXPECT_FALSE(passes(error(errc::no_mechanism)));
    EXPECT_FALSE(passes(error(errc::too_many_redirects)));
    EXPECT_FALSE(passes(error(errc::server_unverified)));
    EXPECT_FALSE(passes(detail::login_error(error(errc::connection_lost))));
    EXPECT_FALSE(passes(protocol_error(protocol::http, 403, error(errc::http_refused))));
    EXPECT_FALSE(passes(std::runtime_error("of the program")));
}

bool is_lost(const std::exception_ptr& failure) {
    return detail::is_lost_over_http(detail::failure(failure));
}

TEST(a_session_over_http, is_lost_when_whoever_held_it_has_forgotten_it_or_goes_down) {
    const auto ended = [](auto code) {
        const auto body = stanza::parse("<body xmlns='http://jabber.org/protocol/httpbind'/>");
        return std::make_exception_ptr(detail::session_terminated(error(code), body));
    };
    for (const auto code : {bosh_condition::item_not_found, bosh_condition::internal_server_error,
                            bosh_condition::other_request, bosh_condition::remote_connection_failed,
                            bosh_condition::remote_stream_error, bosh_condition::system_shutdown}) {
        EXPECT_TRUE(is_lost(ended(code))) << static_cast<int>(code);
    }
    EXPECT_TRUE(is_lost(ended(stream_condition::system_shutdown)));
    EXPECT_TRUE(is_lost(std::make_exception_ptr(error(bosh_condition::item_not_found))));
    EXPECT_TRUE(is_lost(std::make_exception_ptr(error(errc::giving_up))));
    for (const auto code :
         {bosh_condition::bad_request, bosh_condition::host_gone, bosh_condition::host_unknown,
          bosh_condition::policy_violation, bosh_condition::undefined_condition}) {
        EXPECT_FALSE(is_lost(ended(code))) << static_cast<int>(code);
    }
    EXPECT_FALSE(is_lost(ended(stream_condition::conflict)));
    EXPECT_FALSE(is_lost(std::make_exception_ptr(error(bosh_condition::undefined_condition))))
        << "a status of HTTP";
    EXPECT_FALSE(is_lost(nullptr));
}

class waits : public ::testing::Test {
 protected:
    testing::virtual_clock time;
};

TEST_F(waits, are_between_a_half_and_the_whole_of_what_doubles_up_to_the_cap) {
    const std::chrono::milliseconds wholes[] = {2s, 4s, 8s, 10s, 10s, 10s};
    std::chrono::milliseconds longest[6] = {};
    for (int round = 0; round < 2000; ++round) {
        reconnect_policy policy(options().reconnect_backoff(1s, 10s).max_retries(6));
        for (std::size_t i = 0; i < 6; ++i) {
            const auto wait = policy.next(time);
            ASSERT_TRUE(wait);
            ASSERT_GE(*wait, wholes[i] / 2);
            ASSERT_LT(*wait, wholes[i]);
            longest[i] = std::max(longest[i], *wait);
        }
        ASSERT_FALSE(policy.gave_up());
        ASSERT_FALSE(policy.next(time)) << "that was enough";
        ASSERT_TRUE(policy.gave_up());
    }
    for (std::size_t i = 0; i < 6; ++i) EXPECT_GT(longest[i], wholes[i] * 9 / 10) << i;
}

TEST_F(waits, of_five_attempts_with_default_options_take_more_than_a_minute) {
    for (int round = 0; round < 2000; ++round) {
        reconnect_policy policy{options()};
        std::chrono::milliseconds together{};
        for (int i = 0; i < 5; ++i) together += *policy.next(time);
        ASSERT_GE(together, 60s);
        ASSERT_FALSE(policy.next(time));
    }
}

TEST_F(waits, count_on_until_a_session_was_up_for_half_a_minute) {
    for (int round = 0; round < 500; ++round) {
        reconnect_policy policy(options().reconnect_backoff(1s, 60s).max_retries(4));
        for (int i = 0; i < 3; ++i) policy.next(time);
        policy.connected(time.now());
        time.advance(29s);
        ASSERT_GE(*policy.next(time), 8s);
        EXPECT_EQ(policy.attempts(), 4);
        policy.connected(time.now());
        time.advance(30s);
        ASSERT_LT(*policy.next(time), 2s);
        EXPECT_EQ(policy.attempts(), 1);
    }
}

TEST_F(waits, before_redirects_begin_with_the_second_in_a_row) {
    reconnect_policy policy{options()};
    EXPECT_EQ(policy.next_redirect(time), 0ms) << "on the way up";
    policy.connected(time.now());
    EXPECT_EQ(policy.next_redirect(time), 0ms) << "the first";
    EXPECT_EQ(policy.attempts(), 1);
    EXPECT_EQ(policy.next_redirect(time), 0ms) << "on the way up again";
    policy.connected(time.now());
    EXPECT_GE(*policy.next_redirect(time), 4s);
    policy.connected(time.now());
    time.advance(30s);
    EXPECT_EQ(policy.next_redirect(time), 0ms);
    EXPECT_EQ(policy.attempts(), 1);
}

TEST_F(waits, are_not_longer_for_what_the_program_has_tried) {
    reconnect_policy policy(options().reconnect_backoff(1s, 60s).max_retries(2));
    for (int i = 0; i < 100; ++i) {
        ASSERT_LT(*policy.next(time), 2s);
        ASSERT_EQ(policy.attempts(), 1);
        policy.take_back();
    }
}

TEST_F(waits, are_as_many_as_it_takes_without_a_limit) {
    using std::chrono::milliseconds;
    reconnect_policy policy(
        options().max_retries(unlimited).reconnect_backoff(2s, milliseconds::max()));
    for (int i = 0; i < 1000; ++i) ASSERT_GE(*policy.next(time), 2s);
}

TEST_F(waits, with_no_attempts_there_are_none) {
    reconnect_policy policy(options().max_retries(0));
    EXPECT_FALSE(policy.next(time));
}

}  // namespace
}  // namespace xmpp::test
