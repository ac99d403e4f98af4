#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/error.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "base/spawn.hpp"
#include "net/tls/tls_context.hpp"
#include "sasl/offer.hpp"
#include "testing/server/local_domain.hpp"
#include "testing/server/server_outbox.hpp"
#include "testing/xml_link.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail::serving {

/// How streams are served; the same for all of a server.
struct stream_settings {
    tls_mode tls = tls_mode::required;
    std::shared_ptr<const tls_context> identity;
    std::shared_ptr<const tls_context>
        web_identity;  // the same for other protocols; null: in clear
    std::vector<std::string> mechanisms;
    xml_limits limits;
    std::size_t queue_bytes = 1u << 20;
    std::shared_ptr<clock> time;
};

/// One client, from its first byte to its last.
class server_stream final : public bound_session,
                            public std::enable_shared_from_this<server_stream> {
 public:
    enum class entrance { starttls, direct_tls, websocket, http };

    /// `domain` must outlive what run() does: the caller's affair.
    server_stream(asio::any_io_executor executor, std::shared_ptr<local_domain> domain,
                  std::shared_ptr<const stream_settings> settings,
                  std::unique_ptr<byte_stream> bytes, entrance begin);

    /// Serves the client until it has gone.
    static task<> run(std::shared_ptr<server_stream> self);

    void deliver(builder element) override;
    void end(stream_condition reason) override;
    void abort() noexcept override;

 private:
    enum class step { header, features, bound };

    // server_stream.cpp
    task<> serve();
    task<> prepare_link();
    void start_writer();
    void send(std::string_view bytes);
    void leave();
    void say_goodbye(std::optional<stream_condition> reason);

    // server_negotiation.cpp: false when the client has closed its stream.
    task<bool> negotiate();
    task<bool> open_stream();
    void check_header(const element& header) const;
    void send_header();
    std::string features() const;
    task<std::optional<stanza>> next_element();
    task<> start_tls();
    bool bind(const stanza& request);

    // server_sasl.cpp
    sasl::offer offer() const;
    std::string sasl_features() const;
    task<> authenticate(stanza auth);
    task<std::optional<std::string>> next_response();
    void refuse_login(sasl_condition reason);
    bool accept_login(const std::string& user, const std::string& authzid);

    asio::any_io_executor executor_;
    std::shared_ptr<local_domain> domain_;
    std::shared_ptr<const stream_settings> settings_;
    std::shared_ptr<xml_link> link_;
    std::shared_ptr<server_outbox> outbox_;
    entrance begin_;
    job writer_;
    std::unique_ptr<clock::timer> linger_;
    jid user_;  // bare; empty before the login
    int failed_logins_ = 0;
    bool header_sent_ = false;
    bool bound_ = false;
    bool leaving_ = false;
    bool temporary_account_ = false;
};

}  // namespace xmpp::detail::serving
