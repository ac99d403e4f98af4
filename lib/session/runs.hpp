#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/builder.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/options.hpp>

#include "session/run.hpp"
#include "session/session.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail {

/// The sessions of a connection, one after the other: the last one that began, and the one that is
/// to begin when that has ended. The tasks of the facade share it, so that the connection may move
/// or go while they run.
class runs final : public std::enable_shared_from_this<runs> {
 public:
    runs(asio::any_io_executor executor, std::string service, options settings,
         transport_opener opener);
    runs(const runs&) = delete;
    runs& operator=(const runs&) = delete;
    ~runs();

    /// What all sessions share.
    session& common() const noexcept { return *session_; }
    /// The session that runs, or the last one; never null.
    const std::shared_ptr<run>& current() const noexcept { return current_; }
    /// Where the session is; without one, where the next begins.
    std::string service() const;
    /// The full address of that session; the reference is as good as this object.
    const jid& user() const;

    std::shared_ptr<status_feed> connect(credentials who);
    std::shared_ptr<status_feed> attach(bosh_session existing);
    std::shared_ptr<status_feed> attach_shared();
    std::shared_ptr<status_feed> restore(const jid& who);

    void set_service(std::string service);
    void reset();
    /// The connection is gone.
    void close();

    // Each keeps what it works on alive.
    static task<> login(std::shared_ptr<runs> self, credentials who);
    static task<> bind(std::shared_ptr<runs> self, std::string resource);
    static task<> disconnect(std::shared_ptr<runs> self, std::string reason);
    static task<> send(std::shared_ptr<runs> self, builder element);
    static task<> send_acked(std::shared_ptr<runs> self, builder element);
    static task<> flush(std::shared_ptr<runs> self);
    static task<bool> drain(std::shared_ptr<runs> self, std::chrono::milliseconds limit,
                            std::string reason);
    static task<stanza> request(std::shared_ptr<runs> self, stanza_kind kind, builder element,
                                std::chrono::milliseconds timeout);

    void enqueue(builder element);
    handler_id on_iq(std::string child_name, std::string ns, responders::function responder);
    void remove_handler(handler_id id);

 private:
    struct next_run {
        run_plan plan;
        std::shared_ptr<status_feed> feed;
    };
    class login_attempt;

    std::shared_ptr<status_feed> attach(bosh_session existing, std::optional<store_lease> lease);
    std::shared_ptr<status_feed> when_idle(run_plan plan);
    void require_idle() const;
    bool is_next(const std::shared_ptr<status_feed>& feed) const noexcept {
        return next_ && next_->feed == feed;
    }
    void begin_next();
    void forget_next();

    std::string service_;
    const std::shared_ptr<session> session_;
    std::shared_ptr<run> current_;
    std::optional<next_run> next_;
    mutable jid user_;  // as user() has told it
};

}  // namespace xmpp::detail
