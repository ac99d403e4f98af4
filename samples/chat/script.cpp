#include "script.hpp"

#include <xmpp/connection.hpp>

#include "explain.hpp"
#include "terminal/line_reader.hpp"
#include "terminal/palette.hpp"
#include "terminal/text.hpp"
#include "views.hpp"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace chat {
namespace {

using terminal::safe_text;

/// Its coroutines share it, so that it lives until the last of them has ended.
class script : public std::enable_shared_from_this<script> {
 public:
    script(const asio::any_io_executor& executor, const settings& what)
        : settings_(what),
          colours_(terminal::wants_colours(STDERR_FILENO)),
          report_(what.verbose),
          input_(executor),
          enough_(executor, asio::steady_timer::time_point::max()),
          signals_(executor, SIGINT, SIGTERM),
          conn_(executor, what.service, connection_options(what)) {}

    static xmpp::task<exit_code> run(std::shared_ptr<script> self, xmpp::credentials who);

 private:
    static xmpp::task<> begin(std::shared_ptr<script> self);
    static xmpp::task<> talk(std::shared_ptr<script> self);
    static xmpp::task<> wait_for_answers(std::shared_ptr<script> self);
    static xmpp::task<> watch_signals(std::shared_ptr<script> self);
    std::optional<xmpp::message> compose(const std::string& line);
    void listen();
    void receive(const xmpp::stanza& message);
    bool has_enough() const noexcept { return settings_.count > 0 && received_ >= settings_.count; }
    void show(const xmpp::status& step);
    void start(xmpp::task<> work);
    void give_up(std::exception_ptr failure);
    exit_code result() const noexcept;

    settings settings_;
    terminal::palette colours_;
    status_report report_;
    terminal::line_reader input_;
    std::size_t received_ = 0;
    bool was_up_ = false;
    bool talking_ = false;
    bool finished_ = false;
    bool interrupted_ = false;
    bool incomplete_ = false;
    asio::steady_timer enough_;  // runs out, or is cancelled by the last message that is waited for
    asio::signal_set signals_;
    xmpp::connection conn_;  // last: its handlers use the others
};

xmpp::task<exit_code> script::run(std::shared_ptr<script> self, xmpp::credentials who) {
    self->listen();
    self->start(watch_signals(self));
    auto statuses = self->conn_.connect(who);
    while (auto step = co_await statuses.next()) {
        self->show(*step);
        if (step->code == xmpp::status_code::connected) {
            self->was_up_ = true;
            self->start(begin(self));
        }
    }
    self->input_.close();
    self->enough_.cancel();
    std::error_code ignored;
    self->signals_.cancel(ignored);
    co_return self->result();
}

/// CONNECTED comes again when a lost link was replaced: who is reading lines by then goes on.
xmpp::task<> script::begin(std::shared_ptr<script> self) {
    if (!self->conn_.resumed()) co_await self->conn_.send(xmpp::presence());
    if (std::exchange(self->talking_, true)) co_return;
    try {
        co_await talk(self);
    } catch (...) {
        self->talking_ = false;
        if (!self->finished_) self->incomplete_ = true;
        throw;
    }
}

xmpp::task<> script::talk(std::shared_ptr<script> self) {
    while (auto line = co_await self->input_.next()) {
        if (line->empty()) continue;
        if (!self->settings_.to) {
            fmt::print(stderr, "chat: nobody to write to: use --to JID\n");
            self->incomplete_ = true;
            break;
        }
        auto message = self->compose(*line);
        if (message) co_await self->conn_.send(std::move(*message));
    }
    co_await self->conn_.flush();
    co_await wait_for_answers(self);
    self->finished_ = true;
    co_await self->conn_.disconnect();
}

/// Nothing for a line that can't be sent: the others can.
std::optional<xmpp::message> script::compose(const std::string& line) {
    try {
        return xmpp::message(*settings_.to).type("chat").body(line);
    } catch (const xmpp::error& failure) {
        fmt::print(stderr, "chat: a line was not sent: {}\n", show_failure(failure));
        incomplete_ = true;
        return std::nullopt;
    }
}

xmpp::task<> script::wait_for_answers(std::shared_ptr<script> self) {
    const bool wanted = self->settings_.count > 0 || self->settings_.linger;
    if (!wanted || self->has_enough()) co_return;
    if (self->settings_.linger) self->enough_.expires_after(*self->settings_.linger);
    std::error_code cancelled;
    co_await self->enough_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

xmpp::task<> script::watch_signals(std::shared_ptr<script> self) {
    std::error_code cancelled;
    co_await self->signals_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
    self->interrupted_ = true;
    self->start(self->conn_.disconnect());
    co_await self->signals_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (!cancelled) self->conn_.reset();
}

void script::listen() {
    conn_.add_handler(xmpp::match().name("message"), [this](const xmpp::stanza& message) {
        receive(message);
        return true;
    });
    if (!settings_.show_xml) return;
    conn_.on_xml_input([this](const xmpp::element& received) {
        fmt::print(stderr, "<- {}\n", paint_xml(received.to_xml(), colours_));
    });
    conn_.on_xml_output([this](std::string_view sent) {
        fmt::print(stderr, "-> {}\n", paint_xml(sent, colours_));
    });
}

void script::receive(const xmpp::stanza& message) {
    const auto from = safe_text(message.from_text());
    if (message.type() == "error") {
        incomplete_ = true;
        fmt::print(stderr, "chat: a message did not reach {}: {}\n", from, show_bounce(message));
        return;
    }
    const auto* body = message->child("body");
    if (!body || body->text().empty()) return;
    fmt::print("<{}> {}\n", from, safe_text(body->text()));
    std::fflush(stdout);
    ++received_;
    if (has_enough()) enough_.cancel();
}

void script::show(const xmpp::status& step) {
    const auto shown = report_.tell(step);
    if (!shown.empty()) fmt::print(stderr, "chat: {}\n", shown);
}

void script::start(xmpp::task<> work) {
    asio::co_spawn(conn_.get_executor(), std::move(work),
                   [self = shared_from_this()](std::exception_ptr failure) {
                       if (failure) self->give_up(failure);
                   });
}

/// What fails because the session ends is not told: why that ends is.
void script::give_up(std::exception_ptr failure) {
    if (interrupted_ || !conn_.connected()) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& reason) {
        fmt::print(stderr, "chat: {}\n", show_failure(reason));
    }
    finished_ = true;
    incomplete_ = true;
    start(conn_.disconnect());
}

exit_code script::result() const noexcept {
    if (interrupted_) return exit_code::interrupted;
    if (!was_up_) return exit_code::login_failed;
    if (!finished_) return exit_code::connection_lost;
    const bool too_few = settings_.count > 0 && !has_enough();
    return incomplete_ || too_few ? exit_code::incomplete : exit_code::ok;
}

}  // namespace

xmpp::task<exit_code> run_script(settings what, xmpp::credentials who) {
    auto executor = co_await asio::this_coro::executor;
    auto running = std::make_shared<script>(executor, what);
    const auto result = co_await script::run(running, who);
    co_return result;
}

}  // namespace chat
