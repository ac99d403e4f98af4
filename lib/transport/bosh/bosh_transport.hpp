#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/ns.hpp>

#include "net/http/http_client.hpp"
#include "transport/bosh/bosh_settings.hpp"
#include "transport/transport.hpp"
#include "xml/parser/start_tag.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail {

class bosh_exchange;

/// XMPP over HTTP: BOSH (XEP-0124, XEP-0206).
///
/// Reading keeps requests open at the server; without a reader only as many are made as keep the
/// session. What is written within one turn of the loop leaves in one request. A request that
/// breaks is repeated, with the same id and bytes.
///
/// Besides what transport says, reading and writing throw errc::giving_up, a bosh_condition, and
/// whatever http_client::post() throws that repeating would not change.
class bosh_transport final : public transport, public http_capability {
 public:
    /// `secure`: the URL is an https one. `observer` must outlive the transport.
    bosh_transport(asio::any_io_executor executor, std::shared_ptr<http_client> client, bool secure,
                   bosh_settings settings, std::shared_ptr<clock> time, wire_observer& observer);
    ~bosh_transport() override;

    /// The request id of the first request, instead of a random one.
    void begin_with(std::uint64_t rid) noexcept { first_rid_ = rid; }

    /// In place of the first open_stream(): takes part in a session that exists. Returns when the
    /// server has answered a request of ours; two go out, so that it need not hold the first.
    task<> attach(bosh_session existing);
    std::optional<joined_session> joined() const override;

    /// Creates the session, or opens its stream anew. The header returned is what the server's
    /// first answer says in other words.
    task<stanza> open_stream(stream_header header) override;
    task<std::optional<stanza>> read() override;
    /// Returns when less than one body waits for a request.
    task<> write(const outgoing_batch& batch) override;
    std::size_t element_overhead() const noexcept override { return declaration_size(ns::client); }
    /// \throws xmpp::error(errc::not_supported)
    task<> start_tls() override;
    /// Ends the session with what is queued, and returns when the server has answered. HTTP has no
    /// place for a stream error of ours.
    task<> close_stream(std::string stream_error) override;
    void abort() noexcept override;
    void established() noexcept override;
    bool secure() const noexcept override { return secure_; }
    std::vector<channel_binding_data> channel_bindings() const override { return {}; }

    /// Nothing before the session is there; its user is known where it was given to attach().
    std::optional<bosh_session> tokens() const override;
    void pause_requests(std::chrono::seconds time) override;
    /// An answer to a request tells that what it carried has arrived (XEP-0124 section 9).
    http_capability* http() noexcept override { return this; }
    void ask_to_confirm() override;
    std::string last_response_headers() const override;

 private:
    std::shared_ptr<bosh_exchange> exchange_;
    bosh_settings settings_;
    bool secure_;
    std::optional<std::uint64_t> first_rid_;
    std::optional<joined_session> joined_;
    bool opened_ = false;
};

}  // namespace xmpp::detail
