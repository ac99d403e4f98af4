#pragma once

#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "support/background.hpp"
#include "support/bosh_body.hpp"
#include "support/http_server.hpp"
#include "transport/bosh/bosh_settings.hpp"
#include "transport/bosh/bosh_transport.hpp"
#include "transport/transport.hpp"

#include <asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

/// What the hooks would see.
class recorder final : public detail::wire_observer {
 public:
    void bytes_received(std::string_view bytes) override { received += bytes; }
    void bytes_sent(std::string_view bytes) override { sent += bytes; }
    void element_received(const stanza& element) override {
        elements_received.push_back(element->to_xml());
    }
    void element_sent(std::string_view element) override { elements_sent.emplace_back(element); }

    std::string received;
    std::string sent;
    std::vector<std::string> elements_received;
    std::vector<std::string> elements_sent;
};

std::string message(std::string_view id);
detail::outgoing_batch batch(std::string_view element);
detail::stream_header header();
/// Settings whose repetitions come at once.
detail::bosh_settings impatient(int max_retries = 5);

/// A transport and the HTTP server that it talks to.
class bosh_link {
 public:
    explicit bosh_link(asio::io_context& given, detail::bosh_settings settings = impatient());

    /// Creates a session; the request is in `first`.
    task<> begin(std::string attributes = " sid='s' requests='2' hold='1' wait='60'");
    task<std::shared_ptr<http_request>> next() { return server.next(); }
    /// Lets everything run that is ready, for some turns of the loop.
    task<> settle();

    asio::io_context& context;
    http_server server;
    recorder seen;
    std::vector<int> codes;           // of the callback for protocol errors
    std::vector<std::uint64_t> rids;  // of the callback for request ids
    std::shared_ptr<http_request> first;
    std::unique_ptr<detail::bosh_transport> wire;
};

}  // namespace xmpp::test
