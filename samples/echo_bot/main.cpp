// A service of the smallest kind: answers every chat message with its own words.
//
//     XMPP_PASSWORD=secret echo_bot echo@example.org
//
// XMPP_PASSWORD_FILE names a file to read the password from instead; XMPP_SERVICE and XMPP_CA_FILE
// say where to connect and whom to trust, where the defaults don't do. SIGINT and SIGTERM end it in
// good order. It exits with 0 then, and with 1 when it can't log in, or when the server ends the
// session for good. A server that is away is waited for, however long.
#include <xmpp/xmpp.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

/// Who we are and what we understand (XEP-0030).
xmpp::task<xmpp::builder> describe(xmpp::stanza request) {
    const auto* query = request->child("query", xmpp::ns::disco_info);
    if (query && query->has_attr("node")) throw xmpp::stanza_error("item-not-found");

    xmpp::builder info("query", xmpp::ns::disco_info);
    info.c("identity").attr("category", "client").attr("type", "bot").attr("name", "Echo").up();
    for (const auto feature : {xmpp::ns::disco_info, xmpp::ns::version, xmpp::ns::ping})
        info.c("feature").attr("var", feature).up();
    co_return info;
}

xmpp::task<xmpp::builder> tell_version(xmpp::stanza) {
    co_return xmpp::builder("query", xmpp::ns::version).child("name", "Echo").child("version", "1");
}

xmpp::task<xmpp::builder> answer_ping(xmpp::stanza) {
    co_return xmpp::builder();
}

xmpp::task<> serve(xmpp::connection& conn, xmpp::credentials who) {
    conn.on_iq("query", std::string(xmpp::ns::disco_info), describe);
    conn.on_iq("query", std::string(xmpp::ns::version), tell_version);
    conn.on_iq("ping", std::string(xmpp::ns::ping), answer_ping);
    // Only "chat": answers to errors, or to what other programs announce, could go round in
    // circles.
    auto messages = conn.stanzas(xmpp::match().name("message").type("chat"));

    // A new session, after the server was away, knows nothing of the presence before.
    conn.on_status([&conn](const xmpp::status& status) {
        const bool up = status.code == xmpp::status_code::connected;
        if (up && !conn.resumed()) conn.enqueue(xmpp::presence());
    });
    co_await conn.login(who);
    fmt::print(stderr, "at your service as {}\n", conn.user());
    while (auto message = co_await messages.next()) {
        const auto from = message->from();
        // Nor what has no usable sender, what our own account says, and private words of rooms,
        // whose occupants may be ourselves.
        const bool of_room =
            (*message)->child("x", "http://jabber.org/protocol/muc#user") != nullptr;
        const auto* body = (*message)->child("body");
        if (!body || of_room || from.empty() || from.bare() == conn.user().bare()) continue;
        co_await conn.send(xmpp::message(from).type("chat").body(body->text()));
    }
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string password() {
    const auto path = environment("XMPP_PASSWORD_FILE");
    std::string secret = environment("XMPP_PASSWORD");
    if (!path.empty()) {
        std::ifstream file(path);
        if (!std::getline(file, secret)) throw std::runtime_error("no password in " + path);
    }
    if (secret.empty()) throw std::runtime_error("set XMPP_PASSWORD or XMPP_PASSWORD_FILE");
    return secret;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: XMPP_PASSWORD=... {} JID\n", argv[0]);
        return 1;
    }
    try {
        const xmpp::credentials who(argv[1], password());
        xmpp::options settings;
        settings.ca_file(environment("XMPP_CA_FILE")).max_retries(xmpp::unlimited);

        asio::io_context context;
        xmpp::connection conn(context.get_executor(), environment("XMPP_SERVICE"), settings);
        asio::signal_set signals(context, SIGINT, SIGTERM);
        bool asked_to_end = false;
        signals.async_wait([&](std::error_code cancelled, int) {
            if (cancelled) return;
            asked_to_end = true;
            asio::co_spawn(context, conn.disconnect("The service ends"), asio::detached);
        });
        asio::co_spawn(context, serve(conn, who), [&](std::exception_ptr failure) {
            signals.cancel();
            if (failure && !asked_to_end) std::rethrow_exception(failure);
        });
        context.run();
        return asked_to_end ? 0 : 1;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
}
