#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/options.hpp>
#include <xmpp/task.hpp>
#include <xmpp/testing/server.hpp>

#include "testing/server/listener.hpp"
#include "testing/server/local_domain.hpp"
#include "testing/server/server_stream.hpp"
#include "testing/server/web/http_port.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail::serving {

/// What a test server holds: its domain, its ports, and the streams that are open.
class server_core : public std::enable_shared_from_this<server_core> {
 public:
    using entrance = server_stream::entrance;

    server_core(asio::any_io_executor executor, const testing::server_options& settings);

    void start();
    void stop();
    /// The server is gone: drops everything.
    void close();

    std::uint16_t port(entrance begin) const noexcept;
    const std::string& ca_pem() const noexcept { return ca_pem_; }
    tls_mode tls() const noexcept { return settings_->tls; }
    local_domain& domain() const noexcept { return *domain_; }

    static task<std::unique_ptr<byte_stream>> dial(std::shared_ptr<server_core> self,
                                                   entrance begin);

 private:
    void serve(std::unique_ptr<byte_stream> bytes, entrance begin);
    std::unique_ptr<listener> listen(entrance begin);
    std::unique_ptr<http_port> listen_for_http();
    void stop_listening();
    std::vector<std::shared_ptr<server_stream>> open_streams() const;

    asio::any_io_executor executor_;
    std::shared_ptr<local_domain> domain_;
    std::shared_ptr<const stream_settings> settings_;
    std::string ca_pem_;
    std::unique_ptr<listener> starttls_;
    std::unique_ptr<listener> direct_tls_;
    std::unique_ptr<listener> websocket_;
    std::unique_ptr<http_port> http_;
    std::vector<std::weak_ptr<server_stream>> streams_;
    bool closed_ = false;
};

}  // namespace xmpp::detail::serving
