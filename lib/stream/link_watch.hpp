#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/error.hpp>
#include <xmpp/options.hpp>

#include "transport/traffic.hpp"
#include "transport/transport.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <exception>
#include <memory>

namespace xmpp::detail {

/// Acts on what link_watch finds.
class link_keeper {
 public:
    /// The server has been silent for long, or takes us for gone soon: ask it for a sign of life.
    virtual void ask() = 0;
    /// What ask() wanted to send has not left yet.
    virtual bool still_asking() const = 0;
    /// We have been silent for long: write what means nothing.
    virtual void keep_alive() = 0;
    /// The link is dead.
    virtual void give_up(const error& why) = 0;
    /// Nothing can be written any more.
    virtual void writing_failed(const std::exception_ptr& why) = 0;

 protected:
    ~link_keeper() = default;
};

/// Notices a server that is silent and a write that makes no progress, by the traffic of a link,
/// which it observes and passes on to the observer behind it. Breaks a silence of ours in time.
///
/// Traffic only leaves a time behind. One timer looks at it, at the earliest moment at which
/// something may be due; an idle link costs one look in a period of options::liveness.
class link_watch final : public wire_observer {
 public:
    /// Counts in `counts`, which must outlive it, as the others must.
    link_watch(asio::any_io_executor executor, const options& settings, wire_observer& next,
               link_keeper& keeper, traffic& counts);

    /// The session is up: silence counts from now on, on both sides. The server takes us for gone
    /// when it hears nothing for `server_patience`; 0: it does not say.
    void established(std::chrono::seconds server_patience);
    /// Reading stops for our own sake, so that nothing can be heard.
    void suspend() noexcept { suspended_ = true; }
    bool suspended() const noexcept { return suspended_; }
    /// Reading goes on; silence counts from now.
    void resume();
    /// Asks the server for a sign of life now.
    void probe();
    /// Nothing is due any more.
    void stop() noexcept;

    void bytes_received(std::string_view bytes) override;
    void bytes_sent(std::string_view bytes) override;
    void element_received(const stanza& received) override { next_.element_received(received); }
    void element_sent(std::string_view element) override { next_.element_sent(element); }
    void write_started() override;
    void write_finished() override { writing_ = false; }
    void write_failed(const std::exception_ptr& why) override { keeper_.writing_failed(why); }

 private:
    using time_point = clock::time_point;

    void look_at(time_point when);
    void look();
    /// Each acts when its time has come, and tells when to look again; time_point::max(): never.
    time_point look_at_writing(time_point now);
    time_point look_at_liveness(time_point now);
    /// Has `speak` called when nothing was written for `limit`.
    time_point look_at_silence_of_ours(time_point now, options::milliseconds limit,
                                       void (link_keeper::*speak)());

    asio::any_io_executor executor_;
    std::shared_ptr<clock> clock_;
    options::milliseconds soft_;
    options::milliseconds hard_;
    options::milliseconds write_timeout_;
    options::milliseconds keepalive_;
    options::milliseconds longest_silence_{0};  // of ours, for the server's sake; 0: any
    wire_observer& next_;
    link_keeper& keeper_;
    traffic& counts_;

    std::unique_ptr<clock::timer> timer_;
    time_point next_look_;
    time_point received_at_;
    time_point asked_at_;
    time_point wrote_at_;  // when the last write began
    bool established_ = false;
    bool suspended_ = false;
    bool asked_ = false;
    bool writing_ = false;
    bool stopped_ = false;
};

}  // namespace xmpp::detail
