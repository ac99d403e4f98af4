#include <xmpp/testing/virtual_clock.hpp>

#include "net/dns/resolver.hpp"
#include "support/co_test.hpp"
#include "unit/net/net_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace xmpp::test {
namespace {

using detail::address_answer;
using detail::dns_outcome;
using completion = detail::resolver::completion;

CO_TEST(system_resolver, finds_the_addresses_of_this_machine) {
    const auto system = detail::make_system_resolver(context.get_executor());
    detail::event done(context.get_executor());
    address_answer found;
    const auto asked =
        system->addresses("localhost", completion::allowed, [&](address_answer answer, bool last) {
            EXPECT_TRUE(last);
            found = std::move(answer);
            done.set();
        });
    co_await done.wait();
    EXPECT_EQ(found.outcome, dns_outcome::found);
    EXPECT_THAT(found.addresses, ::testing::Contains(::testing::AnyOf("127.0.0.1", "::1")));
}

CO_TEST(system_resolver, says_why_it_found_nothing) {
    const auto system = detail::make_system_resolver(context.get_executor());
    detail::event done(context.get_executor());
    address_answer found;
    // No label may have more than 63 characters, so that no name server is asked.
    const auto asked = system->addresses(std::string(70, 'x') + ".test", completion::forbidden,
                                         [&](address_answer answer, bool) {
                                             found = std::move(answer);
                                             done.set();
                                         });
    co_await done.wait();
    EXPECT_EQ(found.outcome, dns_outcome::failed);
    EXPECT_NE(reason_of(found), "");
}

CO_TEST(system_resolver, knows_no_services) {
    const auto system = detail::make_system_resolver(context.get_executor());
    EXPECT_FALSE(system->knows_services());
    detail::event done(context.get_executor());
    detail::srv_answer found;
    const auto asked = system->services("_xmpp-client._tcp.test", [&](detail::srv_answer answer) {
        found = std::move(answer);
        done.set();
    });
    co_await done.wait();
    EXPECT_EQ(found.outcome, dns_outcome::no_data);
}

TEST(system_resolver, calls_nobody_when_the_question_was_taken_back) {
    asio::io_context context;
    const auto system = detail::make_system_resolver(context.get_executor());
    auto asked = system->addresses("localhost", completion::allowed,
                                   [](const address_answer&, bool) { ADD_FAILURE(); });
    auto other = system->services("_xmpp-client._tcp.test",
                                  [](const detail::srv_answer&) { ADD_FAILURE(); });
    asked.reset();
    other.reset();
    context.run();
}

}  // namespace
}  // namespace xmpp::test
