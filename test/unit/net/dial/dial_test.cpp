#include "net/dial/dial.hpp"

#include <xmpp/error.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "base/spawn.hpp"
#include "dial_support.hpp"
#include "net/dial/ip_text.hpp"
#include "support/co_test.hpp"
#include "unit/net/net_support.hpp"

#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xmpp::test {
namespace {

using detail::connection_race;
using detail::dialled;
using detail::endpoint;
using detail::interleave;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A connection_race on virtual time, with names and addresses that behave as told.
class dial : public ::testing::Test {
 protected:
    detail::dial_tools tools() {
        detail::dial_tools made;
        made.names = names;
        made.sockets = addresses;
        made.time = time;
        return made;
    }

    /// The address that was reached, or none.
    std::string reach(std::vector<endpoint> places, std::string before = {}) {
        connection_race dialling(context.get_executor(), std::move(places), tools(),
                                 std::move(before));
        return reach(dialling);
    }

    std::string reach(connection_race& dialling) {
        failure = nullptr;
        std::string reached;
        try {
            testing::run(context, *time, note(dialling, reached));
        } catch (const error&) {
            failure = std::current_exception();
        }
        return reached;
    }

    static task<> note(connection_race& dialling, std::string& reached) {
        auto found = co_await dialling.next();
        reached = detail::to_text(found.address, found.place.port());
    }

