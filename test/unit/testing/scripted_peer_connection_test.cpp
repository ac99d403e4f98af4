#include <xmpp/error.hpp>

#include "scripted_peer_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace xmpp::testing {
namespace {

using ::testing::HasSubstr;

class scripted_peer_connection : public scripted_peer_fixture {};

TEST_F(scripted_peer_connection, closes_ends_and_cuts) {
    struct client {
        static task<> reads(scripted_peer& peer, asio::io_context& context) {
            const auto dialer = peer.dialer();
            auto bytes = co_await dialer("example.org", 5222);
            raw_client first(context.get_executor(), std::move(bytes));
            const bool ended = co_await first.closed();
            EXPECT_FALSE(ended);
            bytes = co_await dialer("example.org", 5222);
            raw_client second(context.get_executor(), std::move(bytes));
            bool cut = false;
            try {
                co_await second.closed();
            } catch (const std::system_error&) {
                cut = true;
            }
            EXPECT_TRUE(cut);
        }
    };
    peer_.next_connection().end().next_connection().cut();
    run_client(client::reads(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

task<> redial(scripted_peer& peer, asio::io_context& context) {
    const auto dialer = peer.dialer();
    auto bytes = co_await dialer("example.org", 5222);
    raw_client first(context.get_executor(), std::move(bytes));
    bool refused = false;
    try {
        co_await dialer("example.org", 5222);
    } catch (const error& thrown) {
        refused = thrown.code() == errc::connection_refused;
    }
    EXPECT_TRUE(refused);
    bytes = co_await dialer("other.example.org", 5299);
    raw_client second(context.get_executor(), std::move(bytes));
    const auto greeting = co_await second.read_bytes(2);
    EXPECT_EQ(greeting, "hi");
}

TEST_F(scripted_peer_connection, takes_refuses_and_checks_connections_in_turn) {
    peer_.next_connection()
        .stall()
        .refuse_connection()
        .next_connection("other.example.org", 5299)
        .send_raw("hi");
    run_client(redial(peer_, context_));
    EXPECT_EQ(peer_.problems(), "");
}

TEST_F(scripted_peer_connection, notices_a_connection_to_another_place) {
    peer_.next_connection("example.org", 5223).expect_header();
    EXPECT_EQ(verdict(""),
              "step 1, next_connection: the client connects to example.org port 5222 "
              "instead of example.org port 5223");
}

TEST_F(scripted_peer_connection, notices_a_connection_that_is_not_in_the_script) {
    peer_.expect_header();
    EXPECT_EQ(verdict(header), "");
    EXPECT_THROW(run_client(write_and_end(peer_, context_, header)), deadlock);
    EXPECT_THAT(peer_.problems(), HasSubstr("a connection that is not in the script"));
}

TEST_F(scripted_peer_connection, refuses_connections_after_a_problem) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_NE(verdict("nonsense"), "");
    EXPECT_THROW(run_client(write_and_end(peer_, context_, header)), error);
}

TEST_F(scripted_peer_connection, refuses_connections_when_it_is_gone) {
    auto peer = std::make_unique<scripted_peer>(context_.get_executor());
    const auto dialer = peer->dialer();
    peer.reset();
    struct client {
        static task<> dials(dialer_function dialer) { co_await dialer("example.org", 5222); }
    };
    EXPECT_THROW(run_client(client::dials(dialer)), error);
}

TEST_F(scripted_peer_connection, allows_nothing_on_a_stalled_connection) {
    peer_.next_connection().stall();
    EXPECT_THROW(peer_.send("<presence/>"), std::logic_error);
}

TEST_F(scripted_peer_connection, can_demand_that_the_client_disconnects) {
    peer_.expect_header().expect_disconnect();
    EXPECT_EQ(verdict(header), "");
}

TEST_F(scripted_peer_connection, takes_a_cut_for_a_disconnect) {
    auto ends = memory_stream_pair(context_.get_executor());
    scripted_peer peer(context_.get_executor(), std::move(ends.first));
    peer.expect_disconnect();
    raw_client client(context_.get_executor(), std::move(ends.second));
    run_until_idle(context_);
    EXPECT_NE(peer.problems(), "");
    client.abort();
    run_until_idle(context_);
    EXPECT_EQ(peer.problems(), "");
}

TEST_F(scripted_peer_connection, notices_what_comes_before_a_disconnect) {
    peer_.expect_header().expect_disconnect();
    EXPECT_THAT(verdict(header + "<presence/>"), HasSubstr("the client did not disconnect"));
}

TEST_F(scripted_peer_connection, does_not_take_a_closing_tag_for_a_disconnect) {
    peer_.expect_header().expect_disconnect();
    EXPECT_THAT(verdict(header + "</stream:stream>"),
                HasSubstr("the client closed its stream before it disconnected"));
}

}  // namespace
}  // namespace xmpp::testing
