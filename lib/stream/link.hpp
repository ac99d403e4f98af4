#pragma once

#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>
#include <xmpp/stanza.hpp>

#include "base/event.hpp"
#include "stream/link_watch.hpp"
#include "stream/outbox.hpp"
#include "transport/transport.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace xmpp::detail {

/// One link to a server and the stream over it: what begins anew when a session goes on elsewhere.
///
/// The session makes one for each place that it goes to, lets a transport be opened into it, and
/// negotiates. From establish() on, what is pushed into out() is written. close() and abandon() end
/// it; whoever uses its transport shares it.
class link final : public std::enable_shared_from_this<link>, private link_keeper {
 public:
    /// `settings`, `observer` and `counts` must outlive the link's use. `give_up` is called with
    /// the reason when the link turns out to be dead, never after abandon(). `read_on` is pulsed
    /// when whoever has suspended reading should look again at failure() and dropped().
    link(asio::any_io_executor executor, const options& settings, std::string domain,
         wire_observer& observer, traffic& counts, std::function<void(const error&)> give_up,
         std::shared_ptr<event> read_on);

    /// The session is a component's, with this address, which pings bear. They go to the component
    /// itself: the server hands them back, and its own domain is not known here.
    void speak_as(jid component) { component_ = std::move(component); }

    /// To be given to the transport.
    wire_observer& observer() noexcept { return watch_; }
    void opened(std::shared_ptr<transport> wire) { wire_ = std::move(wire); }

    /// Null before opened() and after abandon().
    const std::shared_ptr<transport>& wire() const noexcept { return wire_; }
    bool secure() const noexcept { return wire_ && wire_->secure(); }

    /// Reads the next element now; it is what the transport reads next. `noticed` is pulsed when it
    /// is there.
    void read_ahead(std::shared_ptr<event> noticed);
    /// Something was read ahead, or reading failed.
    bool has_read_ahead() const noexcept;

    /// The negotiation is over: begins to write, and to watch the server. `progress` and `answer`
    /// are the outbox's; `server_patience` is the watch's.
    void establish(std::shared_ptr<event> progress, outbox::element_source answer,
                   std::chrono::seconds server_patience);
    /// Does the server acknowledge stanzas? Then a question for that is as good as a ping, and is
    /// no stanza, which would have to be counted in its turn.
    void manage(bool managed) noexcept { managed_ = managed; }
    /// Asks the server for a sign of life now.
    void probe() { watch_.probe(); }
    /// Null before establish().
    const std::shared_ptr<outbox>& out() const noexcept { return out_; }
    /// Why nothing can be written any more; null while it can. Reading goes on for a short while:
    /// the server may have said why it closed the link.
    const std::exception_ptr& write_failure() const noexcept { return write_failure_; }
    /// That while is over.
    bool dropped() const noexcept { return dropped_; }
    /// Whether `received` answers a ping of ours, or is one that the server has handed back.
    bool takes(const stanza& received, const jid& own);
    /// Reading stops, or goes on, for our own sake.
    void suspend_reading() noexcept { watch_.suspend(); }
    void resume_reading() { watch_.resume(); }

    /// Closes our side of the stream after what is queued, with a stream error of that content, if
    /// any. Returns when that was written, failed, or took longer than
    /// options::disconnection_timeout.
    task<> close(std::string stream_error);
    /// Drops the link; what waits on it ends with an error.
    void abort() noexcept;
    /// Is done with the link. A stream that close() has closed is not cut: its last bytes are still
    /// on their way.
    void abandon();

 private:
    static task<> write(std::shared_ptr<link> self);
    void writing_ended(const std::exception_ptr& failure);

    void ask() override;
    bool still_asking() const override { return out_ && out_->keepalive_waits(); }
    void keep_alive() override;
    void give_up(const error& why) override;
    void writing_failed(const std::exception_ptr& why) override;
    void drop();

    asio::any_io_executor executor_;
    const options& settings_;
    jid server_;
    jid component_;  // empty for users
    std::function<void(const error&)> give_up_;
    link_watch watch_;
    std::shared_ptr<transport> wire_;
    std::shared_ptr<class early_reader> ahead_;
    std::shared_ptr<outbox> out_;
    std::unique_ptr<clock::timer> closing_limit_;

    event writer_idle_;  // set while write() does not run
    std::exception_ptr write_failure_;
    std::unique_ptr<clock::timer> reading_limit_;
    std::shared_ptr<event> read_on_;
    bool dropped_ = false;
    bool closed_ = false;  // in good order
    bool managed_ = false;

    std::string ping_id_;
    std::size_t pings_ = 0;  // not answered yet
};

}  // namespace xmpp::detail