    milliseconds elapsed() const {
        return std::chrono::duration_cast<milliseconds>(time->now() - begin);
    }

    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    clock::time_point begin = time->now();
    std::shared_ptr<known_names> names =
        std::make_shared<known_names>(context.get_executor(), time);
    std::shared_ptr<known_addresses> addresses = std::make_shared<known_addresses>(context, time);
    std::exception_ptr failure;
};

TEST_F(dial, connects_to_an_address_without_a_look_up) {
    addresses->accepts("192.0.2.1").accepts("2001:db8::1");
    EXPECT_EQ(reach({endpoint("192.0.2.1", 5222)}), "192.0.2.1:5222");
    EXPECT_EQ(reach({endpoint("[2001:db8::1]", 5222)}), "[2001:db8::1]:5222");
    EXPECT_THAT(names->asked(), ElementsAre());
}

TEST_F(dial, tries_last_where_somebody_else_may_have_answered) {
    auto doubtful = std::make_shared<detail::doubtful_addresses>();
    doubtful->reached("192.0.2.1", 5222);
    doubtful->doubt_last();
    names->host("two.test", {"192.0.2.1", "192.0.2.2"});
    addresses->accepts("192.0.2.1").accepts("192.0.2.2").accepts("192.0.2.3");
    auto with = tools();
    with.doubtful = doubtful;
    connection_race first(context.get_executor(), {endpoint("two.test", 5222)}, with);
    EXPECT_EQ(reach(first), "192.0.2.2:5222");
    EXPECT_EQ(reach(first), "192.0.2.1:5222") << "better than none";
    doubtful->reached("192.0.2.2", 5222);
    doubtful->doubt_last();
    connection_race second(context.get_executor(),
                           {endpoint("two.test", 5222), endpoint("192.0.2.3", 5223)}, with);
    EXPECT_EQ(reach(second), "192.0.2.3:5223") << "at another place";
    doubtful->reached("192.0.2.3", 5223);
    doubtful->doubt_last();
    connection_race third(context.get_executor(), {endpoint("192.0.2.3", 5223)}, with);
    EXPECT_EQ(reach(third), "192.0.2.3:5223") << "there is no other";
    doubtful->clear();
    connection_race fourth(context.get_executor(), {endpoint("two.test", 5222)}, with);
    EXPECT_EQ(reach(fourth), "192.0.2.1:5222");
}

TEST_F(dial, goes_on_at_once_when_an_address_refuses) {
    names->host("half.test", {"192.0.2.1", "192.0.2.2"});
    addresses->refuses("192.0.2.1", milliseconds(20)).accepts("192.0.2.2", milliseconds(20));
    EXPECT_EQ(reach({endpoint("unknown.test", 1), endpoint("half.test", 5222)}), "192.0.2.2:5222");
    EXPECT_THAT(addresses->attempts(), ElementsAre("192.0.2.1:5222 at 0", "192.0.2.2:5222 at 20"));
}

TEST_F(dial, a_blackholed_address_costs_250_ms) {
    names->host("hole.test", {"192.0.2.1", "192.0.2.2"});
    addresses->accepts("192.0.2.2", milliseconds(30));
    EXPECT_EQ(reach({endpoint("hole.test", 5222)}), "192.0.2.2:5222");
    EXPECT_EQ(elapsed(), milliseconds(280));
    EXPECT_THAT(addresses->attempts(), ElementsAre("192.0.2.1:5222 at 0", "192.0.2.2:5222 at 250"));
    EXPECT_EQ(addresses->open(), 0);
}

TEST_F(dial, ends_ten_seconds_after_the_last_attempt) {
    names->host("hole.test", {"192.0.2.1", "192.0.2.2"});
    EXPECT_EQ(reach({endpoint("hole.test", 5222)}), "");
    EXPECT_EQ(elapsed(), milliseconds(10'250));
    EXPECT_EQ(code_of(failure), make_error_code(errc::connection_refused));
    EXPECT_THAT(explanation_of(failure),
                HasSubstr("'hole.test' port 5222 at 192.0.2.2:5222: Connection timed out"));
}

TEST_F(dial, an_address_family_without_a_network_is_passed_over) {
    names->host("six.test", {"2001:db8::1", "192.0.2.2"});
    addresses->refuses("2001:db8::1").accepts("192.0.2.2");
    EXPECT_EQ(reach({endpoint("six.test", 5222)}), "192.0.2.2:5222");
    EXPECT_EQ(elapsed(), milliseconds(0));
}

TEST_F(dial, tries_a_slow_address_and_the_next_beside_each_other) {
    names->host("slow.test", {"192.0.2.1", "192.0.2.2"});
    addresses->accepts("192.0.2.1", milliseconds(300)).accepts("192.0.2.2", milliseconds(100));
    EXPECT_EQ(reach({endpoint("slow.test", 5222)}), "192.0.2.1:5222");
    EXPECT_EQ(elapsed(), milliseconds(300));
    EXPECT_EQ(addresses->open(), 0);
}

TEST_F(dial, tries_all_addresses_of_a_place_before_the_next_place) {
    names->host("one.test", {"2001:db8::1", "2001:db8::2", "192.0.2.1"});
    names->host("two.test", {"192.0.2.2"});
    addresses->accepts("192.0.2.2");
    EXPECT_EQ(reach({endpoint("one.test", 1), endpoint("two.test", 2)}), "192.0.2.2:2");
    EXPECT_THAT(addresses->attempts(), ElementsAre("[2001:db8::1]:1 at 0", "192.0.2.1:1 at 250",
                                                   "[2001:db8::2]:1 at 500", "192.0.2.2:2 at 750"));
}

TEST_F(dial, looks_a_host_up_when_its_turn_comes) {
    names->host("one.test", {"192.0.2.1"}).host("two.test", {"192.0.2.2"});
    addresses->accepts("192.0.2.1", milliseconds(100));
    EXPECT_EQ(reach({endpoint("one.test", 1), endpoint("two.test", 2)}), "192.0.2.1:1");
    EXPECT_THAT(names->asked(), ElementsAre("one.test?"));
}

TEST_F(dial, a_host_that_is_never_found_does_not_stop_what_is_under_way) {
    names->host("one.test", {"192.0.2.1"}).silent("never.test");
    addresses->accepts("192.0.2.1", seconds(5));
    EXPECT_EQ(reach({endpoint("one.test", 1), endpoint("never.test", 2)}), "192.0.2.1:1");
    EXPECT_EQ(elapsed(), seconds(5));
    EXPECT_EQ(names->waiting(), 0);
}

TEST_F(dial, waits_50_ms_for_ipv6_when_ipv4_is_there_first) {
    names->host("both.test", {"192.0.2.1"}, milliseconds(10))
        .host("both.test", {"2001:db8::1"}, milliseconds(40));
    addresses->accepts("2001:db8::1");
    EXPECT_EQ(reach({endpoint("both.test", 5222)}), "[2001:db8::1]:5222");
    EXPECT_THAT(addresses->attempts(), ElementsAre("[2001:db8::1]:5222 at 40"));
}

TEST_F(dial, begins_with_ipv4_when_ipv6_takes_longer_and_mixes_it_in) {
    names->host("late.test", {"192.0.2.1", "192.0.2.2"}, milliseconds(10))
        .host("late.test", {"2001:db8::1"}, milliseconds(100));
    EXPECT_EQ(reach({endpoint("late.test", 5222)}), "");
    EXPECT_THAT(
        addresses->attempts(),
        ElementsAre("192.0.2.1:5222 at 60", "[2001:db8::1]:5222 at 310", "192.0.2.2:5222 at 560"));
}

TEST_F(dial, begins_with_ipv6_without_waiting_for_ipv4) {
    names->host("both.test", {"2001:db8::1"}, milliseconds(10))
        .host("both.test", {"192.0.2.1"}, milliseconds(500));
    addresses->accepts("2001:db8::1");
    EXPECT_EQ(reach({endpoint("both.test", 5222)}), "[2001:db8::1]:5222");
    EXPECT_EQ(elapsed(), milliseconds(10));
}

TEST_F(dial, tries_ten_addresses_of_a_host_and_says_so) {
    std::vector<std::string> many;
    for (int i = 1; i <= 25; ++i) many.push_back("2001:db8::" + std::to_string(i));
    many.push_back("192.0.2.1");
    names->host("many.test", many);
    EXPECT_EQ(reach({endpoint("many.test", 5222)}), "");
    EXPECT_EQ(addresses->attempts().size(), 10u);
    EXPECT_EQ(addresses->attempts().at(1), "192.0.2.1:5222 at 250");
    EXPECT_THAT(explanation_of(failure), HasSubstr("16 further addresses of 'many.test' left out"));
}

TEST_F(dial, says_what_became_of_each_address) {
    names->host("chat.test", {"192.0.2.1", "192.0.2.2"});
    addresses->refuses("192.0.2.1").refuses("2001:db8::1");
    EXPECT_EQ(reach({endpoint("chat.test", 5222), endpoint("unknown.test", 5222),
                     endpoint("[2001:db8::1]", 5223, true)},
                    "DNS: three records"),
              "");
    EXPECT_EQ(code_of(failure), make_error_code(errc::connection_refused));
    const auto text = explanation_of(failure);
    EXPECT_THAT(text, HasSubstr("DNS: three records; "));
    EXPECT_THAT(text, HasSubstr("'chat.test' port 5222 at 192.0.2.1:5222: Connection refused"));
    EXPECT_THAT(text, HasSubstr("192.0.2.2:5222: Connection timed out"));
    EXPECT_THAT(text, HasSubstr("looking up 'unknown.test': no such name"));
    EXPECT_THAT(text, HasSubstr("TLS with '[2001:db8::1]' port 5223 at [2001:db8::1]:5223: "));
}

TEST_F(dial, calls_it_host_not_found_when_no_name_has_an_address) {
    EXPECT_EQ(reach({endpoint("unknown.test", 5222)}), "");
    EXPECT_EQ(code_of(failure), make_error_code(errc::host_not_found));
    EXPECT_THAT(explanation_of(failure), HasSubstr("unknown.test"));
    EXPECT_EQ(reach({}), "");
    EXPECT_EQ(code_of(failure), make_error_code(errc::host_not_found));
}

TEST_F(dial, goes_on_where_it_was_after_a_server_was_refused) {
    names->host("one.test", {"192.0.2.1", "192.0.2.2"}).host("two.test", {"192.0.2.3"});
    addresses->accepts("192.0.2.1", milliseconds(300)).accepts("192.0.2.2", milliseconds(100));
    addresses->accepts("192.0.2.3");
    std::vector<endpoint> places{endpoint("one.test", 1, true), endpoint("two.test", 2)};
    connection_race dialling(context.get_executor(), places, tools());
    const auto expired =
        std::make_exception_ptr(error(certificate_errc::expired, "it ended in May"));
    EXPECT_EQ(reach(dialling), "192.0.2.1:1");
    dialling.refuse(places[0], "192.0.2.1", expired);
    EXPECT_EQ(reach(dialling), "192.0.2.2:1");  // given up before for the other's sake
    dialling.refuse(places[0], "192.0.2.2",
                    std::make_exception_ptr(error(errc::tls_failure, "no TLS")));
    EXPECT_EQ(reach(dialling), "192.0.2.3:2");
    dialling.refuse(places[1], "192.0.2.3",
                    std::make_exception_ptr(error(errc::connection_lost, "hung up")));
    EXPECT_EQ(reach(dialling), "");
    EXPECT_EQ(code_of(failure), make_error_code(certificate_errc::expired));
    const auto text = explanation_of(failure);
    EXPECT_TRUE(text.starts_with("it ended in May - all that was tried: ")) << text;
    EXPECT_THAT(text, HasSubstr("TLS with 'one.test' port 1 at 192.0.2.2:1: no TLS"));
}

TEST_F(dial, tells_the_failure_of_a_lone_server_as_it_is) {
    addresses->accepts("192.0.2.1");
    std::vector<endpoint> places{endpoint("192.0.2.1", 1, true)};
    connection_race dialling(context.get_executor(), places, tools());
    EXPECT_EQ(reach(dialling), "192.0.2.1:1");
    dialling.refuse(places[0], "192.0.2.1",
                    std::make_exception_ptr(error(errc::tls_failure, "no TLS")));
    EXPECT_EQ(reach(dialling), "");
    EXPECT_EQ(explanation_of(failure), "no TLS");
}

TEST_F(dial, ends_at_once_when_cancelled) {
    names->silent("never.test");
    for (const char* host : {"never.test", "192.0.2.1"}) {
        connection_race dialling(context.get_executor(), {endpoint(host, 5222)}, tools());
        std::error_code code;
        std::string reached;
        detail::job work;
        work.start(context.get_executor(), note(dialling, reached),
                   [&](std::exception_ptr thrown) { code = code_of(thrown); });
        run_what_can(context);
        work.cancel();
        run_what_can(context);
        EXPECT_EQ(code, std::error_code(asio::error::operation_aborted)) << host;
    }
    EXPECT_EQ(names->waiting(), 0);
    EXPECT_EQ(addresses->open(), 0);
}

TEST(dial_by_tcp, reaches_a_listener_beside_a_closed_port) {
    asio::io_context context;
    asio::ip::tcp::acceptor closed(context, {asio::ip::address_v4::loopback(), 0});
    const auto closed_port = closed.local_endpoint().port();
    closed.close();
    asio::ip::tcp::acceptor listener(context, {asio::ip::address_v4::loopback(), 0});
    const auto port = listener.local_endpoint().port();

    detail::dial_tools tools;
    tools.names = detail::make_system_resolver(context.get_executor());
    tools.sockets = detail::make_socket_connector(context.get_executor());
    tools.time = clock::steady();
    connection_race dialling(context.get_executor(),
                             {endpoint("127.0.0.1", closed_port), endpoint("127.0.0.1", port)},
                             tools);
    std::string peer;
    const auto connect = [](connection_race& how, std::string& to) -> task<> {
        auto found = co_await how.next();
        to = found.stream->peer();
    };
    run(context, connect(dialling, peer));
    EXPECT_EQ(peer, "127.0.0.1:" + std::to_string(port));
}

TEST(interleave, takes_turns_between_the_families) {
    EXPECT_THAT(interleave({"::1", "::2", "10.0.0.1", "10.0.0.2", "10.0.0.3"}),
                ElementsAre("::1", "10.0.0.1", "::2", "10.0.0.2", "10.0.0.3"));
    EXPECT_THAT(interleave({"10.0.0.1", "::1"}), ElementsAre("10.0.0.1", "::1"));
    EXPECT_THAT(interleave({"10.0.0.1", "10.0.0.2"}), ElementsAre("10.0.0.1", "10.0.0.2"));
    EXPECT_THAT(interleave({}), ElementsAre());
}

}  // namespace
}  // namespace xmpp::test
