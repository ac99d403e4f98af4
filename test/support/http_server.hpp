#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "net/tls/tls_settings.hpp"
#include "testing/server/listener.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

/// A request as it came, which waits until it is told what becomes of it.
class http_request {
 public:
    http_request(const asio::any_io_executor& executor, std::string head, std::string body,
                 std::size_t connection);

    const std::string& head() const noexcept { return head_; }
    const std::string& body() const noexcept { return body_; }
    /// Which connection it came on, counted from 1.
    std::size_t connection() const noexcept { return connection_; }
    /// The value of an attribute of the body; empty when there is none.
    std::string attr(std::string_view name) const;
    std::uint64_t rid() const;

    /// Each of these once at most.
    void answer(std::string body) { answer(200, std::move(body)); }
    /// `headers` are whole lines.
    void answer(int status, std::string body, std::string headers = {});
    /// The bytes as they are; then the connection is closed, unless `keep`.
    void answer_raw(std::string bytes, bool keep = false);
    /// The same byte by byte.
    void answer_slowly(std::string body);
    /// Closes the connection.
    void cut() { answer_raw({}); }

 private:
    friend class http_server;

    std::string head_;
    std::string body_;
    std::size_t connection_;
    std::string reply_;
    bool slowly_ = false;
    bool close_after_ = false;
    detail::event decided_;
};

/// An HTTP/1.1 server on a loopback port, which does with each request what the test says, when it
/// says so. Speaks to several connections at once and keeps them open.
class http_server {
 public:
    explicit http_server(asio::any_io_executor executor,
                         std::optional<detail::tls_settings> tls = std::nullopt);
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    std::string url(std::string_view host = "127.0.0.1",
                    std::string_view path = "/http-bind/") const;
    std::uint16_t port() const noexcept;

    /// The next request, in the order in which they came.
    task<std::shared_ptr<http_request>> next();
    /// Requests that next() has not returned.
    std::size_t waiting() const noexcept;
    std::size_t connections() const noexcept;
    /// Why the last connection that failed did so; empty when none has.
    const std::string& failure() const noexcept;
    /// Accepts no more.
    void stop_listening();

 private:
    struct state;
    static task<> serve(std::shared_ptr<state> self, std::shared_ptr<byte_stream> stream,
                        std::size_t number);
    static task<> secure_and_serve(std::shared_ptr<state> self, std::unique_ptr<byte_stream> plain,
                                   std::size_t number);

    std::shared_ptr<state> state_;
    std::unique_ptr<detail::serving::listener> listener_;
};

}  // namespace xmpp::test
