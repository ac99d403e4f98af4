#pragma once

#include <xmpp/task.hpp>
#include <xmpp/testing/scripted_peer.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "raw_client.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace xmpp::testing {

/// What a client of example.org begins with.
inline const std::string header =
    "<stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

/// A scripted peer in memory, on virtual time.
class scripted_peer_fixture : public ::testing::Test {
 protected:
    void run_client(task<> body) { run(context_, *time_, std::move(body)); }

    /// A client that sends this and no more, and what the peer makes of it.
    std::string verdict(std::string sent) {
        run_client(write_and_end(peer_, context_, std::move(sent)));
        run_until_idle(context_);
        return peer_.problems();
    }

    static task<std::unique_ptr<raw_client>> dial(scripted_peer& peer, asio::io_context& context) {
        const auto dialer = peer.dialer();
        auto bytes = co_await dialer("example.org", 5222);
        co_return std::make_unique<raw_client>(context.get_executor(), std::move(bytes));
    }

    static task<> write_and_end(scripted_peer& peer, asio::io_context& context, std::string sent) {
        auto client = co_await dial(peer, context);
        co_await client->write(std::move(sent));
        co_await client->end();
    }

    asio::io_context context_;
    std::shared_ptr<virtual_clock> time_ = std::make_shared<virtual_clock>();
    scripted_peer peer_{context_.get_executor()};
};

}  // namespace xmpp::testing
