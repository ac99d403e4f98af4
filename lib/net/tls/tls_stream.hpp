#pragma once

#include <xmpp/byte_stream.hpp>

#include "net/tls/tls_settings.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

class tls_context;

/// TLS over another byte stream.
///
/// A reader and a writer may be under way at once, as on every byte stream. The reader never waits
/// for the writer: answers that TLS itself has to give (to a key update, say) go out beside it.
/// A cancelled write may have cut a record in two; nothing can be written after that.
class tls_stream final : public byte_stream {
 public:
    /// The context decides on the role. Names as for tls_engine: clients give the server's.
    /// \throws xmpp::error(errc::invalid_options)
    tls_stream(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> lower,
               std::shared_ptr<const tls_context> context, std::string server_name = {},
               std::string verify_name = {});
    ~tls_stream() override;

    /// To be awaited before anything else.
    /// \throws xmpp::error: a certificate_errc when the peer's certificate is refused,
    ///         errc::tls_failure, errc::connection_lost when the peer hangs up meanwhile
    task<> handshake();

    task<std::string_view> read() override;
    task<> write(std::string_view bytes) override;
    task<> close() override;
    void abort() noexcept override;

    /// See channel_binding.hpp: name and data, best first. Only after the handshake.
    std::vector<std::pair<std::string, std::string>> channel_bindings() const;
    /// "TLSv1.3, TLS_AES_256_GCM_SHA384"
    std::string description() const;
    /// The protocol that ALPN agreed on; empty for none.
    std::string alpn() const;

 private:
    class state;
    std::shared_ptr<state>
        state_;  // also held by what waits: abort() and destroy in one go is fine
};

}  // namespace xmpp::detail
