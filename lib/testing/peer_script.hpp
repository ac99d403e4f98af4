#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "testing/xml_link.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace xmpp::detail {

class websocket_server_stream;

/// The client did not do what the script has; what() says so in words.
class script_problem : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// The steps of a scripted peer, and where it is in them. What the steps do is in peer_steps.hpp.
///
/// One coroutine, run(), executes the steps; it ends when there are none left and begins again when
/// there are more. It shares ownership with the peer.
class peer_script : public std::enable_shared_from_this<peer_script> {
 public:
    using action = std::function<task<>(peer_script&)>;

    explicit peer_script(asio::any_io_executor executor);

    void add(std::string what, action act);
    /// A stream that is there already.
    void accept(std::unique_ptr<byte_stream> bytes);
    /// What options::dialer calls. Waits until the script takes the connection.
    static task<std::unique_ptr<byte_stream>> dial(std::shared_ptr<peer_script> self,
                                                   std::string host, std::uint16_t port);
    void stop();

    std::string problems() const;
    bool finished() const noexcept { return problem_.empty() && done_ == steps_.size(); }

    // For steps:

    /// The current connection; waits for the first one.
    task<std::shared_ptr<xml_link>> link();
    /// Waits for the client to dial; checks where to, unless `host` is empty or `port` is 0.
    task<> next_connection(std::string host, std::uint16_t port);
    task<> refuse_connection();
    /// The next element of the client.
    task<stanza> receive(std::string expected);

    const asio::any_io_executor& executor() const noexcept { return executor_; }

    testing::memory_stream_options streams;
    /// What stands between a connection's bytes and the XML; empty: nothing.
    std::function<std::unique_ptr<byte_stream>(std::unique_ptr<byte_stream> bytes)> layer;
    websocket_server_stream* websocket = nullptr;  // the current connection's, where there is one
    std::shared_ptr<clock> time = clock::steady();
    bool of_component = false;     // the client is a component
    std::optional<stanza> last;    // the last element received
    std::optional<stanza> header;  // the client's last stream header
    std::size_t streams_opened = 0;
    bool stream_open = false;  // a header was read on the current connection

 private:
    struct step {
        std::string what;
        action act;
    };
    struct dialling;

    bool over() const noexcept { return stopped_ || !problem_.empty(); }
    void wake();
    std::shared_ptr<xml_link> link_over(std::unique_ptr<byte_stream> bytes);
    static task<> run(std::shared_ptr<peer_script> self);
    void ended(const std::exception_ptr& failure);
    task<std::shared_ptr<dialling>> next_dial();
    bool somebody_dials() const;

    asio::any_io_executor executor_;
    std::deque<step> steps_;  // stays in place while steps are added
    std::size_t done_ = 0;
    std::string problem_;
    std::deque<std::weak_ptr<dialling>> dials_;
    event dialled_;
    std::shared_ptr<xml_link> link_;
    std::deque<std::shared_ptr<xml_link>> earlier_links_;  // open until the peer goes
    job running_;
    bool stopped_ = false;
};

}  // namespace xmpp::detail
