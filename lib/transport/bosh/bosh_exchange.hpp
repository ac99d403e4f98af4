#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/error.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "net/http/http_client.hpp"
#include "transport/bosh/bosh_body.hpp"
#include "transport/bosh/bosh_inbox.hpp"
#include "transport/bosh/bosh_settings.hpp"
#include "transport/bosh/bosh_window.hpp"
#include "transport/transport.hpp"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail {

/// Posts what a window wants posted, and sorts what comes back. Shared with the requests under way.
class bosh_exchange : public std::enable_shared_from_this<bosh_exchange> {
 public:
    bosh_exchange(asio::any_io_executor executor, std::shared_ptr<http_client> client,
                  bosh_settings settings, std::shared_ptr<clock> time, wire_observer& observer);

    /// Begins a session. Once.
    void create(bosh_body_writer first, std::uint64_t rid);
    /// Goes on with one. Once.
    void attach(const bosh_session& tokens);
    /// Waits for the first answer. \throws why there is none
    static task<> begun(std::shared_ptr<bosh_exchange> self);

    /// The next element; nothing when the session has ended as we wanted.
    static task<std::optional<stanza>> read(std::shared_ptr<bosh_exchange> self);
    /// Queues the elements; returns when there is room for more.
    static task<> write(std::shared_ptr<bosh_exchange> self, const outgoing_batch& batch);
    /// Ends the session; returns when the server has answered.
    static task<> terminate(std::shared_ptr<bosh_exchange> self);

    void restart(std::string to, std::string language);
    void pause(std::chrono::seconds time);
    void ask_to_confirm();
    /// Of what on_confirmed tells.
    void count_from_here() noexcept {
        window_->count_from_here();
        told_ = 0;
    }
    void abort() noexcept;

    const bosh_session& tokens() const noexcept { return window_->tokens(); }
    /// The body that the session began with: its attributes.
    const std::optional<stanza>& beginning() const noexcept { return beginning_; }
    const std::string& last_headers() const noexcept { return headers_; }

 private:
    static task<> perform(std::shared_ptr<bosh_exchange> self, bosh_request request);

    bool over() const noexcept { return closed_ || failure_; }
    /// Posts what there is to be posted now.
    void pump();
    void pump_soon(int turns);
    void read_soon(int turns);
    void post_request(const bosh_request& request);
    void arrived(std::uint64_t rid, http_response response);
    void unanswered(std::uint64_t rid, const std::exception_ptr& why);
    void refused(std::uint64_t rid, int status);
    void repeat(std::uint64_t rid, const error& why);
    void deliver();
    void accept(bosh_answer answer);
    void close() noexcept;
    void stop() noexcept;
    void fail(std::exception_ptr why) noexcept;
    void fail_soon(std::exception_ptr why);
    void fail_if_all_answered();
    std::optional<stanza> take_next();
    void show_received(const std::string& body);

    asio::any_io_executor executor_;
    std::shared_ptr<http_client> client_;
    bosh_settings settings_;
    std::shared_ptr<clock> time_;
    wire_observer& observer_;  // not to be used once over()
    std::optional<bosh_window> window_;
    bosh_body_reader reader_;
    std::unique_ptr<clock::timer> timer_;
    event news_;  // for whoever reads, or waits for the beginning or the end
    event room_;  // for whoever writes
    bosh_inbox inbox_;
    std::optional<stanza> beginning_;
    std::string headers_;
    std::exception_ptr failure_;
    std::exception_ptr broken_;  // fails once the requests under way are answered
    std::size_t under_way_ = 0;
    std::uint64_t told_ = 0;  // by on_confirmed
    bool begun_ = false;
    bool waiting_ = false;  // read() is
    bool closed_ = false;
};

}  // namespace xmpp::detail
