// A program that shares a session, for shared_sessions_test.cpp:
//
//     shared_program SERVICE JID PASSWORD NAME [BROKER]
//
// It prints its statuses and what it receives, a line each; answers jabber:iq:version with NAME;
// and sends each line of its input, "JID BODY", as a message. BROKER is started where nobody
// serves.
#include <xmpp/xmpp.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace {

std::string own_name;

void say(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

xmpp::task<xmpp::builder> tell_version(xmpp::stanza) {
    co_return xmpp::builder("query", xmpp::ns::version).child("name", own_name);
}

xmpp::task<> send_input(xmpp::connection& conn, asio::posix::stream_descriptor& input) {
    std::string buffer;
    for (;;) {
        const auto into = asio::dynamic_buffer(buffer);
        const auto size = co_await asio::async_read_until(input, into, '\n', asio::use_awaitable);
        const auto line = buffer.substr(0, size - 1);
        buffer.erase(0, size);
        const auto space = line.find(' ');
        auto message = xmpp::message(line.substr(0, space)).type("chat");
        co_await conn.send(std::move(message).body(line.substr(space + 1)));
    }
}

xmpp::task<> take_part(xmpp::connection& conn, xmpp::credentials who,
                       asio::posix::stream_descriptor& input) {
    auto statuses = conn.connect(std::move(who));
    while (auto step = co_await statuses.next()) {
        say(fmt::format("{}", *step));
        if (step->code == xmpp::status_code::connected) co_await conn.send(xmpp::presence());
        if (!conn.connected()) continue;
        say(fmt::format("user {}", conn.user()));
        asio::co_spawn(conn.get_executor(), send_input(conn, input), asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 1;
    own_name = argv[4];
    xmpp::options settings;
    if (argc > 5) settings.worker_program(argv[5]);
    asio::io_context context;
    asio::posix::stream_descriptor input(context, ::dup(STDIN_FILENO));
    xmpp::connection conn(context.get_executor(), argv[1], settings);
    conn.on_iq("query", std::string(xmpp::ns::version), tell_version);
    conn.on_role_changed([](xmpp::session_role role) { say(std::string(to_string(role))); });
    conn.add_handler(xmpp::match().name("message"), [](const xmpp::stanza& message) {
        if (const auto* body = message->child("body")) say("got " + std::string(body->text()));
        return true;
    });
    asio::co_spawn(context, take_part(conn, xmpp::credentials(argv[2], argv[3]), input),
                   asio::detached);
    context.run();
}
