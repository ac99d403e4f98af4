#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/testing/certificates.hpp>

#include "base/event.hpp"
#include "net/socket/tcp_stream.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_engine.hpp"
#include "net/tls/tls_stream.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::test {

/// Coroutines that run side by side.
class side_by_side {
 public:
    explicit side_by_side(const asio::any_io_executor& executor);
    void start(task<> work);
    /// Returns once all have ended; rethrows what the first that failed threw.
    task<> wait();

 private:
    asio::any_io_executor executor_;
    detail::event all_done_;
    int running_ = 0;
    std::exception_ptr failure_;
};

/// Runs everything that is ready and what becomes so by that, and returns when all else waits.
void run_what_can(asio::io_context& context);

/// The code that `action` throws; none when it returns.
std::error_code code_of(const std::function<void()>& action);
std::error_code code_of(const std::exception_ptr& failure);
/// Our explanation of what `failure` holds.
std::string explanation_of(const std::exception_ptr& failure);
/// What awaiting `work` throws; null when it returns.
task<std::exception_ptr> failure_of(task<> work);
task<> ignore_result(task<std::string_view> work);

/// Reads to the end of the stream.
task<std::string> read_all(byte_stream& stream);
/// Reads until there are that many bytes, or the end.
task<std::string> read_bytes(byte_stream& stream, std::size_t size);

inline constexpr std::size_t megabyte = 1024 * 1024;

task<> send_and_close(byte_stream& stream, std::string bytes);
/// Reads to the end of the stream, which must be that of `expected`.
task<> receive(byte_stream& stream, const std::string& expected);

/// `size` bytes that show when any is lost, doubled or moved.
std::string pattern(std::size_t size);

/// Draws 0 each time.
std::uint32_t lowest(std::uint32_t limit);

/// Both ends of a loopback connection.
std::pair<std::unique_ptr<detail::tcp_stream>, std::unique_ptr<detail::tcp_stream>> tcp_pair(
    const asio::any_io_executor& executor);

/// A hook from a plain function.
std::shared_ptr<const detail::tls_hook> hook(std::function<void(SSL_CTX*)> action);

/// One authority and one certificate for "example.org", made once.
const testing::test_authority& the_authority();
const testing::certificate& the_certificate();

/// Settings for a client that trusts the_authority(), and for a server with the_certificate().
detail::tls_settings client_settings();
detail::tls_settings server_settings();

/// What a server shows and can prove.
class identity {
 public:
    identity(const testing::certificate& issued)
        : chain(issued.chain_pem()), key(issued.key_pem()) {}

    std::string chain;
    std::string key;
};

/// Settings for a server with another certificate, however weak.
detail::tls_settings server_settings(const identity& shown);

/// A client and a server engine, and what each of them threw in a handshake.
class engine_pair {
 public:
    explicit engine_pair(const detail::tls_settings& client = client_settings(),
                         const detail::tls_settings& server = server_settings(),
                         const std::string& name = "example.org");

    /// Moves bytes back and forth until both are done or there is nothing left to move.
    void handshake();

    detail::tls_engine client;
    detail::tls_engine server;
    bool client_done = false;
    bool server_done = false;
    std::exception_ptr client_failure;
    std::exception_ptr server_failure;
};

/// A client and a server stream over the two ends.
class stream_pair {
 public:
    stream_pair(const asio::any_io_executor& executor,
                std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> lower,
                const detail::tls_settings& client = client_settings(),
                const detail::tls_settings& server = server_settings());
    task<> handshake();

    std::unique_ptr<detail::tls_stream> client;
    std::unique_ptr<detail::tls_stream> server;

 private:
    asio::any_io_executor executor_;
};

}  // namespace xmpp::test
