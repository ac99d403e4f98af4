#pragma once

#include <xmpp/xmpp.hpp>

#include "base/event.hpp"
#include "support/background.hpp"
#include "support/fault_proxy.hpp"
#include "support/real_server.hpp"

#include <asio/io_context.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>

namespace xmpp::test {

/// An account of a server, connected through a proxy with faults. It says numbers, hears those of
/// another one, and notes which are missing, come twice or out of turn.
class chatter {
 public:
    /// `happened` is pulsed at each status and each message.
    chatter(asio::io_context& context, real_server& server, const std::string& name,
            const options& settings, detail::event& happened);
    chatter(const chatter&) = delete;
    chatter& operator=(const chatter&) = delete;

    /// Connects, and returns when the server knows that it is there.
    task<> arrive();
    task<> leave();
    /// The next number. Returns when it is queued, or when the server has acknowledged it.
    task<> say(jid to);
    task<> say_and_wait(jid to);

    fault_proxy& proxy() noexcept { return proxy_; }
    const connection& conn() const noexcept { return conn_; }
    jid address() const { return address_; }
    int said() const noexcept { return said_; }
    /// Different numbers.
    int heard() const noexcept { return next_ - static_cast<int>(missing_.size()); }
    int late() const noexcept { return late_; }                  ///< of these, behind a higher one
    int connected() const noexcept { return connected_; }        ///< CONNECTED, so often
    int resumed() const noexcept { return resumed_; }            ///< of these, with resumed()
    int reconnecting() const noexcept { return reconnecting_; }  ///< RECONNECTING, so often
    int present() const noexcept { return present_; }            ///< presence that the server has
    /// What is wrong, with the last statuses; empty while nothing is, and it is there.
    std::string problem() const;

    /// Called for each number that was not heard before.
    void on_heard(std::function<void()> told) { told_ = std::move(told); }

 private:
    static task<> follow(chatter& self);
    static task<> listen(chatter& self);
    builder next_message(const jid& to);
    void take(const stanza& received);
    void note(const status& step);

    asio::io_context& context_;
    detail::event& happened_;
    std::string name_;
    jid address_;
    fault_proxy proxy_;
    connection conn_;
    std::function<void()> told_;
    std::string statuses_;
    std::string problem_;
    int said_ = 0;
    int next_ = 0;
    std::set<int> missing_;  // below next_
    int late_ = 0;
    int connected_ = 0;
    int resumed_ = 0;
    int reconnecting_ = 0;
    int present_ = 0;
    bool gone_ = false;  // after DISCONNECTED
    std::optional<background<bool>> following_;
    std::optional<background<bool>> listening_;
};

/// Two of them.
class conversation {
 public:
    conversation(asio::io_context& context, real_server& server, const std::string& one,
                 const std::string& two, const options& settings);

    task<> begin();
    /// Each says so many more, and goes on as long as `more` wants; returns when all is heard.
    task<> go_on(int messages, std::function<bool()> more = {});
    task<> end();
    /// Returns when that is so.
    /// \throws std::runtime_error when one of them has a problem
    task<> until(std::function<bool()> condition);
    std::string problem() const { return first.problem() + second.problem(); }

 private:
    static task<> talk(conversation& self, chatter& from, chatter& to, int messages,
                       std::function<bool()> more);

    asio::io_context& context_;
    detail::event happened_;

 public:
    chatter first;
    chatter second;
};

}  // namespace xmpp::test
