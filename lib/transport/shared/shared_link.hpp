#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "transport/shared/shared_protocol.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail {

/// Room for the largest stanza that `settings` allow, however much is escaped in it when it is
/// written anew.
inline std::size_t most_message_bytes(const options& settings) {
    constexpr std::size_t longest_escape = 6;  // &quot;
    constexpr std::size_t around_it = 64 * 1024;
    return longest_escape * settings.max_stanza_bytes() + around_it;
}

/// One end of the socket between a broker and a program: whole messages in and out. One coroutine
/// reads; anybody posts.
class shared_link final : public std::enable_shared_from_this<shared_link> {
 public:
    shared_link(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes,
                std::size_t most_message_bytes);
    shared_link(const shared_link&) = delete;
    shared_link& operator=(const shared_link&) = delete;

    /// The next message; nothing when the other end has closed.
    /// \throws error(errc::bad_format) for garbage; std::system_error
    task<std::optional<shared::message>> read();

    /// Queues a message; never waits.
    void post(const shared::message& what) { post(shared::encode(what)); }
    void post(std::string encoded);
    /// Bytes that wait to be written.
    std::size_t queued() const noexcept { return waiting_.size() + writing_.size(); }
    /// Waits until nothing is queued. Throws what writing failed with.
    task<> drained();

    /// Closes after what is queued; nothing is posted any more.
    void finish();
    /// Drops the link; what waits on it ends with an error.
    void abort() noexcept;

 private:
    static task<std::optional<shared::message>> read(std::shared_ptr<shared_link> self);
    static task<> drained(std::shared_ptr<shared_link> self);
    static task<> write(std::shared_ptr<shared_link> self);
    void start_writing();

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> bytes_;
    shared::frame_reader frames_;
    std::string waiting_;
    std::string writing_;
    event idle_;  // set while write() does not run
    std::exception_ptr failure_;
    bool finishing_ = false;
};

}  // namespace xmpp::detail
