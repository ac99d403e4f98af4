#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/testing/server.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "raw_client.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::testing {

/// A server in memory, on virtual time, and clients of which every byte is the test's.
class server_fixture : public ::testing::Test {
 protected:
    server_fixture();
    explicit server_fixture(server_options settings);
    ~server_fixture() override;

    /// Without TLS, with juliet, romeo and nurse, whose passwords are their names.
    static server_options plain_settings();

    raw_client& connect();
    raw_client& connect_directly();
    /// Opens a stream. \returns the features
    stanza open(raw_client& client, std::string domain = "example.test");
    /// The whole way, with PLAIN; no presence is sent.
    raw_client& log_in(const std::string& user, const std::string& resource);
    /// The same, and presence.
    raw_client& come_online(const std::string& user, const std::string& resource,
                            const std::string& presence = "<presence/>");

    void write(raw_client& client, std::string xml);
    stanza next(raw_client& client);
    /// The next element is like the pattern (see scripted_peer::expect()).
    void expect(raw_client& client, std::string pattern);
    /// Nothing has come, and the server still answers.
    void expect_nothing(raw_client& client);
    /// A stream error with that condition, and the end of the stream.
    void expect_stream_error(raw_client& client, std::string_view condition);
    void expect_closed(raw_client& client);

    void run_task(task<> body) { run(context_, *time_, std::move(body)); }

    asio::io_context context_;
    std::shared_ptr<virtual_clock> time_ = std::make_shared<virtual_clock>();
    std::unique_ptr<server> server_;

 private:
    raw_client& dial(dialer_function dialer);

    std::vector<std::unique_ptr<raw_client>> clients_;
};

}  // namespace xmpp::testing
