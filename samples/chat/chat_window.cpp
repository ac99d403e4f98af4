#include "chat_window.hpp"

#include <xmpp/ns.hpp>

#include "explain.hpp"
#include "terminal/text.hpp"
#include "views.hpp"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <csignal>
#include <exception>
#include <unistd.h>
#include <utility>

namespace chat {

using terminal::colour;
using terminal::safe_text;

chat_window::chat_window(const asio::any_io_executor& executor, const settings& what)
    : settings_(what),
      colours_(terminal::wants_colours(STDOUT_FILENO)),
      report_(what.verbose),
      to_(what.to),
      console_(executor, "xmpp-chat"),
      signals_(executor),
      conn_(executor, what.service, connection_options(what)) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT}) signals_.add(signal);
}

xmpp::task<exit_code> chat_window::run(std::shared_ptr<chat_window> self, xmpp::credentials who) {
    self->listen();
    self->start(watch_signals(self));
    auto statuses = self->conn_.connect(who);
    while (auto step = co_await statuses.next()) {
        self->show(*step);
        if (step->code == xmpp::status_code::connected) co_await begin(self);
    }
    self->console_.close();
    std::error_code ignored;
    self->signals_.cancel(ignored);
    co_return self->result();
}

xmpp::task<> chat_window::begin(std::shared_ptr<chat_window> self) {
    const bool first = !std::exchange(self->was_up_, true);
    self->console_.print("You are " + safe_text(self->conn_.user().str()) +
                         (self->conn_.secure() ? "." : ", without encryption."));
    if (!self->conn_.resumed()) co_await come_online(self);
    if (!first) co_return;  // read_lines() goes on with the link that replaces the lost one
    if (!self->to_)
        self->console_.print("/to WHO chooses whom to write to; /help lists the commands");
    self->update_prompt();
    self->console_.open();
    self->start(read_lines(self));
}

/// Tells a server that knows nothing of us who is there: at first, and when it has lost a session.
xmpp::task<> chat_window::come_online(std::shared_ptr<chat_window> self) {
    try {
        // The roster first: the presence that comes then has somewhere to go (RFC 6121 2.2).
        const auto answer =
            co_await self->conn_.send_iq(xmpp::iq::get().c("query", xmpp::ns::roster));
        const auto* query = answer->child("query", xmpp::ns::roster);
        if (query) self->contacts_.apply(*query);
        co_await self->conn_.send(xmpp::presence());
    } catch (const xmpp::error& failure) {
        self->fail(failure);
    }
    self->console_.print(show_roster(self->contacts_, self->colours_));
}

xmpp::task<> chat_window::read_lines(std::shared_ptr<chat_window> self) {
    while (auto line = co_await self->console_.next_line()) {
        auto wanted = parse_command(*line);
        if (wanted.what != action::nothing && wanted.what != action::say)
            self->console_.print(self->colours_.paint(colour::dim, "> " + safe_text(*line)));
        try {
            co_await perform(self, std::move(wanted));
        } catch (const std::exception& failure) {
            self->fail(failure);
        }
    }
    self->quit();
}

xmpp::task<> chat_window::watch_signals(std::shared_ptr<chat_window> self) {
    for (;;) {
        std::error_code cancelled;
        const int signal = co_await self->signals_.async_wait(
            asio::redirect_error(asio::use_awaitable, cancelled));
        if (cancelled) co_return;
        if (signal == SIGWINCH || signal == SIGCONT) {
            self->console_.refresh();
        } else if (self->quitting_) {
            self->conn_.reset();
        } else {
            self->quit();
        }
    }
}

void chat_window::start(xmpp::task<> work) {
    asio::co_spawn(conn_.get_executor(), std::move(work),
                   [self = shared_from_this()](std::exception_ptr failure) {
                       if (!failure) return;
                       try {
                           std::rethrow_exception(failure);
                       } catch (const std::exception& reason) {
                           if (!self->quitting_) self->fail(reason);
                       }
                   });
}

void chat_window::fail(const std::exception& failure) {
    console_.print(colours_.paint(colour::red, show_failure(failure)));
}

void chat_window::update_prompt() {
    console_.set_prompt(to_ ? show_name(contacts_.remember(*to_)) + "> " : "> ");
}

void chat_window::quit() {
    if (!std::exchange(quitting_, true)) start(conn_.disconnect());
}

void chat_window::show(const xmpp::status& step) {
    const auto shown = report_.tell(step);
    const auto colour = step.error ? colour::red : colour::dim;
    if (!shown.empty()) console_.print(colours_.paint(colour, shown));
}

exit_code chat_window::result() const noexcept {
    if (was_up_) return quitting_ ? exit_code::ok : exit_code::connection_lost;
    return quitting_ ? exit_code::interrupted : exit_code::login_failed;
}

// What others send. The handlers belong to the connection, and that is a member: they may use
// this object.

void chat_window::listen() {
    conn_.add_handler(xmpp::match().name("message"), [this](const xmpp::stanza& message) {
        receive_message(message);
        return true;
    });
    conn_.add_handler(xmpp::match().name("presence"), [this](const xmpp::stanza& presence) {
        receive_presence(presence);
        return true;
    });
    conn_.on_iq("query", std::string(xmpp::ns::roster), [this](xmpp::stanza push) {
        return receive_push(shared_from_this(), std::move(push));
    });
    trace(settings_.show_xml);
    console_.on_completion(
        [this](std::string_view before_cursor) { return complete_line(before_cursor); });
}

void chat_window::receive_message(const xmpp::stanza& message) {
    if (message.type() == "error") {
        console_.print(colours_.paint(colour::red, "Your message did not reach " +
                                                       show_sender(message, contacts_) + ": " +
                                                       show_bounce(message)));
        return;
    }
    const auto shown = show_message(message, contacts_, colours_);
    if (shown.empty()) return;
    if (const auto from = message.from(); !from.empty()) contacts_.remember(from);
    console_.print(shown);
}

void chat_window::receive_presence(const xmpp::stanza& presence) {
    const auto from = presence.from().bare();
    if (from == conn_.user().bare() || !contacts_.apply(presence)) return;
    console_.print(show_presence(presence, *contacts_.find(from), colours_));
}

/// Only our own server may tell us who is in our roster (RFC 6121 2.1.6).
xmpp::task<xmpp::builder> chat_window::receive_push(std::shared_ptr<chat_window> self,
                                                    xmpp::stanza push) {
    const bool trusted = !push.has_from() || push.from() == self->conn_.user().bare();
    const auto* query = push->child("query", xmpp::ns::roster);
    if (!trusted || push.type() != "set" || !query) throw xmpp::stanza_error("service-unavailable");
    self->contacts_.apply(*query);
    self->update_prompt();
    co_return xmpp::builder();
}

void chat_window::trace(bool on) {
    settings_.show_xml = on;
    if (!on) {
        conn_.on_xml_input({});
        conn_.on_xml_output({});
        return;
    }
    conn_.on_xml_input([this](const xmpp::element& received) {
        console_.print("<- " + paint_xml(received.to_xml(), colours_));
    });
    conn_.on_xml_output(
        [this](std::string_view sent) { console_.print("-> " + paint_xml(sent, colours_)); });
}

xmpp::task<exit_code> run_interactive(settings what, xmpp::credentials who) {
    auto executor = co_await asio::this_coro::executor;
    auto window = std::make_shared<chat_window>(executor, what);
    const auto result = co_await chat_window::run(window, who);
    co_return result;
}

}  // namespace chat
