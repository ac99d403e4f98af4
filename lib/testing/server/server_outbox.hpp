#pragma once

#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "testing/xml_link.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace xmpp::detail::serving {

/// What waits to be written to one client. A coroutine of its own writes it, so that nobody who
/// has something for a client waits for that client.
class server_outbox {
 public:
    server_outbox(const asio::any_io_executor& executor, std::size_t limit);

    /// False when the client does not keep up: more than the limit waits. Ignored once finished.
    bool push(std::string_view bytes);
    /// What is queued is the last; then our direction ends.
    void finish();
    bool finished() const noexcept { return finished_; }

    /// All is written. \throws xmpp::error(errc::connection_lost) when it can't be
    task<> flushed();
    /// The coroutine has ended.
    task<> ended() { return ended_.wait(); }

    static task<> run(std::shared_ptr<server_outbox> self, std::shared_ptr<xml_link> link);
    /// Called with what run() threw.
    void writer_ended(bool well);

 private:
    std::size_t limit_;
    std::string waiting_;
    event changed_;
    event idle_;
    event ended_;
    bool finished_ = false;
    bool failed_ = false;
};

}  // namespace xmpp::detail::serving
