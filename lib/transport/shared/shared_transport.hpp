#pragma once

#include "transport/shared/shared_link.hpp"
#include "transport/transport.hpp"
#include "transport/transport_request.hpp"
#include "xml/parser/framed_parser.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail {

/// A part in a session that a broker owns: stanzas go through its Unix socket, and nothing is
/// negotiated.
class shared_transport final : public transport, public shared_capability {
 public:
    shared_transport(std::shared_ptr<shared_link> link, const options& settings,
                     transport_events events, wire_observer& observer);
    ~shared_transport() override;

    /// Joins the session, or has the broker begin one.
    /// \throws shared_failure with what the broker's login failed with;
    ///         error(errc::stream_not_secure) when the session that there is has no TLS and the
    ///         options require it; error(errc::unsupported_version) for a broker of another version
    task<> join(transport_request wanted);

    task<stanza> open_stream(stream_header header) override;
    task<std::optional<stanza>> read() override;
    task<> write(const outgoing_batch& batch) override;
    task<> start_tls() override;
    task<> close_stream(std::string stream_error) override;
    void abort() noexcept override;
    void established() noexcept override {}
    std::optional<joined_session> joined() const override { return joined_; }
    shared_capability* shared() noexcept override { return this; }
    void leave(const std::string& reason) override { farewell_ = reason; }
    void add_responder(const std::string& name, const std::string& ns) override;
    void relinquish() override;
    bool secure() const noexcept override { return secure_; }
    std::vector<channel_binding_data> channel_bindings() const override { return {}; }

 private:
    task<> greet();
    bool take_welcome(const shared::message& received);
    void require_encryption() const;
    void take_back(const shared::back& link);
    std::optional<stanza> take(shared::message received);
    stanza parse(std::string_view xml);

    std::shared_ptr<shared_link> link_;
    framed_parser parser_;
    std::size_t most_bytes_;
    tls_mode tls_;
    transport_events events_;
    wire_observer& observer_;
    std::optional<joined_session> joined_;
    std::optional<std::string> farewell_;
    bool secure_ = false;
    bool aborted_ = false;
    bool over_ = false;  // the broker has said that the session has ended, as was wished
};

}  // namespace xmpp::detail
