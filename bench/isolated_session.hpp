#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/connection.hpp>
#include <xmpp/testing/server.hpp>

#include <asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace xmpp::bench {

/// What a benchmark tells the stream below a connection.
struct wire_control {
    bool swallow = false;     ///< what is written goes nowhere
    std::string replay;       ///< what a read gives
    std::size_t replays = 0;  ///< how often, before bytes come from the server again
};

/// A connection that logged in at a server in memory. From then on the server is out of the way:
/// what the connection writes is dropped, and what it reads is prepared, so that the processor time
/// is the connection's own. There is no TLS and no system call.
class isolated_session {
 public:
    isolated_session();
    ~isolated_session();

    connection& conn() noexcept { return *conn_; }

    /// Runs `work` to its end. \returns the processor time that it took, in seconds
    double run(task<> work);

    /// The next reads give `bytes`, so many times; a single stanza from the server comes first.
    void replay(std::string bytes, std::size_t times);

 private:
    asio::io_context context_{1};
    testing::server server_;
    std::shared_ptr<wire_control> control_ = std::make_shared<wire_control>();
    std::unique_ptr<connection> conn_;
};

}  // namespace xmpp::bench
