#include "conversation.hpp"

#include <xmpp/xmpp.hpp>

#include <asio/co_spawn.hpp>
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace demo {
namespace {

constexpr std::array<std::string_view, 4> lines{
    "O Romeo, Romeo! Wherefore art thou Romeo?",
    "Shall I hear more, or shall I speak at this?",
    "What man art thou that so stumblest on my counsel?",
    "By a name I know not how to tell thee who I am.",
};

/// Who takes part, and which of the lines are theirs: every second, from `first_line` on.
class actor {
 public:
    actor(xmpp::jid address, xmpp::jid peer, std::size_t first_line)
        : address(std::move(address)), peer(std::move(peer)), first_line(first_line) {}

    xmpp::jid address;
    xmpp::jid peer;
    std::size_t first_line;
};

/// Says the own lines and waits for the others. Returns true when all of them came.
xmpp::task<bool> speak(xmpp::connection& conn, actor self) {
    auto messages = conn.stanzas(xmpp::match().name("message").bare_from(self.peer));
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (at % 2 == self.first_line) {
            co_await conn.send(xmpp::message(self.peer).type("chat").body(lines[at]));
            continue;
        }
        auto message = co_await messages.next();
        if (!message) co_return false;
        const auto* body = (*message)->child("body");
        const std::string text(body ? body->text() : std::string_view());
        fmt::print("{:>6}  <{}> {}\n", self.address.local(), message->from(), text);
        if (text != lines[at]) co_return false;
    }
    co_return true;
}

/// A client from CONNECTING to DISCONNECTED. `there` is called when others can write to it.
xmpp::task<bool> play(xmpp::connection& conn, actor self, std::function<void()> there) {
    bool heard_all = false;
    auto statuses = conn.connect(xmpp::credentials(self.address, "secret"));
    while (auto status = co_await statuses.next()) {
        fmt::print("{:>6}  {}\n", self.address.local(), *status);
        if (status->code == xmpp::status_code::connected) {
            co_await conn.send(xmpp::presence());
            // The server handles what one client sends in order: with this answer, it has seen
            // the presence too.
            co_await conn.send_iq(xmpp::iq::get(conn.domain()).c("ping", xmpp::ns::ping));
            there();
            heard_all = co_await speak(conn, self);
            co_await conn.disconnect();
        }
    }
    co_return heard_all;
}

/// Another program of the same user, which shares the session: it says nothing, and writes down
/// what is heard, and what the first one sends.
xmpp::task<bool> write_down(xmpp::connection& conn, xmpp::jid address) {
    const auto note = [](std::string_view how, const xmpp::element& stanza) {
        const auto* body = stanza.child("body");
        if (body) fmt::print(" diary  {} \"{}\"\n", how, body->text());
    };
    conn.on_foreign_stanza_sent([note](const xmpp::element& sent) { note("said", sent); });
    conn.add_handler(xmpp::match().name("message"), [note](const xmpp::stanza& heard) {
        note("heard", heard.root());
        return true;
    });
    auto statuses = conn.connect(xmpp::credentials(std::move(address), "secret"));
    bool attached = false;
    while (auto status = co_await statuses.next()) {
        fmt::print(" diary  {}\n", *status);
        attached = attached || status->code == xmpp::status_code::attached;
    }
    co_return attached;
}

}  // namespace

bool play_conversation(asio::io_context& context, xmpp::testing::server& server, way_in& way,
                       transport how) {
    const actor juliet("juliet@" + server.domain(), "romeo@" + server.domain(), 0);
    const actor romeo(juliet.peer, juliet.address, 1);
    const bool shared = how == transport::shared;
    const way_in his(context, server, shared ? transport::tcp : how);  // another account
    xmpp::connection at_the_window(context.get_executor(), way.service(), way.settings());
    xmpp::connection diary(context.get_executor(), way.service(), way.settings());
    xmpp::connection in_the_garden(context.get_executor(), his.service(), his.settings());

    const int actors = shared ? 3 : 2;
    int went_well = 0;
    int left = 0;
    const auto leave = [&](std::exception_ptr failure, bool well) {
        if (well) ++went_well;
        if (++left == actors) {
            way.close();
            server.stop();
        }
        if (failure) std::rethrow_exception(failure);
    };
    // Juliet speaks first, so Romeo has to be there when she comes.
    const auto begin = [&] {
        asio::co_spawn(context, play(at_the_window, juliet, [] {}), leave);
        if (shared) asio::co_spawn(context, write_down(diary, juliet.address), leave);
    };
    asio::co_spawn(context, play(in_the_garden, romeo, begin), leave);
    context.run();
    return went_well == actors;
}

}  // namespace demo
