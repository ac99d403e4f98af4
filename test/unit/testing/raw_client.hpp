#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "net/tls/tls_stream.hpp"
#include "xml/parser/stream_parser.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::testing {

/// The client's end of a stream, without any XMPP in it: the test says what is written.
class raw_client {
 public:
    raw_client(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes);

    task<> write(std::string bytes);
    /// Writes a stream header to `domain`; the parser begins anew.
    task<> open(std::string domain, std::string more_attributes = "");
    /// Exactly that many bytes, or fewer at the end.
    task<std::string> read_bytes(std::size_t count);
    /// The server's header.
    task<stanza> header();
    /// The next element. Throws where there is none.
    task<stanza> element();
    /// True for a closing tag, false for the end without one.
    task<bool> closed();
    task<> end();
    /// The client's handshake.
    task<> secure(std::string ca_pem, std::string domain);
    std::vector<std::pair<std::string, std::string>> bindings() const;
    void abort() noexcept { bytes_->abort(); }

 private:
    task<std::optional<detail::stream_event>> event();

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> bytes_;
    detail::tls_stream* tls_ = nullptr;
    detail::stream_parser parser_;
    std::string rest_;
};

}  // namespace xmpp::testing
