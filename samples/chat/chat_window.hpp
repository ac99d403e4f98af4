#pragma once

#include <xmpp/connection.hpp>

#include "command.hpp"
#include "explain.hpp"
#include "roster.hpp"
#include "settings.hpp"
#include "terminal/console.hpp"
#include "terminal/palette.hpp"

#include <asio/signal_set.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace chat {

/// A session and the terminal that shows it.
///
/// Its coroutines share it, so that it lives until the last of them has ended: run() follows the
/// session from beginning to end, read_lines() does what the user types, watch_signals() what the
/// terminal and the system want.
class chat_window : public std::enable_shared_from_this<chat_window> {
 public:
    chat_window(const asio::any_io_executor& executor, const settings& what);

    static xmpp::task<exit_code> run(std::shared_ptr<chat_window> self, xmpp::credentials who);

 private:
    // Life
    static xmpp::task<> begin(std::shared_ptr<chat_window> self);
    static xmpp::task<> come_online(std::shared_ptr<chat_window> self);
    static xmpp::task<> read_lines(std::shared_ptr<chat_window> self);
    static xmpp::task<> watch_signals(std::shared_ptr<chat_window> self);
    /// Runs on its own; a failure is shown.
    void start(xmpp::task<> work);
    void quit();
    void fail(const std::exception& failure);
    void update_prompt();
    void show(const xmpp::status& step);
    exit_code result() const noexcept;

    // What others send
    void listen();
    void receive_message(const xmpp::stanza& message);
    void receive_presence(const xmpp::stanza& presence);
    static xmpp::task<xmpp::builder> receive_push(std::shared_ptr<chat_window> self,
                                                  xmpp::stanza push);
    void trace(bool on);

    // What the user wants: chat_window_commands.cpp
    static xmpp::task<> perform(std::shared_ptr<chat_window> self, command wanted);
    static xmpp::task<> send_message(std::shared_ptr<chat_window> self, xmpp::jid to,
                                     std::string text);
    static xmpp::task<> subscribe(std::shared_ptr<chat_window> self, std::string who);
    static xmpp::task<> answer_request(std::shared_ptr<chat_window> self, command wanted);
    static xmpp::task<> remove(std::shared_ptr<chat_window> self, std::string who);
    static xmpp::task<> ping(std::shared_ptr<chat_window> self, xmpp::jid target);
    void choose(const std::string& who);
    void show_help();
    void switch_trace(const std::string& choice);
    /// A contact, or any address.
    /// \throws std::runtime_error, for people, when that is nobody or several
    xmpp::jid resolve(const std::string& who) const;
    terminal::completion complete_line(std::string_view before_cursor) const;

    settings settings_;
    terminal::palette colours_;
    status_report report_;
    roster contacts_;
    std::optional<xmpp::jid> to_;
    bool was_up_ = false;
    bool quitting_ = false;
    terminal::console console_;
    asio::signal_set signals_;
    xmpp::connection conn_;  // last: its handlers use the others
};

/// A chat on the terminal, until the user or the server ends it.
xmpp::task<exit_code> run_interactive(settings what, xmpp::credentials who);

}  // namespace chat
